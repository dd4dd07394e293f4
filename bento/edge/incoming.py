"""What comes in of a request: taken in, given to the application again, or heard out."""

import asyncio

from starlette.types import Message, Receive

from bento.edge.headers import RequestHeaders

LISTEN_AFTER_REFUSAL_S = 30
SILENCE_AFTER_REFUSAL_S = 2
"""How long a refused client may go on sending, and how long it may pause; nginx's manner."""


class RequestBody:
    """The receiving side of one request.

    Attributes:
        is_over: Whether all of the request is in, or its client gone.
        waits_for_leave: Whether the client asks before it sends a body. Then nobody knows whether
            a body or another request follows a refusal.
    """

    def __init__(self, receive: Receive, headers: RequestHeaders) -> None:
        self._receive = receive
        self.is_over = not _announces_body(headers)
        self.waits_for_leave = b"expect" in headers

    async def receive(self) -> Message:
        """Wait for more."""
        message = await self._receive()
        self.is_over = not message.get("more_body", False)
        return message

    def replay(self, body: bytes) -> Receive:
        """Give a body that was taken in to an application as if it came now."""
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive_again() -> Message:
            return messages.pop() if messages else await self._receive()

        return receive_again

    async def drain(self) -> None:
        """Take what a refused client still sends, and drop it.

        A connection that is closed while data comes in is reset, and the client may lose the
        answer that it has not read yet.
        """
        try:
            async with asyncio.timeout(LISTEN_AFTER_REFUSAL_S):
                while not self.is_over:
                    async with asyncio.timeout(SILENCE_AFTER_REFUSAL_S):
                        await self.receive()
        except TimeoutError:
            return


def _announces_body(headers: RequestHeaders) -> bool:
    lengths = headers.get(b"content-length", ())
    return b"transfer-encoding" in headers or any(length != b"0" for length in lengths)
