"""Where asset values live: one file an asset, replaced whole, in a folder or at an fsspec URL."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
from pydantic import Field
from upath import UPath

from spike_assets.atomic_file import replace_file
from spike_assets.forecasting.trained_forecaster import TrainedForecaster
from spike_assets.trained_regressor import TrainedRegressor

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
            "Folder or fsspec URL for asset values. Empty: the environment variable "
            f"SPIKE_STORAGE, or else the folder {DEFAULT_STORAGE!r}."
        ),
    )

    def handle_output(self, context: dg.OutputContext, obj: Any) -> None:
        """Write an asset's value and say where it is."""
        file_format = FORMATS[type(obj)]
        path = self._path(context.asset_key, file_format)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = file_format.to_bytes(obj)
        if path.protocol in ("", "file", "local"):
            replace_file(Path(path.path), content)
        else:
            path.write_bytes(content)
        context.add_output_metadata({"path": str(path), "size_bytes": len(content)})

    def load_input(self, context: dg.InputContext) -> Any:
        """Read the value that an asset has now."""
        file_format = FORMATS[context.dagster_type.typing_type]
        path = self._path(context.asset_key, file_format)
        try:
            return file_format.from_bytes(path.read_bytes())
        except FileNotFoundError:
            raise dg.Failure(
                f"{context.asset_key.to_user_string()} has no value in {self._root()} yet: "
                "materialize it first",
                allow_retries=False,
            ) from None

    def _root(self) -> UPath:
        return UPath(self.storage or os.environ.get("SPIKE_STORAGE") or DEFAULT_STORAGE)

    def _path(self, key: dg.AssetKey, file_format: FileFormat) -> UPath:
        return self._root().joinpath(*key.path[:-1], key.path[-1] + file_format.extension)
