"""What is recorded of a registered model, and whether what is stored still fits it.

Plain data, as the metadata of a BentoML model has to be.
"""

import hashlib
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spike_assets
from spike_assets.registry.trained_model import KIND_OF, TrainedModel

RECORDED_LIBRARIES = ("bentoml", "numpy", "scikit-learn", "skops")
REQUIRED_LIBRARIES = ("scikit-learn", "skops")
"""A payload is only read with the versions that wrote it: neither promises more."""

EXAMPLE_TOLERANCE = 1e-9
"""How far, relatively, a loaded model's answer may be from the one that was recorded."""


def record_of(
    model: TrainedModel, *, payload: bytes, data_versions: Mapping[str, str], synthetic: bool
) -> dict[str, Any]:
    """Describe a model: its payload, what it was made with and from, and what it says of itself.

    Args:
        model: The model.
        payload: Its form at rest.
        data_versions: SHA-256 of each raw file that it was trained on, by asset.
        synthetic: Whether those were the embedded sample.
    """
    return {
        "kind": KIND_OF[model.name],
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "code_version": code_version(Path(__file__).parents[1]),
        "library_versions": {name: installed_version(name) for name in RECORDED_LIBRARIES},
        "data_versions": dict(data_versions),
        "synthetic": synthetic,
        "example_prices_clp_per_litre": model.example_prices().tolist(),
        **model.facts(),
    }


def code_version(package: Path) -> str:
    """Name the code that trains, as `0.1.0+3f9a1c2d`: the version, and a hash of the sources.

    Args:
        package: The folder of `spike_assets`.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(source)}\n".encode() + source)
    return f"{spike_assets.__version__}+{digest.hexdigest()[:8]}"


def damage(payload: bytes, record: Mapping[str, Any]) -> str | None:
    """Say what is wrong with a stored payload, to go on from the model's tag; None if nothing."""
    if hashlib.sha256(payload).hexdigest() == record.get("payload_sha256"):
        return None
    return (
        "is not the file that was registered (its SHA-256 differs): promote another version, or "
        "run `make run` to train again"
    )


def deviation(model: TrainedModel, record: Mapping[str, Any]) -> str | None:
    """Say how a loaded model answers otherwise than when it was registered; None if it doesn't.

    The hash says that the file is the same; this, that the code which reads it is.
    """
    recorded = np.array(record["example_prices_clp_per_litre"], dtype=float)
    found = model.example_prices()
    if recorded.shape == found.shape and np.allclose(
        found, recorded, rtol=EXAMPLE_TOLERANCE, atol=0
    ):
        return None
    return (
        f"answered its example with {_prices(recorded)} when it was registered, and answers "
        f"{_prices(found)} here: run `make run` to train again"
    )


def _prices(values: NDArray[np.float64]) -> str:
    return f"{', '.join(f'{value:.9g}' for value in values)} CLP per litre"


def misfit(record: Mapping[str, Any]) -> str | None:
    """Say why a stored model can't be read here, to go on from its tag; None if it can.

    It was written with other versions of the libraries than those installed.
    """
    recorded = record.get("library_versions", {})
    for name in REQUIRED_LIBRARIES:
        written, installed = recorded.get(name, "(unknown)"), installed_version(name)
        if written != installed:
            return (
                f"was written with {name} {written}, and {installed} is installed: install that "
                "version, or run `make run` to train again"
            )
    return None
