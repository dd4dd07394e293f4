"""The model store of this machine, synced with a store in a bucket if one is set.

The bucket is the source of truth; local disk is a cache. A change is written to the bucket
first, then to the disk. Readers use the disk alone, so they keep working while the bucket can't be
reached.
"""

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from spike_assets.registry.errors import (
    ModelRefusedError,
    ModelStoreError,
    PromotionConflictError,
    PromotionsDamagedError,
)
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import Action, new_line, parse_line, undo_stack
from spike_assets.registry.trained_model import KIND_OF
from spike_assets.registry.versions import ModelVersion

if TYPE_CHECKING:
    from spike_assets.registry.s3_store import S3Store

logger = logging.getLogger(__name__)

MAX_TRIES = 20
"""Number of tries of a promotion when other machines promote at the same time."""

Lines = Sequence[bytes]
"""The lines of a promotion log, oldest first."""

Selection = Callable[[Lines], Iterable[str]]
"""Selects tags by the promotion log."""


def open_store() -> ModelStore:
    """Open the store in BentoML's home; it syncs with SPIKE_MODEL_STORE if that is set.

    Raises:
        ModelStoreError: SPIKE_MODEL_STORE is not a URL of S3-compatible storage.
    """
    url = os.environ.get("SPIKE_MODEL_STORE", "").strip()
    if not url:
        return ModelStore()
    from spike_assets.registry.s3_store import S3Store  # with the S3 client, only if it is needed

    try:
        return SyncedStore(S3Store(url))
    except ModelStoreError as error:  # no request was made yet: the setting is wrong
        raise ModelStoreError(f"SPIKE_MODEL_STORE: {error}") from error


class SyncedStore(ModelStore):
    """A local store that syncs with a remote one.

    Args:
        remote: The remote store.
        home: BentoML's home folder, as of `ModelStore`.
    """

    def __init__(self, remote: "S3Store", home: Path | None = None) -> None:
        super().__init__(home)
        self._remote = remote
        self.remote_url = remote.url
        self.location = f"{self.home} (synced with {remote.url})"

    def pull(self, *, everything: bool = False) -> None:
        """Sync from the remote store: the promotion log and the promoted versions.

        Args:
            everything: Download every version; a damaged one is skipped with a warning.

        Raises:
            ModelRefusedError: A promoted version is missing or damaged in the remote store; the
                local promotion log is unchanged.
        """
        if everything:
            self._sync(lambda _: self._remote.tags(), skip_damaged=True)
        else:
            self._sync(_promoted_last)

    def promote(
        self, tags: Mapping[str, str], *, reason: str, keep_real: bool = False
    ) -> dict[str, str]:
        """Promote versions on every machine."""

        def promote_here() -> dict[str, str]:
            if keep_real:  # whether they are real stands in their folders
                self._sync(_promoted_last, skip_damaged=True)
            return ModelStore.promote(self, tags, reason=reason, keep_real=keep_real)

        return self._retry(lambda _: tags.values(), promote_here)

    def rollback(self, *, reason: str) -> dict[str, str]:
        """Undo the last promotion on every machine."""
        return self._retry(_promoted_before, lambda: ModelStore.rollback(self, reason=reason))

    def prune(self, keep: int) -> list[str]:
        """Remove old versions locally and remotely; other machines keep their copies."""
        self.pull(everything=True)
        return super().prune(keep)

    def _retry(self, needed: Selection, write: Callable[[], dict[str, str]]) -> dict[str, str]:
        """Sync and write, until no other machine has promoted in between."""
        for _ in range(MAX_TRIES):
            with suppress(PromotionConflictError):
                self._sync(needed)
                return write()
        raise ModelStoreError(
            f"other machines promoted in {self.remote_url} during each of {MAX_TRIES} tries; "
            "nothing was changed: try again"
        )

    def _sync(self, needed: Selection, *, skip_damaged: bool = False) -> None:
        """Download versions that are missing locally, then replace the local promotion log.

        If nothing has changed, nothing is written and no lock is taken.
        """
        remote = self._remote.lines(self._local_lines())
        if not self._is_behind(remote) and not self._missing(needed(remote)):
            return
        with self._layout.writing():
            remote = self._remote.lines(self._local_lines())  # another process may have synced
            for tag in self._missing(needed(remote)):
                try:
                    self._download(tag)
                except ModelRefusedError as error:
                    if not skip_damaged:
                        raise
                    logger.warning("%s", error)
            if self._is_behind(remote):
                self._log.replace(remote)

    def _local_lines(self) -> list[bytes]:
        """Return the local log; nothing if it is damaged, as a sync replaces it."""
        try:
            return self._log.lines()
        except PromotionsDamagedError:
            return []

    def _is_behind(self, remote: Lines) -> bool:
        """Return whether the remote log is longer than the local one, or another."""
        return self._local_lines()[: len(remote)] != remote

    def _missing(self, tags: Iterable[str]) -> list[str]:
        ours = [tag for tag in tags if tag.partition(":")[0] in KIND_OF]
        return [tag for tag in ours if not self._folder(tag).is_dir()]

    def _download(self, tag: str) -> None:
        folder = self._folder(tag)
        with self._layout.staging() as staging:
            built = staging / folder.name
            built.mkdir()
            self._remote.download(tag, to=built)
            self._layout.move_in(built, name=folder.parent.name)

    def _upload_missing(self, tags: Iterable[str]) -> None:
        """Upload versions that are only local."""
        remote = self._remote.tags()
        for tag in tags:
            if tag not in remote and self._folder(tag).is_dir():
                self._remote.upload(self._folder(tag))

    def _keep(self, built: Path, *, name: str) -> None:
        self._remote.upload(built)
        super()._keep(built, name=name)

    def _add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        local = self._local_lines()
        remote = self._remote.lines(local)
        if self._is_behind(remote):
            raise PromotionConflictError(f"another machine promoted in {self.remote_url}")
        lines = [*local, new_line(action, reason=reason, promoted=promoted)]
        # More than the new line if this store had a log before it was synced.
        for number, line in enumerate(lines[len(remote) :], start=len(remote) + 1):
            self._upload_missing(_promoted_by(line))
            self._remote.add_line(number, line)
        try:
            self._log.replace(lines)
            self._upload_missing(promoted.values())  # what another machine pruned meanwhile
        except (ModelStoreError, OSError) as error:
            logger.warning("Promoted in %s, but not completely here: %s", self.remote_url, error)

    def _remove(self, versions: Sequence[ModelVersion]) -> list[ModelVersion]:
        for version in versions:
            self._remote.delete(version.tag)
        local = self._local_lines()
        added = self._remote.lines(local)[len(local) :]
        needed = {tag for line in added for tag in _promoted_by(line)}  # promoted meanwhile
        self._upload_missing(needed)
        return super()._remove([version for version in versions if version.tag not in needed])


def _promoted_by(line: bytes) -> list[str]:
    return list(parse_line(line).promoted.values())


def _promoted_last(lines: Lines) -> list[str]:
    """Return the tags that are promoted; none if the log is empty."""
    return _promoted_by(lines[-1]) if lines else []


def _promoted_before(lines: Lines) -> list[str]:
    """Return the tags that a rollback restores; none if there is no earlier promotion."""
    stack = undo_stack([parse_line(line) for line in lines])
    return list(stack[-2].promoted.values()) if len(stack) > 1 else []
