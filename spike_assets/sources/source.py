"""A raw source: its file, how the file is cleaned, and the contract of the clean table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from pandera.pandas import DataFrameSchema

from spike_assets.series.catalogue import Series
from spike_assets.sources.raw_file import LINE, RawFile, text_table

ReadCells = Callable[..., pd.DataFrame]
"""Takes a `RawFile` and `columns=` to the file's text cells, indexed by line."""

REPAIR_COLUMNS = ("line", "column", "value", "done")

CHALLENGE_URL = (
    "https://raw.githubusercontent.com/SpikeLab-CL/ml-engineer-challenge/"
    "6430a00b02a5d001a95520199eb395264655d56b/data_scientist_past_challenge/data"
)
"""Folder of an older challenge, at the commit that the hashes of its files were taken from."""


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
        warnings: What was kept and a person should look at, a sentence each.
    """

    table: pd.DataFrame
    repairs: Mapping[str, pd.DataFrame]
    decimals: pd.DataFrame | None = None
    warnings: Sequence[str] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of cells or rows touched, by the name of the defect."""
        return {defect: len(touched) for defect, touched in self.repairs.items()}


@dataclass(frozen=True)
class Source:
    """A raw source. The package's `SOURCES` lists them all.

    Attributes:
        name: Name in asset keys: `raw_NAME`, `clean_NAME`.
        description: Origin, period, grain and units of the file.
        file_name: Name of the file in a data folder.
        columns: Columns that the file must have.
        series: Series of the clean table, in its order.
        clean: Function that types and repairs the text cells of the file.
        schema: Contract of the clean table; its description is that of the table.
        url: Address that the file is downloaded from; empty if no fixed one has it.
        sha256: Hash of the file at that address, in hexadecimal.
        optional: Whether a data folder may lack the file; its tables then have no rows.
        read_cells: Function that splits the file into text cells, as `text_table` does.
    """

    name: str
    description: str
    file_name: str
    columns: tuple[str, ...]
    series: tuple[Series, ...]
    clean: Callable[[pd.DataFrame], Cleaned]
    schema: DataFrameSchema
    url: str = ""
    sha256: str = ""
    optional: bool = False
    read_cells: ReadCells = text_table

    @property
    def raw_asset(self) -> str:
        """Name of the asset that holds the file as text."""
        return f"raw_{self.name}"

    @property
    def clean_asset(self) -> str:
        """Name of the asset that holds the clean table."""
        return f"clean_{self.name}"

    def split(self, file: RawFile) -> pd.DataFrame:
        """Split the file into text cells, as `text_table` does; a missing one has no rows.

        Raises:
            DataError: The file is not a CSV file with `columns` and at least one row.
        """
        if file.missing:
            no_lines = pd.Index([], name=LINE, dtype="int64")
            return pd.DataFrame(columns=list(self.columns), index=no_lines, dtype="str")
        return self.read_cells(file, columns=self.columns)


def repair_table(rows: Iterable[tuple[int, str, str, str]]) -> pd.DataFrame:
    """List what one repair touched.

    Args:
        rows: Line of the file, column, value as it stood, what was done with it.
    """
    return pd.DataFrame(list(rows), columns=list(REPAIR_COLUMNS))
