"""Bodies of requests: JSON, whole, within limits of size and time, whatever the client does."""

import asyncio
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from bento.edge.body import BodyReader, RequestBody
from bento.edge.problems import RejectedError
from tests.bento.edge.small_service import PATIENCE_S, post, running_edge, until_closed, wait_until

MB = 1_000_000
JSON = "application/json"


@pytest.fixture
def strict_edge(edge_with):
    """An edge that reads 1,000 bytes at most."""
    return edge_with(body_limit_bytes=1000)


@pytest.fixture
def hasty_edge(edge_with):
    """An edge that reads for 0.3 s."""
    return edge_with(body_timeout_s=0.3)


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)


@pytest.mark.parametrize("n_bytes", [0, 1, 70_000, 16 * 1024 * 1024])
def test_body_comes_whole_to_the_application(edge, n_bytes):
    """Up to the limit itself, announced or in chunks."""
    body = b"x" * n_bytes
    headers = {"Content-Type": "application/json", "X-Request-ID": f"body-{n_bytes}"}

    announced = edge.client.post("/predict", content=body, headers=headers)
    in_chunks = edge.client.post("/predict", content=iter([body[:10], body[10:]]), headers=headers)

    assert announced.json()["n_bytes"] == n_bytes
    assert in_chunks.json()["n_bytes"] == n_bytes


@pytest.mark.parametrize("n_bytes", [17 * MB, 200 * MB])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_large_upload_gets_its_413_although_it_goes_on_sending(edge, n_bytes, announced):
    """A client that listens only after it has sent all still hears the answer."""
    headers = {"Content-Type": "application/json"}
    if announced:
        headers["Content-Length"] = str(n_bytes)

    with connected(edge) as connection:
        connection.request("POST", "/predict", body=_blocks(n_bytes), headers=headers)
        answer = connection.getresponse()

        assert answer.status == 413
        assert json.loads(answer.read())["detail"] == "The body is larger than 16777216 bytes"
    assert edge.reasons() == ["too_large"]
    assert edge.service.paths_seen == []


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [("/nowhere", "application/json", 404), ("/predict", "text/plain", 415)],
)
def test_large_upload_that_is_not_looked_at_gets_its_answer(
    edge, path, content_type, status, announced
):
    """Also on a connection that the client wants closed, as urllib does."""
    headers = {"Content-Type": content_type, "Connection": "close"}
    if announced:
        headers["Content-Length"] = str(50 * MB)

    with connected(edge) as connection:
        connection.request("POST", path, body=_blocks(50 * MB), headers=headers)

        assert connection.getresponse().status == status


def connected(edge) -> closing[http.client.HTTPConnection]:
    return closing(http.client.HTTPConnection("127.0.0.1", edge.port, timeout=30))


