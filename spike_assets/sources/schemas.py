"""The contract of every table: columns, types, units, ranges, and one row a month.

The contracts are pandera schemas. Tables are held to them before they are stored, and the same
rules are the blocking checks of the asset graph, one sentence each. The names below are also the
types in which the domain's functions say what they take and give.

Units and ranges come from `catalogue` and `plausible`; this module adds no facts of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    FEATURES,
    MONTH,
    PLAUSIBLE,
    PRECIPITATION,
    PRICE,
    Column,
)

COLUMNS_AND_TYPES = "has_its_columns_and_types"
ONE_ROW_PER_MONTH = "has_one_row_per_month"
EVERY_MONTH_IN_ORDER = "has_every_month_in_order"
PLAUSIBLE_VALUES = "holds_plausible_values"

SENTENCES = {
    COLUMNS_AND_TYPES: "The columns are those of the contract, in its order and types.",
    ONE_ROW_PER_MONTH: "No month stands twice, and each is written as its first day.",
    EVERY_MONTH_IN_ORDER: "Months ascend and none is skipped.",
    PLAUSIBLE_VALUES: "Every value is there where it must be, and within its plausible range.",
}
"""What a monthly table's contract says: the ending of each check's name, and its meaning."""


def _monthly(series: Iterable[Column], *, may_be_missing: bool) -> pa.DataFrameSchema:
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
                # That a month stands twice is the other sentence's.
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
    )


def _value(series: Column, *, nullable: bool) -> pa.Column:
    plausible = PLAUSIBLE[series.name]
    return pa.Column(
        "float64",
        pa.Check(
            lambda values: values.between(plausible.lowest, plausible.highest),
            name=PLAUSIBLE_VALUES,
            error=f"{plausible.lowest:g} to {plausible.highest:g} {series.unit}",
        ),
        nullable=nullable,
        title=series.unit,
        description=series.description,
    )


PRECIPITATION_TABLE = _monthly(PRECIPITATION, may_be_missing=False)
MILK_PRICE_TABLE = _monthly([PRICE], may_be_missing=False)
BANCO_CENTRAL_TABLE = _monthly(BANCO_CENTRAL, may_be_missing=True)
FEATURES_TABLE = _monthly([*FEATURES, PRICE], may_be_missing=False)

PrecipitationTable = Annotated[pd.DataFrame, PRECIPITATION_TABLE]
MilkPriceTable = Annotated[pd.DataFrame, MILK_PRICE_TABLE]
BancoCentralTable = Annotated[pd.DataFrame, BANCO_CENTRAL_TABLE]
FeaturesTable = Annotated[pd.DataFrame, FEATURES_TABLE]


def violations(table: pd.DataFrame, schema: pa.DataFrameSchema) -> Mapping[str, pd.DataFrame]:
    """Hold a monthly table to its contract.

    Returns:
        For each of `SENTENCES`, the violations in row order: `month`, `column`, `value`, and
        `expected`; empty where there are none.
    """
    try:
        schema.validate(table, lazy=True)
        cases = pd.DataFrame(columns=["schema_context", "column", "check", "failure_case", "index"])
    except SchemaErrors as error:
        cases = error.failure_cases
    # Comparing a column of another type fails as well, which says nothing about its values.
    mistyped = cases.loc[cases["check"].str.startswith("dtype("), "column"]
    cases = cases[
        (cases["check"].map(_sentence) == COLUMNS_AND_TYPES) | ~cases["column"].isin(mistyped)
    ]
    cases = cases.sort_values("index", kind="stable", ignore_index=True)
    months = table[MONTH] if MONTH in table else pd.Series(dtype="object")
    found = pd.DataFrame(
        {
            "month": [str(months.get(at, ""))[:7] for at in cases["index"]],
            "column": cases["column"].fillna("").astype("str").tolist(),
            "value": [str(case).removesuffix(" 00:00:00") for case in cases["failure_case"]],
            "expected": cases["check"].astype("str").tolist(),
        }
    )
    sentences = cases["check"].map(_sentence)
    return {sentence: found[sentences == sentence].reset_index(drop=True) for sentence in SENTENCES}


def _sentence(check: str) -> str:
    if check in (ONE_ROW_PER_MONTH, EVERY_MONTH_IN_ORDER):
        return check
    # A range check goes by its error, which says the range.
    return PLAUSIBLE_VALUES if " to " in check or check == "not_nullable" else COLUMNS_AND_TYPES
