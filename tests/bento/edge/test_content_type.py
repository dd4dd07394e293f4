"""What a body says that it is."""

import pytest

from tests.bento.edge.small_service import post

JSON = "application/json"


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
    """What is no JSON as it stands is not tried as if it were."""
    answer = edge.say(_post(headers))

    assert answer.startswith(b"HTTP/1.1 415 ")
    assert edge.reasons() == ["unsupported_media_type"]
    assert edge.service.paths_seen == []


def _post(headers: list[str]) -> bytes:
    right = b"Content-Type: application/json\r\n"
    return post("/predict", b"{}", *headers).replace(right, b"", 1)
