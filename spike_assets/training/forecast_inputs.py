"""What the forecaster is given: prices, and its drivers as they were published, month by month."""

from typing import Annotated

import numpy as np
import pandas as pd

from spike_assets.models.price_series import DRIVERS, PriceSeries
from spike_assets.series.catalogue import (
    ANY_NUMBER,
    COPPER,
    DOLLAR,
    MONTH,
    PRICE_CLP_PER_LITRE,
    PUBLICATION_LAG_MONTHS,
    Column,
)
from spike_assets.sources.banco_central import BancoCentralTable
from spike_assets.sources.errors import DataError
from spike_assets.sources.milk_price import MilkPriceTable
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

DRIVER_SERIES = (
    Column(
        "rain",
        "log",
        "rain in the dairy regions, distance from what is usual in the month",
        ANY_NUMBER,
    ),
    Column("exchange_rate", "log CLP per USD", "observed dollar, monthly mean", ANY_NUMBER),
    Column("copper", "log USD per pound", "refined copper, London Metal Exchange", ANY_NUMBER),
)

ForecastInputs = Annotated[pd.DataFrame, "month, price_clp_per_litre and DRIVERS"]


def forecast_inputs(
    precipitation: PrecipitationTable,
    milk_price: MilkPriceTable,
    banco_central: BancoCentralTable,
) -> ForecastInputs:
    """Put beside each price what was published by the first day of the month after it.

    Args:
        precipitation: `month` and a column a region, mm.
        milk_price: `month` and `price_clp_per_litre`.
        banco_central: `month` and the 84 series.

    Returns:
        `month`, `price_clp_per_litre` and `DRIVERS`, a row for each month that has a price; a
        driver is missing where nothing was newly published.

    Raises:
        DataError: There are too few prices to learn from.
    """
    if len(milk_price) < MONTHS_NEEDED + 2:
        raise DataError(
            f"{len(milk_price)} months have a milk price; forecasting needs {MONTHS_NEEDED + 2}"
        )
    months = pd.DatetimeIndex(milk_price[MONTH])
    next_months = months + pd.DateOffset(months=1)
    unusual = unusual_rain(precipitation)
    rain = as_published(unusual, next_months)[list(DAIRY_REGIONS)].mean(axis="columns")
    macro = np.log(as_published(banco_central[[MONTH, DOLLAR, COPPER]], next_months))
    drivers = (rain, macro[DOLLAR], macro[COPPER])
    return milk_price[[MONTH, PRICE_CLP_PER_LITRE]].assign(
        **{name: values.to_numpy() for name, values in zip(DRIVERS, drivers, strict=True)}
    )


def price_series(inputs: ForecastInputs) -> PriceSeries:
    """Hand the table to the forecaster."""
    return PriceSeries(
        first_month=f"{inputs[MONTH].iloc[0]:%Y-%m}",
        price_clp_per_litre=inputs[PRICE_CLP_PER_LITRE].to_numpy(),
        drivers={name: inputs[name].to_numpy() for name in DRIVERS},
    )


def unusual_rain(precipitation: PrecipitationTable) -> PrecipitationTable:
    """Measure rain against what was usual in that month of the year so far.

    Returns:
        `month`, and by region of `DAIRY_REGIONS` the log of rain (mm, plus one) less its mean over
        this and all earlier years in the same month of the year; so nothing later has a say.
    """
    logs = np.log1p(precipitation[list(DAIRY_REGIONS)])
    usual = logs.groupby(precipitation[MONTH].dt.month).transform(lambda s: s.expanding().mean())
    return (logs - usual).assign(**{MONTH: precipitation[MONTH]})
