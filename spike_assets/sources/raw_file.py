"""A data file exactly as it stands: its bytes, their hash, and its cells as text.

What the cells mean is not decided here: nothing is stripped, converted or left out.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from spike_assets.sources.errors import DataError

LINE = "line"
"""Name of a raw table's index: the line of the file on which the row ends, counted from 1."""


@dataclass(frozen=True)
class RawFile:
    """The bytes of one file, read once, so that the hash is of what was parsed.

    Attributes:
        name: File name, as published.
        location: Where the bytes came from, for people to read.
        content: The bytes.
        missing: True if an optional file is not there.
    """

    name: str
    location: str
    content: bytes
    missing: bool = False

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    def text(self) -> str:
        """Decode the content.

        Raises:
            DataError: It is not UTF-8, or no text.
        """
        try:
            text = self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{self.location}: byte {error.start} is not UTF-8; expected a CSV file in UTF-8"
            ) from None
        if "\0" in text:
            raise DataError(f"{self.location}: holds zero bytes; expected a CSV file in UTF-8")
        return text


def read_raw_file(path: Path) -> RawFile:
    """Read a file's bytes.

    Raises:
        DataError: The path is missing, is a directory, or can't be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: no such file; expected a CSV file") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a directory; expected a CSV file") from None
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror}); expected a CSV file") from error
    return RawFile(name=path.name, location=str(path), content=content)


def text_table(file: RawFile, *, columns: Sequence[str], title_lines: int = 0) -> pd.DataFrame:
    """Split a CSV file into text cells.

    Args:
        file: The file; UTF-8, comma separated, with a header. Blank lines are no rows.
        columns: Columns that must be there; others are kept too, but for those without a name,
            which spreadsheets pad files with.
        title_lines: Lines above the header, which are left out.

    Returns:
        One row a line in file order, all columns text (an empty cell is `""`), indexed by `LINE`.

    Raises:
        DataError: No UTF-8, no CSV, no header, no rows, a column missing or twice, or a row that
            has more or fewer cells than the header. Names the file and, where there is one, the
            line.
    """
    rows = _rows(file)[title_lines:]
    if not rows:
        raise DataError(f"{file.location}: is empty; expected a header with {_listed(columns)}")
    (_, header), *body = rows
    for line, cells in body:
        if len(cells) != len(header):
            raise DataError(
                f"{file.location}, line {line}: {len(cells)} cells where the header has "
                f"{len(header)}; first cell {cells[0]!r}"
            )
    _require_columns(file, header=[name for name in header if name], columns=columns)
    if not body:
        raise DataError(f"{file.location}: has a header and no rows")
    return pd.DataFrame(
        [cells for _, cells in body],
        columns=header,
        index=pd.Index([line for line, _ in body], name=LINE),
        dtype="str",
    ).loc[:, [bool(name) for name in header]]


def _rows(file: RawFile) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(file.text(), newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise DataError(f"{file.location}, line {reader.line_num}: is not CSV ({error})") from None


def _require_columns(file: RawFile, *, header: list[str], columns: Sequence[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise DataError(f"{file.location}: has {_listed(twice)} more than once in its header")
    missing = [name for name in columns if name not in header]
    if missing:
        raise DataError(
            f"{file.location}: lacks {_listed(missing)}; its header is {_listed(header)}"
        )


def _listed(names: Sequence[str], *, most: int = 10) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
