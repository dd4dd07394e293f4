"""A part of `docs/benchmarks.md`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """What a benchmark found.

    Attributes:
        title: Its heading.
        text: Markdown.
        ratios: How many times better than a peer, by what; more is better.
    """

    title: str
    text: str
    ratios: Mapping[str, float] = field(default_factory=dict)
