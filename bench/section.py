"""A part of `docs/benchmarks.md`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Section:
    """Result of a benchmark.

    Attributes:
        title: Its heading.
        text: Markdown.
        ratios: Ratios to peers, by description; larger is better.
    """

    title: str
    text: str
    ratios: Mapping[str, float] = field(default_factory=dict)
