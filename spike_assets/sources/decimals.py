"""Restoration of lost decimal points.

The export of the Banco Central series took numbers of three or more decimals for integers: it
dropped the point and regrouped the digits by three, cell by cell (`export_format` has the rule,
measured on the published file). So `102.796.218` was 102.796218 and `10.546.824` was 105.46824:
the digits are right, the power of ten is lost.

Method. Each cell has a few candidate values, its digits at every power of ten that the export
could have hidden, as far as the series' plausible range admits them. The restored series is the
path through the candidates that is smoothest in log space: the sum over neighbours of
|log10 ratio| / √months between them is least, found by dynamic programming as in Viterbi's
algorithm; a gap in months weakens the tie. Cells whose point was not lost have one candidate, and
with the range fix the level of the whole series.

Other programs change the cells. One that takes the dots for thousands drops them: `76676594` for
`76.676.594`. Such digits are read where the range is less than a decade, as at most one power of
ten fits; in a wider one they are refused, as `75432` may be 75.432 or 754.32. In Chile 29486 is
written `29.486`: a cell with dots may stand for its thousands as well.

Assumptions. Neighbours mostly differ by less than half a decade, a factor of 3.2; the plausible
range holds the true values. What it can't tell apart: a true move by a factor f beyond 3.2 and
the move by f/10 in the other direction, where the range admits both. So each cell carries its
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

_REGROUPED = re.compile(r"\d{1,3}(\.\d{3})+")
_WHOLE = re.compile(r"\d{3,}[1-9]")
_WHOLE_BELOW_THOUSAND = re.compile(r"\d{0,2}[1-9]")  # the export left no zero at the end


@dataclass(frozen=True)
class RestoredSeries:
    """A series with its decimal points restored; the arrays are aligned with the cells.

    Attributes:
        values: The numbers.
        lost_decimals: Decimals that the cell had lost; 0 where its point had stayed.
        margins: Cost by which the cell's second-best reading loses, in steps of the series' noise
            or its own moves; 0 where it loses nothing, infinite where there is no other reading.
        implausible: Cells of which no reading lies in the plausible range; the nearest was taken.
    """

    values: NDArray[np.float64]
    lost_decimals: NDArray[np.int64]
    margins: NDArray[np.float64]
    implausible: NDArray[np.bool_]


def restore_decimals(cells: pd.Series, *, lowest: float, highest: float) -> RestoredSeries:
    """Put the decimal points of a series back.

    Args:
        cells: Text cells, none of them empty, indexed by month and sorted; digits and dots only.
        lowest: Least plausible value, in the series' unit.
        highest: Greatest plausible value.

    Returns:
        The numbers, and how sure each of them is.
    """
    readings = [_readings(cell, lowest=lowest, highest=highest) for cell in cells]
    chosen = np.zeros(len(readings), dtype=np.int64)
    margins = np.full(len(readings), np.inf)
    # Zero has no logarithm and no lost decimals: the path leads past it.
    linked = np.flatnonzero([bool(one.values.all()) for one in readings])
    if len(linked):
        logs = [np.log10(readings[at].values) for at in linked]
        gaps = np.sqrt(np.diff(_month_numbers(cells.index[linked])))
        chosen[linked], _ = _smoothest_path(logs, gaps)
        margins[linked] = _margins(logs, chosen[linked], gaps)
    return RestoredSeries(
        values=np.array([one.values[at] for one, at in zip(readings, chosen, strict=True)]),
        lost_decimals=np.array(
            [one.lost_decimals[at] for one, at in zip(readings, chosen, strict=True)],
            dtype=np.int64,
        ),
        margins=margins,
        implausible=np.array([one.implausible for one in readings], dtype=np.bool_),
    )


def is_regrouped(cell: str) -> bool:
    """Return whether the dots of a cell group its digits by three."""
    return bool(_REGROUPED.fullmatch(cell))


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
    implausible: bool


def _may_have_lost_its_dots(cell: str, *, lowest: float, highest: float) -> bool:
    """Return whether a cell without dots may stand for a number with decimals."""
    if _WHOLE_BELOW_THOUSAND.fullmatch(cell):
        return True
    return bool(_WHOLE.fullmatch(cell)) and highest < DECADE * lowest


def _readings(cell: str, *, lowest: float, highest: float) -> _Readings:
    """Return the plausible values that a cell may stand for."""
    digits = cell.replace(".", "")
    lost = range(MIN_LOST_DECIMALS, len(digits) + LEADING_ZEROS + 1)
    if is_regrouped(cell):
        as_thousands = () if cell.startswith("0") else (0,)
        decimals, number = np.array([*as_thousands, *lost]), float(digits)
    elif _may_have_lost_its_dots(cell, lowest=lowest, highest=highest):
        decimals, number = np.array([0, *lost]), float(digits)
    else:
        decimals, number = np.array([0]), float(cell)
    values = number / 10.0**decimals
    plausible = (values >= lowest) & (values <= highest)
    if not plausible.any() and number:
        tiny = np.finfo(float).tiny  # for a lowest value of 0, which nothing positive is below
        distance = np.maximum(np.log(max(lowest, tiny) / values), np.log(values / highest))
        return _Readings(values[[distance.argmin()]], decimals[[distance.argmin()]], True)
    if not plausible.any():
        return _Readings(values, decimals, True)
    return _Readings(values[plausible], decimals[plausible], False)


def _smoothest_path(
    logs: list[NDArray[np.float64]], scales: NDArray[np.float64]
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Find the path of least cost, and what the best path through each reading of a cell costs."""
    steps = [
        np.abs(later[:, None] - earlier[None, :]) / scale
        for earlier, later, scale in zip(logs, logs[1:], scales, strict=False)
    ]
    so_far = [np.zeros(len(logs[0]))]
    for step in steps:
        so_far.append((so_far[-1][None, :] + step).min(axis=1))
    to_come = [np.zeros(len(logs[-1]))]
    for step in reversed(steps):
        to_come.append((to_come[-1][:, None] + step).min(axis=0))
    totals = [before + after for before, after in zip(so_far, reversed(to_come), strict=True)]

    # Where a whole series fits its range at several powers of ten, all cost the same but for
    # rounding: the first, which is the greatest, is taken.
    path = [int(np.round(so_far[-1], 9).argmin())]
    for step, cost in zip(reversed(steps), reversed(so_far[:-1]), strict=True):
        path.append(int((cost + step[path[-1]]).argmin()))
    return np.array(path[::-1]), totals


def _margins(
    logs: list[NDArray[np.float64]], path: NDArray[np.int64], gaps: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Find for each cell what the best path through another of its readings costs more."""
    moves = np.abs(np.diff([one[at] for one, at in zip(logs, path, strict=True)]))
    scales = np.maximum(_noise_decades(moves / gaps) * gaps, moves)
    cost = (moves / scales).sum()
    _, totals = _smoothest_path(logs, scales)
    others = [np.delete(one, at).min(initial=np.inf) for one, at in zip(totals, path, strict=True)]
    return np.array([max(float(other - cost), 0.0) for other in others])


def _noise_decades(moves: NDArray[np.float64]) -> float:
    """Estimate how much a series moves in a month, as the scale of a Laplace distribution."""
    if not len(moves):
        return MIN_NOISE_DECADES
    return max(float(np.median(moves) / np.log(2)), MIN_NOISE_DECADES)


def _month_numbers(months: pd.Index) -> NDArray[np.int64]:
    dates = pd.DatetimeIndex(months)
    return np.asarray(dates.year * 12 + dates.month)
