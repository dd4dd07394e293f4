"""The three files cleaned: typed, one row a month, repairs counted, held to their contracts."""

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.charts.notebook_numbers import all_digits, cells_by_month
from spike_assets.defs.checks import Checked, contract_specs, validated
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.table_metadata import REPAIRS_PREFIX, column_schema, listed, table_metadata
from spike_assets.series.catalogue import BANCO_CENTRAL, PRECIPITATION, PRICE
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.schemas import BANCO_CENTRAL_TABLE, MILK_PRICE_TABLE, PRECIPITATION_TABLE
from spike_assets.sources.source import Cleaned

BEFORE_AND_AFTER = ("PIB", "PIB_Comercio", "PIB_Celulosa", "PIB_Agropecuario_silvicola")
"""Series whose repair is drawn: the total, and three whose digits mislead often."""


@dg.asset(
    group_name="clean",
    kinds={"pandas"},
    metadata=column_schema(PRECIPITATION),
    check_specs=contract_specs("clean_precipitation"),
)
def clean_precipitation(
    context: dg.AssetExecutionContext, raw_precipitation: pd.DataFrame
) -> Checked:
    """Rain by region in mm, a row for each month; repeated months are counted in the metadata."""
    with user_errors_as_failures():
        cleaned = precipitation.clean_precipitation(raw_precipitation)
    yield from validated(
        context,
        _with_repairs(cleaned),
        schema=PRECIPITATION_TABLE,
        pictures={"rain_by_region": charts.regions_rain},
    )


@dg.asset(
    group_name="clean",
    kinds={"pandas"},
    metadata=column_schema([PRICE]),
    check_specs=contract_specs("clean_milk_price"),
)
def clean_milk_price(context: dg.AssetExecutionContext, raw_milk_price: pd.DataFrame) -> Checked:
    """What dairy farms were paid for a litre in nominal CLP, a row for each month."""
    with user_errors_as_failures():
        cleaned = milk_price.clean_milk_price(raw_milk_price)
    yield from validated(
        context,
        _with_repairs(cleaned),
        schema=MILK_PRICE_TABLE,
        pictures={"price_history": charts.milk_price_history},
    )


@dg.asset(
    group_name="clean",
    kinds={"pandas"},
    metadata=column_schema(BANCO_CENTRAL),
    check_specs=contract_specs("clean_banco_central"),
)
def clean_banco_central(
    context: dg.AssetExecutionContext, raw_banco_central: pd.DataFrame
) -> Checked:
    """All 84 macroeconomic series, a row for each month, NaN where nothing was published.

    The decimal points that the export lost are put back. What was repaired is counted in the
    metadata, and listed by series.
    """
    with user_errors_as_failures():
        cleaned = banco_central.clean_banco_central(raw_banco_central)
    yield from validated(
        context,
        _with_repairs(cleaned),
        schema=BANCO_CENTRAL_TABLE,
        pictures={
            "missing_months": charts.missing_months,
            "gdp_and_farming": lambda table: charts.series_pair(
                table, first="PIB", second="PIB_Agropecuario_silvicola"
            ),
            "decimal_repair": lambda table: _before_and_after(raw_banco_central, table),
        },
    )


def _with_repairs(cleaned: Cleaned) -> dg.MaterializeResult[pd.DataFrame]:
    repairs = {f"{REPAIRS_PREFIX}{defect}": count for defect, count in cleaned.counts.items()}
    lists = {
        f"listed/{defect}": listed(touched)
        for defect, touched in cleaned.repairs.items()
        if len(touched)
    }
    if cleaned.decimals is not None:
        lists["listed/decimals_by_series"] = listed(
            cleaned.decimals[cleaned.decimals["restored"] > 0], most=len(cleaned.decimals)
        )
    return dg.MaterializeResult(
        value=cleaned.table, metadata=table_metadata(cleaned.table) | repairs | lists
    )


def _before_and_after(raw: pd.DataFrame, table: pd.DataFrame) -> bytes:
    before = cells_by_month(raw, names=BEFORE_AND_AFTER).map(all_digits)
    after = table.set_index("month").loc[before.index, list(BEFORE_AND_AFTER)]
    return charts.before_and_after(
        before.index.to_series(),
        before=before,
        after=after,
        title="GDP, its digits read as one integer and its decimal points put back",
        unit="thousand million CLP",
    )
