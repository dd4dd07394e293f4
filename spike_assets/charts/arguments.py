"""Arguments that name something of the data, checked against what the data has."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import pandas as pd

from spike_assets.series.catalogue import MONTH
from spike_assets.sources.months import iso_year_and_month

_MAX_LISTED = 10
_CLOSE = 0.7  # below, the prefix that many names share is likeness enough


class ChartArgumentError(ValueError):
    """A chart was asked for something that the data does not have.

    Attributes:
        argument: Name of the argument.
        problem: What is wrong with its value, and what is allowed.
    """

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument}: {problem}")
        self.argument = argument
        self.problem = problem


def require_column(argument: str, name: str, *, table: pd.DataFrame) -> None:
    """Refuse a name that is no column of a monthly table.

    Raises:
        ChartArgumentError: With close names, if there are any, and the known ones.
    """
    known = [column for column in table.columns if column != MONTH]
    if name in known:
        return
    by_folded = {_folded(column): column for column in known}
    matches = get_close_matches(_folded(name), by_folded, cutoff=_CLOSE)
    close = [by_folded[folded] for folded in matches]
    suggestion = f"; did you mean {' or '.join(close)}?" if close else ""
    raise ChartArgumentError(
        argument, f"{name!r} is not among the {len(known)} columns: {_listed(known)}{suggestion}"
    )


def known_years(years: Iterable[int], *, known: Sequence[int]) -> list[int]:
    """Sort years and leave out repetitions.

    Raises:
        ChartArgumentError: A year is not among those known, which are sorted, or there is none.
    """
    chosen = sorted(set(years))
    unknown = [year for year in chosen if year not in known]
    if unknown or not chosen:
        problem = f"{_listed(unknown)} not in the data" if unknown else "none was named"
        raise ChartArgumentError("years", f"{problem}; there are {known[0]} to {known[-1]}")
    return chosen


def between_months(
    table: pd.DataFrame, *, first_month: str | None, last_month: str | None
) -> pd.DataFrame:
    """Keep the rows of a period.

    Args:
        table: Has `month`.
        first_month: As `2010-01`, or None for the table's first.
        last_month: The same for the last; it belongs to the period.

    Raises:
        ChartArgumentError: Text that is no month, a month before the table's first or after its
            last, or a last month before the first.
    """
    first = _known_month("first_month", first_month, months=table[MONTH]) or table[MONTH].min()
    last = _known_month("last_month", last_month, months=table[MONTH]) or table[MONTH].max()
    if last < first:
        raise ChartArgumentError(
            "last_month", f"{last:%Y-%m} is before the first month, {first:%Y-%m}"
        )
    return table[table[MONTH].between(first, last)]


def _known_month(argument: str, text: str | None, *, months: pd.Series) -> pd.Timestamp | None:
    if text is None:
        return None
    year_and_month = iso_year_and_month(f"{text}-01")
    if year_and_month is None or not 1 <= year_and_month[1] <= 12:
        raise ChartArgumentError(argument, f"{text!r} is not a month; expected YYYY-MM")
    earliest, latest = f"{months.min():%Y-%m}", f"{months.max():%Y-%m}"
    if not earliest <= text <= latest:
        raise ChartArgumentError(
            argument, f"{text} is not in the data; there are {earliest} to {latest}"
        )
    return pd.Timestamp(text)


def _folded(name: str) -> str:
    return name.casefold().replace(" ", "_")


def _listed(values: Sequence[object]) -> str:
    shown = ", ".join(str(value) for value in values[:_MAX_LISTED])
    return shown if len(values) <= _MAX_LISTED else f"{shown}, …"
