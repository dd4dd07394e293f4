"""Baselines that a forecast has to beat: three simple rules.

Each takes what was known at an origin to the prices of the next `HORIZON` months. Named and
defined as in Hyndman and Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), 5.2.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.price_series import HORIZON, PriceSeries

LAST_PRICE = "last_price"
_AHEAD = np.arange(1, HORIZON + 1)


def last_price(data: PriceSeries) -> NDArray[np.float64]:
    """Repeat the last price: the naive forecast."""
    return np.full(HORIZON, data.price_clp_per_litre[-1])


def seasonal_naive(data: PriceSeries) -> NDArray[np.float64]:
    """Repeat the price of the same month a year before."""
    return data.price_clp_per_litre[-12:].copy()


def drift(data: PriceSeries) -> NDArray[np.float64]:
    """Extrapolate the line from the first price to the last."""
    prices = data.price_clp_per_litre
    return np.asarray(prices[-1] + _AHEAD * (prices[-1] - prices[0]) / (len(prices) - 1))


RULES: Mapping[str, Callable[[PriceSeries], NDArray[np.float64]]] = {
    LAST_PRICE: last_price,
    "seasonal_naive": seasonal_naive,
    "drift": drift,
}
"""The rules by the name under which the backtest shows them."""
