"""The kinds of model that the store holds: what they have in common, and what reads each.

The service loads this module, so it imports no training code.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor


class TrainedModel(Protocol):
    """A fitted model that has a form at rest and can say what it is."""

    @property
    def name(self) -> str:
        """One of `KIND_OF`."""

    def to_bytes(self) -> bytes:
        """Give its form at rest, which the reader of its kind takes."""

    def facts(self) -> Mapping[str, Any]:
        """Say what is recorded of its kind: months, parameters, metrics, columns; plain data."""

    def example_prices(self) -> NDArray[np.float64]:
        """Answer a question of its own, CLP per litre: what a whole copy answers alike."""


KIND_OF = {"model1": "regressor", "model2": "regressor", "forecaster": "forecaster"}
"""What each model is, by name; models of other names in a store are somebody else's."""

READERS: dict[str, Callable[[bytes], TrainedModel]] = {
    "regressor": TrainedRegressor.from_bytes,
    "forecaster": TrainedForecaster.from_bytes,
}
"""What reads a payload, by kind."""
