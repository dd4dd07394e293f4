"""Pages of other web sites: asked only where they are named."""

import pytest

from bento.edge.cors import with_cors
from tests.bento.edge.small_service import KEY

PAGE = "https://page.example"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type,x-api-key",
}


@pytest.fixture
def open_edge(edge_with):
    """An edge that one web site may ask, with a key."""
    return edge_with(origins=(PAGE,), api_key=(KEY,))


def test_browser_gets_leave_without_a_key(open_edge):
    """Browsers ask for leave before they send the key."""
    answer = open_edge.client.options("/predict", headers=PREFLIGHT)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "X-API-Key" in answer.headers["Access-Control-Allow-Headers"]


def test_page_can_read_answers_and_errors(open_edge):
    """A 401 too, and the headers that say which model answered."""
    allowed = {"Origin": PAGE}

    answered = open_edge.client.post("/predict", json={}, headers={**allowed, "X-API-Key": KEY})
    refused = open_edge.client.post("/predict", json={}, headers=allowed)

    assert (answered.status_code, refused.status_code) == (200, 401)
    for answer in (answered, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "X-Model-Tag" in answer.headers["Access-Control-Expose-Headers"]


def test_other_site_gets_no_leave(open_edge):
    """Only the sites that are named."""
    other = {**PREFLIGHT, "Origin": "https://other.example"}

    answer = open_edge.client.options("/predict", headers=other)

    assert answer.status_code == 400
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_the_setting_nothing_is_said_of_other_sites(edge):
    """And a browser's question is one more method that is not there."""
    preflight = edge.client.options("/predict", headers=PREFLIGHT)
    answer = edge.client.post("/predict", json={}, headers={"Origin": PAGE})

    assert preflight.status_code == 405
    assert answer.status_code == 200
    for headers in (preflight.headers, answer.headers):
        assert not [name for name in headers if name.startswith("access-control-")]


def test_without_sites_the_application_is_given_back():
    """What is not needed is not in the way."""
    app = object()

    assert with_cors(app, ()) is app
