"""The folder layout of the model store, its lock, and moving models in and out as a whole.

    $BENTOML_HOME/models/model1/<version>/      model.yaml, payload.skops, perhaps backtest.png
    $BENTOML_HOME/spike-assets/promotions.jsonl the promotion log: see `promotions`
    $BENTOML_HOME/spike-assets/lock             held while the store is written
    $BENTOML_HOME/spike-assets/staging-…/       a model being built or removed

Files only: `stored_model` knows their content.
"""

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spike_assets.registry.errors import ModelStoreError
from spike_assets.storage.atomic_file import replace_file, sync_folder

_FOLDERS_OF_BENTOML = ("bentos", "envs", "models", "tmp")
"""Folders that `bentoml serve` makes if they are missing, which fails on a read-only volume."""

_STAGING = "staging-"


class StoreLayout:
    """The folders under BentoML's home.

    Args:
        home: That home; made when the store is first written.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.models = home / "models"
        self.own = home / "spike-assets"

    def versions(self, name: str) -> list[Path]:
        """List the version folders of a model.

        Raises:
            ModelStoreError: The folder can't be listed.
        """
        try:
            return [path for path in (self.models / name).iterdir() if path.is_dir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ModelStoreError(
                f"{self.models / name} can't be read: {_reason(error)}"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store's lock; the operating system releases it if the process dies.

        Raises:
            ModelStoreError: The disk is full, read-only, another user's, …
        """
        with disk_errors(self.home):
            self.own.mkdir(parents=True, exist_ok=True)
            for name in _FOLDERS_OF_BENTOML:
                (self.home / name).mkdir(exist_ok=True)
            with (self.own / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._remove_abandoned()
                yield

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Provide a temporary folder to build in, on the same disk as the models."""
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=self.own) as folder:
            yield Path(folder)

    def move_in(self, built: Path, *, name: str) -> None:
        """Rename a finished version into the store, and make it BentoML's `latest`.

        Args:
            built: The folder of the version, named after it.
            name: The model's name.
        """
        for path in built.rglob("*"):
            # BentoML makes these readable by their owner only; the service may be another user.
            path.chmod(0o755 if path.is_dir() else 0o644)
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        built.chmod(0o755)
        target = self.models / name / built.name
        target.parent.mkdir(exist_ok=True)
        built.rename(target)
        try:
            sync_folder(target.parent)
            self.set_latest(name, target.name)
        except OSError:
            target.rename(built)
            raise

    def set_latest(self, name: str, version: str) -> None:
        """Make a version BentoML's `name:latest`."""
        file = self.models / name / "latest"
        if not file.exists() or file.read_bytes() != version.encode():
            replace_file(file, version.encode())

    def move_out(self, versions: Iterable[Path]) -> None:
        """Remove versions: rename each out of the store, then delete its files.

        Needs no free space, so it works on a full disk.
        """
        out = []
        for folder in versions:
            out.append(folder.rename(self.own / f"{_STAGING}{folder.parent.name}-{folder.name}"))
            sync_folder(folder.parent)
        for folder in out:
            shutil.rmtree(folder)

    def _remove_abandoned(self) -> None:
        # Under the lock, every staging folder belongs to a writer that died.
        for abandoned in self.own.glob(f"{_STAGING}*"):
            shutil.rmtree(abandoned, ignore_errors=True)


@contextmanager
def disk_errors(*folders: Path) -> Iterator[None]:
    """Turn an `OSError` into a `ModelStoreError` with the folders and the reason."""
    try:
        yield
    except OSError as error:
        names = " or ".join(map(str, folders))
        raise ModelStoreError(f"{names} can't be written: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):  # of a folder: source, target and reason of each file
        text = str(error.args[0][0][-1])
        numbered = re.match(r"\[Errno \d+\] ([^:]+)", text)
        return numbered[1] if numbered else text
    return error.strerror or str(error)
