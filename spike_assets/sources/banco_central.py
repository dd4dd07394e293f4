"""Macroeconomic series: `banco_central.csv`, from the Banco Central de Chile.

84 monthly series since 1970, most of them much shorter, so that most cells are empty. One row a
month, its period written `2013-03-01 00:00:00 UTC`; rows in no order. The export lost the decimal
points of most numbers (`notebook_numbers`), holds an impossible period, repeats two months, and
has the letter `a` in place of some numbers.
"""

import re

import pandas as pd

from spike_assets.catalogue import BANCO_CENTRAL, IMACEC, NON_DURABLE_SALES, PIB
from spike_assets.sources.cleaned import Cleaned
from spike_assets.sources.errors import DataError
from spike_assets.sources.months import (
    MONTH,
    drop_repeated_months,
    fault,
    first_day,
    iso_year_and_month,
    require_every_month,
    sorted_by_month,
)
from spike_assets.sources.notebook_numbers import all_digits, first_digit_rule

FILE_NAME = "banco_central.csv"
PERIOD = "Periodo"
COLUMNS = (PERIOD, *(series.name for series in BANCO_CENTRAL))
CLEANED_SERIES = (*PIB, *IMACEC, NON_DURABLE_SALES)
"""The series that the notebook uses."""

UNREADABLE = "a"
"""What the export wrote in place of some numbers."""

_MOST_DIGITS = 30
_DIGIT_GROUPS = re.compile(rf"(?=.{{1,{_MOST_DIGITS}}}$)\d+(\.\d+)*", re.ASCII)


def clean_banco_central(raw: pd.DataFrame) -> Cleaned:
    """Type the macroeconomic series that the notebook uses.

    Args:
        raw: Text cells with `COLUMNS`, indexed by line.

    Returns:
        `month` and `CLEANED_SERIES` (`float64`, NaN where the file has no number). Repairs:
        `impossible_periods` and `repeated_months` (rows), `unreadable_cells`.

    Raises:
        DataError: A period or cell can't be read, a month is missing or contradicts itself.
    """
    table, impossible_periods = drop_impossible_periods(raw)
    table = table.assign(**{MONTH: _months(table[PERIOD])}).drop(columns=PERIOD)
    table, repeated_months = drop_repeated_months(table, file_name=FILE_NAME)
    require_every_month(table, file_name=FILE_NAME)
    table, unreadable_cells = blank_unreadable_cells(table[[MONTH, *CLEANED_SERIES]])
    return Cleaned(
        sorted_by_month(read_numbers(table)),
        repairs={
            "impossible_periods": impossible_periods,
            "repeated_months": repeated_months,
            "unreadable_cells": unreadable_cells,
        },
    )


def drop_impossible_periods(raw: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Leave out rows of a month that no year has, such as `2020-13-01`.

    Returns:
        The other rows, and how many were left out.

    Raises:
        DataError: A period has another form altogether, or no row is left.
    """
    possible = []
    for line, text in raw[PERIOD].items():
        year_and_month = iso_year_and_month(text)
        if year_and_month is None:
            raise fault(
                FILE_NAME,
                line=line,
                column=PERIOD,
                value=text,
                expected="a month like 2013-03-01 00:00:00 UTC",
            )
        possible.append(1 <= year_and_month[1] <= 12)
    if not any(possible):
        raise DataError(f"{FILE_NAME}, column {PERIOD!r}: no row has a month that a year has")
    return raw[possible], len(raw) - sum(possible)


def blank_unreadable_cells(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Empty the cells in which the export wrote `UNREADABLE` for a number.

    Returns:
        The table with those cells empty, and how many they were.
    """
    unreadable = table[list(CLEANED_SERIES)] == UNREADABLE
    blanked = table.assign(
        **{name: table[name].mask(unreadable[name], "") for name in CLEANED_SERIES}
    )
    return blanked, int(unreadable.sum().sum())


def read_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Read the text cells of `CLEANED_SERIES` by the notebook's rules.

    Returns:
        The table with those columns `float64`, an empty cell NaN.

    Raises:
        DataError: A cell holds something else than groups of digits.
    """
    rules = {name: all_digits if name in PIB else first_digit_rule for name in CLEANED_SERIES}
    columns = {}
    for name, rule in rules.items():
        for line, cell in table[name].items():
            if cell and not _DIGIT_GROUPS.fullmatch(cell):
                raise fault(
                    FILE_NAME,
                    line=line,
                    column=name,
                    value=cell,
                    expected="digits, grouped by dots or not",
                )
        columns[name] = table[name].map(
            lambda cell, rule=rule: rule(cell) if cell else float("nan")
        )
    return table.assign(**{name: column.astype("float64") for name, column in columns.items()})


def _months(periods: pd.Series) -> list[pd.Timestamp]:
    return [first_day(*parsed) for text in periods if (parsed := iso_year_and_month(text))]
