"""What assets are given from outside: the folder that the raw files are in."""

import os

import dagster as dg
from pydantic import Field

from spike_assets.sources.location import DataLocation, locate_data


class DataFolder(dg.ConfigurableResource[None]):
    """The folder with the three raw files."""

    folder: str = Field(
        default="",
        description=(
            "Folder with the three raw files. Empty: the environment variable SPIKE_DATA_DIR, "
            "or else the folder 'data' if it is there, or else the embedded synthetic sample."
        ),
    )

    def location(self) -> DataLocation:
        """Decide where the files are read from.

        Raises:
            DataError: The folder is missing, or lacks a file.
        """
        return locate_data(self.folder or os.environ.get("SPIKE_DATA_DIR"))
