"""A version of a model as BentoML stores it, a folder: build, inspect, or verify and load it.

`model_store` decides which versions there are, and which are served. The only module of
`spike_assets` that imports bentoml.
"""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import bentoml

# Private: the store that `create` writes to. Checked with BentoML 1.4.39; the tests import it here.
from bentoml._internal.models import ModelStore as BentoModelStore
from bentoml.exceptions import BentoMLException
from yaml import YAMLError

from spike_assets.registry.errors import ModelRefusedError
from spike_assets.registry.layout import disk_errors
from spike_assets.registry.metadata import (
    checksum_error,
    example_mismatch,
    library_difference,
    model_metadata,
    version_mismatch,
)
from spike_assets.registry.promotions import Promotion, promotions_of, served_since
from spike_assets.registry.trained_model import KIND_OF, READING_ERRORS, TrainedModel
from spike_assets.registry.versions import PICTURE, ModelVersion
from spike_assets.storage.atomic_file import ABANDONED_AFTER_S

PAYLOAD = "payload.skops"
DESCRIPTION = "model.yaml"

_UNREADABLE = (
    AttributeError,
    BentoMLException,
    ExceptionGroup,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    YAMLError,
)
"""Raised by BentoML for a model.yaml that was cut off or holds something else."""


@dataclass(frozen=True)
class StoredModel:
    """A model loaded from the store and verified.

    Attributes:
        tag: `name:version`.
        model: The model.
        created: When it was registered.
        metadata: What was recorded then.
    """

    tag: str
    model: TrainedModel
    created: datetime
    metadata: Mapping[str, Any]

    @property
    def synthetic(self) -> bool:
        """True if it was trained on the embedded sample."""
        return bool(self.metadata["synthetic"])

    @property
    def library_difference(self) -> str | None:
        """The libraries of which another patch release wrote it, to follow the tag; or None."""
        return library_difference(self.metadata)


def build_model(
    model: TrainedModel,
    *,
    staging: Path,
    data_versions: Mapping[str, str],
    synthetic: bool,
    picture: bytes | None,
) -> Path:
    """Build a version in a folder beside the store.

    Args:
        model: The model.
        staging: The folder; BentoML also builds in the temporary folder.
        data_versions: SHA-256 of each raw file that it was trained on, by asset.
        synthetic: Whether those were the embedded sample.
        picture: Its backtest, as PNG.

    Returns:
        The folder of the version, named after it.

    Raises:
        ModelStoreError: One of the two folders is full or read-only.
    """
    payload = model.to_bytes()
    metadata = model_metadata(
        model, payload=payload, data_versions=data_versions, synthetic=synthetic
    )
    with (
        disk_errors(staging.parents[1], Path(tempfile.gettempdir())),
        bentoml.models.create(
            model.name,
            labels={"project": "spike-assets", "data": "synthetic" if synthetic else "files"},
            metadata=metadata,
            _model_store=BentoModelStore(staging),
        ) as built,
    ):
        Path(built.path_of(PAYLOAD)).write_bytes(payload)
        if picture is not None:
            Path(built.path_of(PICTURE)).write_bytes(picture)
    return staging / built.tag.path()


def remove_abandoned_builds(name: str) -> None:
    """Remove what BentoML left of a model in the temporary folder when a writer died."""
    oldest_s = time.time() - ABANDONED_AFTER_S
    for abandoned in Path(tempfile.gettempdir()).glob(f"bentoml-model-{name}-*"):
        with suppress(OSError):  # another user's, or gone already
            if abandoned.stat().st_mtime < oldest_s:
                shutil.rmtree(abandoned)


def parse_tag(tag: str) -> bentoml.Tag:
    """Parse a tag that names exactly one version.

    Raises:
        ModelRefusedError: It does not; BentoML would read a name as its latest version, and
            the beginning of a version as the version.
    """
    try:
        parsed = bentoml.Tag.from_str(tag)
    except (BentoMLException, ValueError) as error:
        raise ModelRefusedError(f"{tag!r} is not a tag: {error}") from None
    if parsed.version in (None, "latest") or str(parsed) != tag:
        raise ModelRefusedError(f"{tag!r} does not name a version; expected name:version")
    return parsed


def load_model(folder: Path, *, tag: str) -> StoredModel:
    """Load a version, after checking that it is what was registered.

    Raises:
        ModelRefusedError: It is missing, its payload is not the one that was registered, it was
            written by other code or other minor releases of the libraries, or its example prices
            differ from the recorded ones.
    """
    if not folder.is_dir():
        raise ModelRefusedError(f"{tag} is not in the store {folder.parents[2]}")
    try:
        stored, payload = _read(folder)
    except _UNREADABLE as error:
        raise ModelRefusedError(f"{tag} can't be read from {folder.parents[1]}: {error}") from None
    metadata: Mapping[str, Any] = stored.info.metadata
    if reason := checksum_error(payload, metadata) or version_mismatch(metadata):
        raise ModelRefusedError(f"{tag} {reason}")
    libraries = library_difference(metadata)
    subject = f"{tag} {libraries}," if libraries else tag
    try:
        model = KIND_OF[folder.parent.name].from_bytes(payload)
        reason = example_mismatch(model, metadata)
    except READING_ERRORS as error:
        raise ModelRefusedError(
            f"{subject} was registered by other code, {metadata.get('code_version', '(unknown)')}, "
            f"and can't be read by this version ({type(error).__name__}: {str(error).strip('.')}): "
            "run `make run` to train again, or promote another version"
        ) from None
    if reason:
        raise ModelRefusedError(f"{subject} {reason}")
    return StoredModel(
        tag=tag, model=model, created=stored.creation_time.astimezone(UTC), metadata=metadata
    )


def inspect_version(folder: Path, *, promotions: Sequence[Promotion]) -> ModelVersion | None:
    """Describe a version without loading its model; None if it was pruned meanwhile."""
    metadata: Mapping[str, Any] = {}
    try:
        created = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        damage: str | None
        try:
            states = tuple(_file_state(folder / name) for name in (DESCRIPTION, PAYLOAD))
            metadata, created, damage = _described(folder, states)
        except _UNREADABLE as error:
            folder.stat()
            damage = f"can't be read: {error}"
    except FileNotFoundError:
        return None
    tag = f"{folder.parent.name}:{folder.name}"
    return ModelVersion(
        folder=folder,
        kind=KIND_OF[folder.parent.name].name,
        created=created,
        metadata=metadata,
        damage=damage,
        mismatch=None if damage else version_mismatch(metadata),
        library_difference=None if damage else library_difference(metadata),
        promotions=promotions_of(tag, promotions),
        served=served_since(tag, promotions),
    )


@lru_cache(maxsize=1024)
def _described(
    folder: Path, _: tuple[tuple[int, ...] | None, ...]
) -> tuple[Mapping[str, Any], datetime, str | None]:
    """Read the metadata of a version, when it was registered, and how it is damaged.

    Kept as long as its files are in the same state: reading them takes 8 ms.
    """
    stored, payload = _read(folder)
    metadata = stored.info.metadata
    return metadata, stored.creation_time.astimezone(UTC), checksum_error(payload, metadata)


def _file_state(path: Path) -> tuple[int, ...] | None:
    try:
        stat = path.stat()
    except OSError:
        return None  # reading it raises the error that is reported
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_size


def _read(folder: Path) -> tuple[bentoml.Model, bytes]:
    return bentoml.Model.from_path(folder), (folder / PAYLOAD).read_bytes()
