"""Parsing of plain decimal numbers, as the rainfall and price files write them.

Whether a number is plausible, `plausibility` judges.
"""

import math
import re

import pandas as pd

from spike_assets.sources.months import fault

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def plain_number(cell: str) -> float | None:
    """Read `3.85`, `12`, `-1` or `1.2e-05`.

    Returns:
        The number, or None if the cell holds anything else: `nan`, `inf` and what is too large for
        `float64` are no numbers.
    """
    if not _PLAIN.fullmatch(cell) or math.isinf(number := float(cell)):
        return None
    return number


def plain_numbers(cells: pd.Series, *, file_name: str, unit: str) -> pd.Series:
    """Read a column of plain numbers.

    Args:
        cells: Text cells, indexed by line; the name is the column's.
        file_name: For the error.
        unit: What the numbers count, for the error.

    Returns:
        `float64` of the same index.

    Raises:
        DataError: A cell holds no number. Names file, line, column and value.
    """
    numbers = [plain_number(cell) for cell in cells]
    for line, cell, number in zip(cells.index, cells, numbers, strict=True):
        if number is None:
            raise fault(
                file_name,
                line=line,
                column=str(cells.name),
                value=cell,
                expected=f"a number ({unit})",
            )
    return pd.Series(numbers, index=cells.index, name=cells.name, dtype="float64")
