"""The id of a request, in its response and in the log."""

import re

import pytest

from bento.edge.context import current_request
from tests.bento.edge.small_service import post


@pytest.mark.parametrize("request_id", ["a", "A-b_c.9", "x" * 64])
def test_good_id_of_a_client_is_kept(edge, request_id):
    """A client finds its own id in the answer, in the log, and where the endpoint runs."""
    answer = edge.client.post("/predict", json={}, headers={"X-Request-ID": request_id})

    assert answer.headers.get_list("X-Request-ID") == [request_id]
    assert answer.json()["request_id"] == request_id
    assert edge.access_line(request_id)["status"] == 200


@pytest.mark.parametrize("request_id", ["", "x" * 65, "a b", "a\tb", "ñ", '"', "a;b"])
def test_other_id_is_replaced(edge, request_id):
    """Nothing that could be mistaken in a log gets there."""
    answer = edge.client.get("/models", headers={"X-Request-ID": request_id.encode("latin-1")})

    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_two_ids_are_none(edge):
    """Neither of them is the request's."""
    answer = edge.say(post("/predict", b"{}", "X-Request-ID: one", "X-Request-ID: two"))

    assert re.search(rb"x-request-id: [0-9a-f]{32}\r\n", answer)


def test_rejections_carry_the_id(edge):
    """Whoever reports an error can name it."""
    answer = edge.client.get("/nowhere", headers={"X-Request-ID": "lost"})

    assert answer.status_code == 404
    assert answer.headers["X-Request-ID"] == "lost"
    assert edge.access_line("lost")["status"] == 404


def test_code_outside_of_the_edge_gets_a_context_that_nobody_reads():
    """An endpoint that is called by a test alone may note what it likes."""
    current_request().model_tag = "model1:abc"

    assert current_request().model_tag is None
    assert current_request().request_id == ""
