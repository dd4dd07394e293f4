"""Where asset values live: one file an asset, replaced whole, in a folder or at an fsspec URL."""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pandas as pd
from pydantic import Field
from upath import UPath

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.storage.atomic_file import replace_file

if TYPE_CHECKING:
    from spike_assets.storage.s3_bucket import Bucket

DEFAULT_STORAGE = "storage"


@dataclass(frozen=True)
class FileFormat:
    """How values of one type are written to a file and read back."""

    extension: str
    to_bytes: Callable[[Any], bytes]
    from_bytes: Callable[[bytes], Any]


FORMATS: dict[type, FileFormat] = {
    pd.DataFrame: FileFormat(
        extension=".parquet",
        to_bytes=lambda table: table.to_parquet(),
        from_bytes=lambda content: pd.read_parquet(io.BytesIO(content)),
    ),
    TrainedForecaster: FileFormat(
        extension=".skops",
        to_bytes=TrainedForecaster.to_bytes,
        from_bytes=TrainedForecaster.from_bytes,
    ),
    TrainedRegressor: FileFormat(
        extension=".skops",
        to_bytes=TrainedRegressor.to_bytes,
        from_bytes=TrainedRegressor.from_bytes,
    ),
}


class AssetFiles(dg.ConfigurableIOManager):
    """Keeps tables as Parquet and models as skops files.

    A reader sees the value of one run or of another, never half of one: a local file is replaced
    by a rename, an object store puts an object at once.
    """

    storage: str = Field(
        default="",
        description=(
            "Folder, s3://bucket/prefix or other fsspec URL for asset values. Empty: the "
            f"environment variable SPIKE_STORAGE, or else the folder {DEFAULT_STORAGE!r}."
        ),
    )

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write an asset's value and say where it is."""
        file_format = FORMATS[type(obj)]
        name = _file_name(context.asset_key, file_format)
        content = file_format.to_bytes(obj)
        _write(self._root(), name, content)
        context.add_output_metadata({"path": str(self._root() / name), "size_bytes": len(content)})

    def load_input(self, context: dg.InputContext) -> Any:
        """Read the value that an asset has now."""
        file_format = FORMATS[context.dagster_type.typing_type]
        content = _read(self._root(), _file_name(context.asset_key, file_format))
        if content is None:
            raise dg.Failure(
                f"{context.asset_key.to_user_string()} has no value in {self._root()} yet: "
                "materialize it first",
                allow_retries=False,
            )
        return file_format.from_bytes(content)

    def _root(self) -> UPath:
        return UPath(self.storage or os.environ.get("SPIKE_STORAGE") or DEFAULT_STORAGE)


def _file_name(key: dg.AssetKey, file_format: FileFormat) -> str:
    return "/".join(key.path) + file_format.extension


def _write(root: UPath, name: str, content: bytes) -> None:
    if root.protocol == "s3":
        with _bucket_at(root) as bucket:
            bucket.put(name, content)
        return
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.protocol in ("", "file", "local"):
        replace_file(Path(path.path), content)
    else:
        path.write_bytes(content)


def _read(root: UPath, name: str) -> bytes | None:
    if root.protocol == "s3":
        with _bucket_at(root) as bucket:
            return bucket.get(name)
    try:
        return (root / name).read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _bucket_at(root: UPath) -> Iterator["Bucket"]:
    """Open a bucket; a fault of the storage fails the step, which may be retried."""
    from spike_assets.storage.s3_bucket import Bucket, ObjectStorageError

    try:
        yield Bucket(str(root))
    except ObjectStorageError as error:
        raise dg.Failure(str(error)) from error
