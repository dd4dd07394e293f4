"""The monthly join: the published series of a month and the milk price of the same month."""

import pandas as pd

from spike_assets.series.catalogue import (
    FEATURE_NAMES,
    MONTH,
    MONTH_OF_YEAR,
    NON_DURABLE_SALES,
    NUM,
    PRICE_CLP_PER_LITRE,
    YEAR,
)
from spike_assets.sources.banco_central import BancoCentralTable
from spike_assets.sources.errors import DataError
from spike_assets.sources.milk_price import MilkPriceTable
from spike_assets.sources.precipitation import PrecipitationTable
from spike_assets.sources.schemas import FeaturesTable


def monthly_features(
    precipitation: PrecipitationTable,
    milk_price: MilkPriceTable,
    banco_central: BancoCentralTable,
) -> FeaturesTable:
    """Join the clean tables on the month.

    Args:
        precipitation: `month` and a column per region, mm.
        milk_price: `month` and `price_clp_per_litre`.
        banco_central: `month` and the 84 series.

    Returns:
        `month`, `FEATURE_NAMES` in their order, `price_clp_per_litre`; one row for each month that
        has all of them, sorted.

    Raises:
        DataError: No month has all of them.
    """
    joined = (
        precipitation.merge(milk_price, on=MONTH, how="inner", validate="one_to_one")
        .merge(banco_central, on=MONTH, how="inner", validate="one_to_one")
        .rename(columns={NON_DURABLE_SALES: NUM})
    )
    dated = joined.assign(**{YEAR: joined[MONTH].dt.year, MONTH_OF_YEAR: joined[MONTH].dt.month})
    columns = [MONTH, *FEATURE_NAMES, PRICE_CLP_PER_LITRE]
    complete = dated[columns].dropna().sort_values(MONTH, ignore_index=True)
    if complete.empty:
        raise DataError(
            "no month has rain, price and macroeconomic series together: rain "
            f"{_span(precipitation)}, price {_span(milk_price)}, series {_span(banco_central)}"
        )
    return complete.astype(dict.fromkeys(FEATURE_NAMES, "float64"))


def _span(table: pd.DataFrame) -> str:
    return f"{table[MONTH].min():%Y-%m} to {table[MONTH].max():%Y-%m}"
