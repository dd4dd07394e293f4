"""Metadata of a monthly table in the Dagster UI: columns with units, rows and months."""

from collections.abc import Iterable
from typing import Any

import dagster as dg
import pandas as pd

from spike_assets.series.catalogue import MONTH, Column

REPAIRS_PREFIX = "repairs/"
COMING_MONTHS = "coming_months"
"""Metadata keys that the report of a run reads, too."""


def column_schema(series: Iterable[Column]) -> dict[str, Any]:
    """Describe a table's columns, before anything is materialized.

    Args:
        series: The `float64` columns beside `month`.
    """
    columns = [
        dg.TableColumn(MONTH, "datetime64", description="first day of the month"),
        *(
            dg.TableColumn(one.name, "float64", description=f"{one.description} ({one.unit})")
            for one in series
        ),
    ]
    return {"dagster/column_schema": dg.TableSchema(columns)}


def listed(rows: pd.DataFrame, *, most: int = 10) -> dg.TableMetadataValue:
    """Show the first rows of a table, every cell as text."""
    return dg.MetadataValue.table(
        [
            dg.TableRecord({name: str(value) for name, value in row.items()})
            for row in rows.head(most).to_dict(orient="records")
        ]
    )


def table_metadata(table: pd.DataFrame) -> dict[str, Any]:
    """Count a table's rows and say which months they cover, and how many they skip."""
    if table.empty:
        return {"dagster/row_count": 0, "columns": len(table.columns)}
    first, last = table[MONTH].iloc[0], table[MONTH].iloc[-1]
    return {
        "dagster/row_count": len(table),
        "columns": len(table.columns),
        "first_month": f"{first:%Y-%m}",
        "last_month": f"{last:%Y-%m}",
        "months_left_out": len(pd.date_range(first, last, freq="MS")) - len(table),
    }
