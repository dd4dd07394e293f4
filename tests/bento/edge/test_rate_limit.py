"""How many requests one client may send."""

import time

import pytest
from limits import parse

from bento.edge.rate import RateLimit, WindowCounts
from bento.edge.refusals import RejectedError
from tests.bento.edge.small_service import KEY, OTHER_KEY, running_edge


def test_one_too_many_is_a_429_that_says_when_to_ask_again():
    """The client learns how long to wait, in whole seconds."""
    with running_edge(rate_limit=parse("2/minute")) as edge:
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
    with running_edge(rate_limit=parse("1/second")) as edge:
        assert edge.client.get("/models").status_code == 200
        refused = edge.client.get("/models")
        assert refused.headers["Retry-After"] == "1"

        time.sleep(1)

        assert edge.client.get("/models").status_code == 200


def test_each_address_is_counted_for_itself_and_a_wrong_key_by_its_address():
    """Guessing keys is slow, and takes nothing from those who have one."""
    with running_edge(api_keys=(KEY,), rate_limit=parse("1/minute")) as edge:

        def status(client: str, **headers: str) -> int:
            sent = {"X-Forwarded-For": client, **headers}
            return edge.client.get("/models", headers=sent).status_code

        assert status("203.0.113.1", **{"X-API-Key": "guess 1"}) == 401
        assert status("203.0.113.1", **{"X-API-Key": "guess 2"}) == 429
        assert status("203.0.113.2") == 401
        assert status("203.0.113.1", **{"X-API-Key": KEY}) == 200


def test_each_key_is_counted_for_itself_wherever_it_comes_from():
    """Who shares a key shares its rate."""
    with running_edge(api_keys=(KEY, OTHER_KEY), rate_limit=parse("1/minute")) as edge:

        def status(client: str, key: str) -> int:
            sent = {"X-Forwarded-For": client, "X-API-Key": key}
            return edge.client.get("/models", headers=sent).status_code

        assert status("203.0.113.1", KEY) == 200
        assert status("203.0.113.2", KEY) == 429
        assert status("203.0.113.1", OTHER_KEY) == 200


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", 429),
        ("2001:db8::1", "2001:db8:0:1::1", 401),
        ("198.51.100.1", "::ffff:198.51.100.1", 429),
        ("198.51.100.1", "198.51.100.2", 401),
        ("no address", "no address either", 401),
    ],
)
def test_addresses_that_cost_nothing_are_counted_as_one(first, second, status):
    """Within an IPv6 network a client may take any address, for each request another."""
    with running_edge(api_keys=(KEY,), rate_limit=parse("1/minute")) as edge:
        edge.client.get("/models", headers={"X-Forwarded-For": first})

        answer = edge.client.get("/models", headers={"X-Forwarded-For": second})

        assert answer.status_code == status


def test_many_clients_take_bounded_memory_and_keep_nobody_out(monkeypatch):
    """Beyond the most clients the oldest count goes."""
    monkeypatch.setattr("bento.edge.rate.MAX_CLIENTS", 2)
    limit = RateLimit(parse("1/hour"))
    for client in ("one", "two", "three"):
        limit.count(client)

    limit.count("one")
    with pytest.raises(RejectedError):
        limit.count("three")


def test_ended_windows_are_forgotten():
    """A count is kept for no longer than it matters."""
    counts = WindowCounts()
    counts.incr("one", expiry=0)
    counts.incr("two", expiry=0)

    counts.incr("three", expiry=60)

    assert [counts.get(client) for client in ("one", "two", "three")] == [0, 0, 1]
    assert counts.reset() == 1
