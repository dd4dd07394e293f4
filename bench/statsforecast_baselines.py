"""Forecasts of statsforecast's automatic models, refitted at every origin.

    python -m bench.statsforecast_baselines [DIR]

Prints their errors beside those of the naive forecast. DIR is the folder
with the real files. Needs what `make .venv/bench` installs.
"""

import os
import sys
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray

from spike_assets.series.catalogue import MONTH, PRICE_CLP_PER_LITRE
from spike_assets.sources import milk_price
from spike_assets.sources.location import locate_data, read_source

FIRST_MONTH = pd.Timestamp("1995-01-01")  # of the prices that the models are fitted on
SEASON_MONTHS = 12
FORECAST = "forecast_clp_per_litre"
LAST_PRICE = "last price"

# Forecasts are scored from this target on: the first month of the notebook's table.
_FIRST_TARGET = pd.Timestamp("2014-01-01")
_YEAR_AHEAD = 12


def main() -> None:
    """Forecast the real prices, and print the errors and the time."""
    location = locate_data(sys.argv[1] if len(sys.argv) > 1 else None)
    table = read_source(location, milk_price.SOURCE).table
    prices = table.set_index(MONTH)[PRICE_CLP_PER_LITRE]
    targets = prices.loc[_FIRST_TARGET:].index
    origins = prices.index[prices.index.get_loc(_FIRST_TARGET) - 1 : -1]

    warm_up()
    start = time.perf_counter()
    baselines = baseline_forecasts(prices, origins=origins, horizon=_YEAR_AHEAD)
    seconds = time.perf_counter() - start

    paid = pd.concat([baselines, _last_price(prices, baselines)]).merge(
        prices.reset_index(), on=MONTH, how="inner", validate="many_to_one"
    )
    whole_years = paid[paid["origin"] <= origins[-_YEAR_AHEAD]]
    print(f"{location}: {len(origins)} origins in {seconds:.1f} s")
    print(f"next month, {targets[0]:%Y-%m} to {targets[-1]:%Y-%m}")
    print(_errors(paid[paid["horizon"] == 1]))
    print(f"months 1 to {_YEAR_AHEAD}, {whole_years['origin'].nunique()} origins")
    print(_errors(whole_years))


def baseline_forecasts(
    prices: pd.Series, *, origins: Sequence[pd.Timestamp], horizon: int, n_jobs: int = -1
) -> pd.DataFrame:
    """Forecast with each model from each origin, fitted on the prices since 1995 up to it.

    Args:
        prices: CLP per litre, indexed by month without a gap, oldest first.
        origins: The last months whose price is known when a forecast is made.
        horizon: Months to forecast, at least 1.
        n_jobs: Processes to share the origins among; -1 is one for each core.

    Returns:
        `model` (`AutoTheta`, `AutoARIMA`, `AutoETS`, `CES`), `origin`, `horizon` (from 1), `month`
        (the target) and `forecast_clp_per_litre`. One row for each of the first three, in the
        order of the origins, then of the models.

    Raises:
        ValueError: A month is missing from the prices, or an origin is not among them.
    """
    known = prices.loc[FIRST_MONTH:]
    if not known.index.equals(pd.date_range(known.index[0], known.index[-1], freq="MS")):
        raise ValueError("the prices must have every month once, oldest first")
    for origin in origins:
        if origin not in known.index:
            raise ValueError(f"origin {origin} has no price since {FIRST_MONTH:%Y-%m}")
    with parallel_config(backend="loky", inner_max_num_threads=1):
        tables = Parallel(n_jobs=n_jobs)(
            delayed(_forecasts_from)(known.loc[:origin], horizon) for origin in origins
        )
    return pd.concat(tables, ignore_index=True)


def warm_up() -> None:
    """Compile with Numba to its cache on disk, so that timings exclude the compilation."""
    year = 100 + 10 * np.sin(np.arange(SEASON_MONTHS))
    _forecasts(np.tile(year, 4) + np.arange(4 * SEASON_MONTHS), horizon=1)


def _forecasts_from(known: pd.Series, horizon: int) -> pd.DataFrame:
    months = pd.date_range(known.index[-1], periods=horizon + 1, freq="MS")
    return pd.concat(
        pd.DataFrame(
            {
                "model": model,
                "origin": months[0],
                "horizon": np.arange(1, horizon + 1),
                MONTH: months[1:],
                FORECAST: forecast,
            }
        )
        for model, forecast in _forecasts(known.to_numpy(copy=True), horizon=horizon).items()
    )


def _forecasts(known: NDArray[np.float64], *, horizon: int) -> dict[str, NDArray[np.float64]]:
    # Read when statsforecast is imported: each process would spend 20 s compiling CES otherwise.
    os.environ.setdefault("NIXTLA_NUMBA_CACHE", "1")
    from statsforecast.models import (  # noqa: PLC0415 (in the bench set only)
        AutoARIMA,
        AutoCES,
        AutoETS,
        AutoTheta,
    )

    kinds = (AutoTheta, AutoARIMA, AutoETS, AutoCES)
    models = [kind(season_length=SEASON_MONTHS) for kind in kinds]
    return {model.alias: model.forecast(y=known, h=horizon)["mean"] for model in models}


def _last_price(prices: pd.Series, baselines: pd.DataFrame) -> pd.DataFrame:
    """Repeat the origin's price for the same origins and months."""
    one_model = baselines[baselines["model"] == baselines["model"].iloc[0]]
    return one_model.assign(**{"model": LAST_PRICE, FORECAST: one_model["origin"].map(prices)})


def _errors(paid: pd.DataFrame) -> str:
    """Write RMSE and MAE in CLP per litre, a line for each model."""
    error = paid[FORECAST] - paid[PRICE_CLP_PER_LITRE]
    by_model = error.groupby(paid["model"], sort=False)
    return "\n".join(
        f"  {model:<10} RMSE {np.sqrt((errors**2).mean()):7.3f}  MAE {errors.abs().mean():7.3f}"
        for model, errors in by_model
    )


if __name__ == "__main__":
    main()
