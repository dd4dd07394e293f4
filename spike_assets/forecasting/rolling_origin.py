"""The forecasts that would have been made: refitted at every origin, on what was known there.

An origin is the month of the last price that is known. The model is fitted on the months up to it
and forecasts the months after it; then the origin moves on by one (Tashman 2000).
"""

from collections.abc import Callable, Sequence

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn import config_context

from spike_assets.compute.one_core import one_core
from spike_assets.forecasting.data import ForecastData
from spike_assets.forecasting.learners import fit_forecaster, learned_from

FORECASTER = "forecaster"

Progress = Callable[[int, int], None]
"""Is told how many origins are done, and of how many."""


def no_progress(done: int, total: int) -> None:
    """Say nothing."""


def rolling_forecasts(
    data: ForecastData,
    *,
    origins: Sequence[int],
    n_jobs: int | None = -1,
    progress: Progress = no_progress,
) -> dict[int, NDArray[np.float64]]:
    """Forecast from each origin with the forecaster, fitted there anew.

    Args:
        data: Prices and drivers.
        origins: Positions of the origins.
        n_jobs: Processes, as joblib takes them; origins don't depend on each other, so the result
            is the same with any number.
        progress: Called as origins get done.

    Returns:
        CLP per litre, shape `(HORIZON,)`, by origin.
    """
    jobs = (delayed(forecast_from)(learned_from(data.until(origin))) for origin in origins)
    found = {}
    forecasts = Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    for origin, prices in zip(origins, forecasts, strict=True):
        found[origin] = prices
        progress(len(found), len(origins))
    return found


def forecast_from(data: ForecastData) -> NDArray[np.float64]:
    """Fit on the data and forecast the prices after it, CLP per litre, shape `(HORIZON,)`."""
    # What it is fitted on was checked once; looking again at every step takes a twentieth.
    with one_core(), config_context(assume_finite=True, skip_parameter_validation=True):
        changes = fit_forecaster(data).log_changes(data)
    mean_change = np.mean(list(changes.values()), axis=0)
    return np.asarray(data.price_clp_per_litre[-1] * np.exp(mean_change))
