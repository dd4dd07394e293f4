"""The HTTP server of a worker: uvicorn, with limits to what a client may hold without using it.

By itself, uvicorn waits for ever for a header that does not come and for a client that does not
read, also when it stops.
"""

import asyncio
import heapq
import logging
import resource
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MAX_CONNECTIONS = 1000
"""Connections of one worker at a time; beyond, those that are idle the longest make room."""

RESERVED_DESCRIPTORS = 64
"""File descriptors that a worker needs besides its connections; at rest it has 41."""

KEEP_ALIVE_S = 620
"""Longer than common proxies keep a connection that nobody uses: Google's 600 s, Caddy 120 s,
nginx and AWS 60 s. A proxy that sends a request while its connection is closed here answers 502.
"""

N_LISTENERS = 16
"""Connections that a worker accepts in one turn of its event loop: one for each listener."""

FINISH_WITHIN_S = 5
"""Time that a server which stops leaves to requests in progress, and to clients to read."""

_TICKS_PER_SECOND = 10

logger = logging.getLogger("spike_assets.connections")


def _max_connections() -> int:
    n_descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if n_descriptors == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, n_descriptors - RESERVED_DESCRIPTORS))


@dataclass(frozen=True, kw_only=True)
class ConnectionLimits:
    """Limits of what a client may hold.

    Attributes:
        header_timeout_s: How long the header of a request may take to arrive.
        read_timeout_s: How long a client may take none of a response that waits for it.
        max_connections: The number of connections at a time.
    """

    header_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    max_connections: int = field(default_factory=_max_connections)


class WorkerConfig(uvicorn.Config):
    """uvicorn's configuration, with limits.

    Attributes:
        limits: What a client may hold.
        n_displaced: The number of connections that made room for others and are not logged yet.
    """

    def __init__(self, app: Any, *, limits: ConnectionLimits, **options: Any) -> None:
        """Configure a server.

        Args:
            app: The ASGI application.
            limits: What a client may hold.
            options: uvicorn's own, instead of the constants of this module.
        """
        defaults = {
            "timeout_keep_alive": KEEP_ALIVE_S,
            "timeout_graceful_shutdown": FINISH_WITHIN_S,
        }
        super().__init__(app, **{**defaults, **options}, http=Connection)
        self.limits = limits
        self.n_displaced = 0


class WorkerServer(uvicorn.Server):
    """uvicorn's server, with several listeners, which closes connections that are overdue.

    A listener of uvloop accepts one connection in a turn, in which every connection before it is
    answered (libuv/libuv#3696): with 200 connections, the last waited for ten seconds. asyncio's
    own loop accepts all, but answers a fifth fewer small requests on one connection.
    """

    config: WorkerConfig

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        copies = [sock.dup() for sock in sockets or () for _ in range(N_LISTENERS - 1)]
        await super().startup([*sockets, *copies] if sockets else None)

    async def on_tick(self, counter: int) -> bool:
        """Close what is overdue; uvicorn calls this ten times a second."""
        if counter % _TICKS_PER_SECOND == 0:
            for connection in _http_connections(self.server_state.connections):
                if connection.is_overdue():
                    connection.drop()
            if self.config.n_displaced:
                logger.warning(
                    "%d idle connections made room for new ones: a worker has at most %d",
                    self.config.n_displaced,
                    self.config.limits.max_connections,
                )
                self.config.n_displaced = 0
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is in progress, and leave clients that do not send or read in time.

        Without their connections, their requests end by themselves: logged, and recorded. uvicorn
        would cancel them a second later.
        """
        finish_within_s = self.config.timeout_graceful_shutdown or FINISH_WITHIN_S
        asyncio.get_running_loop().call_later(finish_within_s - 1, self._close_all)
        await super().shutdown(sockets)

    def _close_all(self) -> None:
        for connection in _http_connections(self.server_state.connections):
            connection.drop()


class Connection(HttpToolsProtocol):
    """One connection of a client.

    There are no timers of its own: at a thousand requests a second they would cost more than one
    look at every connection a second.
    """

    config: WorkerConfig
    _idle_since_s: float
    _header_since_s: float | None
    _taken_at_s: float
    _unread_bytes = 0
    _answering: RequestResponseCycle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the header of the first request, and make room if there are too many."""
        super().connection_made(transport)
        self._idle_since_s = self._header_since_s = self._taken_at_s = self.loop.time()
        if len(self.connections) > self.config.limits.max_connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the request in progress; of several, uvicorn would tell only the last received."""
        if self._answering is not None:
            self._answering.disconnected = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part of a request, whose header has to be complete in time from here on."""
        if self._header_since_s is None and not self._is_answering:
            self._header_since_s = self.loop.time()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """Answer the request."""
        self._header_since_s = None
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._idle_since_s = self.loop.time()
        super().on_response_complete()

    def drop(self) -> None:
        """Close the connection without sending what waits for its client.

        The event loop tells it later that it is lost; until then it must not count as one of many.
        """
        self.connections.discard(self)
        self.transport.abort()

    def is_overdue(self) -> bool:
        """Return whether the client took too long to send a header, or to read a response."""
        now_s, limits = self.loop.time(), self.config.limits
        unread_bytes = self.transport.get_write_buffer_size()
        if unread_bytes == 0 or unread_bytes < self._unread_bytes:
            self._taken_at_s = now_s
        self._unread_bytes = unread_bytes
        header_since_s = self._header_since_s
        if header_since_s is not None and now_s > header_since_s + limits.header_timeout_s:
            return True
        return now_s > self._taken_at_s + limits.read_timeout_s

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    @property
    def _is_answering(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    def _make_room(self) -> None:
        """Close those that are idle the longest: a twentieth, as looking for one takes as long."""
        others = [one for one in _http_connections(self.connections) if one is not self]
        n_closed = 1 + len(others) // 20
        for one in heapq.nsmallest(n_closed, others, key=Connection._by_use):
            one.drop()
        self.config.n_displaced += n_closed

    def _by_use(self) -> tuple[bool, bool, float]:
        """Put those first that have sent no header, and those last whose request is answered."""
        return self._is_answering, self._header_since_s is None, self._idle_since_s


def _http_connections(connections: Iterable[object]) -> list[Connection]:
    """Leave out those that became WebSockets, which the edge closes."""
    return [one for one in connections if isinstance(one, Connection)]
