"""The body of a request: its declared type, reading within limits of size and time, draining."""

import asyncio
from http import HTTPStatus

from starlette.types import Message, Receive

from bento.edge.context import RequestHeaders
from bento.edge.problems import OVERLOADED, ClientGoneError, RejectedError

BODIES_IN_MEMORY = 16
"""The memory for all bodies being read, in bodies of the largest size."""

DRAIN_LIMIT_S = 30
DRAIN_SILENCE_LIMIT_S = 2
"""Time that a rejected client may go on sending, and that it may pause; in nginx's manner."""

_MAX_LENGTH_DIGITS = 18
"""An exabyte; Python does not parse numbers of some thousand digits."""

_UTF_8 = {b"utf-8", b"utf8"}


def check_content_type(headers: RequestHeaders) -> None:
    """Let through a body that is declared as JSON in UTF-8, not compressed.

    Raises:
        RejectedError: The body is declared as something else, or not at all.
    """
    types = headers.get(b"content-type", ())
    if len(types) != 1 or not _is_json(types[0]):
        raise RejectedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Send JSON in UTF-8, with the header Content-Type: application/json",
        )
    encodings = headers.get(b"content-encoding", ())
    if any(encoding.strip().lower() not in {b"", b"identity"} for encoding in encodings):
        raise RejectedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "Send the body uncompressed: Content-Encoding is not supported",
        )


class RequestBody:
    """The receiving side of one request: read, replayed, or drained.

    Attributes:
        headers: The headers of the request.
        is_over: Whether the whole request was received, or its client left.
        expects_continue: Whether the client asks before it sends a body. After a rejection it is
            unknown whether it then sends the body or another request.
    """

    def __init__(self, receive: Receive, headers: RequestHeaders) -> None:
        lengths = headers.get(b"content-length", ())
        self._receive = receive
        self.headers = headers
        self.is_over = b"transfer-encoding" not in headers and all(n == b"0" for n in lengths)
        self.expects_continue = b"expect" in headers

    async def receive(self) -> Message:
        """Receive the next message."""
        message = await self._receive()
        self.is_over = not message.get("more_body", False)
        return message

    def replay(self, content: bytes) -> Receive:
        """Return a `receive` that delivers a body which was read before."""
        messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive_again() -> Message:
            return messages.pop() if messages else await self._receive()

        return receive_again

    async def drain(self) -> None:
        """Receive and drop what a rejected client still sends.

        A connection that is closed while data comes in is reset, and the client may lose the
        response that it has not read yet.
        """
        try:
            async with asyncio.timeout(DRAIN_LIMIT_S):
                while not self.is_over:
                    async with asyncio.timeout(DRAIN_SILENCE_LIMIT_S):
                        await self.receive()
        except TimeoutError:
            return


class BodyReader:
    """Reads the bodies of all requests of a process."""

    def __init__(self, *, limit_bytes: int, timeout_s: float) -> None:
        self._limit_bytes = limit_bytes
        self._timeout_s = timeout_s
        self._held_bytes = 0

    async def read(self, body: RequestBody) -> bytes:
        """Read a body to its end.

        Raises:
            RejectedError: It is too large or too slow, its length is not a number, or the bodies
                being read take too much memory.
            ClientGoneError: The client left.
        """
        if _declared_bytes(body.headers) > self._limit_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._read(body)
        except TimeoutError:
            raise RejectedError(
                HTTPStatus.REQUEST_TIMEOUT,
                f"Timed out after {self._timeout_s:g} s reading the request body",
                ends_connection=True,
            ) from None

    async def _read(self, body: RequestBody) -> bytes:
        content = bytearray()
        try:
            while True:
                message = await body.receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunk = message.get("body", b"")
                content += chunk
                self._held_bytes += len(chunk)
                if len(content) > self._limit_bytes:
                    raise self._too_large()
                if self._held_bytes > BODIES_IN_MEMORY * self._limit_bytes:
                    raise RejectedError(
                        HTTPStatus.SERVICE_UNAVAILABLE,
                        "Too many large requests are coming in; retry in a second",
                        reason=OVERLOADED,
                        headers={"Retry-After": "1"},
                        ends_connection=True,
                    )
                if body.is_over:
                    return bytes(content)
        finally:
            self._held_bytes -= len(content)

    def _too_large(self) -> RejectedError:
        return RejectedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body is larger than {self._limit_bytes} bytes",
            ends_connection=True,
        )


def _is_json(content_type: bytes) -> bool:
    kind, *parameters = content_type.lower().split(b";")
    if kind.strip() != b"application/json":
        return False
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        if name.strip() == b"charset" and value.strip().strip(b'"') not in _UTF_8:
            return False
    return True


def _declared_bytes(headers: RequestHeaders) -> int:
    """Return the declared length of a body, 0 if there is none.

    Raises:
        RejectedError: It is not a number, or there are several.
    """
    lengths = set(headers.get(b"content-length", ()))
    if not lengths:
        return 0
    length = lengths.pop()
    if lengths or not length.isdigit() or len(length) > _MAX_LENGTH_DIGITS:
        raise RejectedError(HTTPStatus.BAD_REQUEST, "Content-Length is not a number of bytes")
    return int(length)
