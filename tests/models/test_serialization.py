"""Serialized models: a file that runs no code, and one that is not whole or of this code."""

import os
import pickle
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sklearn.pipeline import Pipeline
from skops.io.exceptions import UntrustedTypesFoundException

from spike_assets.models import forecaster, regressor
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.models.serialization import from_skops, to_skops
from tests.support.forecast_case import trained
from tests.support.tiny_regressor import tiny_regressor

Model = type[TrainedForecaster | TrainedRegressor]

PAYLOAD: dict[Model, Callable[[], bytes]] = {
    TrainedForecaster: lambda: trained().to_bytes(),
    TrainedRegressor: lambda: tiny_regressor("model1").to_bytes(),
}
EVERY_MODEL = pytest.mark.parametrize("kind", PAYLOAD)


def fields_of(kind: Model) -> dict[str, Any]:
    """Return what a payload holds."""
    trusted = [*forecaster.TRUSTED_TYPES, *regressor.TRUSTED_TYPES]
    return from_skops(PAYLOAD[kind](), trusted=trusted)


class Trap:
    """An object that leaves a trace when it is put together again from a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = str(trace)

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["trace"]).touch()

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.trace,)


@pytest.mark.parametrize(
    ("kind", "at", "smuggle"),
    [
        *((TrainedForecaster, at, Trap) for at in ("data", "members", "metrics")),
        (TrainedRegressor, "pipeline", Trap),
        (TrainedRegressor, "pipeline", lambda trace: partial(os.mkdir, str(trace))),
        (TrainedRegressor, "pipeline", lambda trace: Pipeline([("trap", Trap(trace))])),
    ],
    ids=["data", "members", "metrics", "object", "function-in-a-trusted-partial", "pipeline-step"],
)
def test_payload_with_an_untrusted_type_is_refused_and_not_run(
    tmp_path: Path, kind: Model, at: str, smuggle: Callable[[Path], object]
):
    """Only the types that training makes are put together; a file with another one is not read."""
    trace = tmp_path / "trace"
    smuggled = to_skops(fields_of(kind) | {at: smuggle(trace)})
    with pytest.raises(UntrustedTypesFoundException):
        kind.from_bytes(smuggled)
    assert not trace.exists()


@EVERY_MODEL
def test_pickle_is_refused_and_not_run(tmp_path: Path, kind: Model):
    """Read as a pickle, these bytes would make a folder."""
    trace = tmp_path / "trace"
    with pytest.raises(zipfile.BadZipFile):
        kind.from_bytes(pickle.dumps(Trap(trace)))
    assert not trace.exists()


@EVERY_MODEL
@pytest.mark.parametrize("kept", [0, 100, -1])
def test_part_of_a_payload_is_refused(kind: Model, kept: int):
    """A file that was cut off is no model."""
    with pytest.raises(zipfile.BadZipFile):
        kind.from_bytes(PAYLOAD[kind]()[:kept])


@pytest.mark.parametrize(
    ("kind", "field"), [(TrainedForecaster, "members"), (TrainedRegressor, "pipeline")]
)
def test_fields_of_other_code_are_refused(kind: Model, field: str):
    """A file with other fields is no model of this code, and what the registry catches."""
    fields = fields_of(kind)
    del fields[field]
    with pytest.raises(TypeError):
        kind.from_bytes(to_skops(fields))
