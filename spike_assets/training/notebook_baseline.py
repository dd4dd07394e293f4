"""The notebook's pipeline as a forecaster, refitted honestly: on what was published, in order.

The notebook explains a month's price by figures of the same month, which nobody has before the
month is over. Here each row holds, for a month, what was published when the price of the month
before was; the pipeline is fitted on the months up to the origin and asked for the months after
it. For those further ahead only the calendar columns differ, as nothing newer is published.

The grid is searched anew at the first origin of each year, the pipeline refitted at every origin.
"""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from numpy.typing import NDArray

from spike_assets.models.lagged_prices import MONTHS_LOOKED_UP, LaggedPrices
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.series.catalogue import (
    FEATURE_NAMES,
    MONTH,
    MONTH_OF_YEAR,
    NON_DURABLE_SALES,
    NUM,
    YEAR,
)
from spike_assets.sources.banco_central import BancoCentralTable
from spike_assets.sources.precipitation import PrecipitationTable
from spike_assets.training import regressors
from spike_assets.training.compute.one_core import one_core
from spike_assets.training.forecast_inputs import as_published, published_on

NOTEBOOK = "notebook"


def published_rows(
    precipitation: PrecipitationTable, banco_central: BancoCentralTable, *, months: pd.DatetimeIndex
) -> pd.DataFrame:
    """Return the notebook's 48 columns, each as known when the price of the month before was.

    A series that ends early keeps its last value, as the notebook does.

    Args:
        precipitation: `month` and one column per region, mm.
        banco_central: `month` and the 84 series.
        months: The months, each following the other.

    Returns:
        By month, the columns of `FEATURE_NAMES`; missing where nothing was published yet.
    """
    joined = precipitation.merge(banco_central, on=MONTH, how="outer", validate="one_to_one")
    known = as_published(joined, published_on(months - pd.DateOffset(months=1)))
    known = known.rename(columns={NON_DURABLE_SALES: NUM}).ffill().set_axis(months)
    return known.assign(**{YEAR: months.year, MONTH_OF_YEAR: months.month})[list(FEATURE_NAMES)]


def notebook_forecasts(
    rows: pd.DataFrame, data: PriceSeries, *, origins: Sequence[int], n_jobs: int | None = -1
) -> dict[int, NDArray[np.float64]]:
    """Forecast from each origin that has months enough before it.

    Args:
        rows: As `published_rows` gives them, from the month after the first price to the month
            after the last origin or later.
        data: Prices and drivers.
        origins: Positions of the origins, in order.
        n_jobs: Processes, as joblib takes them.

    Returns:
        CLP per litre, shape `(HORIZON,)`, by origin; origins that follow fewer than
        `regressors.MONTHS_NEEDED` complete rows are left out.
    """
    # Of the first months the prices that the pipeline looks up are not known.
    looked_up = np.arange(1, len(rows) + 1) >= MONTHS_LOOKED_UP
    complete = rows.notna().all(axis="columns").to_numpy() & looked_up
    table = rows.to_numpy()
    enough = [at for at in origins if complete[:at].sum() >= regressors.MONTHS_NEEDED]
    years = [list(ats) for _, ats in groupby(enough, lambda at: data.months[at].astype(int) // 12)]
    found = Parallel(n_jobs=n_jobs)(
        delayed(_forecasts_of_a_year)(table, complete, data, ats) for ats in years
    )
    return {at: prices for of_year in found for at, prices in of_year.items()}


def _forecasts_of_a_year(
    rows: NDArray[np.float64],
    complete: NDArray[np.bool_],
    data: PriceSeries,
    origins: Sequence[int],
) -> dict[int, NDArray[np.float64]]:
    found = {}
    parameters = None
    with one_core():
        for origin in origins:
            known = np.flatnonzero(complete[:origin])
            seen, prices = rows[known], data.price_clp_per_litre[known + 1]
            history = _history(data.until(origin))
            if parameters is None:
                parameters = regressors.search_grid(seen, prices, history=history).best_parameters
            pipeline = regressors.notebook_pipeline(history).set_params(**parameters)
            found[origin] = pipeline.fit(seen, prices).predict(_ahead(rows[origin], data, origin))
    return found


def _ahead(row: NDArray[np.float64], data: PriceSeries, origin: int) -> NDArray[np.float64]:
    """Return the row of the month after the origin, repeated with the dates of later months."""
    months = data.months[origin].astype(int) + np.arange(1, HORIZON + 1)
    ahead = np.tile(row, (HORIZON, 1))
    ahead[:, FEATURE_NAMES.index(YEAR)] = 1970 + months // 12
    ahead[:, FEATURE_NAMES.index(MONTH_OF_YEAR)] = months % 12 + 1
    return ahead


def _history(known: PriceSeries) -> LaggedPrices:
    """Return the prices that the pipeline looks up; future ones are taken as the last price."""
    first = known.months[0].astype(int)
    last = known.price_clp_per_litre[-1]
    return LaggedPrices(
        prices_clp_per_litre=np.append(known.price_clp_per_litre, np.repeat(last, HORIZON - 1)),
        first_year=int(1970 + first // 12),
        first_month=int(first % 12 + 1),
    )