def _blocks(n_bytes: int) -> Iterator[bytes]:
    block = bytes(MB)
    for _ in range(n_bytes // MB):
        yield block


@pytest.mark.parametrize(
    "headers",
    [["Content-Length: 1001"], ["Content-Length: 1001", "Expect: 100-continue"]],
    ids=["sends", "asks for leave"],
)
def test_announced_length_over_the_limit_is_refused_at_once(strict_edge, headers):
    """Without waiting for a body that may never come."""
    started_s = time.monotonic()
    answer = strict_edge.ask(post("/predict", b"", *headers))

    assert time.monotonic() - started_s < 1
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    assert strict_edge.reasons() == ["too_large"]


@pytest.mark.parametrize(
    ("headers", "n_closed"),
    [(["Content-Length: 10", "Expect: 100-continue"], 1), ([], 0)],
    ids=["asks for leave", "small body"],
)
def test_refused_client_keeps_its_connection_unless_it_asked_for_leave(edge, headers, n_closed):
    """The next bytes might be the body or another request, and nobody could tell."""
    body = b"" if headers else b"{}"
    answer = edge.ask(post("/nowhere", body, *headers, closes=False))

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.count(b"connection: close") == n_closed


def test_chunks_over_the_limit_are_refused_when_they_pass_it(strict_edge):
    """A body of unknown length is read no further than it may be long."""
    with strict_edge.connect() as connection:
        connection.sendall(post("/predict", b"", "Transfer-Encoding: chunked"))
        connection.sendall(chunked(b"x" * 1000))
        time.sleep(0.05)
        assert strict_edge.rejected == []

        connection.sendall(chunked(b"x"))

        assert connection.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_endless_upload_is_cut_off_in_the_end(strict_edge, monkeypatch):
    """A client that never stops is listened to for a while only."""
    monkeypatch.setattr("bento.edge.body.DRAIN_LIMIT_S", 0.3)
    started_s = time.monotonic()
    with strict_edge.connect() as connection:
        connection.sendall(post("/predict", b"", "Transfer-Encoding: chunked"))
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            _send_until_refused(connection)

    assert 0.2 < time.monotonic() - started_s < PATIENCE_S


def _send_until_refused(connection: socket.socket) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        connection.sendall(chunked(b"x" * 500))
        time.sleep(0.01)


def test_refused_client_that_falls_silent_is_not_waited_for(strict_edge, monkeypatch):
    """The connection is closed once nothing comes any more."""
    monkeypatch.setattr("bento.edge.body.DRAIN_SILENCE_LIMIT_S", 0.1)

    answer = strict_edge.say(post("/predict", b"x" * 10, "Content-Length: 1001"))

    assert answer.startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "headers",
    [["Content-Length: 100"], ["Transfer-Encoding: chunked"]],
    ids=["announced", "chunked"],
)
def test_body_that_trickles_is_a_408(hasty_edge, monkeypatch, headers):
    """The time is for the whole body, so a byte now and then does not prolong it."""
    monkeypatch.setattr("bento.edge.body.DRAIN_SILENCE_LIMIT_S", 0.1)
    piece = b"x" if headers[0].startswith("Content") else chunked(b"x")
    started_s = time.monotonic()
    with hasty_edge.connect() as connection:
        connection.sendall(post("/predict", b"", *headers))
        for _ in range(10):
            connection.sendall(piece)
            time.sleep(0.04)
        answer = until_closed(connection)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Timed out after 0.3 s reading the request body" in answer
    assert b"connection: close" in answer
    assert 0.3 < time.monotonic() - started_s < PATIENCE_S
    assert hasty_edge.reasons() == ["timeout"]
    assert hasty_edge.service.paths_seen == []


@pytest.mark.parametrize("half", [True, False], ids=["half-closed", "closed"])
def test_client_that_leaves_while_sending_is_logged_as_gone(strict_edge, half):
    """Nobody is there to be answered, and nothing is refused."""
    request_id = f"gone-{half}"
    with strict_edge.connect() as connection:
        connection.sendall(
            post("/predict", b"{", "Content-Length: 100", f"X-Request-ID: {request_id}")
        )
        if half:
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b""

    assert strict_edge.access_line(request_id)["status"] == 499
    assert strict_edge.rejected == []
    assert strict_edge.service.paths_seen == []


@pytest.mark.parametrize(
    "headers",
    [
        ["Content-Length: -1"],
        ["Content-Length: ten"],
        ["Content-Length: "],
        ["Content-Length: 2", "Content-Length: 3"],
        ["Content-Length: 2", "Content-Length: 2"],
        ["Content-Length: 0x2"],
        ["Content-Length: +2"],
        ["Content-Length: " + "9" * 5000],
        ["Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: gzip"],
    ],
)
def test_length_that_is_none_is_a_400(edge, headers):
    """Never a 500, never a wait: the server's own parser sees to it."""
    answer = edge.say(post("/predict", b"{}", *headers))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert edge.service.paths_seen == []


@pytest.mark.parametrize(
    "lengths", [[b"-1"], [b"ten"], [b""], [b"2", b"3"], [b"\xb2"], [b"9" * 5000]]
)
def test_length_that_is_none_is_a_400_of_the_edge_under_another_server(lengths):
    """The edge does not rely on the parser before it."""

    async def receive():
        raise AssertionError("read without a limit")

    headers = {b"content-length": lengths}
    reader = BodyReader(limit_bytes=10, timeout_s=1)
    with pytest.raises(RejectedError) as caught:
        asyncio.run(reader.read(RequestBody(receive, headers)))

    assert caught.value.reason == "bad_request"


