"""What cleaning a file gives: the table, and every repair that led to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

REPAIR_COLUMNS = ("line", "column", "value", "done")


@dataclass(frozen=True)
class Cleaned:
    """A typed monthly table and the repairs that led to it.

    Attributes:
        table: One row a month, sorted by `month`.
        repairs: What was touched, by the name of the defect: a table of `REPAIR_COLUMNS`, a row
            for each cell or row of the file; empty where the defect did not occur.
        decimals: How each series' decimal points were restored, if the file lost them: `series`,
            `cells`, `restored`, `misread` (on another power of ten than most of the series when
            the digits are read as one integer) and `doubtful`.
    """

    table: pd.DataFrame
    repairs: Mapping[str, pd.DataFrame]
    decimals: pd.DataFrame | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many cells or rows were touched, by the name of the defect."""
        return {defect: len(touched) for defect, touched in self.repairs.items()}


def repair_table(rows: Iterable[tuple[int, str, str, str]]) -> pd.DataFrame:
    """List what one repair touched.

    Args:
        rows: Line of the file, column, value as it stood, what was done with it.
    """
    return pd.DataFrame(list(rows), columns=list(REPAIR_COLUMNS))
