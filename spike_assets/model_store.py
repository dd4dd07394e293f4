"""The BentoML model store, made safe against crashes and rival writers.

BentoML saves a model by copying it into its final folder and then rewriting the file `latest`,
without a lock: a crash in between leaves half a model that `name:latest` resolves to. Here a
model is built beside the store and renamed into it as a whole, under a lock, and what is served
is decided by an alias file of our own, replaced atomically. `bentoml models list`, `get`,
`export` and `delete` work on the store as ever.

    $BENTOML_HOME/models/model1/<version>/      model.yaml, payload.skops
    $BENTOML_HOME/spike-assets/promoted.json    {"model1": "model1:<version>", …}
    $BENTOML_HOME/spike-assets/lock             held while the store is written
    $BENTOML_HOME/spike-assets/staging-…/       a model being built

The only domain module that imports bentoml.
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bentoml
from bentoml._internal.models import ModelStore as BentoModelStore  # the folder that create() fills
from bentoml.exceptions import BentoMLException
from pydantic import TypeAdapter, ValidationError
from yaml import YAMLError

from spike_assets.atomic_file import ABANDONED_AFTER_S, replace_file, sync_folder
from spike_assets.model_record import misfit, record_of
from spike_assets.trained_regressor import TrainedRegressor

PAYLOAD = "payload.skops"

_UNREADABLE = (BentoMLException, ExceptionGroup, OSError, TypeError, ValueError, YAMLError)
"""What BentoML raises for a model.yaml that was cut off or holds something else."""

_TAGS_BY_NAME = TypeAdapter(dict[str, str])


class ModelStoreError(Exception):
    """Something about the store or a model in it; the message says what to do."""


class NothingPromotedError(ModelStoreError):
    """No model was promoted yet."""


class ModelRefusedError(ModelStoreError):
    """A model is not what was registered, or can't be read with the libraries installed."""


@dataclass(frozen=True)
class StoredModel:
    """A model out of the store, verified.

    Attributes:
        tag: `name:version`.
        regressor: The model.
        metadata: What was recorded when it was registered.
    """

    tag: str
    regressor: TrainedRegressor
    metadata: Mapping[str, Any]

    @property
    def synthetic(self) -> bool:
        """Whether it was trained on the embedded sample."""
        return bool(self.metadata["synthetic"])


