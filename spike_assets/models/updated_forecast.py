"""Updated forecast: a trained forecaster with the prices that came since, for any month.

NumPy only, because the service loads it with the forecaster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.errors import ObservationError, UnanswerableMonthError
from spike_assets.models.forecaster import MonthForecast, TrainedForecaster
from spike_assets.models.price_series import HORIZON, PriceSeries

USUAL_SHARE = 0.95
REACH = 3.0
"""Largest plausible move of a price in a month, as a multiple of the move that `USUAL_SHARE` of the
moves so far stay within (of logs). So wild prices in the history don't widen it. The largest move
since 1979 is 1.9 times that move, and no real month exceeds the limit from the ten years or more
before it."""

MAX_OBSERVATIONS = 36
"""With more unseen months than these, the forecaster needs training."""


@dataclass(frozen=True)
class Observation:
    """A price that was paid.

    Attributes:
        month: As `2021-03`.
        price_clp_per_litre: The price.
    """

    month: str
    price_clp_per_litre: float


def following_prices(data: PriceSeries, observations: Sequence[Observation]) -> NDArray[np.float64]:
    """Check that observations continue the known prices, month by month.

    Args:
        data: The known prices.
        observations: Those that came since.

    Returns:
        Their prices, CLP per litre, for `PriceSeries.followed_by`.

    Raises:
        ObservationError: A month is missing, repeated or out of order, or a price moved more in
            a month than is plausible.
    """
    largest_move = largest_plausible_move(data.price_clp_per_litre)
    month, price = str(data.months[-1]), float(data.price_clp_per_litre[-1])
    for position, observed in enumerate(observations):
        expected = str(np.datetime64(month, "M") + 1)
        if observed.month != expected:
            raise ObservationError(
                f"{observed.month} does not follow {month}, the last month that has a price; "
                f"expected {expected}",
                position=position,
                month=observed.month,
                field="month",
            )
        if abs(np.log(observed.price_clp_per_litre / price)) > largest_move:
            least, most = price * np.exp(-largest_move), price * np.exp(largest_move)
            raise ObservationError(
                f"{observed.price_clp_per_litre:.2f} is implausible after {price:.2f} CLP per "
                f"litre in {month}: expected {least:.2f} to {most:.2f}, {REACH:g} times what "
                f"{USUAL_SHARE:.0%} of the monthly moves since {data.first_month} stay within",
                position=position,
                month=observed.month,
                field="price_clp_per_litre",
                accepted=(float(least), float(most)),
            )
        month, price = observed.month, observed.price_clp_per_litre
    return np.array([observed.price_clp_per_litre for observed in observations], dtype=float)


def largest_plausible_move(price_clp_per_litre: NDArray[np.float64]) -> float:
    """Return the largest plausible log move of a month, from the months in which prices moved."""
    moves = np.abs(np.diff(np.log(price_clp_per_litre)))
    return REACH * float(np.quantile(moves[moves > 0], USUAL_SHARE))


@dataclass(frozen=True)
class UpdatedForecast:
    """A forecaster, and the prices that came since it was trained.

    Attributes:
        forecaster: The forecaster.
        observed_clp_per_litre: Prices of the months after its last one, as `following_prices`
            gives them; shape `(n_months,)`.
    """

    forecaster: TrainedForecaster
    observed_clp_per_litre: NDArray[np.float64]

    @cached_property
    def known(self) -> PriceSeries:
        """All prices, the observed ones included."""
        return self.forecaster.data.followed_by(self.observed_clp_per_litre)

    @property
    def last_month(self) -> np.datetime64:
        """The month of the last price."""
        last: np.datetime64 = self.known.months[-1]
        return last

    @cached_property
    def coming(self) -> list[MonthForecast]:
        """The forecasts of the `HORIZON` months after the last price."""
        return self.forecaster.forecast(observations=self.observed_clp_per_litre)

    def forecast(self, month: str) -> MonthForecast:
        """Forecast a month from the last price; or, if it has a price, from the one before it.

        Args:
            month: As `2021-03`.

        Raises:
            UnanswerableMonthError: It is too far ahead, or before the first past forecast.
        """
        self._require(month, nearest=1, furthest=HORIZON)
        if self.has_price(month):
            return self.forecast_ahead(month, horizon=1)
        return self.coming[int((np.datetime64(month, "M") - self.last_month).astype(int)) - 1]

    def forecast_ahead(self, month: str, *, horizon: int) -> MonthForecast:
        """Forecast a month from what was known so many months before it.

        Args:
            month: As `2021-03`.
            horizon: Months before it, 1 to `HORIZON`.

        Raises:
            UnanswerableMonthError: Nothing was forecast then, or the prices until then are
                unknown.
        """
        self._require(month, nearest=horizon, furthest=horizon)
        origin = np.datetime64(month, "M") - horizon
        since_training = int((origin - self.forecaster.data.months[-1]).astype(int))
        if since_training <= 0:
            return self._in_history(origin, horizon)
        observed = self.observed_clp_per_litre[:since_training]
        return self.forecaster.forecast(horizon, observations=observed, explained=False)[-1]

    def has_price(self, month: str) -> bool:
        """Return whether the price of a month is known."""
        return bool(self.known.months[0] <= np.datetime64(month, "M") <= self.last_month)

    def price(self, month: str) -> float:
        """Look up the price of a month that has one, CLP per litre."""
        at = int((np.datetime64(month, "M") - self.known.months[0]).astype(int))
        return float(self.known.price_clp_per_litre[at])

    @property
    def _first_origin(self) -> np.datetime64:
        first: np.datetime64 = self.forecaster.history.origin[0]
        return first

    def _in_history(self, origin: np.datetime64, horizon: int) -> MonthForecast:
        history = self.forecaster.history
        at = int((origin - self._first_origin).astype(int)) * HORIZON + horizon - 1
        return MonthForecast(
            month=str(origin + horizon),
            horizon=horizon,
            price_clp_per_litre=float(history.forecast_clp_per_litre[at]),
            intervals={
                level: (float(lower[at]), float(history.upper_clp_per_litre[level][at]))
                for level, lower in history.lower_clp_per_litre.items()
                if not np.isnan(lower[at])
            },
            contributions_clp_per_litre={},
        )

    def _require(self, month: str, *, nearest: int, furthest: int) -> None:
        first, last = self._first_origin + nearest, self.last_month + furthest
        if not first <= np.datetime64(month, "M") <= last:
            raise UnanswerableMonthError(month=month, first=str(first), last=str(last))
