"""Restoration of lost decimal points, and of numbers that were taken for dates.

The export of the Banco Central series took numbers of three or more decimals for integers: it
dropped the point and regrouped the digits by three, cell by cell (`export_format` has the rule,
measured on the published file). So `102.796.218` was 102.796218 and `10.546.824` was 105.46824:
the digits are right, the power of ten is lost.

Numbers of four decimals kept their point where they could be a month and a year: 4.2017 stayed as
it was, but 5.0057 became `5.1957` and 5.0021 became `5.2021`, by the rule that spreadsheets have
for years of two digits. So `5.1957` stands for 5.1957 or for 5.0057.

Method. Each cell has a few candidate values: its digits at every power of ten that the export
could have hidden, as far as the series' plausible range admits them, and both numbers of a date.
The restored series is the path through the candidates that is smoothest in log space: the sum over
neighbours of |log10 ratio| / √months between them is least, found by dynamic programming as in
Viterbi's algorithm; a gap in months weakens the tie. Cells that the export left alone have one
candidate, whatever the range, and with the range fix the level of the whole series.

Prices and output grow, and leave a range at its upper end. So the path is found again with that
end a decade higher. Where the two paths differ, the choice turns on the range's end, and the cell
keeps both readings: the one beyond the range counts if it follows months within the range and
its path is smoother by `DOUBTFUL_MARGIN`, else the one within counts.

Other programs change the cells. One that takes the dots for thousands drops them: `76676594` for
`76.676.594`. Such digits are read where the range is less than a decade, as at most one power of
ten fits; in a wider one they are refused, as `75432` may be 75.432 or 754.32. In Chile 29486 is
written `29.486`: a cell with dots may stand for its thousands as well.

Assumptions. Neighbours mostly differ by less than half a decade, a factor of 3.2; the plausible
range holds the level of the series. What it can't tell apart: a true move by a factor f beyond 3.2
and the move by f/10 in the other direction, where the range admits both. So each cell carries its
margin: how many steps more the best path through another of its readings takes. A step is the
series' own noise or, where the restored series moves more, that move: beside a jump of 0.4 decades
one of 0.6 is half a step more, however quiet the series is elsewhere.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MIN_LOST_DECIMALS = 3
"""The export left numbers of fewer decimals as they are."""

LEADING_ZEROS = 2
"""Zeros between the point and the first digit that the candidates reach to."""

MIN_NOISE_DECADES = 0.001
"""Keeps the costs of a series that never moves finite; a quarter of a percent."""

DECADE = 10
"""A range of less than this ratio holds one power of ten of any digits."""

DOUBTFUL_MARGIN = 3.0
"""Steps by which a path has to be smoother than another to leave no doubt."""

BEYOND_RANGE_COST = 1e-3
"""Cost of a decade beyond the range: settles the level of a series in which nothing else does."""

_REGROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
_WHOLE = re.compile(r"\d{3,}[1-9]")
_WHOLE_BELOW_THOUSAND = re.compile(r"\d{0,2}[1-9]")  # the export left no zero at the end
_DATE = re.compile(r"([1-9]|1[0-2])\.(?:19([3-9]\d)|20([0-2]\d))")  # years of 30-99 and 00-29


@dataclass(frozen=True)
class RestoredSeries:
    """A series with its decimal points restored; the arrays are aligned with the cells.

    Attributes:
        values: The numbers.
        lost_decimals: Decimals that the cell had lost; 0 where its point had stayed.
        margins: Cost by which the cell's second-best reading loses, in steps of the series' noise
            or its own moves; 0 where it loses nothing, infinite where there is no other reading.
        rejected: The other reading where the choice turned on the upper end of the range: the one
            within it if the value is beyond it, or the other way round; NaN elsewhere.
    """

    values: NDArray[np.float64]
    lost_decimals: NDArray[np.int64]
    margins: NDArray[np.float64]
    rejected: NDArray[np.float64]

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """The cells of which another reading is almost as likely, or turns on the range's end."""
        return (self.margins < DOUBTFUL_MARGIN) | ~np.isnan(self.rejected)


