"""The response to one request: headers that all responses have, and errors in one form."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Send

from bento.edge.context import RequestContext
from bento.edge.problems import MEDIA_TYPE, ProblemDetails, failure, problem, title

MAX_ERROR_BYTES = 65_536
"""More of an error's body is not read."""

MAX_DETAIL_CHARACTERS = 1000

GENERAL_REASONS: Mapping[int, str] = {
    HTTPStatus.SERVICE_UNAVAILABLE: "The service is unavailable; retry later",
    HTTPStatus.GATEWAY_TIMEOUT: "The response took too long",
}

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
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "transfer-encoding"}


class ResponseSender:
    """Sends one response, the application's or the edge's own.

    Attributes:
        body: What was sent as the body so far, if it is kept.
        is_held_open: Whether the response waits for `close` although all of it was sent.
    """

    def __init__(
        self, context: RequestContext, send: Send, *, keeps_body: bool, shows_reason: bool
    ) -> None:
        """Prepare to respond.

        Args:
            context: The request that is answered.
            send: Where the response goes.
            keeps_body: Whether `body` is wanted.
            shows_reason: Whether the application's reason for a 5xx is meant for clients.
        """
        self._context = context
        self._send = send
        self._shows_reason = shows_reason
        self._error: Message | None = None
        self._error_body = bytearray()
        self._keeps_body = keeps_body
        self._is_complete = False
        self.is_held_open = False
        self.body = bytearray()

    @property
    def has_started(self) -> bool:
        """True if the response has started."""
        return self._context.status != 0

    @property
    def is_success(self) -> bool:
        """True if a success was sent whole."""
        return self._is_complete and self._context.status < HTTPStatus.MULTIPLE_CHOICES

    async def forward(self, message: Message) -> None:
        """Send what the application sends; an error in another form becomes problem details."""
        if message["type"] == "http.response.start" and _is_foreign_error(message):
            self._error = message
        elif self._error is not None and message["type"] == "http.response.body":
            room = MAX_ERROR_BYTES - len(self._error_body)
            self._error_body += message.get("body", b"")[:room]
            if not message.get("more_body", False):
                await self.send(self._as_problem(self._error))
        else:
            await self._pass_on(message)

    async def send(self, response: Response, *, hold_open: bool = False) -> None:
        """Send a response of the edge's own, and with `hold_open` end it by `close` only."""
        self._error = None
        self.is_held_open = hold_open
        await self._pass_on(
            {
                "type": "http.response.start",
                "status": response.status_code,
                "headers": response.raw_headers,
            }
        )
        body = b"" if self._context.method == "HEAD" else bytes(response.body)
        await self._pass_on({"type": "http.response.body", "body": body, "more_body": hold_open})

    async def close(self) -> None:
        """End a response that was held open."""
        await self._pass_on({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_on(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._context.status = message["status"]
            headers = _with_edge_headers(message.get("headers", ()), self._context.request_id)
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            body = message.get("body", b"")
            self._context.response_bytes += len(body)
            if self._keeps_body:
                self.body += body
            self._is_complete = not message.get("more_body", False)
        await self._send(message)
        self._context.stop_clock()

    def _as_problem(self, start: Message) -> ProblemDetails:
        """Make problem details of an application's error, with its status and headers."""
        status = start["status"]
        headers = _headers(start)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and not self._shows_reason:
            detail = GENERAL_REASONS.get(status) or failure(self._context.request_id)
        else:
            detail = _reason(headers.get("content-type", ""), self._error_body) or title(status)
        details = problem(status, detail[:MAX_DETAIL_CHARACTERS])
        for name, value in headers.items():
            if name not in _OF_THE_BODY:
                details.headers.append(name, value)
        return details


def _is_foreign_error(start: Message) -> bool:
    if start["status"] < HTTPStatus.BAD_REQUEST:
        return False
    return not _headers(start).get("content-type", "").startswith(MEDIA_TYPE)


def _headers(start: Message) -> Headers:
    return Headers(raw=list(start.get("headers", ())))


def _reason(content_type: str, body: bytearray) -> str:
    """Read the reason in an error of Starlette, which is text, or of BentoML, which is JSON."""
    text = body.decode("utf-8", errors="replace").strip()
    if content_type.startswith("text/plain"):
        return text
    if not content_type.startswith("application/json"):
        return ""
    try:
        error = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if isinstance(error, list) and error:
        error = error[0]  # BentoML's own error classes are answered in a list
    reason = error.get("error") if isinstance(error, dict) else None
    return reason if isinstance(reason, str) else ""


def _with_edge_headers(headers: Iterable[tuple[bytes, bytes]], request_id: str) -> _Headers:
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    names = {name.lower() for name, _ in kept}
    missing = [header for header in UNLESS_SET if header[0] not in names]
    return [*kept, (b"x-request-id", request_id.encode("ascii")), *ALWAYS, *missing]
