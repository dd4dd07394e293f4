"""Rolling-origin backtest of the forecaster and its baselines.

Every model forecasts from the same origins, on what was known there, and gets its intervals in
the same way from its own earlier errors. The members of the forecaster were chosen on the months
before `FIRST_TARGET`; the months from there on are the test.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn import config_context

from spike_assets.models.forecast_features import last_row
from spike_assets.models.forecaster import forecast_prices
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.sources.banco_central import BancoCentralTable
from spike_assets.sources.errors import DataError
from spike_assets.sources.precipitation import PrecipitationTable
from spike_assets.training.baselines import RULES
from spike_assets.training.compute.one_core import one_core
from spike_assets.training.forecast_frame import forecast_table, targets_between
from spike_assets.training.forecast_inputs import MONTHS_NEEDED
from spike_assets.training.intervals import ORIGINS_NEEDED
from spike_assets.training.learners import fit_members, learned_from
from spike_assets.training.notebook_baseline import NOTEBOOK, notebook_forecasts, published_rows

FORECASTER = "forecaster"

Progress = Callable[[int, int], None]
"""Called with the number of origins done and the number of all."""


def no_progress(done: int, total: int) -> None:
    """Ignore progress."""


def rolling_forecasts(
    data: PriceSeries,
    *,
    origins: Sequence[int],
    n_jobs: int | None = -1,
    progress: Progress = no_progress,
) -> dict[int, NDArray[np.float64]]:
    """Forecast from each origin with a forecaster that is fitted there.

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


def forecast_from(data: PriceSeries) -> NDArray[np.float64]:
    """Fit on the data and forecast the prices after it, CLP per litre, shape `(HORIZON,)`."""
    # What it is fitted on was checked once; looking again at every step takes a twentieth.
    with one_core(), config_context(assume_finite=True, skip_parameter_validation=True):
        return forecast_prices(fit_members(data), data, last_row(data))


FIRST_TARGET = "2014-01"
"""The first month that was not used to choose the members of the forecaster."""

MODELS = (FORECASTER, *RULES, NOTEBOOK)


def forecast_history(
    data: PriceSeries,
    *,
    origins: range | None = None,
    n_jobs: int | None = -1,
    progress: Progress = no_progress,
) -> pd.DataFrame:
    """Return the forecaster's forecasts from each past origin, beside what came.

    Args:
        data: Prices and drivers.
        origins: Positions of the origins; all that have months enough before them if not given,
            the last of which forecasts the months to come.
        n_jobs: Processes, as joblib takes them.
        progress: Called as origins get done.

    Returns:
        As `forecast_table`.
    """
    if origins is None:
        origins = range(MONTHS_NEEDED - 1, len(data))
    found = rolling_forecasts(data, origins=origins, n_jobs=n_jobs, progress=progress)
    return forecast_table(FORECASTER, data, found)


def baseline_history(
    data: PriceSeries,
    precipitation: PrecipitationTable,
    banco_central: BancoCentralTable,
    *,
    origins: range,
    n_jobs: int | None = -1,
) -> pd.DataFrame:
    """Return the same of the baselines: the simple rules, and the notebook's pipeline.

    Args:
        data: Prices and drivers.
        precipitation: `month` and one column per region, mm.
        banco_central: `month` and the 84 series.
        origins: Positions of the origins.
        n_jobs: Processes, as joblib takes them.

    Returns:
        As `forecast_table`, one model after the other; the notebook begins once it has months
        enough to learn from.
    """
    next_months = pd.DatetimeIndex((data.months + 1).astype("datetime64[us]"))
    rows = published_rows(precipitation, banco_central, months=next_months)
    by_model = {
        name: {origin: rule(data.until(origin)) for origin in origins}
        for name, rule in RULES.items()
    } | {NOTEBOOK: notebook_forecasts(rows, data, origins=origins, n_jobs=n_jobs)}
    return pd.concat(
        [forecast_table(name, data, forecasts) for name, forecasts in by_model.items()],
        ignore_index=True,
    )


def origins_for(data: PriceSeries, *, first: str, last: str, horizon: int = HORIZON) -> range:
    """Return the origins to forecast from in order to score the months from first to last.

    Args:
        data: Prices and drivers.
        first: First month to be scored, as `2014-01`.
        last: Last month.
        horizon: Months ahead, at most.

    Returns:
        Positions of the origins, those before included from whose errors the intervals come.

    Raises:
        DataError: One of them is not a month, or none from first to last has a price and enough
            months before it.
    """
    start = _position(first, data)
    stop = min(_position(last, data), len(data) - 1)
    if stop < max(start, MONTHS_NEEDED):
        raise DataError(
            f"no month from {first} to {last} can be scored: there are prices from "
            f"{data.months[0]} to {data.months[-1]}, and a forecast needs {MONTHS_NEEDED} before it"
        )
    return range(max(MONTHS_NEEDED - 1, start - horizon - ORIGINS_NEEDED), stop)


def _position(month: str, data: PriceSeries) -> int:
    try:
        return int((np.datetime64(month, "M") - data.months[0]).astype(int))
    except ValueError:
        raise DataError(f"{month!r} is not a month; expected YYYY-MM") from None


def backtest(
    data: PriceSeries,
    precipitation: PrecipitationTable,
    banco_central: BancoCentralTable,
    *,
    first: str = FIRST_TARGET,
    last: str | None = None,
    horizon: int = HORIZON,
    n_jobs: int | None = -1,
    progress: Progress = no_progress,
    history: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Forecast the months of a window with the forecaster and every baseline.

    Args:
        data: Prices and drivers.
        precipitation: `month` and one column per region, mm.
        banco_central: `month` and the 84 series.
        first: First month that is forecast, as `2014-01`.
        last: Last month; that of the last price if not given.
        horizon: Months ahead, at most.
        n_jobs: Processes, as joblib takes them.
        progress: Called as origins get done.
        history: The forecaster's history, if it was made already.

    Returns:
        As `forecast_table`, of `MODELS`; the months from first to last that have come true.

    Raises:
        DataError: The window or the horizon makes no sense, or no month of it can be scored.
    """
    if not 1 <= horizon <= HORIZON:
        raise DataError(f"the horizon is {horizon}; expected 1 to {HORIZON} months")
    last = last or str(data.months[-1])
    origins = origins_for(data, first=first, last=last, horizon=horizon)
    if history is None:
        history = forecast_history(data, origins=origins, n_jobs=n_jobs, progress=progress)
    baselines = baseline_history(data, precipitation, banco_central, origins=origins, n_jobs=n_jobs)
    table = pd.concat([history, baselines], ignore_index=True)
    return targets_between(table, first=first, last=last, horizon=horizon)