def restore_decimals(cells: pd.Series, *, lowest: float, highest: float) -> RestoredSeries:
    """Put the decimal points of a series back.

    Args:
        cells: Text cells, none of them empty, indexed by month and sorted; digits and dots only.
        lowest: Lower end of the range that chooses among readings, in the series' unit.
        highest: Its upper end.

    Returns:
        The numbers, and how sure each of them is.
    """
    readings = [_readings(cell, lowest=lowest, highest=highest) for cell in cells]
    chosen = np.zeros(len(readings), dtype=np.int64)
    margins, rejected = np.full(len(readings), np.inf), np.full(len(readings), np.nan)
    # Zero has no logarithm and no lost decimals: the path leads past it.
    linked = np.flatnonzero([bool(one.values.all()) for one in readings])
    if len(linked):
        values = [readings[at].values for at in linked]
        gaps = np.sqrt(np.diff(_month_numbers(cells.index[linked])))
        chosen[linked], margins[linked], rejected[linked] = _chosen_readings(
            values, gaps, lowest=lowest, highest=highest
        )
    return RestoredSeries(
        values=np.array([one.values[at] for one, at in zip(readings, chosen, strict=True)]),
        lost_decimals=np.array(
            [one.lost_decimals[at] for one, at in zip(readings, chosen, strict=True)],
            dtype=np.int64,
        ),
        margins=margins,
        rejected=rejected,
    )


def is_regrouped(cell: str) -> bool:
    """Return whether the dots of a cell group its digits by three."""
    return bool(_REGROUPED.fullmatch(cell))


def could_be_date(cell: str) -> bool:
    """Return whether a cell may stand for a number that a spreadsheet took for month and year."""
    return bool(_DATE.fullmatch(cell))


def possible_readings(cell: str, *, lowest: float, highest: float) -> str:
    """Describe for an error which values a cell may stand for."""
    if is_regrouped(cell):
        digits = float(cell.replace(".", ""))
        return (
            f"in thousands this is {digits:.9g}, with three or more lost decimals "
            f"{digits / 10**MIN_LOST_DECIMALS:.9g}, or a tenth, a hundredth, … of that"
        )
    if _may_have_lost_its_dots(cell, lowest=lowest, highest=highest):
        return "with no, or with three or more lost decimals this is out of range"
    if _WHOLE.fullmatch(cell):
        return "without dots this may stand for several values in so wide a range"
    return "a cell of this form lost no decimal point"


@dataclass(frozen=True)
class _Readings:
    values: NDArray[np.float64]
    lost_decimals: NDArray[np.int64]


def _may_have_lost_its_dots(cell: str, *, lowest: float, highest: float) -> bool:
    """Return whether a cell without dots may stand for a number with decimals."""
    if _WHOLE_BELOW_THOUSAND.fullmatch(cell):
        return True
    return bool(_WHOLE.fullmatch(cell)) and highest < DECADE * lowest


def _readings(cell: str, *, lowest: float, highest: float) -> _Readings:
    """Return the values that a cell may stand for in a series of a range."""
    digits = cell.replace(".", "")
    lost = range(MIN_LOST_DECIMALS, len(digits) + LEADING_ZEROS + 1)
    if is_regrouped(cell):
        as_thousands = () if cell.startswith("0") else (0,)
        decimals, number = np.array([*as_thousands, *lost]), float(digits)
    elif _may_have_lost_its_dots(cell, lowest=lowest, highest=highest):
        decimals, number = np.array([0, *lost]), float(digits)
    elif date := _DATE.fullmatch(cell):
        year_of_two_digits = float(f"{date[1]}.00{cell[-2:]}")
        return _Readings(np.array([float(cell), year_of_two_digits]), np.array([0, 0]))
    else:
        decimals, number = np.array([0]), float(cell)
    return _Readings(number / 10.0**decimals, decimals)


