"""API keys: `Authorization: Bearer KEY` or `X-API-Key: KEY`."""

import hmac
from collections.abc import Iterator, Sequence

from bento.edge.headers import RequestHeaders

_BEARER = b"bearer "


class ApiKeys:
    """The keys that open the service."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key.encode("ascii") for key in keys]

    def shown_in(self, headers: RequestHeaders) -> int | None:
        """Give the position of the key that a request shows, if it shows a right one.

        Every key is compared with all that is shown, in a time that tells nothing of how much of
        it is right.
        """
        right = None
        for shown in _shown(headers):
            for position, key in enumerate(self._keys):
                if hmac.compare_digest(shown, key):
                    right = position
        return right


def _shown(headers: RequestHeaders) -> Iterator[bytes]:
    yield from headers.get(b"x-api-key", ())
    for value in headers.get(b"authorization", ()):
        if value[: len(_BEARER)].lower() == _BEARER:
            yield value[len(_BEARER) :].strip()
