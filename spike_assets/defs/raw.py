"""The raw files as assets: text cells as they stand, the hash as data version."""

import dagster as dg
import pandas as pd

from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.resources import DataFolder
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES


def raw_asset(source: Source) -> dg.AssetsDefinition:
    """Return the asset that holds the file of a source as text."""

    @dg.asset(
        name=source.raw_asset, group_name="raw", kinds={"csv"}, description=source.description
    )
    def raw(data: DataFolder) -> dg.MaterializeResult[pd.DataFrame]:
        with user_errors_as_failures():
            location = data.location()
            file = location.read(source)
            table = source.split(file)
        if file.missing:
            dg.get_dagster_logger().info("%s: the graph runs without it", file.location)
        if location.is_synthetic:
            dg.get_dagster_logger().warning("%s: read from the %s", source.file_name, location)
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

    return raw


RAW_ASSETS = [raw_asset(source) for source in SOURCES]
