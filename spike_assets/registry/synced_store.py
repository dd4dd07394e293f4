"""The model store of this machine as a copy of one at a URL, which holds the truth.

What is done here is done there first, and here once it is there. Whoever reads looks at the disk
as ever, and goes on with what is on it when the storage is away.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from spike_assets.registry.errors import (
    ModelRefusedError,
    ModelStoreError,
    PromotionConflictError,
    PromotionsDamagedError,
)
from spike_assets.registry.layout import StoreFolders
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import (
    Action,
    PromotionLog,
    new_line,
    read_line,
    undo_stack,
)
from spike_assets.registry.s3_store import RemoteStore
from spike_assets.registry.stored_model import exact_tag
from spike_assets.registry.trained_model import KIND_OF
from spike_assets.registry.versions import ModelVersion

logger = logging.getLogger(__name__)

Lines = Sequence[bytes]
"""A history, or how it begins."""

Choice = Callable[[Lines], Iterable[str]]
"""What chooses tags by the history."""


class LocalCopy:
    """The folders and the history of this machine, beside those of a remote store.

    Args:
        remote: The remote store.
        folders: The folders here.
        history: The history here.
    """

    def __init__(
        self, remote: RemoteStore, *, folders: StoreFolders, history: PromotionLog
    ) -> None:
        self._remote = remote
        self._folders = folders
        self._history = history

    def lines(self) -> list[bytes]:
        """Give the history here; nothing if it is damaged, as taking over mends that."""
        try:
            return self._history.lines()
        except PromotionsDamagedError:
            return []

    def is_behind(self, there: Lines) -> bool:
        """Say whether the history there is a longer one, or another one, than the one here."""
        return self.lines()[: len(there)] != there

    def take_over(self, needed: Choice, *, leave_out_damaged: bool = False) -> None:
        """Fetch versions that are missing here, then hold the history there.

        If there is nothing to do, nothing is written and no lock is taken.

        Args:
            needed: Chooses the versions.
            leave_out_damaged: Whether a warning is enough for those that are damaged there.

        Raises:
            ModelRefusedError: One that is needed is missing or damaged there; the history here
                was not changed.
        """
        there = self._remote.lines(self.lines())
        if not self.is_behind(there) and not self._missing(needed(there)):
            return
        with self._folders.writing():
            there = self._remote.lines(self.lines())  # another process may have been quicker
            for tag in self._missing(needed(there)):
                try:
                    self._fetch(tag)
                except ModelRefusedError as error:
                    if not leave_out_damaged:
                        raise
                    logger.warning("%s", error)
            if self.is_behind(there):
                self._history.replace(there)

    def upload_missing(self, tags: Iterable[str]) -> None:
        """Put versions there that are here alone."""
        there = self._remote.tags()
        for tag in tags:
            if tag not in there and self._folder(tag).is_dir():
                self._remote.upload(self._folder(tag))

    def _missing(self, tags: Iterable[str]) -> list[str]:
        ours = [tag for tag in tags if tag.partition(":")[0] in KIND_OF]
        return [tag for tag in ours if not self._folder(tag).is_dir()]

    def _fetch(self, tag: str) -> None:
        folder = self._folder(tag)
        with self._folders.staging() as staging:
            built = staging / folder.name
            built.mkdir()
            self._remote.download(tag, to=built)
            self._folders.move_in(built, name=folder.parent.name)

    def _folder(self, tag: str) -> Path:
        return self._folders.models / exact_tag(tag).path()


logger = logging.getLogger(__name__)

TRIES = 20
"""How often a promotion gives way to those of other machines."""


class FollowingStore(ModelStore):
    """The copy of a remote store.

    Args:
        remote: What it is a copy of.
        home: BentoML's home folder, as of `ModelStore`.
    """

    def __init__(self, remote: RemoteStore, home: Path | None = None) -> None:
        super().__init__(home)
        self._remote = remote
        self._copy = LocalCopy(remote, folders=self._folders, history=self._history)
        self.remote_url = remote.url
        self.place = f"{self.home}, which follows {remote.url}"

    def pull(self, *, everything: bool = False) -> None:
        """Take over what others did.

        Args:
            everything: Every version but the damaged ones, of which a warning tells, and not
                just those that are promoted.

        Raises:
            ModelRefusedError: One that is promoted is missing or damaged there; what was promoted
                here still is.
        """
        if everything:
            self._copy.take_over(lambda _: self._remote.tags(), leave_out_damaged=True)
        else:
            self._copy.take_over(lambda lines: _promoted_by(lines[-1]) if lines else ())

    def promote(self, tags: Mapping[str, str], *, reason: str) -> dict[str, str]:
        """Serve these versions from now on, on every machine."""
        return self._after_others(
            lambda _: tags.values(), lambda: ModelStore.promote(self, tags, reason=reason)
        )

    def rollback(self, *, reason: str) -> dict[str, str]:
        """Serve again what was served before, on every machine."""
        return self._after_others(
            _promoted_before, lambda: ModelStore.rollback(self, reason=reason)
        )

    def prune(self, keep: int) -> list[str]:
        """Remove old versions here and there; other machines keep the copies that they have."""
        self.pull(everything=True)
        return super().prune(keep)

    def _after_others(self, needed: Choice, write: Callable[[], dict[str, str]]) -> dict[str, str]:
        for _ in range(TRIES):
            with suppress(PromotionConflictError):
                self._copy.take_over(needed)
                return write()
        raise ModelStoreError(
            f"other machines promoted in {self.remote_url} {TRIES} times meanwhile; nothing was "
            "changed by this one"
        )

    def _keep(self, built: Path, *, name: str) -> None:
        self._remote.upload(built)
        super()._keep(built, name=name)

    def _add(self, action: Action, *, reason: str, promoted: Mapping[str, str]) -> None:
        here = self._copy.lines()
        there = self._remote.lines(here)
        if self._copy.is_behind(there):
            raise PromotionConflictError(f"another machine promoted in {self.remote_url}")
        lines = [*here, new_line(action, reason=reason, promoted=promoted)]
        # More than the new one if this store was here before it followed any.
        for number, line in enumerate(lines[len(there) :], start=len(there) + 1):
            self._copy.upload_missing(_promoted_by(line))
            self._remote.add_line(number, line)
        try:
            self._history.replace(lines)
            self._copy.upload_missing(promoted.values())  # what another machine pruned meanwhile
        except (ModelStoreError, OSError) as error:
            logger.warning("Promoted in %s, but not all was done here: %s", self.remote_url, error)

    def _remove(self, versions: Sequence[ModelVersion]) -> list[ModelVersion]:
        for version in versions:
            self._remote.delete(version.tag)
        here = self._copy.lines()
        news = self._remote.lines(here)[len(here) :]
        needed = {tag for line in news for tag in _promoted_by(line)}  # promoted meanwhile
        self._copy.upload_missing(needed)
        return super()._remove([version for version in versions if version.tag not in needed])


def _promoted_by(line: bytes) -> list[str]:
    return list(read_line(line).promoted.values())


def _promoted_before(lines: Lines) -> list[str]:
    """Name what a rollback goes back to; nothing if there is nothing to go back to."""
    stack = undo_stack([read_line(line) for line in lines])
    return list(stack[-2].promoted.values()) if len(stack) > 1 else []
