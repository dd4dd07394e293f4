"""What is found: nothing that no route answers comes through to be a label in metrics."""

import pytest


@pytest.mark.parametrize(
    "path", ["/", "/models", "/models/model1", "/metrics", "/livez", "/%6dodels", "/models?x=%ff"]
)
def test_path_of_a_route_is_answered(edge, path):
    """The application's own routes and those of the application mounted in it."""
    assert edge.client.get(path).status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        b"/nowhere",
        b"/models/",
        b"//",
        b"//models",
        b"/models//",
        b"/./models",
        b"/predict/../models",
        b"/predict%2f",
        b"/models%0A",
        b"/models%0D",
        b"/models%00",
        b"/models%20",
        b"/mod%C3%A9ls",
        b"/models%FF",
        b"/%ED%A0%80",
        b"/%",
        b"/%zz",
        b"/MODELS",
        b"/models;a=b",
        b"/models/a/b",
        b"/static_content",
        b"/static_content/small_service.py",
        b"/static_content/any/other",
        b"/static_content/hidden",
        b"/files/small_service.py",
        b"/" + b"a" * 60_000,
    ],
)
def test_other_path_is_a_404_that_the_application_never_sees(edge, target):
    """However it is written."""
    answer = edge.say(
        b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"application/problem+json" in answer
    assert edge.service.paths_seen == []
    assert edge.reasons() == ["not_found"]


@pytest.mark.parametrize(
    "line",
    [
        b"GET /mod\xe9ls HTTP/1.1",
        b"GET /models\x00 HTTP/1.1",
        b"GET models HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"CONNECT a:80 HTTP/1.1",
        b"GET  HTTP/1.1",
        b"G\x00T / HTTP/1.1",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_garbage_is_a_400_of_the_server(edge, line):
    """What is not HTTP does not get as far as the edge."""
    answer = edge.say(line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")

    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 "))
    assert edge.service.paths_seen == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/predict", "POST"),
        ("HEAD", "/predict", "POST"),
        ("OPTIONS", "/predict", "POST"),
        ("PUT", "/predict", "POST"),
        ("POST", "/models", "GET, HEAD"),
        ("DELETE", "/models/model1", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"),
        ("POST", "/livez", "GET, HEAD"),
        ("OPTIONS", "/models", "GET, HEAD"),
        ("PATCH", "/fail", "GET, HEAD, POST"),
        ("TRACE", "/metrics", "GET, HEAD"),
    ],
)
def test_other_method_is_a_405_that_lists_the_right_ones(edge, method, path, allowed):
    """Before anything else is said about the request."""
    answer = edge.client.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
    assert edge.reasons() == ["method_not_allowed"]
    assert edge.service.paths_seen == []
    if method != "HEAD":
        assert allowed in answer.json()["detail"]


def test_head_is_answered_where_get_is(edge):
    """With the headers and no body."""
    answer = edge.client.head("/models")

    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == "4"
    assert answer.content == b""
