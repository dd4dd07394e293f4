"""The three raw files as assets: text cells as they stand, the hash as data version."""

from collections.abc import Sequence

import dagster as dg
import pandas as pd

from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.resources import DataFolder
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.raw_file import text_table


@dg.asset(group_name="raw", kinds={"csv"}, description=precipitation.__doc__)
def raw_precipitation(data: DataFolder) -> dg.MaterializeResult[pd.DataFrame]:
    return _as_it_stands(data, precipitation.FILE_NAME, columns=precipitation.COLUMNS)


@dg.asset(group_name="raw", kinds={"csv"}, description=milk_price.__doc__)
def raw_milk_price(data: DataFolder) -> dg.MaterializeResult[pd.DataFrame]:
    return _as_it_stands(data, milk_price.FILE_NAME, columns=milk_price.COLUMNS)


@dg.asset(group_name="raw", kinds={"csv"}, description=banco_central.__doc__)
def raw_banco_central(data: DataFolder) -> dg.MaterializeResult[pd.DataFrame]:
    return _as_it_stands(data, banco_central.FILE_NAME, columns=banco_central.COLUMNS)


def _as_it_stands(
    data: DataFolder, name: str, *, columns: Sequence[str]
) -> dg.MaterializeResult[pd.DataFrame]:
    with user_errors_as_failures():
        location = data.location()
        file = location.read(name)
        table = text_table(file, columns=columns)
    if location.is_synthetic:
        dg.get_dagster_logger().warning("%s: read from the %s", name, location)
    return dg.MaterializeResult(
        value=table,
        data_version=dg.DataVersion(file.sha256),
        metadata={
            "source": file.location,
            "synthetic": location.is_synthetic,
            "sha256": file.sha256,
            "dagster/row_count": len(table),
            "columns": len(table.columns),
        },
    )
