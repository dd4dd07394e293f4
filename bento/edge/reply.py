"""The answer to one request on its way out: headers that all answers have, errors in one form."""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Message, Send

from bento.edge.app_errors import MAX_ERROR_BYTES, as_problem, is_foreign_error
from bento.edge.exchange import RequestContext

_Headers = list[tuple[bytes, bytes]]

ALWAYS: _Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]
UNLESS_SET: _Headers = [
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]
_OURS = {b"x-request-id", *(name for name, _ in ALWAYS)}


class ResponseSender:
    """Sends one answer, the application's or the edge's own.

    Attributes:
        body: What was sent as the body so far, if it is kept.
    """

    def __init__(
        self, exchange: RequestContext, send: Send, *, keeps_body: bool, tells_reason: bool
    ) -> None:
        """Prepare to answer.

        Args:
            exchange: The exchange that this answers.
            send: Where the answer goes.
            keeps_body: Whether `body` is wanted.
            tells_reason: Whether the application's reason for a 5xx is meant for clients.
        """
        self._exchange = exchange
        self._send = send
        self._tells_reason = tells_reason
        self._error: Message | None = None
        self._error_body = bytearray()
        self._keeps_body = keeps_body
        self._is_complete = False
        self.body = bytearray()

    @property
    def is_begun(self) -> bool:
        """Whether anything went out, so that it's too late for another answer."""
        return self._exchange.status != 0

    @property
    def is_success(self) -> bool:
        """Whether the client got all of an answer to what it asked."""
        return self._is_complete and self._exchange.status < HTTPStatus.MULTIPLE_CHOICES

    async def forward(self, message: Message) -> None:
        """Send what the application sends; an error not in our form is made into one."""
        if message["type"] == "http.response.start" and is_foreign_error(message):
            self._error = message
        elif self._error is not None and message["type"] == "http.response.body":
            room = MAX_ERROR_BYTES - len(self._error_body)
            self._error_body += message.get("body", b"")[:room]
            if not message.get("more_body", False):
                await self._send_error(self._error)
        else:
            await self._pass_on(message)

    async def send(self, response: Response, *, stays_open: bool = False) -> None:
        """Send an answer of the edge's own.

        Args:
            response: The answer.
            stays_open: Whether the answer waits for `close` although all was said.
        """
        headers = response.raw_headers
        self._error = None
        await self._pass_on(
            {"type": "http.response.start", "status": response.status_code, "headers": headers}
        )
        body = b"" if self._exchange.method == "HEAD" else bytes(response.body)
        await self._pass_on({"type": "http.response.body", "body": body, "more_body": stays_open})

    async def close(self) -> None:
        """End an answer that stayed open."""
        await self._pass_on({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_error(self, start: Message) -> None:
        await self.send(
            as_problem(
                start,
                bytes(self._error_body),
                request_id=self._exchange.request_id,
                tells_reason=self._tells_reason,
            )
        )

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._exchange.status = message["status"]
            headers = with_edge_headers(message.get("headers", ()), self._exchange.request_id)
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            self._exchange.response_bytes += len(body)
            if self._keeps_body:
                self.body += body
            self._is_complete = not message.get("more_body", False)
        await self._send(message)
        self._exchange.stop_the_clock()


def with_edge_headers(headers: Iterable[tuple[bytes, bytes]], request_id: str) -> _Headers:
    """Add the headers that every answer has."""
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    names = {name.lower() for name, _ in kept}
    missing = [header for header in UNLESS_SET if header[0] not in names]
    return [*kept, (b"x-request-id", request_id.encode("ascii")), *ALWAYS, *missing]