class ModelStore:
    """Models at rest, and which of them are served.

    Args:
        home: BentoML's home folder; `BENTOML_HOME`, or else `~/bentoml`, if not given.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or Path(os.environ.get("BENTOML_HOME") or Path.home() / "bentoml")
        # BentoML reports each save to its makers, over the network; here while a lock is held.
        os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
        self._models = self.home / "models"
        self._own = self.home / "spike-assets"

    @property
    def promoted_file(self) -> Path:
        """The alias file: which tag each model name is served from."""
        return self._own / "promoted.json"

    def register(
        self, regressor: TrainedRegressor, *, data_versions: Mapping[str, str], synthetic: bool
    ) -> str:
        """Put a model into the store, visible only once it is whole.

        Args:
            regressor: The model.
            data_versions: SHA-256 of each raw file that it was trained on, by asset.
            synthetic: Whether those were the embedded sample.

        Returns:
            Its tag.
        """
        payload = regressor.to_bytes()
        _sweep_temporaries(regressor.name)
        with self._writing():
            with tempfile.TemporaryDirectory(prefix="staging-", dir=self._own) as staging:
                with bentoml.models.create(
                    regressor.name,
                    labels={
                        "project": "spike-assets",
                        "data": "synthetic" if synthetic else "files",
                    },
                    metadata=record_of(
                        regressor,
                        payload=payload,
                        data_versions=data_versions,
                        synthetic=synthetic,
                    ),
                    _model_store=BentoModelStore(staging),
                ) as model:
                    Path(model.path_of(PAYLOAD)).write_bytes(payload)
                self._move_in(Path(staging) / model.tag.path(), model.tag.path())
            replace_file(self._models / model.tag.latest_path(), str(model.tag.version).encode())
        return str(model.tag)

    def promote(self, tags: Mapping[str, str]) -> None:
        """Serve these versions from now on, all of them at once.

        Args:
            tags: Tag by model name; names left out stay as they are.

        Raises:
            ModelRefusedError: One of them is missing, damaged or of another name; nothing was
                changed.
        """
        for name, tag in tags.items():
            if self.load(tag).regressor.name != name:
                raise ModelRefusedError(f"{tag} is no version of {name}")
        with self._writing():
            try:
                aliases = self.promoted() | dict(tags)
            except ModelStoreError:  # damaged: promoting is what mends it
                aliases = dict(tags)
            content = json.dumps(aliases, indent=2, sort_keys=True) + "\n"
            replace_file(self.promoted_file, content.encode())

    def promoted(self) -> dict[str, str]:
        """Say which tag each model name is served from; empty if nothing was promoted yet.

        Raises:
            ModelStoreError: The alias file was damaged.
        """
        try:
            return _TAGS_BY_NAME.validate_json(self.promoted_file.read_bytes())
        except FileNotFoundError:
            return {}
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise ModelStoreError(
                f"{self.promoted_file} is damaged ({reason}); run `make run` to promote again"
            ) from None

    def load_promoted(self) -> dict[str, StoredModel]:
        """Load every model that is served, by name.

        Raises:
            NothingPromotedError: Nothing was promoted yet.
            ModelRefusedError: A model is missing, damaged or can't be read here.
        """
        tags = self.promoted()
        if not tags:
            raise NothingPromotedError(
                f"no model is promoted in the BentoML store {self.home}; run `make run` to train, "
                "register and promote the models"
            )
        return {name: self.load(tag) for name, tag in tags.items()}

    def load(self, tag: str) -> StoredModel:
        """Load one version, after checking that it is what was registered.

        Args:
            tag: `name:version`, exact.

        Raises:
            ModelRefusedError: It is missing, its payload is not the one that was registered, or
                it was written by other versions of the libraries.
        """
        try:
            exact = bentoml.Tag.from_str(tag)
            if exact.version in (None, "latest"):
                raise ModelRefusedError(f"{tag!r} names no version; expected name:version")
            model = bentoml.Model.from_path(self._models / exact.path())
            payload = Path(model.path_of(PAYLOAD)).read_bytes()
        except _UNREADABLE as error:
            raise ModelRefusedError(f"{tag} can't be read from {self._models}: {error}") from None
        metadata = model.info.metadata
        if reason := misfit(payload, metadata):
            raise ModelRefusedError(f"{tag} {reason}")
        return StoredModel(
            tag=tag, regressor=TrainedRegressor.from_bytes(payload), metadata=metadata
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the store's lock; it ends with the process that holds it, however that ends."""
        self._own.mkdir(parents=True, exist_ok=True)
        self._models.mkdir(parents=True, exist_ok=True)
        with (self._own / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._sweep()
            yield

    def _sweep(self) -> None:
        # With the lock held, whatever is being built was abandoned by a writer that died.
        for abandoned in self._own.glob("staging-*"):
            shutil.rmtree(abandoned, ignore_errors=True)

    def _move_in(self, built: Path, tag_path: str) -> None:
        """Rename a finished model into the store."""
        for path in built.rglob("*"):
            # BentoML makes these for their owner alone; a service of another user reads them too.
            path.chmod(0o755 if path.is_dir() else 0o644)
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        built.chmod(0o755)
        target = self._models / tag_path
        target.parent.mkdir(exist_ok=True)
        built.rename(target)
        sync_folder(target.parent)


def _sweep_temporaries(name: str) -> None:
    """Remove what BentoML left of this model in the temporary folder when a writer died."""
    oldest_s = time.time() - ABANDONED_AFTER_S
    for abandoned in Path(tempfile.gettempdir()).glob(f"bentoml-model-{name}-*"):
        with suppress(OSError):  # another user's, or gone already
            if abandoned.stat().st_mtime < oldest_s:
                shutil.rmtree(abandoned)
