"""The contract of every monthly table: columns, types, units, plausible values, one row a month.

The contracts are pandera schemas. Tables are held to them before they are stored, and the same
rules are the blocking checks of the asset graph. Each source builds the contract of its own table
with `monthly_schema`; the contract of the monthly join is here.

Units come from the catalogue and limits from `plausibility`; this module adds no facts of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrorReason, SchemaErrors

from spike_assets.series.catalogue import FEATURES, MONTH, PRICE, Column
from spike_assets.sources.plausibility import IMPLAUSIBLE_FACTOR, Limits, limits

COLUMNS_AND_TYPES = "has_its_columns_and_types"
ONE_ROW_PER_MONTH = "has_one_row_per_month"
EVERY_MONTH_IN_ORDER = "has_every_month_in_order"
PLAUSIBLE_VALUES = "holds_plausible_values"

CHECK_DESCRIPTIONS = {
    COLUMNS_AND_TYPES: "The columns are those of the contract, in its order and types.",
    ONE_ROW_PER_MONTH: "There are no duplicate months, and each is written as its first day.",
    EVERY_MONTH_IN_ORDER: "Months ascend and none is skipped.",
    PLAUSIBLE_VALUES: (
        "Every value is there where it must be, and none is more than "
        f"{IMPLAUSIBLE_FACTOR:g} times away from the level of the months beside it."
    ),
}
"""The checks of a monthly table: the ending of each check's name, and its meaning."""

_LIMITS_OF = "limits_of"
"""Metadata of a column: the function that returns the limits of its values."""


def monthly_schema(
    series: Iterable[Column], *, may_be_missing: bool = False, description: str | None = None
) -> pa.DataFrameSchema:
    """Build the contract of a monthly table: `month`, then the series in their order.

    Args:
        series: The `float64` columns, each with its unit.
        may_be_missing: Whether values may be NaN.
        description: What the table holds, for the UI.
    """
    month = pa.Column(
        "datetime64[us]",
        checks=[
            pa.Check(
                lambda months: (
                    ~months.duplicated(keep=False)
                    & (months == months.dt.to_period("M").dt.start_time)
                ),
                name=ONE_ROW_PER_MONTH,
            ),
            pa.Check(
                # A duplicate month is the other check's fault.
                lambda months: (
                    (months.dt.year * 12 + months.dt.month).diff().fillna(1).isin([0, 1])
                ),
                name=EVERY_MONTH_IN_ORDER,
            ),
        ],
        description="first day of the month",
    )
    return pa.DataFrameSchema(
        {MONTH: month} | {one.name: _value(one, nullable=may_be_missing) for one in series},
        strict=True,
        ordered=True,
        description=description,
    )


def _value(series: Column, *, nullable: bool) -> pa.Column:
    def limits_of(values: pd.Series) -> Limits:
        return limits(values, series, factor=IMPLAUSIBLE_FACTOR)

    def plausible(values: pd.Series) -> pd.Series:
        allowed = limits_of(values)
        return values.between(allowed.lowest, allowed.highest)

    return pa.Column(
        "float64",
        pa.Check(plausible, name=PLAUSIBLE_VALUES),
        nullable=nullable,
        title=series.unit,
        description=series.description,
        metadata={_LIMITS_OF: limits_of},
    )


FEATURES_TABLE = monthly_schema([*FEATURES, PRICE])
FeaturesTable = Annotated[pd.DataFrame, FEATURES_TABLE]


def violations(table: pd.DataFrame, schema: pa.DataFrameSchema) -> Mapping[str, pd.DataFrame]:
    """Hold a monthly table to its contract.

    Returns:
        For each of `CHECK_DESCRIPTIONS`, the violations in row order: `month`, `column`, `value`,
        and `expected`; empty where there are none.
    """
    try:
        schema.validate(table, lazy=True)
        cases = pd.DataFrame(columns=["schema_context", "column", "check", "failure_case", "index"])
        mistyped = set()
    except SchemaErrors as error:
        cases = error.failure_cases
        mistyped = {
            one.schema.name
            for one in error.schema_errors
            if one.reason_code is SchemaErrorReason.WRONG_DATATYPE
        }
    checks = cases["check"].map(_contract_check)
    # Comparing a column of another type fails as well, which says nothing about its values.
    told = (checks == COLUMNS_AND_TYPES) | ~cases["column"].isin(mistyped)
    cases = cases.assign(contract_check=checks)[told]
    cases = cases.sort_values("index", kind="stable", ignore_index=True)
    months = table[MONTH] if MONTH in table else pd.Series(dtype="object")
    found = pd.DataFrame(
        {
            "month": [str(months.get(at, ""))[:7] for at in cases["index"]],
            "column": cases["column"].fillna("").astype("str").tolist(),
            "value": [str(case).removesuffix(" 00:00:00") for case in cases["failure_case"]],
            "expected": [
                _expected(schema, table, column=column, check=check, at=at)
                for column, check, at in zip(
                    cases["column"], cases["check"], cases["index"], strict=True
                )
            ],
        }
    )
    return {
        check: found[cases["contract_check"] == check].reset_index(drop=True)
        for check in CHECK_DESCRIPTIONS
    }


def contract_fault(found: Mapping[str, pd.DataFrame], *, name: str) -> str | None:
    """Describe in one sentence how a table breaks its contract; None if it does not.

    Args:
        found: As `violations` returns them.
        name: The file or table, for the sentence.
    """
    broken = [
        f"{check} ({len(rows)}): {_first(rows)}" for check, rows in found.items() if len(rows)
    ]
    return f"{name} breaks its contract: {'; '.join(broken)}" if broken else None


def future_fault(table: pd.DataFrame, *, name: str) -> str | None:
    """Describe in one sentence that a table has months that have not come; None if it has none.

    Args:
        table: Has `month`, sorted; may have no rows.
        name: The file or table, for the sentence.
    """
    if table.empty:
        return None
    this_month = pd.Timestamp.now().to_period("M")
    last_month = table[MONTH].iloc[-1].to_period("M")
    if last_month <= this_month:
        return None
    return (
        f"{name} reaches into the future: its last month is {last_month}, and the current month is "
        f"{this_month}"
    )


def _first(found: pd.DataFrame) -> str:
    row = found.iloc[0]
    return f"{row['month']} {row['column']} {row['value']}, expected {row['expected']}".strip()


def _contract_check(check: str) -> str:
    if check == "not_nullable":
        return PLAUSIBLE_VALUES
    return check if check in CHECK_DESCRIPTIONS else COLUMNS_AND_TYPES


def _expected(
    schema: pa.DataFrameSchema, table: pd.DataFrame, *, column: str, check: str, at: int
) -> str:
    """Return the limits of an implausible value, else the name of the check."""
    if check != PLAUSIBLE_VALUES:
        return str(check)
    contract, values = schema.columns[column], table[column].dropna()
    allowed: Limits = contract.metadata[_LIMITS_OF](values)
    return allowed.described(values.index.get_loc(at), unit=contract.title)
