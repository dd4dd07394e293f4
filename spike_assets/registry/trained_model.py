"""The models that the store holds: their names, their kinds, and the interface they share."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor


class TrainedModel(Protocol):
    """A fitted model that can be serialized and describes itself."""

    @property
    def name(self) -> str:
        """One of `KIND_OF`."""

    def to_bytes(self) -> bytes:
        """Serialize the model; `Kind.from_bytes` reads it."""

    def facts(self) -> Mapping[str, Any]:
        """Return the metadata of its kind: months, parameters, metrics, columns; plain data."""

    def example_prices(self) -> NDArray[np.float64]:
        """Predict an example of its own, CLP per litre: an intact copy predicts the same."""


class Kind(NamedTuple):
    """A kind of model: its name in the metadata, and what deserializes a model of it."""

    name: str
    from_bytes: Callable[[bytes], TrainedModel]


READING_ERRORS = (AttributeError, ImportError, LookupError, TypeError, ValueError)
"""Raised by `Kind.from_bytes` for a payload of other code: other fields, untrusted types."""

REGRESSOR = Kind("regressor", TrainedRegressor.from_bytes)
FORECASTER = Kind("forecaster", TrainedForecaster.from_bytes)

KIND_OF = {"model1": REGRESSOR, "model2": REGRESSOR, "forecaster": FORECASTER}
"""The kind of each model by its name; other names in a store are other projects' models."""
