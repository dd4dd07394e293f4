"""How far a trained forecaster is off on prices that somebody holds against it.

NumPy only, because the service loads it with the forecaster.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from spike_assets.models.forecaster import MonthForecast
from spike_assets.models.updated_forecast import Observation, UpdatedForecast


@dataclass(frozen=True)
class ForecastError:
    """A forecast beside what came.

    Attributes:
        forecast: What was forecast, out of sample.
        last_price_clp_per_litre: The price that was known then; repeating it is the rival.
        actual_clp_per_litre: What came.
    """

    forecast: MonthForecast
    last_price_clp_per_litre: float
    actual_clp_per_litre: float

    @property
    def error_clp_per_litre(self) -> float:
        """What came less what was forecast."""
        return self.actual_clp_per_litre - self.forecast.price_clp_per_litre


@dataclass(frozen=True)
class Evaluation:
    """The forecasts of several months beside what came.

    Attributes:
        errors: One for each month, at least one.
    """

    errors: Sequence[ForecastError]

    @property
    def rmse_clp_per_litre(self) -> float:
        """Root of the mean squared error."""
        return _root_mean_square([one.error_clp_per_litre for one in self.errors])

    @property
    def mae_clp_per_litre(self) -> float:
        """Mean absolute error."""
        return float(np.mean([abs(one.error_clp_per_litre) for one in self.errors]))

    @property
    def last_price_rmse_clp_per_litre(self) -> float:
        """Root of the mean squared error of repeating the last price."""
        return _root_mean_square(self._last_price_errors)

    @property
    def last_price_mae_clp_per_litre(self) -> float:
        """Mean absolute error of repeating the last price."""
        return float(np.mean(np.abs(self._last_price_errors)))

    @property
    def skill_against_last_price(self) -> float | None:
        """One less the ratio of both RMSE, 0 if no better; None if the last price was right."""
        rival = self.last_price_rmse_clp_per_litre
        return 1 - self.rmse_clp_per_litre / rival if rival else None

    def coverage(self, level: int) -> float | None:
        """Give the share of the months with an interval that it holds; None if there are none."""
        held = [
            low <= one.actual_clp_per_litre <= high
            for one in self.errors
            if level in one.forecast.intervals
            for low, high in [one.forecast.intervals[level]]
        ]
        return float(np.mean(held)) if held else None

    @property
    def _last_price_errors(self) -> list[float]:
        return [one.actual_clp_per_litre - one.last_price_clp_per_litre for one in self.errors]


def evaluate(
    outlook: UpdatedForecast, actuals: Sequence[Observation], *, horizon: int
) -> Evaluation:
    """Hold forecasts against actual prices.

    Args:
        outlook: The forecaster, and the prices that came since it was trained: those among the
            actuals that it did not know.
        actuals: What was paid; at least one month.
        horizon: Months ahead that each was forecast.

    Raises:
        UnanswerableMonthError: A month can't be forecast from that far before it.
    """
    return Evaluation([_error(outlook, actual, horizon=horizon) for actual in actuals])


def _error(outlook: UpdatedForecast, actual: Observation, *, horizon: int) -> ForecastError:
    forecast = outlook.forecast_ahead(actual.month, horizon=horizon)
    return ForecastError(
        forecast=forecast,
        last_price_clp_per_litre=outlook.price(forecast.origin),
        actual_clp_per_litre=actual.price_clp_per_litre,
    )


def _root_mean_square(errors: Sequence[float]) -> float:
    return math.sqrt(float(np.mean(np.square(errors))))
