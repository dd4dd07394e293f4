"""What this machine has of a remote model store: versions and the history, and how it gets them.

The versions come first and then the history that names them, so whoever reads here finds both.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from spike_assets.registry.errors import ModelRefusedError, PromotionsDamagedError
from spike_assets.registry.folders import StoreFolders
from spike_assets.registry.promotions import PromotionHistory
from spike_assets.registry.remote_store import RemoteStore
from spike_assets.registry.stored_model import exact_tag
from spike_assets.registry.trained_model import KIND_OF

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
        self, remote: RemoteStore, *, folders: StoreFolders, history: PromotionHistory
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
