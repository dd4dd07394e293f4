"""Assets of the features: the monthly join, and the inputs of the forecaster."""

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.defs.checks import Checked, contract_specs, validated
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.table_metadata import column_schema, table_metadata
from spike_assets.series.catalogue import FEATURES, MONTH, PRICE, PRICE_CLP_PER_LITRE
from spike_assets.sources import monthly_features as features
from spike_assets.sources.schemas import FEATURES_TABLE
from spike_assets.sources.sources import SOURCES
from spike_assets.training import forecast_inputs as inputs
from spike_assets.training import forecaster, regressors

ENOUGH_MONTHS = "monthly_features_has_enough_months_in_common"

_DRIVER_COLUMNS = [driver.column for driver in inputs.DRIVERS]


@dg.asset(
    group_name="features",
    kinds={"pandas"},
    metadata=column_schema([*FEATURES, PRICE]),
    check_specs=[
        *contract_specs("monthly_features"),
        dg.AssetCheckSpec(
            ENOUGH_MONTHS,
            asset="monthly_features",
            description=(
                f"Rain, price and series have {regressors.MONTHS_NEEDED} months in common or more."
            ),
            blocking=True,
        ),
    ],
)
def monthly_features(
    context: dg.AssetExecutionContext,
    clean_precipitation: pd.DataFrame,
    clean_milk_price: pd.DataFrame,
    clean_banco_central: pd.DataFrame,
) -> Checked:
    """The 48 columns of the `/predict` contract and the price, a row for each month with all."""
    with user_errors_as_failures():
        table = features.monthly_features(
            clean_precipitation, clean_milk_price, clean_banco_central
        )
    yield dg.AssetCheckResult(
        check_name=ENOUGH_MONTHS,
        passed=len(table) >= regressors.MONTHS_NEEDED,
        metadata={"months_in_common": len(table)},
    )
    with user_errors_as_failures():
        regressors.require_trainable(table, clean_milk_price)
    prices = table[PRICE_CLP_PER_LITRE]
    result = dg.MaterializeResult(
        value=table,
        metadata={
            **table_metadata(table),
            "price_mean_clp_per_litre": float(prices.mean()),
            "price_standard_deviation_clp_per_litre": float(prices.std()),
        },
    )
    yield from validated(
        context,
        result,
        schema=FEATURES_TABLE,
        name="monthly_features",
        pictures={"price": charts.milk_price_history},
    )


@dg.asset(
    ins={source.name: dg.AssetIn(source.clean_asset) for source in SOURCES},
    group_name="features",
    kinds={"pandas"},
    metadata=column_schema([PRICE, *_DRIVER_COLUMNS]),
)
def forecast_inputs(**tables: pd.DataFrame) -> dg.MaterializeResult[pd.DataFrame]:
    """Each month's price, and the drivers as published by the first day of the month after."""
    with user_errors_as_failures():
        forecaster.require_trainable(tables["milk_price"])
        table = inputs.forecast_inputs(tables)
    last_known = {
        f"last_month_with/{series.name}": f"{known.max():%Y-%m}" if len(known) else "none"
        for series in _DRIVER_COLUMNS
        for known in [table.dropna(subset=series.name)[MONTH]]
    }
    return dg.MaterializeResult(value=table, metadata={**table_metadata(table), **last_known})
