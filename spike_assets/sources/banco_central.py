"""Macroeconomic series: `banco_central.csv`, from the Banco Central de Chile.

84 monthly series since 1970, most of them much shorter, so that most cells are empty. One row a
month, its period written `2013-03-01 00:00:00 UTC`; rows in no order. The export lost the decimal
points of most numbers and took some for dates (`decimals`), holds an impossible period, repeats two
months, and has the letter `a` in place of some numbers.
"""

import re
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spike_assets.series.catalogue import BANCO_CENTRAL, MONTH, Series
from spike_assets.sources.decimals import (
    RestoredSeries,
    could_be_date,
    is_regrouped,
    possible_readings,
    restore_decimals,
)
from spike_assets.sources.errors import DataError
from spike_assets.sources.frozen import frozen_stretches
from spike_assets.sources.months import (
    YEARS,
    drop_repeated_months,
    fault,
    first_day,
    iso_year_and_month,
    require_every_month,
    sorted_by_month,
)
from spike_assets.sources.plausibility import hold_to_own_level
from spike_assets.sources.schemas import monthly_schema
from spike_assets.sources.source import CHALLENGE_URL, Cleaned, Source, repair_table

FILE_NAME = "banco_central.csv"
PERIOD = "Periodo"
SERIES_NAMES = tuple(series.name for series in BANCO_CENTRAL)
COLUMNS = (PERIOD, *SERIES_NAMES)

UNREADABLE = ("a", "-", "n/a", "na", "nan", "none", "null", "nd", "s/i")
"""Placeholders that exports write for a missing number, in any case."""

DOUBTFUL = ", doubtful"
"""Mark in the repair of a doubtful cell."""

_ONE_POINT = re.compile(r"^\d+\.\d+$", re.ASCII)
_DIGIT_GROUPS = re.compile(r"\d{1,3}(\.\d{3}){1,9}|\d{1,15}(\.\d{1,15})?", re.ASCII)


def clean_banco_central(raw: pd.DataFrame) -> Cleaned:
    """Type the macroeconomic series and restore their decimal points.

    Args:
        raw: Text cells with `COLUMNS`, indexed by line.

    Returns:
        `month` and `SERIES_NAMES` (`float64`, in the units of the catalogue, NaN where the file
        has no number). Repairs: `impossible_periods` and `repeated_months` (rows),
        `unreadable_cells`, `restored_decimals`, and of these `doubtful_decimals`,
        `dates_for_numbers`, and `unusual_values`, which are kept (cells).

    Raises:
        DataError: A period or cell can't be read or is implausible, a month is missing or
            contradicts itself.
    """
    table, impossible_periods = drop_impossible_periods(raw)
    table = table.assign(**{MONTH: _months(table[PERIOD])}).drop(columns=PERIOD)
    table, repeated_months = drop_repeated_months(
        table, file_name=FILE_NAME, column=PERIOD, comparable=_comparable(table)
    )
    require_every_month(table, file_name=FILE_NAME)
    table, unreadable_cells = blank_unreadable_cells(table)
    numbers, restored, dates, decimals = restore_every_series(table.sort_values(MONTH))
    unusual_values = hold_to_own_level(
        numbers,
        {series.name: series for series in BANCO_CENTRAL},
        cells=raw,
        file_name=FILE_NAME,
        explain=_possible_readings,
    )
    return Cleaned(
        sorted_by_month(numbers),
        repairs={
            "impossible_periods": impossible_periods,
            "repeated_months": repeated_months,
            "unreadable_cells": unreadable_cells,
            "restored_decimals": restored,
            "doubtful_decimals": restored[restored["done"].str.contains(DOUBTFUL)],
            "dates_for_numbers": dates,
            "unusual_values": unusual_values,
        },
        decimals=decimals,
        warnings=frozen_stretches(numbers, file_name=FILE_NAME),
    )


def drop_impossible_periods(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out rows of a month that no year has, such as `2020-13-01`.

    Returns:
        The other rows, and those left out, as `repair_table` lists them.

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
                expected=f"a month like 2013-03-01 00:00:00 UTC, {YEARS}",
            )
        possible.append(1 <= year_and_month[1] <= 12)
    if not any(possible):
        raise DataError(f"{FILE_NAME}, column {PERIOD!r}: no row has a month that a year has")
    impossible = raw.loc[~np.array(possible), PERIOD]
    return raw[possible], repair_table(
        (line, PERIOD, text, "row left out: there is no such month")
        for line, text in impossible.items()
    )


