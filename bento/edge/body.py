"""Reading the body of a request whole, within limits of size and time."""

import asyncio
from http import HTTPStatus

from bento.edge.headers import RequestHeaders
from bento.edge.incoming import RequestBody
from bento.edge.refusals import OVERLOADED, ClientGoneError, RejectedError

BODIES_IN_MEMORY = 16
"""The room for all bodies being read, in bodies of the largest size."""

MAX_LENGTH_DIGITS = 18
"""An exabyte; Python refuses to read numbers of some thousand digits."""


class BodyReader:
    """Reads the bodies of all requests of a process."""

    def __init__(self, *, limit_bytes: int, timeout_s: float) -> None:
        self._limit_bytes = limit_bytes
        self._timeout_s = timeout_s
        self._held_bytes = 0

    async def read(self, incoming: RequestBody, headers: RequestHeaders) -> bytes:
        """Read a body to its end.

        Raises:
            RejectedError: It is too large or too slow, its length is no number, or there is no room
                for it beside the others.
            ClientGoneError: The client left.
        """
        if _declared_bytes(headers) > self._limit_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._read(incoming)
        except TimeoutError:
            raise RejectedError(
                HTTPStatus.REQUEST_TIMEOUT,
                f"The body was not all there after {self._timeout_s:g} s",
                ends_connection=True,
            ) from None

    async def _read(self, incoming: RequestBody) -> bytes:
        body = bytearray()
        try:
            while True:
                message = await incoming.receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunk = message.get("body", b"")
                body += chunk
                self._held_bytes += len(chunk)
                if len(body) > self._limit_bytes:
                    raise self._too_large()
                if self._held_bytes > BODIES_IN_MEMORY * self._limit_bytes:
                    raise RejectedError(
                        HTTPStatus.SERVICE_UNAVAILABLE,
                        "Too many large requests are coming in; ask again in a second",
                        reason=OVERLOADED,
                        headers={"Retry-After": "1"},
                        ends_connection=True,
                    )
                if incoming.is_over:
                    return bytes(body)
        finally:
            self._held_bytes -= len(body)

    def _too_large(self) -> RejectedError:
        return RejectedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body is larger than {self._limit_bytes} bytes",
            ends_connection=True,
        )


def _declared_bytes(headers: RequestHeaders) -> int:
    """Give the length that a request announces, 0 if none.

    Raises:
        RejectedError: It is no number, or there are several.
    """
    lengths = set(headers.get(b"content-length", ()))
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdigit() or len(length) > MAX_LENGTH_DIGITS:
        raise RejectedError(HTTPStatus.BAD_REQUEST, "Content-Length is not a number of bytes")
    return int(length)
