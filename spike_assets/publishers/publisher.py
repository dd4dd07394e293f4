"""A publisher: how it is asked, and how its answers are read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from spike_assets.publishers.received import Received
from spike_assets.publishers.settings import PublisherSettings


@dataclass(frozen=True)
class Reading:
    """The numbers in a publisher's answers.

    Attributes:
        table: `month` and series under their published names (`float64`, NaN where there is no
            number), one row a month, sorted.
        rebased: Series on another base than in the files: they replace the file's column whole.
        missing: By series, why there are no numbers of it.
        counts: What was left out, by its kind, such as rows that are no month.
    """

    table: pd.DataFrame
    rebased: frozenset[str] = frozenset()
    missing: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Publisher:
    """A publisher of one source's series. The package's `PUBLISHERS` lists them all.

    Attributes:
        name: Short name, as in SPIKE_LIVE.
        title: Name for people.
        description: What it publishes, when, and under which licence; shown in the UI.
        source: Name of the raw source whose clean table its numbers continue.
        unconfigured: Returns what has to be set before it can be asked; empty if nothing.
        probe: Asks it for little, to see whether it answers; raises `PublisherError` if not.
        fetch: Asks it for everything up to a day, as `Received`.
        read: Reads what was received, given the file's clean table, which the numbers have to
            agree with.
    """

    name: str
    title: str
    description: str
    source: str
    unconfigured: Callable[[PublisherSettings], str]
    probe: Callable[[PublisherSettings], None]
    fetch: Callable[[PublisherSettings, date], Received]
    read: Callable[[Received, pd.DataFrame], Reading]

    @property
    def asset(self) -> str:
        """Name of the asset that asks it."""
        return f"live_{self.name}"
