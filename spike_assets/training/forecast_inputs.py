"""Forecast inputs: the prices, and the drivers as they were published, month by month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd

from spike_assets.models.price_series import PriceSeries
from spike_assets.series.catalogue import (
    ANY_NUMBER,
    COPPER,
    DOLLAR,
    MONTH,
    PRICE_CLP_PER_LITRE,
    PUBLICATION_LAG_MONTHS,
    Column,
)
from spike_assets.sources.errors import DataError
from spike_assets.sources.precipitation import PrecipitationTable


def as_published(table: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the newest published value of each series on the first day of each month.

    Args:
        table: `month` and published series.
        months: Every month from first to last.

    Returns:
        Indexed by `months`, one column per series: its value of `publication_lag_months` months
        before, missing where there is none.

    Raises:
        KeyError: A column is not in the catalogue, so its publication lag is unknown.
    """
    values = table.set_index(MONTH)
    return pd.DataFrame(
        {
            name: of_series.reindex(
                months - pd.DateOffset(months=PUBLICATION_LAG_MONTHS[name])
            ).to_numpy()
            for name, of_series in values.items()
        },
        index=months,
    )


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


def _log_macro(
    name: str, tables: Mapping[str, pd.DataFrame], months: pd.DatetimeIndex
) -> pd.Series:
    series = tables["banco_central"][[MONTH, name]]
    return np.log(as_published(series, months)[name])


@dataclass(frozen=True)
class Driver:
    """A series that drives a forecast beside the price's own past.

    Attributes:
        column: Its column in the forecast inputs.
        published: Takes the clean tables by source, and months, to the driver as it was known on
            the first day of each month; missing where nothing was newly published.
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
        lambda tables, months: as_published(unusual_rain(tables["precipitation"]), months)[
            list(DAIRY_REGIONS)
        ].mean(axis="columns"),
    ),
    Driver(
        Column("exchange_rate", "log CLP per USD", "observed dollar, monthly mean", ANY_NUMBER),
        lambda tables, months: _log_macro(DOLLAR, tables, months),
    ),
    Driver(
        Column("copper", "log USD per pound", "refined copper, London Metal Exchange", ANY_NUMBER),
        lambda tables, months: _log_macro(COPPER, tables, months),
    ),
)

ForecastInputs = Annotated[pd.DataFrame, "month, price_clp_per_litre and the columns of DRIVERS"]


def forecast_inputs(tables: Mapping[str, pd.DataFrame]) -> ForecastInputs:
    """Join each price with what was published by the first day of the month after it.

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
    next_months = months + pd.DateOffset(months=1)
    drivers = {
        driver.column.name: driver.published(tables, next_months).to_numpy() for driver in DRIVERS
    }
    return milk_price[[MONTH, PRICE_CLP_PER_LITRE]].assign(**drivers)


def price_series(inputs: ForecastInputs) -> PriceSeries:
    """Convert the table to the arrays of the forecaster."""
    return PriceSeries(
        first_month=f"{inputs[MONTH].iloc[0]:%Y-%m}",
        price_clp_per_litre=inputs[PRICE_CLP_PER_LITRE].to_numpy(),
        drivers={d.column.name: inputs[d.column.name].to_numpy() for d in DRIVERS},
    )
