"""A model store of tiny models, and what is in it by the look of its folders."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bentoml
import numpy as np
from numpy.typing import NDArray

from spike_assets.models.regressor import TrainedRegressor
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.stored_model import BentoModelStore
from tests.support.tiny_regressor import tiny_regressor

DATA_VERSIONS = {"raw_milk_price": "a" * 64, "raw_precipitation": "b" * 64}
PAIR = ("model1", "model2")

regressor: Callable[[str], TrainedRegressor] = cache(tiny_regressor)


@dataclass(frozen=True)
class TinyForecaster:
    """A model of the other kind, with flat metrics."""

    drift: float
    name: str = "forecaster"

    def to_bytes(self) -> bytes:
        return json.dumps(self.drift).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "TinyForecaster":
        return cls(json.loads(content))

    def example_prices(self) -> NDArray[np.float64]:
        return np.array([300.0 + self.drift])

    def facts(self) -> Mapping[str, Any]:
        return {
            "months": {"first": "1995-01", "last": "2021-02", "count": 314},
            "metrics": {"rmse_clp_per_litre": 6.25, "coverage_80": 0.8125},
        }


def registered(
    store: ModelStore, name: str, *, synthetic: bool = False, picture: bytes | None = None
) -> str:
    return store.register(
        regressor(name), data_versions=DATA_VERSIONS, synthetic=synthetic, picture=picture
    )


def registered_pair(store: ModelStore, stamp: str) -> dict[str, str]:
    """Register both regressors as made from the same data."""
    return {
        name: store.register(
            regressor(name), data_versions={"raw_milk_price": stamp}, synthetic=False
        )
        for name in PAIR
    }


def promoted_pair(store: ModelStore, stamp: str) -> dict[str, str]:
    """Register both and serve them."""
    return store.promote(registered_pair(store, stamp), reason=stamp)


def loaded_stamp(store: ModelStore) -> str:
    """Load what is served, and check that it is a pair; return what it was made from."""
    models = store.load_promoted()
    assert tuple(models) == PAIR
    one, other = (models[name].metadata["data_versions"]["raw_milk_price"] for name in PAIR)
    assert one == other
    return one


def folder_of(store: ModelStore, tag: str) -> Path:
    return store.home / "models" / tag.replace(":", "/")


def files_in(folder: Path) -> dict[Path, bytes]:
    """Read every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def tags_in(store: ModelStore) -> set[str]:
    """Find the tags in the store by looking at its folders, as BentoML does."""
    folders = (store.home / "models").glob("*/*/")
    return {f"{folder.parent.name}:{folder.name}" for folder in folders}


def assert_whole(store: ModelStore) -> None:
    """Check that every version loads, and that BentoML lists exactly those."""
    for tag in tags_in(store):
        assert store.load(tag).model.name == tag.partition(":")[0]
    listed = bentoml.models.list(_model_store=BentoModelStore(store.home / "models"))
    assert {str(model.tag) for model in listed} == tags_in(store)


def latest_of(store: ModelStore, name: str) -> str:
    """Ask BentoML for `name:latest`."""
    return str(BentoModelStore(store.home / "models").get(f"{name}:latest").tag)


def flip_a_byte(folder: Path) -> None:
    """Damage a version."""
    payload = folder / "payload.skops"
    content = bytearray(payload.read_bytes())
    content[len(content) // 2] ^= 1
    payload.write_bytes(content)


def another_patch_release(library: str) -> str:
    """Return a version that differs from the installed one in the patch alone."""
    major, minor, *_ = version(library).split(".")
    return f"{major}.{minor}.999"


def pretend_written_with(folder: Path, *, library: str, other: str) -> None:
    """Record another version of a library."""
    description = folder / "model.yaml"
    recorded = f"    {library}: {version(library)}\n"
    content = description.read_text()
    assert recorded in content
    description.write_text(content.replace(recorded, f"    {library}: {other}\n"))


def _describe_as(folder: Path, *, content: bytes) -> None:
    (folder / "model.yaml").write_bytes(content)


DAMAGES: Mapping[str, Callable[[Path], object]] = {
    "version-gone": shutil.rmtree,
    "version-empty": lambda folder: (shutil.rmtree(folder), folder.mkdir()),
    "payload-flipped": flip_a_byte,
    "payload-cut": lambda folder: os.truncate(folder / "payload.skops", 1000),
    "payload-gone": lambda folder: (folder / "payload.skops").unlink(),
    "payload-a-folder": lambda folder: (
        (folder / "payload.skops").unlink(),
        (folder / "payload.skops").mkdir(),
    ),
    "description-gone": lambda folder: (folder / "model.yaml").unlink(),
    "description-cut": lambda folder: os.truncate(folder / "model.yaml", 1000),
    "description-cut-early": lambda folder: os.truncate(folder / "model.yaml", 300),
    **{
        f"description-{what}": partial(_describe_as, content=content)
        for what, content in {
            "empty": b"",
            "no-yaml": b"name: 'model1",
            "no-text": b"\xff\xfe\x00",
            "a-number": b"3",
            "a-list": b"[]",
            "of-nothing": b"a: {b: c}",
        }.items()
    },
}
"""Damages of a version, by name."""
