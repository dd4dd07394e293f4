"""Evaluation: the error of a trained forecaster on actual prices that a client sends.

NumPy only, because the service loads it with the forecaster.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from spike_assets.models.forecaster import MonthForecast
from spike_assets.models.metrics import coverage, mae, rmse, skill
from spike_assets.models.updated_forecast import Observation, UpdatedForecast


@dataclass(frozen=True)
class ForecastError:
    """A forecast beside the actual price.

    Attributes:
        forecast: What was forecast, out of sample.
        last_price_clp_per_litre: The last price that was known then; repeating it is the baseline.
        actual_clp_per_litre: The actual price.
    """

    forecast: MonthForecast
    last_price_clp_per_litre: float
    actual_clp_per_litre: float

    @property
    def error_clp_per_litre(self) -> float:
        """Actual price less forecast."""
        return self.actual_clp_per_litre - self.forecast.price_clp_per_litre


@dataclass(frozen=True)
class Evaluation:
    """The forecasts of several months beside the actual prices.

    Attributes:
        errors: One for each month, at least one.
    """

    errors: Sequence[ForecastError]

    @property
    def rmse_clp_per_litre(self) -> float:
        """Root mean squared error."""
        return rmse(self._errors)

    @property
    def mae_clp_per_litre(self) -> float:
        """Mean absolute error."""
        return mae(self._errors)

    @property
    def last_price_rmse_clp_per_litre(self) -> float:
        """Root mean squared error of repeating the last price."""
        return rmse(self._last_price_errors)

    @property
    def last_price_mae_clp_per_litre(self) -> float:
        """Mean absolute error of repeating the last price."""
        return mae(self._last_price_errors)

    @property
    def skill_against_last_price(self) -> float | None:
        """Skill over repeating the last price; None if the last price was always right."""
        return _none_if_nan(skill(self._errors, self._last_price_errors))

    def coverage(self, level: int) -> float | None:
        """Return the share of the months with an interval that it holds; None if there are none."""
        missing = (math.nan, math.nan)
        lower, upper = zip(
            *(one.forecast.intervals.get(level, missing) for one in self.errors), strict=True
        )
        actual = [one.actual_clp_per_litre for one in self.errors]
        return _none_if_nan(coverage(actual, lower, upper))

    @property
    def _errors(self) -> list[float]:
        return [one.error_clp_per_litre for one in self.errors]

    @property
    def _last_price_errors(self) -> list[float]:
        return [one.actual_clp_per_litre - one.last_price_clp_per_litre for one in self.errors]


def evaluate(
    forecast: UpdatedForecast, actuals: Sequence[Observation], *, horizon: int
) -> Evaluation:
    """Compare forecasts with actual prices.

    Args:
        forecast: The forecaster, and the prices that came since it was trained: those among the
            actuals that it did not know.
        actuals: What was paid; at least one month.
        horizon: Months ahead that each was forecast.

    Raises:
        UnanswerableMonthError: A month can't be forecast from that far before it.
    """
    return Evaluation([_error(forecast, actual, horizon=horizon) for actual in actuals])


def _error(forecast: UpdatedForecast, actual: Observation, *, horizon: int) -> ForecastError:
    month = forecast.forecast_ahead(actual.month, horizon=horizon)
    return ForecastError(
        forecast=month,
        last_price_clp_per_litre=forecast.price(month.origin),
        actual_clp_per_litre=actual.price_clp_per_litre,
    )


def _none_if_nan(figure: float) -> float | None:
    return None if math.isnan(figure) else figure
