"""Model metadata: what is recorded of a model when it is registered, and the checks against it.

Plain data, as the metadata of a BentoML model has to be.
"""

import hashlib
import importlib.metadata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spike_assets
from spike_assets.registry.trained_model import KIND_OF, TrainedModel

RECORDED_LIBRARIES = ("bentoml", "numpy", "scikit-learn", "skops")
REQUIRED_LIBRARIES = ("scikit-learn", "skops")
"""A payload is read only with the minor releases that wrote it: neither library promises more.

Another patch release is tried: the example shows whether it reads the same model.
"""

EXAMPLE_TOLERANCE = 1e-9
"""Relative tolerance between a loaded model's example prices and the recorded ones."""

installed_version = cache(importlib.metadata.version)
"""The version of an installed library, read once: with many models it is asked for often."""


def model_metadata(
    model: TrainedModel, *, payload: bytes, data_versions: Mapping[str, str], synthetic: bool
) -> dict[str, Any]:
    """Describe a model: its payload, code, libraries, data, and its own facts.

    Args:
        model: The model.
        payload: The serialized model.
        data_versions: SHA-256 of each raw file that it was trained on, by asset.
        synthetic: Whether those were the embedded sample.
    """
    return {
        "kind": KIND_OF[model.name].name,
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "code_version": code_version(Path(__file__).parents[1]),
        "library_versions": {name: installed_version(name) for name in RECORDED_LIBRARIES},
        "data_versions": dict(data_versions),
        "synthetic": synthetic,
        "example_prices_clp_per_litre": model.example_prices().tolist(),
        **model.facts(),
    }


def code_version(package: Path) -> str:
    """Return the version of the training code, as `0.1.0+3f9a1c2d`: release and source hash.

    Args:
        package: The folder of `spike_assets`.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        source = path.read_bytes()
        digest.update(f"{path.relative_to(package).as_posix()} {len(source)}\n".encode() + source)
    return f"{spike_assets.__version__}+{digest.hexdigest()[:8]}"


def checksum_error(payload: bytes, metadata: Mapping[str, Any]) -> str | None:
    """Check the SHA-256 of a stored payload; return an error to follow the tag, or None."""
    if hashlib.sha256(payload).hexdigest() == metadata.get("payload_sha256"):
        return None
    return (
        "is not the file that was registered (its SHA-256 differs): promote another version, or "
        "run `make run` to train again"
    )


def version_mismatch(metadata: Mapping[str, Any]) -> str | None:
    """Check the installed libraries against those that wrote a payload.

    Returns:
        An error to follow the model's tag; None if at most the patch releases differ.
    """
    for name, written, installed in _other_libraries(metadata):
        if _minor_release(written) != _minor_release(installed):
            return (
                f"was written with {name} {written}, and {installed} is installed: run `make run` "
                "to train and promote again, or install that version"
            )
    return None


def library_difference(metadata: Mapping[str, Any]) -> str | None:
    """Describe the required libraries of which another release wrote a payload.

    Returns:
        A text to follow the model's tag; None if the installed releases wrote it.
    """
    others = [
        f"{name} {written} ({installed} is installed)"
        for name, written, installed in _other_libraries(metadata)
    ]
    return f"was written with {' and '.join(others)}" if others else None


def example_mismatch(model: TrainedModel, metadata: Mapping[str, Any]) -> str | None:
    """Check a loaded model's example prices against the recorded ones.

    The checksum shows that the file is the same; this shows that the code that reads it is.

    Returns:
        An error to follow the model's tag; None if they agree to `EXAMPLE_TOLERANCE`.
    """
    recorded = np.array(metadata["example_prices_clp_per_litre"], dtype=float)
    found = model.example_prices()
    if recorded.shape == found.shape and np.allclose(
        found, recorded, rtol=EXAMPLE_TOLERANCE, atol=0
    ):
        return None
    return (
        f"answered its example with {_prices(recorded)} when it was registered, and answers "
        f"{_prices(found)} here: run `make run` to train again"
    )


def _other_libraries(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Return each required library of another version: name, version that wrote, installed one."""
    recorded = metadata.get("library_versions", {})
    for name in REQUIRED_LIBRARIES:
        written, installed = recorded.get(name, "(unknown)"), installed_version(name)
        if written != installed:
            yield name, written, installed


def _minor_release(version: str) -> list[str]:
    return version.split(".")[:2]


def _prices(values: NDArray[np.float64]) -> str:
    return f"{', '.join(f'{value:.9g}' for value in values)} CLP per litre"
