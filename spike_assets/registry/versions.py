"""The registered versions of the models: their description, and which of them may be pruned."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from spike_assets.registry.promotions import Promotion, undo_stack

PICTURE = "backtest.png"


@dataclass(frozen=True)
class ModelVersion:
    """A version in the store, described but not loaded.

    Attributes:
        folder: Its folder.
        kind: `regressor` or `forecaster`.
        created: When it was registered; of a damaged one, when its folder last changed.
        metadata: What was recorded then; empty if that can't be read.
        damage: Why it is damaged, to follow the tag; None if it is intact.
        mismatch: Why the installed libraries can't read it, to follow the tag; None if they can.
        library_difference: The libraries of which another release wrote it, to follow the tag;
            None if the installed ones did.
        promotions: The promotions and rollbacks that brought it into service, oldest first.
        served: The last of these if it is served now, else None.
    """

    folder: Path
    kind: str
    created: datetime
    metadata: Mapping[str, Any]
    damage: str | None
    mismatch: str | None
    library_difference: str | None
    promotions: Sequence[Promotion]
    served: Promotion | None

    @property
    def name(self) -> str:
        """The model's name."""
        return self.folder.parent.name

    @property
    def tag(self) -> str:
        """`name:version`."""
        return f"{self.name}:{self.folder.name}"

    @property
    def synthetic(self) -> bool | None:
        """True if it was trained on the embedded sample; None if unknown."""
        return self.metadata.get("synthetic")

    @property
    def months(self) -> Mapping[str, Any]:
        """The first and the last month that it was trained on, and their number."""
        return self._mapping("months")

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Its scores, flat or by evaluation."""
        return self._mapping("metrics")

    @property
    def picture(self) -> Path | None:
        """The picture of its backtest, if it has one."""
        path = self.folder / PICTURE
        return path if path.is_file() else None

    def _mapping(self, field: str) -> Mapping[str, Any]:
        found = self.metadata.get(field)  # another project's model of this name may hold anything
        return found if isinstance(found, Mapping) else {}


def superseded(
    versions: Iterable[ModelVersion],
    *,
    keep: int,
    promotions: Sequence[Promotion],
    packed: Collection[str],
) -> list[ModelVersion]:
    """Choose the versions that may be pruned.

    These stay: of each name the newest intact versions and everything newer, the promoted ones,
    those that the next rollbacks restore, and those that a Bento needs to be containerized.

    Args:
        versions: Newest first.
        keep: How many intact ones of each name stay, and how many rollbacks; at least 1.
        promotions: Every promotion, oldest first.
        packed: The tags that Bentos were built with.
    """
    rollbacks = undo_stack(promotions)[-1 - keep :]
    needed = {*packed, *(tag for line in rollbacks for tag in line.promoted.values())}
    kept, old = Counter[str](), []
    for version in versions:
        if kept[version.name] >= keep and version.tag not in needed:
            old.append(version)
        elif not version.damage:
            kept[version.name] += 1
    return old
