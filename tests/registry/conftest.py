"""An empty model store for each test, whose forecasters are tiny ones."""

from pathlib import Path

import pytest

from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.trained_model import KIND_OF, Kind
from tests.support.tiny_store import TinyForecaster


@pytest.fixture(autouse=True)
def _tiny_forecasters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "True")
    monkeypatch.setitem(KIND_OF, "forecaster", Kind("forecaster", TinyForecaster.from_bytes))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store that was never written."""
    return ModelStore(tmp_path / "bentoml")
