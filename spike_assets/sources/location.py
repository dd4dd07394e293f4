"""Location of the raw files: a folder that was named, `data/`, or the embedded sample.

There is no silent fallback: a folder that was named is used or refused, and the sample says that
it is synthetic wherever its name appears.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spike_assets.sample.sample import sample_files
from spike_assets.sources.errors import DataError
from spike_assets.sources.raw_file import RawFile, read_raw_file
from spike_assets.sources.source import Cleaned, Source
from spike_assets.sources.sources import SOURCES

FILE_NAMES = tuple(source.file_name for source in SOURCES if not source.optional)
"""Names of the files that a data folder must have."""

DEFAULT_FOLDER = Path("data")
SAMPLE_NAME = "embedded sample (SYNTHETIC, not real prices)"


@dataclass(frozen=True)
class DataLocation:
    """The place that the raw files are read from.

    Attributes:
        folder: A folder with the files, or None for the embedded sample.
    """

    folder: Path | None

    @property
    def is_synthetic(self) -> bool:
        """True for the embedded sample."""
        return self.folder is None

    def __str__(self) -> str:
        return SAMPLE_NAME if self.folder is None else str(self.folder)

    def read(self, source: Source) -> RawFile:
        """Read the raw file of a source; an optional one may be missing.

        Raises:
            DataError: The file is missing or can't be read.
        """
        name = source.file_name
        if self.folder is None:
            return RawFile(
                name=name, location=f"{name} of the {SAMPLE_NAME}", content=sample_files()[name]
            )
        path = self.folder / name
        if source.optional and not path.exists():
            return RawFile(
                name=name, location=f"no {name} in {self.folder}", content=b"", missing=True
            )
        return read_raw_file(path)


def locate_data(named: str | None) -> DataLocation:
    """Decide where the data is read from.

    Args:
        named: A folder that the user named, or None (or empty) if none was.

    Returns:
        The named folder; else `data/` if it is there; else the embedded sample.

    Raises:
        DataError: The folder is missing, or lacks one of the files.
    """
    location = locate_folder(named)
    folder = location.folder
    missing = [name for name in FILE_NAMES if folder and not (folder / name).exists()]
    if missing:
        raise DataError(
            f"{folder}: lacks {', '.join(missing)}; expected {', '.join(FILE_NAMES)}"
            + ("" if named else " (make data downloads them)")
        )
    return location


def locate_folder(named: str | None) -> DataLocation:
    """Decide as `locate_data` does, whichever files the folder has.

    Raises:
        DataError: The folder is missing.
    """
    if not named and not DEFAULT_FOLDER.exists():
        return DataLocation(folder=None)
    folder = Path(named or DEFAULT_FOLDER).expanduser()
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected one with {', '.join(FILE_NAMES)}")
    return DataLocation(folder=folder)


def read_source(location: DataLocation, source: Source) -> Cleaned:
    """Read and clean the file of one source.

    Raises:
        DataError: The file is missing, or holds what can't be repaired.
    """
    return source.clean(source.split(location.read(source)))


def read_clean(location: DataLocation) -> Mapping[str, pd.DataFrame]:
    """Read and clean every file.

    Returns:
        The clean tables by the name of their source: `month` and the series under their published
        names.

    Raises:
        DataError: As `read_source`.
    """
    return {source.name: read_source(location, source).table for source in SOURCES}
