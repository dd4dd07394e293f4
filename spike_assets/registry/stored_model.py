"""A model as BentoML stores it, a folder: built, looked at, or loaded after it was verified.

Which of these folders there are, and which is served, `model_store` says. The only domain module
that imports bentoml.
"""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bentoml
from bentoml._internal.models import ModelStore as BentoModelStore  # the folder that create() fills
from bentoml.exceptions import BentoMLException
from yaml import YAMLError

from spike_assets.registry.errors import ModelRefusedError
from spike_assets.registry.layout import disk_faults
from spike_assets.registry.metadata import damage, deviation, misfit, record_of
from spike_assets.registry.promotions import Promotion, arrivals, served_since
from spike_assets.registry.trained_model import KIND_OF, READERS, TrainedModel
from spike_assets.registry.versions import PICTURE, ModelVersion
from spike_assets.storage.atomic_file import ABANDONED_AFTER_S

PAYLOAD = "payload.skops"

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
"""What BentoML raises for a model.yaml that was cut off or holds something else."""

_OF_OTHER_CODE = (AttributeError, ImportError, LookupError, TypeError, ValueError)
"""What a reader raises for a payload that other code wrote: other fields, untrusted types."""


@dataclass(frozen=True)
class StoredModel:
    """A model out of the store, verified.

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
        """Whether it was trained on the embedded sample."""
        return bool(self.metadata["synthetic"])


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
        The folder of the version, called like it.

    Raises:
        ModelStoreError: One of the two folders is full or read-only.
    """
    payload = model.to_bytes()
    record = record_of(model, payload=payload, data_versions=data_versions, synthetic=synthetic)
    with (
        disk_faults(staging.parents[1], Path(tempfile.gettempdir())),
        bentoml.models.create(
            model.name,
            labels={"project": "spike-assets", "data": "synthetic" if synthetic else "files"},
            metadata=record,
            _model_store=BentoModelStore(staging),
        ) as built,
    ):
        Path(built.path_of(PAYLOAD)).write_bytes(payload)
        if picture is not None:
            Path(built.path_of(PICTURE)).write_bytes(picture)
    return staging / built.tag.path()


def sweep_temporaries(name: str) -> None:
    """Remove what BentoML left of a model in the temporary folder when a writer died."""
    oldest_s = time.time() - ABANDONED_AFTER_S
    for abandoned in Path(tempfile.gettempdir()).glob(f"bentoml-model-{name}-*"):
        with suppress(OSError):  # another user's, or gone already
            if abandoned.stat().st_mtime < oldest_s:
                shutil.rmtree(abandoned)


def exact_tag(tag: str) -> bentoml.Tag:
    """Read a tag that names one version.

    Raises:
        ModelRefusedError: It does not; BentoML would take a name for its latest version, and
            half a version for a whole one.
    """
    try:
        exact = bentoml.Tag.from_str(tag)
    except (BentoMLException, ValueError) as error:
        raise ModelRefusedError(f"{tag!r} is no tag: {error}") from None
    if exact.version in (None, "latest") or str(exact) != tag:
        raise ModelRefusedError(f"{tag!r} names no version; expected name:version")
    return exact


def load_model(folder: Path, *, tag: str) -> StoredModel:
    """Load a version, after checking that it is what was registered.

    Raises:
        ModelRefusedError: It is missing, its payload is not the one that was registered, it was
            written by other code or other versions of the libraries, or it does not answer its
            example as it did then.
    """
    if not folder.is_dir():
        raise ModelRefusedError(f"{tag} is not in the store {folder.parents[2]}")
    try:
        stored, payload = bentoml.Model.from_path(folder), _payload(folder)
    except _UNREADABLE as error:
        raise ModelRefusedError(f"{tag} can't be read from {folder.parents[1]}: {error}") from None
    record: Mapping[str, Any] = stored.info.metadata
    if reason := damage(payload, record) or misfit(record):
        raise ModelRefusedError(f"{tag} {reason}")
    try:
        model = READERS[record["kind"]](payload)
        fault = deviation(model, record)
    except _OF_OTHER_CODE as error:
        raise ModelRefusedError(
            f"{tag} was registered by other code, {record.get('code_version', '(unknown)')}, and "
            f"can't be read by this one ({type(error).__name__}: {error}): promote another "
            "version, or run `make run` to train again"
        ) from None
    if fault:
        raise ModelRefusedError(f"{tag} {fault}")
    return StoredModel(
        tag=tag, model=model, created=stored.creation_time.astimezone(UTC), metadata=record
    )


def look_at(folder: Path, *, history: Sequence[Promotion]) -> ModelVersion | None:
    """Look at a version without loading it; None if it is gone, by a rival that pruned it."""
    record: Mapping[str, Any] = {}
    fault = None
    try:
        created = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        try:
            model, payload = bentoml.Model.from_path(folder), _payload(folder)
        except _UNREADABLE as error:
            folder.stat()
            fault = f"can't be read: {error}"
        else:
            fault = damage(payload, model.info.metadata)
            record, created = model.info.metadata, model.creation_time.astimezone(UTC)
    except FileNotFoundError:
        return None
    tag = f"{folder.parent.name}:{folder.name}"
    return ModelVersion(
        folder=folder,
        kind=KIND_OF[folder.parent.name],
        created=created,
        record=record,
        damage=fault,
        arrivals=arrivals(history, tag),
        served=served_since(history, tag),
    )


def _payload(folder: Path) -> bytes:
    return (folder / PAYLOAD).read_bytes()
