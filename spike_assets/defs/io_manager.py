"""I/O manager: one file per asset, replaced as a whole, in a folder or at an fsspec URL."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from zipfile import BadZipFile

import dagster as dg
import pandas as pd
from pydantic import Field
from upath import UPath

from spike_assets.registry.trained_model import KIND_OF, READING_ERRORS
from spike_assets.storage.atomic_file import replace_file
from spike_assets.storage.location import DEFAULT_STORAGE, storage_root

if TYPE_CHECKING:
    from spike_assets.storage.s3_bucket import Bucket

STORED_SHA256 = "stored_sha256"
"""Metadata key of a materialization: the hash of what was stored."""


class AssetFiles(dg.ConfigurableIOManager, dg.UPathIOManager):
    """Stores tables as Parquet files and models as skops files.

    The asset decides the format, not the type of an input, so that
    `defs.load_asset_value("clean_banco_central")` works as Dagster documents it. A reader sees the
    value of one run or of another, never half of one: a local file is replaced by a rename, an
    object store puts an object at once. A step reads only what its own Dagster instance recorded,
    so that what an asset was made from is known even if two instances share a storage.
    """

    storage: str = Field(
        default="",
        description=(
            "Folder, s3://bucket/prefix or other fsspec URL for asset values. Empty: the "
            f"environment variable SPIKE_STORAGE, or else the folder {DEFAULT_STORAGE!r}."
        ),
    )

    # Annotated, or pydantic would make a field of Dagster's class attribute.
    extension: ClassVar[str | None] = None  # type: ignore[misc]

    @property
    def _base_path(self) -> UPath:  # type: ignore[override]
        return storage_root(self.storage or os.environ.get("SPIKE_STORAGE"))

    def _with_extension(self, path: UPath) -> UPath:
        return path.with_name(path.name + (".skops" if path.name in KIND_OF else ".parquet"))

    def make_directory(self, path: UPath) -> None:
        """Create a folder; a bucket has none."""
        if path.protocol != "s3":
            path.mkdir(parents=True, exist_ok=True)

    def dump_to_path(self, context: dg.OutputContext, obj: Any, path: UPath) -> None:
        """Replace the file of an asset, and record its size and its hash."""
        content = obj.to_parquet() if isinstance(obj, pd.DataFrame) else obj.to_bytes()
        if path.protocol == "s3":
            with _bucket_of(self._base_path) as bucket:
                bucket.put(_key(path, self._base_path), content)
        elif path.protocol in ("", "file", "local"):
            replace_file(Path(path.path), content)
        else:
            path.write_bytes(content)
        context.add_output_metadata(
            {"size_bytes": len(content), STORED_SHA256: hashlib.sha256(content).hexdigest()}
        )

    def load_from_path(self, context: dg.InputContext, path: UPath) -> Any:
        """Read the file of an asset.

        Raises:
            Failure: The file is damaged, was written by other code, or, in a step, is not the one
                that this Dagster instance recorded.
            FileNotFoundError: There is none.
        """
        content = self._content(path)
        if context.has_input_name:  # in a step: `load_asset_value` reads what is there
            _require_recorded(content, context, path)
        try:
            if path.suffix == ".skops":
                return KIND_OF[path.stem].from_bytes(content)
            return pd.read_parquet(io.BytesIO(content))
        except (BadZipFile, *READING_ERRORS) as error:  # damaged, or of other code
            raise dg.Failure(
                f"{path} can't be read by this version ({type(error).__name__}: {error}): "
                f"materialize {path.stem} again",
                allow_retries=False,
            ) from error

    def load_input(self, context: dg.InputContext) -> Any:
        """Read the value that an asset has now.

        Raises:
            Failure: It has none.
        """
        try:
            return super().load_input(context)
        except FileNotFoundError as error:
            raise dg.Failure(
                f"{context.asset_key.to_user_string()} has no value in {self._base_path} yet: "
                "materialize it first",
                allow_retries=False,
            ) from error

    def _content(self, path: UPath) -> bytes:
        if path.protocol != "s3":
            return bytes(path.read_bytes())
        with _bucket_of(self._base_path) as bucket:
            content = bucket.get(_key(path, self._base_path))
        if content is None:
            raise FileNotFoundError(str(path))
        return content


def _require_recorded(content: bytes, context: dg.InputContext, path: UPath) -> None:
    """Require that a file is what the latest materialization of its asset stored.

    A materialization without a hash was reported in the UI, or is of an earlier version: nothing
    is required then.
    """
    event = context.instance.get_latest_materialization_event(context.asset_key)
    materialization: dg.AssetMaterialization | None = event and event.asset_materialization
    recorded = materialization and materialization.metadata.get(STORED_SHA256)
    if recorded and recorded.value != hashlib.sha256(content).hexdigest():
        raise dg.Failure(
            f"the storage changed under this Dagster instance: {path} is not what it stored last. "
            f"Run again (in the UI, materialize {path.stem} first), and give each Dagster instance "
            "a SPIKE_STORAGE of its own",
            allow_retries=False,
        )


def _key(path: UPath, base: UPath) -> str:
    return str(path).removeprefix(str(base)).lstrip("/")


@contextmanager
def _bucket_of(base: UPath) -> Iterator["Bucket"]:
    """Open a bucket; a fault of the storage fails the step, which may be retried."""
    from spike_assets.storage.s3_bucket import Bucket, ObjectStorageError

    try:
        yield Bucket(str(base))
    except ObjectStorageError as error:
        raise dg.Failure(str(error)) from error
