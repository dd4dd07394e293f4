"""Start and end of the server, and connections that are not plain HTTP."""

from tests.bento.edge.small_service import running_edge


def test_application_is_started_and_ended():
    """What BentoML does at the start and at the end is done behind the edge."""
    with running_edge() as edge:
        assert edge.service.life == ["started"]

    assert edge.service.life == ["started", "ended"]


def test_web_socket_is_refused(edge):
    """There is none, whatever the path."""
    answer = edge.say(
        b"GET /models HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert edge.reasons() == ["forbidden"]
    assert edge.service.paths_seen == []


def test_request_under_http_1_0_is_answered(edge):
    """Old clients and simple probes speak it."""
    answer = edge.say(b"GET /models HTTP/1.0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\nhere")
