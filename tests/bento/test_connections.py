"""What a client may hold without using it: connections, headers, responses that nobody reads."""

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPResponse

import pytest
import uvicorn

from bento.connections import (
    FINISH_WITHIN_S,
    KEEP_ALIVE_S,
    MAX_CONNECTIONS,
    Connection,
    ConnectionLimits,
    WorkerConfig,
)
from bento.edge.prediction_log import CLOSE_LIMIT_S
from tests.bento.edge.small_service import PATIENCE_S, RunningEdge, post, running_edge, wait_until

BIG_BYTES = 40_000_000
"""More than the buffers of two sockets take."""

BIG = f"GET /error?status=200&pad={BIG_BYTES} HTTP/1.1\r\nHost: localhost\r\n"
LONGER_THAN_LIMITS_S = 3.5
"""Of the strict edge, which looks for what is overdue every second."""


@pytest.fixture(scope="module")
def strict_edge() -> Iterator[RunningEdge]:
    """A server that waits for a second and a half, with one place for requests."""
    limits = ConnectionLimits(header_timeout_s=1.5, read_timeout_s=1.5)
    with running_edge(limits=limits, concurrency_limit=1, body_timeout_s=30) as edge:
        yield edge


@contextmanager
def unread(edge: RunningEdge, request: str) -> Iterator[socket.socket]:
    """Send a request, and do not read what comes."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE_S)
        connection.connect(("127.0.0.1", edge.port))
        connection.sendall(request.encode())
        yield connection


def n_read(connection: socket.socket) -> int:
    """Read until the server closes the connection; give the number of bytes."""
    n_bytes = 0
    try:
        while part := connection.recv(1_000_000):
            n_bytes += len(part)
    except ConnectionResetError:
        pass
    return n_bytes


def status_of_answer(connection: socket.socket) -> int:
    """Read a whole answer, and give its status."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def is_closed(connection: socket.socket) -> bool:
    """Return whether the server has closed a connection on which it sent nothing."""
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def is_closed_while_sending(connection: socket.socket) -> bool:
    """Send a byte at a time until the server closes the connection."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            connection.sendall(b"x")
        except (BrokenPipeError, ConnectionResetError):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-", b"\r\n", b"GET"],
    ids=["nothing", "a part", "an empty line", "a word"],
)
def test_connection_without_a_whole_header_is_closed(strict_edge, sent):
    """A header has to arrive in time, like a body."""
    with strict_edge.connect() as connection:
        connection.sendall(sent)

        assert n_read(connection) == 0


def test_header_that_comes_byte_by_byte_is_not_waited_for(strict_edge):
    """The time is that of the whole header."""
    with strict_edge.connect() as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")

        assert is_closed_while_sending(connection)


def test_second_header_has_to_arrive_in_time_as_well(strict_edge):
    """Each request of a connection is waited for, not the first alone."""
    with strict_edge.connect() as connection:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /li")
        assert status_of_answer(connection) == 200
        connection.sendall(b"v")

        assert n_read(connection) == 0


def test_time_of_the_header_does_not_count_for_the_body(strict_edge):
    """A body has a limit of its own."""
    head, body = post("/predict", b'{"query": []}').split(b"\r\n\r\n")
    with strict_edge.connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        time.sleep(LONGER_THAN_LIMITS_S)
        connection.sendall(body)

        assert status_of_answer(connection) == 200


def test_connection_that_was_used_may_be_idle_for_longer(strict_edge):
    """Proxies keep connections for the next request."""
    with strict_edge.connect() as connection:
        for _ in range(2):
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert status_of_answer(connection) == 200
            time.sleep(LONGER_THAN_LIMITS_S)


@pytest.mark.parametrize("closes", [False, True], ids=["kept alive", "closed after it"])
def test_client_that_reads_nothing_loses_its_connection(strict_edge, closes):
    """What waits for it would stay in memory for as long as it likes."""
    request = BIG + ("Connection: close\r\n\r\n" if closes else "\r\n")
    with unread(strict_edge, request) as connection:
        time.sleep(LONGER_THAN_LIMITS_S)

        assert 0 < n_read(connection) < BIG_BYTES


def test_clients_that_do_not_read_hold_no_place(strict_edge):
    """The one place is free again once there is an answer, and each of the requests is logged."""
    request_id = "waits-for-the-first"
    two = BIG + "\r\n" + BIG + f"X-Request-ID: {request_id}\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(unread(strict_edge, BIG + "\r\n"))
        stack.enter_context(unread(strict_edge, two))

        assert strict_edge.client.get("/error?status=200").status_code == 200
        wait_until(lambda: request_id in strict_edge.stream.getvalue())
    assert "Traceback" not in strict_edge.stream.getvalue()


def test_files_of_the_pages_need_no_place(strict_edge):
    """They are in memory, and a full service can still show its page."""
    strict_edge.service.may_finish.clear()
    slow = strict_edge.connect()
    slow.sendall(post("/slow", b"{}"))
    wait_until(lambda: strict_edge.client.get("/models").status_code == 503)

    assert strict_edge.client.get("/").status_code == 200

    strict_edge.service.may_finish.set()
    slow.close()


def test_connections_are_bounded_and_the_longest_idle_make_room():
    """Those that send no header go first, requests in progress last; whoever comes is answered."""
    with running_edge(limits=ConnectionLimits(max_connections=20)) as edge, ExitStack() as stack:
        used = stack.enter_context(edge.connect())
        used.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of_answer(used) == 200
        busy = stack.enter_context(edge.connect())
        busy.sendall(post("/slow", b"{}"))
        wait_until(lambda: "/slow" in edge.service.paths_seen)

        silent = [stack.enter_context(edge.connect()) for _ in range(60)]

        assert edge.client.get("/livez").status_code == 200
        wait_until(lambda: sum(map(is_closed, silent)) >= 40)
        used.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert status_of_answer(used) == 200
        edge.service.may_finish.set()
        assert status_of_answer(busy) == 200
        wait_until(lambda: "idle connections made room for new ones" in edge.stream.getvalue())


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [(256, 192), (10, 1), (1_048_576, MAX_CONNECTIONS), (resource.RLIM_INFINITY, MAX_CONNECTIONS)],
)
def test_connections_leave_file_descriptors_for_the_service(monkeypatch, descriptors, expected):
    """A worker that has none left could neither accept a health check nor load a model."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, descriptors))

    assert ConnectionLimits().max_connections == expected


