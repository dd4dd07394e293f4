"""The monthly join as an asset."""

import dagster as dg
import pandas as pd

from spike_assets import features
from spike_assets.catalogue import FEATURES, PRICE, PRICE_CLP_PER_LITRE
from spike_assets.defs.contracts import Checked, contract_specs, held_to_contract
from spike_assets.defs.failures import explained
from spike_assets.defs.table_metadata import column_schema, table_metadata
from spike_assets.schemas import FEATURES_TABLE


@dg.asset(
    group_name="features",
    kinds={"pandas"},
    metadata=column_schema([*FEATURES, PRICE]),
    check_specs=contract_specs("monthly_features"),
)
def monthly_features(
    context: dg.AssetExecutionContext,
    clean_precipitation: pd.DataFrame,
    clean_milk_price: pd.DataFrame,
    clean_banco_central: pd.DataFrame,
) -> Checked:
    """The 48 columns of the `/predict` contract and the price, a row for each month with all."""
    with explained():
        table = features.monthly_features(
            clean_precipitation, clean_milk_price, clean_banco_central
        )
    prices = table[PRICE_CLP_PER_LITRE]
    result = dg.MaterializeResult(
        value=table,
        metadata={
            **table_metadata(table),
            "price_mean_clp_per_litre": float(prices.mean()),
            "price_standard_deviation_clp_per_litre": float(prices.std()),
        },
    )
    yield from held_to_contract(context, result, schema=FEATURES_TABLE)
