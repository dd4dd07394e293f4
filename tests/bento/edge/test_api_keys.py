"""API keys: who has one is answered."""

import pytest

from tests.bento.edge.small_service import KEY, OTHER_KEY, post, running_edge


@pytest.fixture(scope="module")
def _locked_edge():
    with running_edge(api_keys=(KEY, OTHER_KEY)) as running:
        yield running


@pytest.fixture
def locked_edge(_locked_edge):
    _locked_edge.settle()
    return _locked_edge


@pytest.mark.parametrize(
    "headers",
    [
        [f"Authorization: Bearer {KEY}"],
        [f"authorization: bearer   {KEY}"],
        [f"X-API-Key: {KEY}"],
        [f"X-API-Key: {OTHER_KEY}"],
        ["Authorization: Bearer wrong", f"X-API-Key: {OTHER_KEY}"],
        [f"Authorization: Bearer {KEY}", "X-API-Key: wrong"],
        ["X-API-Key: wrong", f"X-API-Key: {KEY}", "X-API-Key: "],
        ["Authorization: Basic Og==", f"Authorization: Bearer {KEY}"],
    ],
)
def test_any_right_key_opens(locked_edge, headers):
    """Either header will do, and a wrong one beside it does no harm."""
    assert locked_edge.say(post("/predict", b"{}", *headers)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        ["X-API-Key: wrong"],
        ["X-API-Key: "],
        [f"X-API-Key: {KEY[:-1]}"],
        [f"X-API-Key: {KEY}x"],
        [f"X-API-Key: {KEY},{OTHER_KEY}"],
        [f"X-API-Key: Bearer {KEY}"],
        [f"Authorization: {KEY}"],
        [f"Authorization: Basic {KEY}"],
        ["Authorization: Bearer"],
        ["Authorization: \xff\xfe"],
        ["X-API-Key: \xff\xfe", "X-API-Key: \xff\xfe"],
        ["X-API-Key: " + "x" * 50_000],
    ],
)
def test_no_right_key_is_a_401_that_says_how_to_send_one(locked_edge, headers):
    """Whatever stands in the headers, and however often."""
    answer = locked_edge.say(post("/predict", b"{}", *headers))

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"www-authenticate: Bearer\r\n" in answer
    assert b"X-API-Key: KEY" in answer
    assert locked_edge.reasons() == ["unauthorized"]


@pytest.mark.parametrize("path", ["/", "/livez", "/healthz", "/readyz"])
def test_page_and_health_need_no_key(locked_edge, path):
    """The page asks for the key itself."""
    assert locked_edge.client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/models", "/nowhere", "/%0A", "/static_content"])
def test_all_else_needs_a_key(locked_edge, path):
    """Without a key nobody learns even which paths there are."""
    assert locked_edge.client.get(path).status_code == 401
    assert locked_edge.service.paths_seen.count(path) == 0
