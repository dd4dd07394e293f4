"""Authentication: with API keys set, who has one is answered; without, only this machine."""

import pytest

from tests.bento.edge.small_service import KEY, OTHER_KEY, post, running_edge

FAR = "203.0.113.9"


@pytest.fixture
def locked_edge(edge_with):
    """An edge with two keys."""
    return edge_with(api_key=(KEY, OTHER_KEY))


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


@pytest.mark.parametrize("client", [FAR, "10.0.0.7", "2001:db8::1", "::ffff:10.0.0.7", "unknown"])
def test_request_from_elsewhere_is_a_403_that_names_the_variable(edge, client):
    """As under BentoML, uvicorn takes the address from a proxy on this machine."""
    answer = edge.client.get("/models", headers={"X-Forwarded-For": client})

    assert answer.status_code == 403
    assert "SPIKE_API_KEY" in answer.json()["detail"]
    assert edge.reasons() == ["forbidden"]
    assert edge.service.paths_seen == []


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_request_from_this_machine_is_answered(edge, client):
    """Loopback has many addresses."""
    assert edge.client.get("/models", headers={"X-Forwarded-For": client}).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.0.0.1:5000", "[::1]:5000", "[::1]"]
)
def test_request_to_a_name_of_this_machine_is_answered(edge, host):
    """However it is called."""
    assert edge.client.get("/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:5000", "10.0.0.7"])
def test_request_to_another_name_is_refused(edge, host):
    """A page of elsewhere that lets its name stand for 127.0.0.1 gets no answer."""
    assert edge.client.get("/models", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("header", ["Forwarded", "Via", "X-Real-IP"])
def test_request_that_a_proxy_marks_is_refused(edge, header):
    """A proxy on this machine stands for clients that may be anywhere."""
    assert edge.client.get("/models", headers={header: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize("path", ["/livez", "/healthz", "/readyz"])
def test_health_is_answered_to_all(edge, path):
    """Whatever watches the service may run on another machine."""
    assert edge.client.get(path, headers={"X-Forwarded-For": FAR}).status_code == 200


def test_request_on_a_unix_socket_is_answered(tmp_path):
    """It has no address, and can come from nowhere else."""
    with running_edge(uds=tmp_path / "socket") as edge:
        assert edge.client.get("/models").status_code == 200


def test_keys_open_the_service_to_other_machines(locked_edge):
    """With a key set, the address does not matter."""
    headers = {"X-Forwarded-For": FAR, "X-API-Key": KEY}

    assert locked_edge.client.get("/models", headers=headers).status_code == 200


@pytest.mark.parametrize(("keys", "n_lines"), [((), 1), ((KEY,), 0)])
def test_start_says_once_that_only_this_machine_is_answered(keys, n_lines):
    """The first thing that surprises on a server is in its log."""
    with running_edge(api_key=keys) as edge:
        edge.client.get("/livez")

        lines = [line for line in edge.log() if "SPIKE_API_KEY is not set" in line["message"]]
        assert len(lines) == n_lines
