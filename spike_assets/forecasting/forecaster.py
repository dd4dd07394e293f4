"""A fitted forecaster: the mean of forecasts that err differently, each from the last known price.

What the members are and how they learn, `learners` says. NumPy only until a fitted regressor is
there, because the service loads this with the forecaster.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spike_assets.forecasting.data import HORIZON, ForecastData
from spike_assets.forecasting.features import COLUMNS, GROUPS, MONTHS_OF_PAST, forecast_features
from spike_assets.forecasting.seasonal_drift import SeasonalDrift

if TYPE_CHECKING:
    from sklearn.compose import TransformedTargetRegressor

SEASONAL_DRIFT = "seasonal_drift"
"""The name of the member that is no regression."""

TREND = "trend"
"""What a forecast does when nothing is unusual: the average change, and half the trend."""

SOURCES = (*GROUPS, TREND)
"""What a forecast's change can come from."""


@dataclass(frozen=True)
class FittedLearner:
    """A regressor for some horizons.

    Attributes:
        learner: Name of the learner.
        horizons: What it forecasts, in the order of its outputs.
        names: The names of the columns that it sees.
        regressor: Takes rows of those columns to log changes.
    """

    learner: str
    horizons: tuple[int, ...]
    names: tuple[str, ...]
    regressor: "TransformedTargetRegressor"

    @property
    def columns(self) -> list[int]:
        """The positions of the columns that it sees."""
        return [COLUMNS.index(name) for name in self.names]

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give log changes, shape `(n_rows, n_horizons)`."""
        return np.asarray(self.regressor.predict(rows)).reshape(len(rows), len(self.horizons))


@dataclass(frozen=True)
class Forecaster:
    """The four forecasts, fitted on what was known at one origin."""

    learners: tuple[FittedLearner, ...]
    seasonal_drift: SeasonalDrift

    def log_changes(self, data: ForecastData) -> dict[str, NDArray[np.float64]]:
        """Forecast from the last price of the data.

        Returns:
            The log change to each of the next `HORIZON` months from that price, shape
            `(HORIZON,)`, by member: the learners and `SEASONAL_DRIFT`. Their mean is the forecast.
        """
        row = last_row(data)
        changes = {fitted.learner: np.empty(HORIZON) for fitted in self.learners}
        for fitted in self.learners:
            at = np.array(fitted.horizons) - 1
            changes[fitted.learner][at] = fitted.predict(row[None, fitted.columns])[0]
        drift = sum(self.seasonal_drift.parts(data.month_of_year).values())
        return changes | {SEASONAL_DRIFT: np.asarray(drift)}


def last_row(data: ForecastData) -> NDArray[np.float64]:
    """Give the row of the last origin, shape `(len(COLUMNS),)`."""
    return np.asarray(forecast_features(data.since(len(data) - 1 - MONTHS_OF_PAST))[0])
