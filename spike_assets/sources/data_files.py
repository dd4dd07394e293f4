"""The three files held to the contracts of the graph, before they go anywhere near it.

Each file is read, split, cleaned and held to its contract as the graph does it; what would be
repaired and what refused is told, not decided, here. Nothing is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType

import pandas as pd
from pandera.pandas import DataFrameSchema

from spike_assets.series.catalogue import MONTH
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.sources.raw_file import text_table
from spike_assets.sources.schemas import (
    BANCO_CENTRAL_TABLE,
    FEATURES_TABLE,
    MILK_PRICE_TABLE,
    PRECIPITATION_TABLE,
    violations,
)
from spike_assets.sources.source import Cleaned

JOIN = "monthly_features"
"""What the entry for the join of the three files is called."""

_SOURCES: tuple[tuple[ModuleType, Callable[[pd.DataFrame], Cleaned], DataFrameSchema], ...] = (
    (precipitation, precipitation.clean_precipitation, PRECIPITATION_TABLE),
    (milk_price, milk_price.clean_milk_price, MILK_PRICE_TABLE),
    (banco_central, banco_central.clean_banco_central, BANCO_CENTRAL_TABLE),
)


@dataclass(frozen=True)
class FileCheck:
    """What came of a file, or of the join of all three.

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
        """The first and the last month, each like `2013-03`; None if there is a fault."""
        if self.table is None:
            return None
        return f"{self.table[MONTH].min():%Y-%m}", f"{self.table[MONTH].max():%Y-%m}"


def check_data(location: DataLocation) -> list[FileCheck]:
    """Check each file, whatever is wrong with the others; then their join, if nothing is."""
    checks = [
        _check_file(location, source=source, clean=clean, schema=schema)
        for source, clean, schema in _SOURCES
    ]
    tables = [check.table for check in checks if check.table is not None]
    return [*checks, _check_join(*tables)] if len(tables) == len(checks) else checks


def _check_file(
    location: DataLocation,
    *,
    source: ModuleType,
    clean: Callable[[pd.DataFrame], Cleaned],
    schema: DataFrameSchema,
) -> FileCheck:
    check = FileCheck(source.FILE_NAME)
    try:
        file = location.read(source.FILE_NAME)
        check = replace(check, sha256=file.sha256)
        raw = text_table(file, columns=source.COLUMNS)
        check = replace(check, rows=len(raw))
        cleaned = clean(raw)
        check = replace(check, repairs=cleaned.repairs)
        _require_contract(cleaned.table, schema, name=source.FILE_NAME)
    except DataError as error:
        return replace(check, fault=str(error))
    return replace(check, table=cleaned.table)


def _check_join(rain: pd.DataFrame, prices: pd.DataFrame, macroeconomic: pd.DataFrame) -> FileCheck:
    check = FileCheck(JOIN, rows=0)
    try:
        table = monthly_features(rain, prices, macroeconomic)
        check = replace(check, rows=len(table))
        _require_contract(table, FEATURES_TABLE, name=JOIN)
    except DataError as error:
        return replace(check, fault=str(error))
    return replace(check, table=table)


def _require_contract(table: pd.DataFrame, schema: DataFrameSchema, *, name: str) -> None:
    for sentence, found in violations(table, schema).items():
        if not found.empty:
            first = found.iloc[0]
            raise DataError(
                f"{name}, month {first['month']}, column {first['column']!r}: {first['value']!r}; "
                f"breaks {sentence!r} (violations: {len(found)})"
            )


@dataclass(frozen=True)
class CleanTables:
    """The clean tables: each `month` and its series under their published names."""

    precipitation: pd.DataFrame
    milk_price: pd.DataFrame
    banco_central: pd.DataFrame


def read_clean_tables(location: DataLocation) -> CleanTables:
    """Read and clean the three files.

    Raises:
        DataError: A file is missing, or holds what can't be repaired.
    """
    raw = {
        module: text_table(location.read(module.FILE_NAME), columns=module.COLUMNS)
        for module in (precipitation, milk_price, banco_central)
    }
    return CleanTables(
        precipitation=precipitation.clean_precipitation(raw[precipitation]).table,
        milk_price=milk_price.clean_milk_price(raw[milk_price]).table,
        banco_central=banco_central.clean_banco_central(raw[banco_central]).table,
    )
