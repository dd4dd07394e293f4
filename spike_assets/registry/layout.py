"""The folders of the model store: who may write, and how a model comes in and goes out whole.

    $BENTOML_HOME/models/model1/<version>/      model.yaml, payload.skops, perhaps backtest.png
    $BENTOML_HOME/spike-assets/promotions.jsonl what is served, and was: see `promotions`
    $BENTOML_HOME/spike-assets/lock             held while the store is written
    $BENTOML_HOME/spike-assets/staging-…/       a model being built, or being removed

Files only: what a model is, BentoML knows.
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

_OF_BENTOML = ("bentos", "envs", "models", "tmp")
"""What `bentoml serve` makes where it is missing, which it can't on a read-only volume."""

_STAGING = "staging-"


class StoreFolders:
    """The folders under BentoML's home.

    Args:
        home: That home; made when the store is first written.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.models = home / "models"
        self.own = home / "spike-assets"

    def versions(self, name: str) -> list[Path]:
        """Find the version folders of a model.

        Raises:
            ModelStoreError: They can't be listed.
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
        """Hold the store's lock; it ends with the process that holds it, however that ends.

        Raises:
            ModelStoreError: The disk is full, read-only, another user's, …
        """
        with disk_faults(self.home):
            self.own.mkdir(parents=True, exist_ok=True)
            for name in _OF_BENTOML:
                (self.home / name).mkdir(exist_ok=True)
            with (self.own / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sweep()
                yield

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a folder to build in, on the same disk as the models."""
        with tempfile.TemporaryDirectory(prefix=_STAGING, dir=self.own) as folder:
            yield Path(folder)

    def move_in(self, built: Path, *, name: str) -> None:
        """Rename a finished model into the store, and make it BentoML's `latest`.

        Args:
            built: Its folder, called like its version.
            name: The model's name.
        """
        for path in built.rglob("*"):
            # BentoML makes these for their owner alone; a service of another user reads them too.
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
        """Let BentoML take this version for `name:latest`."""
        file = self.models / name / "latest"
        if not file.exists() or file.read_bytes() != version.encode():
            replace_file(file, version.encode())

    def move_out(self, versions: Iterable[Path]) -> None:
        """Remove versions: each is out of the store before the first of its files is gone.

        Needs no room on the disk, which may be full.
        """
        out = []
        for folder in versions:
            out.append(folder.rename(self.own / f"{_STAGING}{folder.parent.name}-{folder.name}"))
            sync_folder(folder.parent)
        for folder in out:
            shutil.rmtree(folder)

    def _sweep(self) -> None:
        # With the lock held, whatever is being built or removed was abandoned by a writer that
        # died.
        for abandoned in self.own.glob(f"{_STAGING}*"):
            shutil.rmtree(abandoned, ignore_errors=True)


@contextmanager
def disk_faults(*folders: Path) -> Iterator[None]:
    """Say which folders can't be written, and why, instead of raising an `OSError`."""
    try:
        yield
    except OSError as error:
        names = " or ".join(map(str, folders))
        raise ModelStoreError(f"{names} can't be written: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):  # of a folder: a source, a target and a reason a file
        text = str(error.args[0][0][-1])
        numbered = re.match(r"\[Errno \d+\] ([^:]+)", text)
        return numbered[1] if numbered else text
    return error.strerror or str(error)
