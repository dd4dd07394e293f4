"""The notebook's reading of the numbers that lost their decimal point.

The export of the Banco Central series dropped the decimal point and trailing zeros and regrouped
the digits by three: `102.796.218` was 102.796218. The digits are right, the power of ten is lost.
The notebook reads them by two rules, reproduced here as they are; both leave cells on a wrong
power of ten, and the second cuts most values to one decimal. Kept to show what `decimals` repairs.
"""

from collections.abc import Sequence

import pandas as pd

from spike_assets.series.catalogue import MONTH
from spike_assets.sources.banco_central import (
    PERIOD,
    blank_unreadable_cells,
    drop_impossible_periods,
)


def cells_by_month(raw: pd.DataFrame, *, names: Sequence[str]) -> pd.DataFrame:
    """Return the text cells of some series, for the notebook's rules to read.

    Args:
        raw: Text cells of `banco_central.csv`.
        names: The series.

    Returns:
        A column a series, indexed by month, for the months in which all of them have a number.
    """
    possible, _ = drop_impossible_periods(raw)
    readable, _ = blank_unreadable_cells(possible)
    months = pd.to_datetime(readable[PERIOD].str[:10]).rename(MONTH)
    cells = readable[list(names)].set_axis(pd.DatetimeIndex(months), axis="index")
    complete = cells[(cells != "").all(axis="columns") & ~cells.index.duplicated()]
    return complete.sort_index()


def all_digits(cell: str) -> float:
    """Read the digits as one integer: `102.796.218` is 102796218. The rule for GDP."""
    return float(cell.replace(".", ""))


def first_digit_rule(cell: str) -> float:
    """Place the point so that the value is near 100. The rule for the indices.

    Three digits come before it if the first is a 1, else two; a leading group of three keeps only
    the group behind it (after a 1) or its own last digit.
    """
    head, _, rest = cell.partition(".")
    following = rest.partition(".")[0]
    whole_digits = 3 if head.startswith("1") else 2
    if len(head) < 3:
        digits = head + following
        return float(f"{digits[:whole_digits]}.{digits[whole_digits:] or 0}")
    return float(f"{head}.{following or 0}" if whole_digits == 3 else f"{head[:2]}.{head[-1]}")
