"""What cleaning a file gives: the table, and how often each repair was needed."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Cleaned:
    """A typed monthly table and the repairs that led to it.

    Attributes:
        table: One row a month, sorted by `month`.
        repairs: Rows or cells touched, by the name of the defect; 0 where it did not occur.
    """

    table: pd.DataFrame
    repairs: Mapping[str, int]