def test_chunks_that_are_none_are_a_400(edge):
    """The server's parser gives up, and the request with it."""
    answer = edge.say(post("/predict", b"", "Transfer-Encoding: chunked"), b"zz\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert edge.service.paths_seen == []


def test_two_requests_on_one_connection_are_two(edge):
    """What follows a body is the next request, read or refused."""
    first = post("/predict", b"{}", "X-Request-ID: first", closes=False)
    wrong = post("/nowhere", b"{}", "X-Request-ID: wrong", closes=False)

    answer = edge.say(first + wrong + post("/predict", b"[1]", "X-Request-ID: third"))

    statuses = [edge.access_line(name)["status"] for name in ("first", "wrong", "third")]
    assert statuses == [200, 404, 200]
    assert answer.count(b"HTTP/1.1 ") == 3


def test_bodies_being_read_take_bounded_memory():
    """Many that come in slowly at a time are refused before they fill the memory."""
    with running_edge(body_limit_bytes=MB, body_timeout_s=5) as edge:
        connections = [edge.connect() for _ in range(18)]
        for connection in connections:
            connection.sendall(post("/predict", b"x" * 950_000, f"Content-Length: {MB}"))
        wait_until(lambda: edge.rejected)

        assert set(edge.rejected) == {"overloaded"}
        assert len(edge.rejected) <= 3
        for connection in connections:
            connection.close()
        wait_until(
            lambda: edge.client.post("/predict", json={"x": "x" * 900_000}).status_code == 200
        )


@pytest.mark.parametrize(
    "headers",
    [
        [f"Content-Type: {JSON}"],
        ["content-type: Application/JSON"],
        [f"Content-Type: {JSON}; charset=utf-8"],
        [f'Content-Type: {JSON};charset="UTF-8"; x=y'],
        [f"Content-Type: {JSON} ; charset=utf8"],
        [f"Content-Type: {JSON}", "Content-Encoding: identity"],
    ],
)
def test_json_in_utf_8_is_read(edge, headers):
    """With the parameters that clients add."""
    assert edge.say(_post(headers)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ["Content-Type: "],
        ["Content-Type: text/plain"],
        ["Content-Type: application/x-www-form-urlencoded"],
        ["Content-Type: multipart/form-data; boundary=x"],
        ["Content-Type: application/vnd.bentoml+pickle"],
        ["Content-Type: application/json-patch+json"],
        ["Content-Type: application/jsonx"],
        [f"Content-Type: {JSON}; charset=utf-16"],
        [f"Content-Type: {JSON}; charset=latin-1"],
        [f"Content-Type: {JSON}; charset="],
        [f"Content-Type: {JSON}; charset=utf-8; charset=utf-16"],
        [f"Content-Type: {JSON}", "Content-Type: text/plain"],
        [f"Content-Type: {JSON}", f"Content-Type: {JSON}"],
        [f"Content-Type: {JSON}", "Content-Encoding: gzip"],
        [f"Content-Type: {JSON}", "Content-Encoding: identity", "Content-Encoding: br"],
        [f"Content-Type: {JSON}", "Content-Encoding: gzip, identity"],
        ["Content-Type: \xff\xfe"],
    ],
)
def test_other_body_is_a_415_before_it_is_looked_at(edge, headers):
    """A body that is not JSON as it stands is not tried as if it were."""
    answer = edge.say(_post(headers))

    assert answer.startswith(b"HTTP/1.1 415 ")
    assert edge.reasons() == ["unsupported_media_type"]
    assert edge.service.paths_seen == []


def _post(headers: list[str]) -> bytes:
    right = b"Content-Type: application/json\r\n"
    return post("/predict", b"{}", *headers).replace(right, b"", 1)
