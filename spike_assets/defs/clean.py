"""The three files cleaned: typed, one row a month, every repair counted."""

import dagster as dg
import pandas as pd

from spike_assets.catalogue import BANCO_CENTRAL, PRECIPITATION, PRICE
from spike_assets.defs.failures import explained
from spike_assets.defs.table_metadata import column_schema, table_metadata
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.cleaned import Cleaned

REPAIRS_PREFIX = "repairs/"


@dg.asset(
    group_name="clean",
    kinds={"pandas"},
    metadata=column_schema(PRECIPITATION),
)
def clean_precipitation(raw_precipitation: pd.DataFrame) -> dg.MaterializeResult[pd.DataFrame]:
    """Rain by region in mm, a row for each month; repeated months are counted in the metadata."""
    with explained():
        return _with_repairs(precipitation.clean_precipitation(raw_precipitation))


@dg.asset(
    group_name="clean",
    kinds={"pandas"},
    metadata=column_schema([PRICE]),
)
def clean_milk_price(raw_milk_price: pd.DataFrame) -> dg.MaterializeResult[pd.DataFrame]:
    """What dairy farms were paid for a litre in nominal CLP, a row for each month."""
    with explained():
        return _with_repairs(milk_price.clean_milk_price(raw_milk_price))


@dg.asset(
    group_name="clean",
    kinds={"pandas"},
    metadata=column_schema(
        series for series in BANCO_CENTRAL if series.name in banco_central.CLEANED_SERIES
    ),
)
def clean_banco_central(raw_banco_central: pd.DataFrame) -> dg.MaterializeResult[pd.DataFrame]:
    """The macroeconomic series that the notebook uses, a row for each month.

    NaN where nothing was published. Numbers that lost their decimal point are read by the
    notebook's rules; impossible periods, repeated months and unreadable cells are counted in the
    metadata.
    """
    with explained():
        return _with_repairs(banco_central.clean_banco_central(raw_banco_central))


def _with_repairs(cleaned: Cleaned) -> dg.MaterializeResult[pd.DataFrame]:
    repairs = {f"{REPAIRS_PREFIX}{defect}": count for defect, count in cleaned.repairs.items()}
    return dg.MaterializeResult(
        value=cleaned.table, metadata=table_metadata(cleaned.table) | repairs
    )
