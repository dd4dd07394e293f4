"""The registered versions of the models: what there is, and what may go."""

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
    """A version in the store, looked at but not loaded.

    Attributes:
        folder: Where it is.
        kind: `regressor` or `forecaster`.
        created: When it was registered; of a damaged one, when its folder last changed.
        record: What was recorded of it; empty if that can't be read.
        damage: What is wrong with it, to go on from the tag; None if it is whole.
        arrivals: The promotions and rollbacks that brought it into service, oldest first.
        served: The last of these if it is served now, else None.
    """

    folder: Path
    kind: str
    created: datetime
    record: Mapping[str, Any]
    damage: str | None
    arrivals: Sequence[Promotion]
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
        """Whether it was trained on the embedded sample; None if unknown."""
        return self.record.get("synthetic")

    @property
    def months(self) -> Mapping[str, Any]:
        """The first and the last month it was trained on, and how many."""
        return self._recorded("months")

    @property
    def metrics(self) -> Mapping[str, Any]:
        """Its scores, flat or by evaluation."""
        return self._recorded("metrics")

    @property
    def picture(self) -> Path | None:
        """The picture of its backtest, if it has one."""
        path = self.folder / PICTURE
        return path if path.is_file() else None

    def _recorded(self, field: str) -> Mapping[str, Any]:
        found = self.record.get(field)  # of somebody else's model of this name, it may be anything
        return found if isinstance(found, Mapping) else {}


def superseded(
    versions: Iterable[ModelVersion],
    *,
    keep: int,
    history: Sequence[Promotion],
    packed: Collection[str],
) -> list[ModelVersion]:
    """Choose the versions that may go.

    Of each name the newest whole ones stay, what is newer than them, what is served, what the
    next rollbacks would go back to, and what a Bento can't be containerized without.

    Args:
        versions: Newest first.
        keep: How many whole ones of each name stay, and how many rollbacks; at least 1.
        history: Every promotion.
        packed: The tags that Bentos were built with.
    """
    rollbacks = undo_stack(history)[-1 - keep :]
    needed = {*packed, *(tag for line in rollbacks for tag in line.promoted.values())}
    kept, old = Counter[str](), []
    for version in versions:
        if kept[version.name] >= keep and version.tag not in needed:
            old.append(version)
        elif not version.damage:
            kept[version.name] += 1
    return old
