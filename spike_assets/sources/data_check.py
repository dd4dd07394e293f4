"""The raw files held to the contracts of the graph, before a run reads them.

Each file is read, split, cleaned and held to its contract as the graph does it. What would be
repaired and what refused is reported, not decided, here. Nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd
from pandera.pandas import DataFrameSchema

from spike_assets.series.catalogue import MONTH
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.sources.schemas import FEATURES_TABLE, violations
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES

JOIN = "monthly_features"
"""Name of the entry for the monthly join."""


@dataclass(frozen=True)
class FileCheck:
    """The result of checking a file, or the monthly join.

    Attributes:
        file: Its name, or `JOIN`.
        sha256: Of its bytes, in hexadecimal; None if there are none.
        rows: Rows as they stand, or months in common; None if the file can't be split into rows.
        table: One row a month; None if there is a fault.
        repairs: What cleaning touches, by defect, as `repair_table` lists it.
        fault: Why it can't be used, or None.
    """

    file: str
    sha256: str | None = None
    rows: int | None = None
    table: pd.DataFrame | None = None
    repairs: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    fault: str | None = None

    @property
    def months(self) -> tuple[str, str] | None:
        """The first and the last month, each like `2013-03`; None if there is a fault or no row."""
        if self.table is None or self.table.empty:
            return None
        return f"{self.table[MONTH].min():%Y-%m}", f"{self.table[MONTH].max():%Y-%m}"


def check_data(location: DataLocation) -> list[FileCheck]:
    """Check each file, whatever is wrong with the others; then their join, if nothing is."""
    checks = {source.name: _check_file(location, source) for source in SOURCES}
    tables = {name: one.table for name, one in checks.items() if one.table is not None}
    joined = [_check_join(tables)] if len(tables) == len(checks) else []
    return [*checks.values(), *joined]


def _check_file(location: DataLocation, source: Source) -> FileCheck:
    check = FileCheck(source.file_name)
    try:
        # The steps of `read_source` one by one, to report how far the file came.
        file = location.read(source)
        check = replace(check, sha256=file.sha256)
        raw = source.split(file)
        check = replace(check, rows=len(raw))
        cleaned = source.clean(raw)
        check = replace(check, repairs=cleaned.repairs)
        _require_contract(cleaned.table, source.schema, name=source.file_name)
    except DataError as error:
        return replace(check, fault=str(error))
    return replace(check, table=cleaned.table)


def _check_join(tables: Mapping[str, pd.DataFrame]) -> FileCheck:
    check = FileCheck(JOIN, rows=0)
    try:
        table = monthly_features(
            tables["precipitation"], tables["milk_price"], tables["banco_central"]
        )
        check = replace(check, rows=len(table))
        _require_contract(table, FEATURES_TABLE, name=JOIN)
    except DataError as error:
        return replace(check, fault=str(error))
    return replace(check, table=table)


def _require_contract(table: pd.DataFrame, schema: DataFrameSchema, *, name: str) -> None:
    for check, found in violations(table, schema).items():
        if not found.empty:
            first = found.iloc[0]
            raise DataError(
                f"{name}, month {first['month']}, column {first['column']!r}: {first['value']!r}; "
                f"breaks {check!r} (violations: {len(found)})"
            )
