"""Plausibility of numbers, judged by the level of their own series.

The ranges of the catalogue choose among the readings of a damaged cell. They do not judge numbers,
because a price that doubles may leave its range and be true. A number is judged by the median of
the `NEIGHBOURS` values of its series that are nearest to it; at the end of the series these are
the months before. Beyond `UNUSUAL_FACTOR` times that level, upwards or downwards, it is kept and
listed. Beyond `IMPLAUSIBLE_FACTOR` times it is an error, because a wrong power of ten, a wrong unit
or a wrong column is likelier than such a month.

In fifty years of the published files no value is unusual, and none was implausible as the newest
of its series.

A series that may be zero, such as rain, has no such level, and neither has a short one: they are
held to their ranges.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from spike_assets.series.catalogue import MONTH, Column, Series
from spike_assets.sources.months import fault
from spike_assets.sources.source import repair_table

NEIGHBOURS = 6
"""Values that the level of a month is taken from: three on each side, or all on one side."""

ENOUGH_VALUES = 12
"""A series of fewer values has no level of its own."""

UNUSUAL_FACTOR = 3.0
"""Multiple of the level, upwards or downwards, beyond which a value is listed."""

IMPLAUSIBLE_FACTOR = 5.0
"""Multiple of the level, upwards or downwards, beyond which a value is an error."""


@dataclass(frozen=True)
class Limits:
    """Limits of the values of a series, aligned with them.

    Attributes:
        lowest: In the unit of the series.
        highest: Likewise.
        reasons: What each pair of limits follows from; empty where it is the range itself.
    """

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    reasons: list[str]

    def exceeded_by(self, values: pd.Series) -> list[int]:
        """Return the positions of the values outside."""
        return [int(at) for at in np.flatnonzero((values < self.lowest) | (values > self.highest))]

    def described(self, at: int, *, unit: str) -> str:
        """Describe the limits of the value at a position."""
        reason = f" ({self.reasons[at]})" if self.reasons[at] else ""
        return f"{self.lowest[at]:g} to {self.highest[at]:g} {unit}{reason}"


def limits(values: pd.Series, column: Column, *, factor: float) -> Limits:
    """Return the limits of each value of a column.

    Args:
        values: None missing, in the order of their months.
        column: A `Series` is held to its own level if it has one, other columns to their ranges.
        factor: Multiple of the level that a limit is at.
    """
    numbers, plausible = values.to_numpy(dtype=np.float64), column.plausible
    has_level = plausible.lowest > 0 and len(numbers) >= ENOUGH_VALUES
    if not isinstance(column, Series) or not has_level:
        lowest, highest = np.full((len(numbers), 2), (plausible.lowest, plausible.highest)).T
        return Limits(lowest, highest, [""] * len(numbers))
    levels = np.maximum(_levels(numbers), plausible.lowest)  # it may be of zeros
    reasons = [
        f"within {factor:g} times the level of the months beside it, {level:.4g}"
        for level in levels
    ]
    return Limits(levels / factor, levels * factor, reasons)


def hold_to_own_level(
    numbers: pd.DataFrame,
    series: Mapping[str, Series],
    *,
    cells: pd.DataFrame,
    file_name: str,
    explain: Callable[[str, Series], str] | None = None,
) -> pd.DataFrame:
    """Refuse implausible numbers and list unusual ones.

    Args:
        numbers: `month` and a column for each series, each month once, indexed by line.
        series: The series of each column.
        cells: The text that the numbers were read from, with the same columns and lines.
        file_name: For the error.
        explain: What a cell of a series may stand for, for the error.

    Returns:
        The unusual numbers, as `repair_table` lists them; they are kept.

    Raises:
        DataError: A number is implausible. Names file, line, column, cell, and what was expected.
    """
    by_month = numbers.sort_values(MONTH)
    unusual = []
    for column, one in series.items():
        values = by_month[column].dropna()
        allowed = limits(values, one, factor=IMPLAUSIBLE_FACTOR)
        for at in allowed.exceeded_by(values):
            cell, expected = (
                cells.at[values.index[at], column],
                allowed.described(at, unit=one.unit),
            )
            if allowed.reasons[at]:
                expected += f": {beside(by_month.loc[values.index], at, cells[column])}"
            raise fault(
                file_name,
                line=values.index[at],
                column=column,
                value=cell,
                expected=f"{expected}; {explain(cell, one)}" if explain else expected,
            )
        usual = limits(values, one, factor=UNUSUAL_FACTOR)
        unusual += [
            (
                values.index[at],
                column,
                cells.at[values.index[at], column],
                f"kept as {values.iloc[at]:.9g}; usual is {usual.described(at, unit=one.unit)}",
            )
            for at in usual.exceeded_by(values)
        ]
    return repair_table(unusual)


def beside(by_month: pd.DataFrame, at: int, cells: pd.Series) -> str:
    """Show the cells of the rows before and after a position, with their months and lines."""
    near = by_month.iloc[[near for near in (at - 1, at + 1) if 0 <= near < len(by_month)]]
    return " and ".join(
        f"{cells[line]} in {month:%Y-%m} (line {line})" for line, month in near[MONTH].items()
    )


def _levels(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of the `NEIGHBOURS` other values around each; there are more than those."""
    windows = sliding_window_view(np.arange(len(numbers)), NEIGHBOURS + 1)
    first = np.clip(np.arange(len(numbers)) - NEIGHBOURS // 2, 0, len(windows) - 1)
    around = windows[first]
    others = around[around != np.arange(len(numbers))[:, None]].reshape(-1, NEIGHBOURS)
    return np.asarray(np.median(numbers[others], axis=1))
