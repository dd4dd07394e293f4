"""The headers of a request, looked up by name."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

RequestHeaders: TypeAlias = Mapping[bytes, Sequence[bytes]]
"""The values of each header, in the order sent; names in lower case."""


def by_name(pairs: Iterable[tuple[bytes, bytes]]) -> RequestHeaders:
    """Gather the values of headers that were sent more than once."""
    headers: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        headers.setdefault(name, []).append(value)
    return headers
