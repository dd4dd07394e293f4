"""Prices that came after a forecaster was trained: whether they can be what was paid.

NumPy only, because the service loads it with the forecaster.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spike_assets.forecasting.data import ForecastData

REACH = 1.5
"""How far a price may move in a month, as a multiple of the largest move so far (of logs)."""

MOST_OBSERVATIONS = 36
"""With more months than these unseen, the forecaster wants training, not observations."""


class ObservationError(ValueError):
    """An observed price does not follow from those that are known.

    Attributes:
        position: Which one, from 0.
        month: Its month.
        field: What is wrong with it: `month` or `price_clp_per_litre`.
    """

    def __init__(self, message: str, *, position: int, month: str, field: str) -> None:
        super().__init__(message)
        self.position = position
        self.month = month
        self.field = field


@dataclass(frozen=True)
class Observation:
    """A price that was paid.

    Attributes:
        month: As `2021-03`.
        price_clp_per_litre: The price.
    """

    month: str
    price_clp_per_litre: float


def following_prices(
    data: ForecastData, observations: Sequence[Observation]
) -> NDArray[np.float64]:
    """Check that observations go on from the known prices, month by month.

    Args:
        data: The known prices.
        observations: Those that came since.

    Returns:
        Their prices, CLP per litre, for `ForecastData.followed_by`.

    Raises:
        ObservationError: A month is missing, repeated or out of order, or a price moved more in
            a month than is plausible.
    """
    largest_move = REACH * float(np.abs(np.diff(np.log(data.price_clp_per_litre))).max())
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
                f"litre in {month}: expected {least:.2f} to {most:.2f}, {REACH:g} times the "
                f"largest move of a month since {data.first_month}",
                position=position,
                month=observed.month,
                field="price_clp_per_litre",
            )
        month, price = observed.month, observed.price_clp_per_litre
    return np.array([observed.price_clp_per_litre for observed in observations], dtype=float)