class _FakeLoop:
    """A clock."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def time(self) -> float:
        return self.now_s


class _FakeTransport(asyncio.Transport):
    """A connection with bytes that its client has not taken."""

    def __init__(self) -> None:
        super().__init__()
        self.unread_bytes = 0

    def get_write_buffer_size(self) -> int:
        return self.unread_bytes


@pytest.mark.parametrize(
    ("unread_bytes", "overdue"),
    [
        ([900, 800, 700, 600], False),
        ([900, 900, 900, 900], True),
        ([900, 900, 950, 950], True),
        ([900, 900, 0, 900], False),
    ],
    ids=["slow reader", "reads nothing", "asks for more", "another response"],
)
def test_client_is_overdue_if_it_takes_nothing(unread_bytes, overdue):
    """A slow reader may take all the time that it needs."""

    async def app(scope, receive, send) -> None: ...

    config = WorkerConfig(app, limits=ConnectionLimits(header_timeout_s=900))
    loop, transport = _FakeLoop(), _FakeTransport()
    connection = Connection(config, uvicorn.server.ServerState(), {}, _loop=loop)
    connection.connection_made(transport)

    for transport.unread_bytes in unread_bytes:
        is_overdue = connection.is_overdue()
        loop.now_s += 12

    assert is_overdue is overdue


def test_connections_are_kept_longer_than_proxies_keep_them():
    """Caddy keeps them for two minutes, Google's load balancers for ten."""

    async def app(scope, receive, send) -> None: ...

    config = WorkerConfig(app, limits=ConnectionLimits())

    assert config.timeout_keep_alive == KEEP_ALIVE_S > 600
    assert config.timeout_graceful_shutdown == FINISH_WITHIN_S
    assert FINISH_WITHIN_S + CLOSE_LIMIT_S <= 10  # and the processes end within 15 s
    assert (
        WorkerConfig(app, limits=ConnectionLimits(), timeout_keep_alive=7).timeout_keep_alive == 7
    )
