"""What is known of the request being answered, for the logs."""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from starlette.types import Scope

from bento.edge.headers import RequestHeaders

MAX_CLIENT_CHARACTERS = 64
"""Longer than any address; a proxy may pass on what is none."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """A request and what came of it so far.

    Attributes:
        request_id: Names the request in its answer and in every line logged meanwhile.
        method: The HTTP method.
        path: The decoded path, as long as the client made it.
        client: The address that the request came from; empty for a Unix socket.
        started_s: When it came, by `time.perf_counter`.
        status: The HTTP status answered; 0 before.
        request_bytes: Size of the body read.
        response_bytes: Size of the body sent.
        latency_ms: From its coming to the last of the answer.
        model_tag: The model that answered. The endpoint sets this and what follows.
        n_rows: The rows asked for.
        n_rescaled_cells: The cells that were brought to true units.
    """

    request_id: str = ""
    method: str = ""
    path: str = ""
    client: str = ""
    started_s: float = field(default_factory=time.perf_counter)
    status: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    latency_ms: float = 0.0
    model_tag: str | None = None
    n_rows: int | None = None
    n_rescaled_cells: int | None = None

    def stop_the_clock(self) -> None:
        """Set `latency_ms`: so much of the answer is out."""
        self.latency_ms = round((time.perf_counter() - self.started_s) * 1000, 3)


_current: ContextVar[RequestContext] = ContextVar("exchange")


def current_request() -> RequestContext:
    """Give the exchange that this code runs in.

    Outside of the edge there is none. Then it is a new one with an empty request id that nobody
    reads, so that endpoints need not know whether they stand behind an edge.
    """
    return _current.get(None) or RequestContext()


@contextmanager
def answering(exchange: RequestContext) -> Iterator[None]:
    """Make an exchange the current one."""
    token = _current.set(exchange)
    try:
        yield
    finally:
        _current.reset(token)


def begun(scope: Scope, headers: RequestHeaders) -> RequestContext:
    """Start an exchange for an ASGI request; its id is the client's if it sent a good one."""
    client = scope.get("client")
    return RequestContext(
        request_id=_request_id(headers),
        method=scope["method"],
        path=scope["path"],
        client=client[0][:MAX_CLIENT_CHARACTERS] if client else "",
    )


def _request_id(headers: RequestHeaders) -> str:
    sent = headers.get(b"x-request-id", ())
    if len(sent) == 1 and _REQUEST_ID.fullmatch(sent[0]):
        return sent[0].decode("ascii")
    return uuid.uuid4().hex
