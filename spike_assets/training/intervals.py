"""Prediction intervals, from the errors of the forecasts before.

Normalized split conformal prediction (Papadopoulos et al. 2008; Lei et al. 2018): of the last eight
years' forecasts that have come true at a horizon, the errors of the logs, each in units of how
unsteady prices were at its origin, give the quantile. Only errors that were known at the origin
count. Being multiplicative, an interval never reaches below zero; it never narrows with the
horizon.

How unsteady prices were is half taken into account (the square root): taken whole, the intervals
of calm years are too narrow when the calm ends. This, and the eight years, were chosen on targets
before 2014.
"""

import math

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.price_series import HORIZON

CALIBRATION_MONTHS = 96
"""Months, eight years."""

MIN_ERRORS = 24
"""With fewer there is no interval: 95 % of two dozen is the largest error of all."""

VOLATILITY_MONTHS = 24
VOLATILITY_HALF_LIFE_MONTHS = 12

ORIGINS_NEEDED = CALIBRATION_MONTHS + HORIZON + VOLATILITY_MONTHS
"""Number of origins before an origin that its intervals depend on."""


def half_widths(log_errors: NDArray[np.float64], *, level: int) -> NDArray[np.float64]:
    """Compute the half widths of the intervals of each origin.

    Args:
        log_errors: Log price that came, less log forecast; one row per origin, without a gap,
            oldest first; one column per horizon; NaN where nothing has come yet. Shape
            `(n_origins, HORIZON)`.
        level: Percent of months that the interval should hold.

    Returns:
        Half the width of the interval in logs, same shape; NaN where fewer than `MIN_ERRORS`
        errors were known. Row i depends on nothing that came after its origin.
    """
    sizes = np.abs(log_errors)
    volatility = _volatility(sizes[:, 0])
    relative = sizes / volatility[:, None]
    widths = np.full(sizes.shape, np.nan)
    for origin in range(len(sizes)):
        for ahead in range(1, HORIZON + 1):
            come_true = slice(
                max(0, origin - ahead + 1 - CALIBRATION_MONTHS), max(0, origin - ahead + 1)
            )
            known = relative[come_true, ahead - 1]
            quantile = _conformal_quantile(known[~np.isnan(known)], level=level)
            widths[origin, ahead - 1] = quantile * volatility[origin]
    return np.asarray(np.maximum.accumulate(widths, axis=1))


def _volatility(next_month_sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the square root of the mean size of the next-month errors known at each origin."""
    weights = 0.5 ** (np.arange(1, VOLATILITY_MONTHS + 1) / VOLATILITY_HALF_LIFE_MONTHS)
    means = np.full(len(next_month_sizes), np.nan)
    for origin in range(1, len(next_month_sizes)):
        latest_first = next_month_sizes[max(0, origin - VOLATILITY_MONTHS) : origin][::-1]
        means[origin] = np.average(latest_first, weights=weights[: len(latest_first)])
    means[means == 0] = np.nan  # where every forecast was right there is no scale
    return np.asarray(np.sqrt(means))


def _conformal_quantile(sizes: NDArray[np.float64], *, level: int) -> float:
    if len(sizes) < MIN_ERRORS:
        return math.nan
    rank = math.ceil((len(sizes) + 1) * level / 100)
    return float(np.sort(sizes)[min(rank, len(sizes)) - 1])
