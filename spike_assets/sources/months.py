"""Parsing of months, and the rule of one row for each.

A month is the `datetime64` of its first day, in a column named `month`.
"""

import re
import unicodedata

import pandas as pd

from spike_assets.series.catalogue import MONTH
from spike_assets.sources.errors import DataError
from spike_assets.sources.raw_file import LINE
from spike_assets.sources.source import repair_table

SPANISH_MONTHS = {
    "ene": 1,
    "feb": 2,
    "mar": 3,
    "abr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "ago": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dic": 12,
}
"""Spanish month abbreviations. Spelled out here, so that no locale has to be installed."""

ENGLISH_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
"""English month abbreviations."""

_OTHER_SPANISH_NAMES = {
    "sept": 9,
    "enero": 1,
    "febrero": 2,
    "marzo": 3,
    "abril": 4,
    "mayo": 5,
    "junio": 6,
    "julio": 7,
    "agosto": 8,
    "septiembre": 9,
    "setiembre": 9,
    "set": 9,
    "octubre": 10,
    "noviembre": 11,
    "diciembre": 12,
}

YEAR_PATTERN = r"(?:19|20)\d{2}"
"""A year that a file can be about: a slip such as 9999 would open a gap of thousands of months."""

YEARS = "from 1900 to 2099"
"""The same in words, for errors."""

_ISO_MONTH = re.compile(rf"({YEAR_PATTERN})-(\d{{2}})-01(?: 00:00:00 UTC)?", re.ASCII)


def spanish_month_number(name: str) -> int | None:
    """Read a Spanish month, abbreviated or in full, in any case, with or without accents and dot.

    Returns:
        1 to 12, or None if it names no month, or one in another language only.
    """
    folded = unicodedata.normalize("NFKD", name.strip().rstrip(".").casefold())
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return (SPANISH_MONTHS | _OTHER_SPANISH_NAMES).get(letters)


def iso_year_and_month(text: str) -> tuple[int, int] | None:
    """Read `2013-03-01`, with or without a midnight behind it.

    Returns:
        The year and the number of the month as written, which may be none of the twelve;
        None if the text has another form or the year is not one of `YEARS`.
    """
    match = _ISO_MONTH.fullmatch(text)
    return (int(match[1]), int(match[2])) if match else None


def first_day(year: int, month: int) -> pd.Timestamp:
    """Return the timestamp that stands for a month."""
    return pd.Timestamp(year=year, month=month, day=1)


def drop_repeated_months(
    table: pd.DataFrame,
    *,
    file_name: str,
    column: str,
    comparable: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the first of rows that repeat a month with the same values.

    Args:
        table: Has `MONTH`, indexed by `LINE`.
        file_name: For the error.
        column: The column of the file that the month stands in.
        comparable: The values of the table in a form in which the same value is written one way;
            the table itself if not given.

    Returns:
        The table without the repetitions, and the rows left out, as `repair_table` lists them.

    Raises:
        DataError: Two rows of one month differ: which of them is right can't be known.
    """
    repeated = table[table.duplicated(MONTH, keep=False)]
    for month, rows in repeated.groupby(MONTH):
        same = rows if comparable is None else comparable.loc[rows.index]
        for name in same.columns[same.nunique(dropna=False) > 1]:
            values = " and ".join(f"{value!r} (line {line})" for line, value in rows[name].items())
            raise DataError(
                f"{file_name}: duplicate month {month:%Y-%m} with different values, "
                f"column {name!r}: {values}"
            )
    again = table.duplicated(MONTH, keep="first")
    left_out = repair_table(
        (line, column, f"{month:%Y-%m}", "row left out: an earlier one has the same values")
        for line, month in table.loc[again, MONTH].items()
    )
    return table[~again], left_out


def require_every_month(table: pd.DataFrame, *, file_name: str) -> None:
    """Refuse a table that skips a month between its first and its last; one may have no rows.

    Raises:
        DataError: Names the first months that are missing.
    """
    if table.empty:
        return
    expected = pd.date_range(table[MONTH].min(), table[MONTH].max(), freq="MS")
    missing = expected.difference(pd.DatetimeIndex(table[MONTH]))
    if len(missing):
        shown = ", ".join(f"{month:%Y-%m}" for month in missing[:5])
        raise DataError(
            f"{file_name}: {len(missing)} months missing between {expected[0]:%Y-%m} and "
            f"{expected[-1]:%Y-%m}: {shown}{', …' if len(missing) > 5 else ''}"
        )


def sorted_by_month(table: pd.DataFrame) -> pd.DataFrame:
    """Sort by month, put `MONTH` first and drop the line numbers, which end with the raw table."""
    columns = [MONTH, *(name for name in table.columns if name != MONTH)]
    return table[columns].sort_values(MONTH, ignore_index=True).rename_axis(index=None)


def fault(file_name: str, *, line: int, column: str, value: str, expected: str) -> DataError:
    """Return the error for a cell that can't be read."""
    return DataError(
        f"{file_name}, {LINE} {line}, column {column!r}: {value!r}; expected {expected}"
    )
