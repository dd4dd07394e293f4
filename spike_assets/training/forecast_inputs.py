"""Forecast inputs: the prices, and the drivers as they were published, month by month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from spike_assets.models.price_series import PriceSeries
from spike_assets.series.catalogue import (
    ANY_NUMBER,
    DAIRY_INDEX,
    DOLLAR,
    MONTH,
    PRICE,
    PRICE_CLP_PER_LITRE,
    PUBLICATION_LAG_DAYS,
    Column,
)
from spike_assets.sources.errors import DataError
from spike_assets.sources.precipitation import PrecipitationTable


def published_on(months: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the day on which the price of each month is published, as a rule."""
    return months + pd.DateOffset(months=1) + pd.Timedelta(days=PRICE.publication_lag_days)


def as_published(table: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the value of each series that is the newest published one on each day.

    Args:
        table: `month` and published series.
        days: The days.

    Returns:
        Indexed by `days`, one column per series: its value of the last month that had ended at
        least its publication lag before; missing where there is none.

    Raises:
        KeyError: A column is not in the catalogue, so its publication lag is unknown.
    """
    return pd.DataFrame(
        {
            name: values.reindex(_newest_months(days, PUBLICATION_LAG_DAYS[name])).to_numpy()
            for name, values in table.set_index(MONTH).items()
        },
        index=days,
    )


def _newest_months(days: pd.DatetimeIndex, lag_days: int) -> pd.DatetimeIndex:
    ended_by = (days - pd.Timedelta(days=lag_days)).to_period("M")
    return (ended_by - 1).to_timestamp()


DAIRY_REGIONS = ("Biobio", "La_Araucania", "Los_Rios")
"""Where most of the milk is from, of the regions that the rain is published for."""

MONTHS_NEEDED = 120
"""Prices that must precede the first forecast: five years to look back on, and five to learn."""


def unusual_rain(precipitation: PrecipitationTable) -> PrecipitationTable:
    """Measure rain against the mean of the same month of the year so far.

    Returns:
        `month`, and by region of `DAIRY_REGIONS` the log of rain (mm, plus one) less its mean over
        this and all earlier years in the same month of the year, so nothing later is used.
    """
    logs = np.log1p(precipitation[list(DAIRY_REGIONS)])
    usual = logs.groupby(precipitation[MONTH].dt.month).transform(lambda s: s.expanding().mean())
    return (logs - usual).assign(**{MONTH: precipitation[MONTH]})


def _log(table: pd.DataFrame, name: str, days: pd.DatetimeIndex) -> pd.Series:
    return np.log(as_published(table[[MONTH, name]], days)[name])


@dataclass(frozen=True)
class Driver:
    """A series that drives a forecast beside the price's own past.

    Attributes:
        column: Its column in the forecast inputs.
        published: Takes the clean tables by source, and days, to the driver as it was known on
            each day; missing where nothing was newly published.
    """

    column: Column
    published: Callable[[Mapping[str, pd.DataFrame], pd.DatetimeIndex], pd.Series]


DRIVERS = (
    Driver(
        Column(
            "rain",
            "log",
            "rain in the dairy regions, distance from what is usual in the month",
            ANY_NUMBER,
        ),
        lambda tables, days: as_published(unusual_rain(tables["precipitation"]), days)[
            list(DAIRY_REGIONS)
        ].mean(axis="columns"),
    ),
    Driver(
        Column("world_price", "log", "world dairy price index in CLP", ANY_NUMBER),
        lambda tables, days: (
            _log(tables["dairy_index"], DAIRY_INDEX.name, days)
            + _log(tables["banco_central"], DOLLAR, days)
        ),
    ),
)

ForecastInputs = Annotated[pd.DataFrame, "month, price_clp_per_litre and the columns of DRIVERS"]


def forecast_inputs(tables: Mapping[str, pd.DataFrame]) -> ForecastInputs:
    """Join each price with what was published by the day on which it was.

    Args:
        tables: The clean tables by source: `month` and the series under their published names.

    Returns:
        `month`, `price_clp_per_litre` and the columns of `DRIVERS`, a row for each month that has
        a price; a driver is missing where nothing was newly published.

    Raises:
        DataError: There are too few prices to learn from.
    """
    milk_price = tables["milk_price"]
    if len(milk_price) < MONTHS_NEEDED + 2:
        raise DataError(
            f"{len(milk_price)} months have a milk price; forecasting needs {MONTHS_NEEDED + 2}"
        )
    months = pd.DatetimeIndex(milk_price[MONTH])
    days = published_on(months)
    drivers = {driver.column.name: driver.published(tables, days).to_numpy() for driver in DRIVERS}
    return milk_price[[MONTH, PRICE_CLP_PER_LITRE]].assign(**drivers)


def price_series(inputs: ForecastInputs) -> PriceSeries:
    """Convert the table to the arrays of the forecaster."""
    return PriceSeries(
        first_month=f"{inputs[MONTH].iloc[0]:%Y-%m}",
        price_clp_per_litre=inputs[PRICE_CLP_PER_LITRE].to_numpy(),
        drivers={d.column.name: inputs[d.column.name].to_numpy() for d in DRIVERS},
    )
