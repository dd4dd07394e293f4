"""What is recorded of a registered model, and whether what is stored still fits it.

Plain data, as the metadata of a BentoML model has to be.
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any

from spike_assets.catalogue import FEATURE_NAMES
from spike_assets.trained_regressor import TrainedRegressor

RECORDED_LIBRARIES = ("bentoml", "numpy", "scikit-learn", "skops")
REQUIRED_LIBRARIES = ("scikit-learn", "skops")
"""A payload is only read with the versions that wrote it: neither promises more."""


def record_of(
    regressor: TrainedRegressor,
    *,
    payload: bytes,
    data_versions: Mapping[str, str],
    synthetic: bool,
) -> dict[str, Any]:
    """Describe a model: its payload, what it was made with and from, and its scores.

    Args:
        regressor: The model.
        payload: Its form at rest.
        data_versions: SHA-256 of each raw file that it was trained on, by asset.
        synthetic: Whether those were the embedded sample.
    """
    return {
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "library_versions": {name: installed_version(name) for name in RECORDED_LIBRARIES},
        "data_versions": dict(data_versions),
        "synthetic": synthetic,
        "feature_columns": list(FEATURE_NAMES),
        "selected_columns": list(regressor.selected_columns),
        "months": {
            "first": regressor.months[0],
            "last": regressor.months[-1],
            "count": len(regressor.months),
        },
        "parameters": dict(regressor.parameters),
        "metrics": {
            "cross_validation_r2": regressor.cross_validation_r2,
            "holdout": regressor.holdout.regressor.as_dict(),
            "holdout_last_price": regressor.holdout.last_price.as_dict(),
        },
    }


def misfit(payload: bytes, record: Mapping[str, Any]) -> str | None:
    """Say why a stored payload must not be read, to go on from the model's tag.

    Returns:
        That the payload is not the one recorded, or that it was written with other versions of
        the libraries than those installed, and what to do; None if it may be read.
    """
    if hashlib.sha256(payload).hexdigest() != record.get("payload_sha256"):
        return (
            "is not the file that was registered (its SHA-256 differs): promote another "
            "version, or run `make run` to train again"
        )
    recorded = record.get("library_versions", {})
    for name in REQUIRED_LIBRARIES:
        written, installed = recorded.get(name, "(unknown)"), installed_version(name)
        if written != installed:
            return (
                f"was written with {name} {written}, and {installed} is installed: install that "
                "version, or run `make run` to train again"
            )
    return None
