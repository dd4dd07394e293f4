"""The context of the request being answered, for the edge, the endpoints and the logs."""

import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.types import Scope

RequestHeaders: TypeAlias = Mapping[bytes, Sequence[bytes]]
"""The values of each header, in the order sent; names in lower case."""

MAX_CLIENT_CHARACTERS = 64
"""Longer than any address; a proxy may pass on something else."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True, kw_only=True)
class RequestContext:
    """A request and the outcome so far.

    Attributes:
        headers: The headers of the request; not in the repr, as they hold API keys.
        request_id: Names the request in its response and in every line logged meanwhile.
        method: The HTTP method.
        path: The decoded path, as long as the client made it.
        client: The address that the request came from; empty for a Unix socket.
        started_s: The time of arrival, by `time.perf_counter`.
        status: The HTTP status of the response; 0 before.
        rejection: The reason for a rejection by the edge, as it is counted; else empty.
        request_bytes: Size of the body read.
        response_bytes: Size of the body sent.
        latency_ms: From the arrival to the last part of the response.
        model_tag: The model that answered. The endpoint sets this and what follows.
        n_rows: The number of rows in the request.
        n_rescaled_cells: The number of cells that were converted to true units.
    """

    headers: RequestHeaders = field(default_factory=dict, repr=False)
    request_id: str = ""
    method: str = ""
    path: str = ""
    client: str = ""
    started_s: float = field(default_factory=time.perf_counter)
    status: int = 0
    rejection: str = ""
    request_bytes: int = 0
    response_bytes: int = 0
    latency_ms: float = 0.0
    model_tag: str | None = None
    n_rows: int | None = None
    n_rescaled_cells: int | None = None

    @classmethod
    def from_scope(cls, scope: Scope) -> "RequestContext":
        """Start the context of an ASGI request; its id is the client's if that is well formed."""
        headers = _by_name(scope["headers"])
        client = scope.get("client")
        return cls(
            headers=headers,
            request_id=_request_id(headers),
            method=scope["method"],
            path=scope["path"],
            client=client[0][:MAX_CLIENT_CHARACTERS] if client else "",
        )

    @contextmanager
    def bind(self) -> Iterator[None]:
        """Make this the current context while a block runs."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def stop_clock(self) -> None:
        """Set `latency_ms`, as of this part of the response."""
        self.latency_ms = round((time.perf_counter() - self.started_s) * 1000, 3)


_current: ContextVar[RequestContext] = ContextVar("request")


def current_request() -> RequestContext:
    """Return the context that this code runs in.

    Outside of the edge it is a new one with an empty request id, which nobody reads. So endpoints
    need not know whether they are behind an edge.
    """
    return _current.get(None) or RequestContext()


def _by_name(pairs: Iterable[tuple[bytes, bytes]]) -> RequestHeaders:
    headers: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        headers.setdefault(name, []).append(value)
    return headers


def _request_id(headers: RequestHeaders) -> str:
    sent = headers.get(b"x-request-id", ())
    if len(sent) == 1 and _REQUEST_ID.fullmatch(sent[0]):
        return sent[0].decode("ascii")
    return uuid.uuid4().hex