def _chosen_readings(
    values: list[NDArray[np.float64]],
    gaps: NDArray[np.float64],
    *,
    lowest: float,
    highest: float,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Choose a reading of each cell; return their positions, their margins and those rejected."""
    logs = [np.log10(one) for one in values]
    admitted = [_admitted(one, lowest=lowest, highest=highest) for one in values]
    wider = [_admitted(one, lowest=lowest, highest=DECADE * highest) for one in values]
    beyond = [BEYOND_RANGE_COST * np.log10(np.maximum(one / highest, 1)) for one in values]
    within, freely = _smoothest(logs, admitted, gaps), _smoothest(logs, wider, gaps, costs=beyond)
    overruled = _overruled(_taken(logs, within), _taken(logs, freely), gaps)
    chosen, others = np.where(overruled, freely, within), np.where(overruled, within, freely)
    compared = [
        np.union1d(some, both)
        for some, both in zip(admitted, np.stack([within, freely], axis=1), strict=True)
    ]
    return (
        chosen,
        _margins(logs, compared, chosen, gaps),
        np.where(within != freely, _taken(values, others), np.nan),
    )


def _admitted(values: NDArray[np.float64], *, lowest: float, highest: float) -> NDArray[np.int64]:
    """Return the positions of the readings within a range, or of the one that is nearest to it."""
    inside = np.flatnonzero((values >= lowest) & (values <= highest))
    if len(inside):
        return inside
    tiny = np.finfo(float).tiny  # for a lowest value of 0, which nothing positive is below
    distance = np.maximum(np.log(max(lowest, tiny) / values), np.log(values / highest))
    return np.array([distance.argmin()])


def _taken(arrays: list[NDArray[np.float64]], positions: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.array([one[at] for one, at in zip(arrays, positions, strict=True)])


def _smoothest(
    logs: list[NDArray[np.float64]],
    admitted: list[NDArray[np.int64]],
    gaps: NDArray[np.float64],
    *,
    costs: list[NDArray[np.float64]] | None = None,
) -> NDArray[np.int64]:
    """Return the positions of the readings on the smoothest path through those admitted."""
    path, _ = _smoothest_path(
        [one[some] for one, some in zip(logs, admitted, strict=True)],
        gaps,
        costs and [one[some] for one, some in zip(costs, admitted, strict=True)],
    )
    return np.array([some[at] for some, at in zip(admitted, path, strict=True)])


def _overruled(
    within: NDArray[np.float64], beyond: NDArray[np.float64], gaps: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Find the cells whose reading beyond the range is decisively smoother than that within.

    Args:
        within: The path within the range, log10.
        beyond: The path of the wider range, log10.
        gaps: Square roots of the months between.
    """
    moves = np.abs(np.diff(within)) / gaps
    saved = (moves - np.abs(np.diff(beyond)) / gaps) / _noise_decades(moves)
    edges = np.diff((within != beyond).astype(int), prepend=0, append=0)
    overruled = np.zeros(len(within), dtype=np.bool_)
    for start, end in np.flatnonzero(edges).reshape(-1, 2):
        # A series that begins beyond its range did not grow out of it.
        overruled[start:end] = start > 0 and saved[start - 1 : end].sum() >= DOUBTFUL_MARGIN
    return overruled


def _smoothest_path(
    logs: list[NDArray[np.float64]],
    scales: NDArray[np.float64],
    costs: list[NDArray[np.float64]] | None = None,
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Find the path of least cost, and what the best path through each reading of a cell costs.

    Args:
        logs: The readings of each cell.
        scales: Moves that cost 1, from cell to cell.
        costs: What each reading costs by itself; nothing if not given.
    """
    costs = costs or [np.zeros(len(one)) for one in logs]
    steps = [
        np.abs(later[:, None] - earlier[None, :]) / scale + cost[:, None]
        for earlier, later, scale, cost in zip(logs, logs[1:], scales, costs[1:], strict=False)
    ]
    so_far = [costs[0]]
    for step in steps:
        so_far.append((so_far[-1][None, :] + step).min(axis=1))
    to_come = [np.zeros(len(logs[-1]))]
    for step in reversed(steps):
        to_come.append((to_come[-1][:, None] + step).min(axis=0))
    totals = [before + after for before, after in zip(so_far, reversed(to_come), strict=True)]

    # Readings of the same cost differ by rounding only: the first is taken. That is the greatest
    # where a whole series fits its range at several powers of ten, and a date as it is written.
    path = [int(np.round(so_far[-1], 9).argmin())]
    for step, cost in zip(reversed(steps), reversed(so_far[:-1]), strict=True):
        path.append(int(np.round(cost + step[path[-1]], 9).argmin()))
    return np.array(path[::-1]), totals


def _margins(
    logs: list[NDArray[np.float64]],
    admitted: list[NDArray[np.int64]],
    chosen: NDArray[np.int64],
    gaps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Find for each cell what the best path through another of its readings costs more."""
    moves = np.abs(np.diff(_taken(logs, chosen)))
    scales = np.maximum(_noise_decades(moves / gaps) * gaps, moves)
    cost = (moves / scales).sum()
    _, totals = _smoothest_path(
        [one[some] for one, some in zip(logs, admitted, strict=True)], scales
    )
    others = [
        total[some != at].min(initial=np.inf)
        for total, some, at in zip(totals, admitted, chosen, strict=True)
    ]
    return np.array([max(float(other - cost), 0.0) for other in others])


def _noise_decades(moves: NDArray[np.float64]) -> float:
    """Estimate how much a series moves in a month, as the scale of a Laplace distribution."""
    if not len(moves):
        return MIN_NOISE_DECADES
    return max(float(np.median(moves) / np.log(2)), MIN_NOISE_DECADES)


def _month_numbers(months: pd.Index) -> NDArray[np.int64]:
    dates = pd.DatetimeIndex(months)
    return np.asarray(dates.year * 12 + dates.month)