def blank_unreadable_cells(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Empty the cells that hold one of `UNREADABLE` in place of a number.

    Returns:
        The table with those cells empty, and the cells, as `repair_table` lists them.
    """
    cells = table[list(SERIES_NAMES)]
    unreadable = cells.apply(lambda column: column.str.lower().isin(UNREADABLE))
    blanked = cells.mask(unreadable, "")
    return table.assign(**{name: blanked[name] for name in SERIES_NAMES}), repair_table(
        (line, name, cell, "read as no number")
        for name in SERIES_NAMES
        for line, cell in cells.loc[unreadable[name], name].items()
    )


def _comparable(table: pd.DataFrame) -> pd.DataFrame:
    """Write the same value one way: unreadable cells empty, and without zeros at the end."""
    cells = blank_unreadable_cells(table)[0][list(SERIES_NAMES)]
    return cells.apply(lambda column: column.str.replace(_ONE_POINT, _without_zeros, regex=True))


def _without_zeros(number: re.Match[str]) -> str:
    return number[0].rstrip("0").rstrip(".")


def restore_every_series(
    table: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Parse all the numbers and restore their decimal points.

    Args:
        table: `month` and `SERIES_NAMES` as text cells, sorted, indexed by line.

    Returns:
        The same with numbers; the cells whose decimal point was restored, and those that may hold
        a date in place of a number, as `repair_table` lists them; and the summary by series, as
        `Cleaned.decimals` has it.

    Raises:
        DataError: As `restore_series`.
    """
    numbers: dict[str, pd.Series] = {}
    repairs: list[tuple[int, str, str, str]] = []
    dates: list[tuple[int, str, str, str]] = []
    summary = []
    for series in BANCO_CENTRAL:
        cells = table.loc[table[series.name] != "", [MONTH, series.name]]
        restored = restore_series(cells, series=series)
        numbers[series.name] = pd.Series(restored.values, index=cells.index, dtype="float64")
        moved = (restored.lost_decimals > 0) | cells[series.name].map(is_regrouped).to_numpy(bool)
        for at, (line, cell) in enumerate(cells[series.name].items()):
            if moved[at]:
                repairs.append((line, series.name, cell, _reading(restored, at, series=series)))
            elif could_be_date(cell) and (
                restored.doubtful[at] or restored.values[at] != float(cell)
            ):
                dates.append((line, series.name, cell, _reading(restored, at, series=series)))
        misread = n_misread(restored.lost_decimals)
        summary.append(
            (series.name, len(cells), int(moved.sum()), misread, int(restored.doubtful.sum()))
        )
    return (
        table[[MONTH]].join(pd.DataFrame(numbers, index=table.index)),
        repair_table(repairs),
        repair_table(dates),
        pd.DataFrame(summary, columns=["series", "cells", "restored", "misread", "doubtful"]),
    )


def _reading(restored: RestoredSeries, at: int, *, series: Series) -> str:
    """Describe how a cell was read, and why it is doubtful where the range decided."""
    reading = f"read as {restored.values[at]:.9g}{DOUBTFUL if restored.doubtful[at] else ''}"
    if np.isnan(restored.rejected[at]):
        return reading
    return (
        f"{reading}: whether it is {restored.rejected[at]:.9g} turns on the end of the range, "
        f"{series.plausible.highest:g} {series.unit}"
    )


def restore_series(cells: pd.DataFrame, *, series: Series) -> RestoredSeries:
    """Parse the cells of one series and restore their decimal points.

    Args:
        cells: `month` and the series' text cells, none empty, sorted, indexed by line.
        series: The series.

    Raises:
        DataError: A cell holds something else than groups of digits.
    """
    for line, cell in cells[series.name].items():
        if not _DIGIT_GROUPS.fullmatch(cell):
            raise fault(
                FILE_NAME,
                line=line,
                column=series.name,
                value=cell,
                expected="digits, grouped by dots or not",
            )
    return restore_decimals(
        cells.set_index(MONTH)[series.name],
        lowest=series.plausible.lowest,
        highest=series.plausible.highest,
    )


def _possible_readings(cell: str, series: Series) -> str:
    plausible = series.plausible
    return possible_readings(cell, lowest=plausible.lowest, highest=plausible.highest)


def n_misread(lost_decimals: NDArray[np.int64]) -> int:
    """Count the cells whose digits, read as one integer, leave the series' usual power of ten.

    Args:
        lost_decimals: Decimals that each cell of a series had lost.
    """
    lost = lost_decimals[lost_decimals > 0]
    return int((lost_decimals != np.bincount(lost).argmax()).sum()) if len(lost) else 0


def _months(periods: pd.Series) -> list[pd.Timestamp]:
    return [first_day(*parsed) for text in periods if (parsed := iso_year_and_month(text))]


SOURCE = Source(
    name="banco_central",
    description=__doc__,
    file_name=FILE_NAME,
    url=f"{CHALLENGE_URL}/{FILE_NAME}",
    sha256="ef8d24a4de0f83f133e8876894390a9e631f8a1dd4cf9e33da3c67d631d59d51",
    columns=COLUMNS,
    series=BANCO_CENTRAL,
    clean=clean_banco_central,
    schema=monthly_schema(
        BANCO_CENTRAL,
        may_be_missing=True,
        description=(
            "All 84 macroeconomic series, a row for each month, NaN where nothing was published."
            "\n\nThe decimal points that the export lost are put back. What was repaired is "
            "counted in the metadata, and listed by series."
        ),
    ),
)
BancoCentralTable = Annotated[pd.DataFrame, SOURCE.schema]
