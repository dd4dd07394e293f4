"""Resources: the folder of the raw files, and the joblib backend."""

import os
from contextlib import AbstractContextManager

import dagster as dg
from pydantic import Field

from spike_assets.defs.executor import steps_in_processes
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.progress import progress
from spike_assets.publishers.received import ReceivedStore
from spike_assets.sources.location import DataLocation, locate_data
from spike_assets.storage.location import DEFAULT_STORAGE, storage_root
from spike_assets.storage.objects import open_objects
from spike_assets.training.compute.backend import Backend, parallel_backend


class DataFolder(dg.ConfigurableResource[None]):
    """The folder with the raw files."""

    folder: str = Field(
        default="",
        description=(
            "Folder with the raw files. Empty: the environment variable SPIKE_DATA_DIR, "
            "or else the folder 'data' if it is there, or else the embedded synthetic sample."
        ),
    )

    def location(self) -> DataLocation:
        """Return the folder or sample that the files are read from.

        Raises:
            DataError: The folder is missing, or lacks a file.
        """
        return locate_data(self.folder or os.environ.get("SPIKE_DATA_DIR"))


class ReceivedAnswers(dg.ConfigurableResource[None]):
    """Answers of the publishers, kept beside the asset values."""

    storage: str = Field(
        default="",
        description=(
            "Folder, s3://bucket/prefix or other fsspec URL, as of the I/O manager. Empty: the "
            f"environment variable SPIKE_STORAGE, or else the folder {DEFAULT_STORAGE!r}."
        ),
    )

    def store(self) -> ReceivedStore:
        """Open the store.

        Raises:
            ObjectStorageError: The URL of a bucket is not valid.
        """
        root = storage_root(self.storage or os.environ.get("SPIKE_STORAGE"))
        return ReceivedStore(open_objects(str(root)))


class Compute(dg.ConfigurableResource[None]):
    """The joblib backend of the grid searches and of the forecasts from past origins."""

    compute: Backend = Field(
        default="",
        description=(
            "'local' for the cores of this machine, 'dask' for a Dask cluster. Empty: the "
            "environment variable SPIKE_COMPUTE, or else 'local'."
        ),
    )
    scheduler: str = Field(
        default="",
        description=(
            "The Dask scheduler's address, as tcp://host:8786. Empty: the environment variable "
            "SPIKE_DASK_SCHEDULER."
        ),
    )

    def workers(self) -> AbstractContextManager[None]:
        """Select the joblib backend within the block.

        Raises:
            ComputeError: The backend can't be used.
        """
        return parallel_backend(self.compute, scheduler=self.scheduler)


@dg.definitions
def shared() -> dg.Definitions:
    """Return what every asset and job shares: resources, executor and loggers."""
    return dg.Definitions(
        resources={
            "compute": Compute(),
            "data": DataFolder(),
            "io_manager": AssetFiles(),
            "received": ReceivedAnswers(),
        },
        executor=steps_in_processes,
        loggers={"console": dg.colored_console_logger, "progress": progress},
    )
