"""Data check: the raw files held to all that a run requires of them, before it reads them.

Each file is read, split, cleaned and held to its contract as the graph does it, and the tables are
held to what training requires. What would be repaired and what refused is reported, not decided,
here. Nothing is written, and nothing is fitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd
from pandera.pandas import DataFrameSchema

from spike_assets.series.catalogue import MONTH
from spike_assets.sources import milk_price
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.sources.schemas import (
    FEATURES_TABLE,
    contract_fault,
    future_fault,
    violations,
)
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES
from spike_assets.training import forecaster, regressors

PRICES = milk_price.SOURCE.name

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
        warnings: What a run would keep and warn of, a sentence each.
        fault: Why it can't be used, or None.
    """

    file: str
    sha256: str | None = None
    rows: int | None = None
    table: pd.DataFrame | None = None
    repairs: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    fault: str | None = None

    @property
    def months(self) -> tuple[str, str] | None:
        """The first and the last month, each like `2013-03`; None if there is a fault or no row."""
        if self.table is None or self.table.empty:
            return None
        return f"{self.table[MONTH].min():%Y-%m}", f"{self.table[MONTH].max():%Y-%m}"


def check_data(location: DataLocation) -> list[FileCheck]:
    """Check each file, whatever is wrong with the others; then their join, if all can be read."""
    checks = {source.name: _check_file(location, source) for source in SOURCES}
    tables = {name: one.table for name, one in checks.items() if one.table is not None}
    joined = [_check_join(tables)] if len(tables) == len(checks) else []
    checks[PRICES] = _check_prices(checks[PRICES])
    return [*checks.values(), *joined]


def _check_file(location: DataLocation, source: Source) -> FileCheck:
    check = FileCheck(source.file_name)
    try:
        # The steps of `read_source` one by one, to report how far the file came.
        file = location.read(source)
        check = replace(check, sha256=None if file.missing else file.sha256)
        raw = source.split(file)
        check = replace(check, rows=len(raw))
        cleaned = source.clean(raw)
        missing = [f"{file.location}: the forecaster does without it"] if file.missing else []
        check = replace(check, repairs=cleaned.repairs, warnings=[*missing, *cleaned.warnings])
        _require_contract(cleaned.table, source.schema, name=source.file_name)
    except DataError as error:
        return replace(check, fault=str(error))
    return replace(check, table=cleaned.table)


def _check_prices(check: FileCheck) -> FileCheck:
    if check.table is None:
        return check
    try:
        forecaster.require_trainable(check.table)
    except DataError as error:
        return replace(check, table=None, fault=str(error))
    return check


def _check_join(tables: Mapping[str, pd.DataFrame]) -> FileCheck:
    check = FileCheck(JOIN, rows=0)
    try:
        table = monthly_features(tables["precipitation"], tables[PRICES], tables["banco_central"])
        check = replace(check, rows=len(table))
        regressors.require_trainable(table, tables[PRICES])
        _require_contract(table, FEATURES_TABLE, name=JOIN)
    except DataError as error:
        return replace(check, fault=str(error))
    return replace(check, table=table)


def _require_contract(table: pd.DataFrame, schema: DataFrameSchema, *, name: str) -> None:
    if fault := contract_fault(violations(table, schema), name=name) or future_fault(
        table, name=name
    ):
        raise DataError(fault)
