"""Where the three files are: a folder that was named, `data/`, or the embedded sample.

There is no silent fallback: a folder that was named is used or refused, and the sample says that
it is synthetic wherever its name appears.
"""

from dataclasses import dataclass
from pathlib import Path

from spike_assets.sample.sample import sample_files
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.errors import DataError
from spike_assets.sources.raw_file import RawFile, read_raw_file

FILE_NAMES = (precipitation.FILE_NAME, milk_price.FILE_NAME, banco_central.FILE_NAME)
DEFAULT_FOLDER = Path("data")
SAMPLE_NAME = "embedded sample (SYNTHETIC, not real prices)"


@dataclass(frozen=True)
class DataLocation:
    """The place that the three files are read from.

    Attributes:
        folder: A folder with the files, or None for the embedded sample.
    """

    folder: Path | None

    @property
    def is_synthetic(self) -> bool:
        """Whether this is the embedded sample."""
        return self.folder is None

    def __str__(self) -> str:
        return SAMPLE_NAME if self.folder is None else str(self.folder)

    def read(self, name: str) -> RawFile:
        """Read one of the three files.

        Raises:
            DataError: The file is missing or can't be read.
        """
        if self.folder is None:
            return RawFile(
                name=name, location=f"{name} of the {SAMPLE_NAME}", content=sample_files()[name]
            )
        return read_raw_file(self.folder / name)


def locate_data(named: str | None) -> DataLocation:
    """Decide where the data is read from.

    Args:
        named: A folder that the user named, or None (or empty) if none was.

    Returns:
        The named folder; else `data/` if it is there; else the embedded sample.

    Raises:
        DataError: The folder is missing, or lacks one of the three files.
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
    folder = Path(named or DEFAULT_FOLDER)
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; expected one with {', '.join(FILE_NAMES)}")
    return DataLocation(folder=folder)
