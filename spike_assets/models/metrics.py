"""Forecast metrics: RMSE, MAE, skill and coverage, for the backtest and for the service.

NumPy only, because the service loads it with the forecaster. Errors are what came less what was
forecast, shape `(n_months,)`.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def rmse(errors: ArrayLike) -> float:
    """Return the root mean squared error, in the unit of the errors."""
    return math.sqrt(float(np.mean(np.square(errors))))


def mae(errors: ArrayLike) -> float:
    """Return the mean absolute error, in the unit of the errors."""
    return float(np.mean(np.abs(errors)))


def skill(errors: ArrayLike, baseline_errors: ArrayLike) -> float:
    """Return 1 - RMSE / RMSE of a baseline on the same months.

    Returns:
        1 is perfect, 0 is no better than the baseline; NaN if the baseline made no error.
    """
    baseline = rmse(baseline_errors)
    return 1 - rmse(errors) / baseline if baseline else math.nan


def coverage(actual: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> float:
    """Return the share of months whose interval holds what came, ends included.

    Args:
        actual: What came, shape `(n_months,)`.
        lower: Lower ends; NaN where a month has no interval, and so does not count.
        upper: Upper ends.

    Returns:
        NaN if no month has an interval.
    """
    ends = np.asarray(lower, dtype=float)
    held: NDArray[np.bool_] = (ends <= actual) & (actual <= np.asarray(upper, dtype=float))
    known = ~np.isnan(ends)
    return float(held[known].mean()) if known.any() else math.nan
