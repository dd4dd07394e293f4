"""Limits of load: the rate of one client, and requests in progress."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bento.edge.problems import RejectedError
from bento.edge.rate import RateLimit
from bento.settings import Rate
from tests.bento.edge.small_service import KEY, OTHER_KEY, running_edge, wait_until


def test_one_too_many_is_a_429_that_says_when_to_ask_again():
    """The client learns how long to wait, in whole seconds."""
    with running_edge(rate_limit=Rate.parse("2/minute")) as edge:
        statuses = [edge.client.get("/models").status_code for _ in range(2)]
        answer = edge.client.get("/models")

        assert statuses == [200, 200]
        assert answer.status_code == 429
        assert 58 <= int(answer.headers["Retry-After"]) <= 60
        assert "2 per 1 minute" in answer.json()["detail"]
        assert edge.reasons() == ["rate_limited"]
        assert edge.client.get("/livez").status_code == 200


def test_next_window_is_open_again():
    """After the seconds named, the client is answered."""
    with running_edge(rate_limit=Rate.parse("1/second")) as edge:
        assert edge.client.get("/models").status_code == 200
        refused = edge.client.get("/models")
        assert refused.headers["Retry-After"] == "1"

        time.sleep(1)

        assert edge.client.get("/models").status_code == 200


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        (("203.0.113.1", "guess 1"), ("203.0.113.1", "guess 2"), True),
        (("203.0.113.1", "guess"), ("203.0.113.2", "guess"), False),
        (("203.0.113.1", "guess"), ("203.0.113.1", KEY), False),
        (("203.0.113.1", KEY), ("203.0.113.2", KEY), True),
        (("203.0.113.1", KEY), ("203.0.113.1", OTHER_KEY), False),
        (("2001:db8::1", ""), ("2001:db8::ffff:1", ""), True),
        (("2001:db8::1", ""), ("2001:db8:0:1::1", ""), False),
        (("198.51.100.1", ""), ("::ffff:198.51.100.1", ""), True),
        (("no address", ""), ("no address either", ""), False),
    ],
)
def test_client_is_a_key_or_else_an_address(first, second, is_one):
    """Guessing keys is slow, and takes nothing from those who have one.

    Within an IPv6 network a client may take any address, for each request another.
    """
    with running_edge(api_key=(KEY, OTHER_KEY), rate_limit=Rate.parse("1/minute")) as edge:
        statuses = [
            edge.client.get(
                "/models", headers={"X-Forwarded-For": address, "X-API-Key": key}
            ).status_code
            for address, key in (first, second)
        ]

    answered = [200 if key in (KEY, OTHER_KEY) else 401 for _, key in (first, second)]
    assert statuses == ([answered[0], 429] if is_one else answered)


def test_many_clients_take_bounded_memory_and_keep_nobody_out(monkeypatch):
    """Beyond the most clients the oldest count goes."""
    monkeypatch.setattr("bento.edge.rate.MAX_CLIENTS", 2)
    limit = RateLimit(Rate.parse("1/hour"))
    for client in ("one", "two", "three"):
        limit.count(client)

    assert limit.n_clients == 2
    limit.count("one")
    with pytest.raises(RejectedError):
        limit.count("three")


def test_ended_windows_are_forgotten(monkeypatch):
    """A count is kept for no longer than it matters, whoever comes next."""
    now_s = 0.0
    monkeypatch.setattr("bento.edge.rate.monotonic", lambda: now_s)
    limit = RateLimit(Rate.parse("1/minute"))
    for number in range(1000):
        limit.count(f"client {number}")
    assert limit.n_clients == 1000

    now_s = 60.0
    limit.count("another")

    assert limit.n_clients == 1


@pytest.fixture
def narrow_edge(edge_with):
    """An edge with two slots."""
    return edge_with(concurrency_limit=2)


def test_one_too_many_at_a_time_is_a_503_at_once_and_a_free_place_is_used_again(narrow_edge):
    """A queue would make everybody wait; health is answered meanwhile."""
    with ThreadPoolExecutor(2) as clients:
        working = [clients.submit(narrow_edge.client.post, "/slow", json={}) for _ in range(2)]
        wait_until(lambda: narrow_edge.service.paths_seen.count("/slow") == 2)

        refused = narrow_edge.client.post("/predict", json={})
        health = narrow_edge.client.get("/livez")
        narrow_edge.service.may_finish.set()

        assert [answer.result().status_code for answer in working] == [200, 200]
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert health.status_code == 200
    assert narrow_edge.reasons() == ["overloaded"]
    assert narrow_edge.client.post("/predict", json={}).status_code == 200


def test_place_of_a_request_that_failed_is_free_again(narrow_edge):
    """However a request ends."""
    for path in ["/fail", "/nowhere", "/silent", "/fail"]:
        assert narrow_edge.client.get(path).is_error

    assert narrow_edge.client.get("/models").status_code == 200


def test_body_that_comes_in_slowly_takes_no_place(narrow_edge):
    """Slow clients can't keep the others out."""
    request = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    slow = [narrow_edge.connect() for _ in range(4)]
    for connection in slow:
        connection.sendall(request + b"Content-Length: 100\r\n\r\n{")

    assert narrow_edge.client.post("/predict", json={}).status_code == 200

    for connection in slow:
        connection.close()
