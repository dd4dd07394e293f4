"""How many requests are worked on at a time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.bento.edge.small_service import running_edge, wait_until


@pytest.fixture(scope="module")
def narrow_edge():
    """An edge with two places."""
    with running_edge(concurrency_limit=2) as running:
        yield running


def test_one_too_many_is_a_503_at_once_and_a_free_place_is_used_again(narrow_edge):
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
