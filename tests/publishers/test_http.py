"""Requests to publishers: retries, limits and errors, against a real server."""

import json
import logging
import socket
import traceback

import pytest

from spike_assets.publishers import http
from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.http import TRIES, PublisherHttp
from tests.support.publisher_server import Answer, PublisherServer

KEY = "open-sesame"


def get(url: str, path: str = "/data", **params: str) -> bytes:
    with PublisherHttp("The Bank", url) as connection:
        return connection.get(path, params=params, request="dollar")


def test_answer_is_returned_as_it_came(publisher: PublisherServer):
    """Bytes, whatever their encoding is said to be."""
    publisher.answers["/data"] = Answer("añó".encode("utf-16"), headers={"Content-Type": "x/y"})

    assert get(publisher.url) == "añó".encode("utf-16")


def test_path_of_the_base_url_stays_in_front(publisher: PublisherServer):
    """A mirror may have the interface below a path."""
    publisher.answers["/mirror/data"] = Answer(b"1")

    assert get(f"{publisher.url}/mirror") == b"1"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_temporary_error_is_retried(publisher: PublisherServer, status: int):
    """The next try may find it over."""
    publisher.answers["/data"] = [Answer(status=status), Answer(status=status), Answer(b"1")]

    assert get(publisher.url) == b"1"
    assert len(publisher.questions) == 3


def test_error_that_stays_names_publisher_request_status_and_reason(publisher: PublisherServer):
    """All tries are used up first."""
    reason = json.dumps({"error": True, "reason": "Daily API request limit exceeded."}).encode()
    publisher.answers["/data"] = Answer(reason, status=429)

    with pytest.raises(PublisherError) as raised:
        get(publisher.url)

    assert str(raised.value) == (
        "The Bank, dollar: HTTP 429 Too Many Requests (Daily API request limit exceeded.), 4 times"
    )
    assert len(publisher.questions) == TRIES


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_refusal_is_not_retried(publisher: PublisherServer, status: int):
    """The same question would be refused again."""
    publisher.answers["/data"] = Answer(status=status)

    with pytest.raises(PublisherError, match=rf"The Bank, dollar: HTTP {status} "):
        get(publisher.url)

    assert len(publisher.questions) == 1


def test_pause_that_the_publisher_asks_for_is_kept(
    publisher: PublisherServer, monkeypatch: pytest.MonkeyPatch
):
    """Retry-After in seconds."""
    monkeypatch.setattr(http, "LONGEST_PAUSE_S", 1.5)
    publisher.answers["/data"] = [
        Answer(status=429, headers={"Retry-After": "1"}),
        Answer(b"1"),
    ]
    with PublisherHttp("The Bank", publisher.url, first_pause_s=0.01) as connection:
        connection.get("/data", request="dollar")

    first, second = (question.at_s for question in publisher.questions)
    assert second - first >= 1


def test_requests_keep_their_distance(publisher: PublisherServer):
    """Some accounts may ask only so often a second."""
    publisher.answers["/data"] = Answer(b"1")
    with PublisherHttp("The Bank", publisher.url, between_requests_s=0.2) as connection:
        for _ in range(3):
            connection.get("/data", request="dollar")

    times = [question.at_s for question in publisher.questions]
    assert times[2] - times[0] >= 0.38


def test_host_that_is_not_there_is_named():
    """With the way around it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        pytest.raises(
            PublisherError,
            match=r"^The Bank, dollar: 127\.0\.0\.1 can't be reached \(.+; 4 tries\): try again "
            r"later, or add the data as a file",
        ),
        PublisherHttp("The Bank", f"http://127.0.0.1:{port}", first_pause_s=0.01) as connection,
    ):
        connection.get("/data", request="dollar")


def test_slow_answer_is_given_up(publisher: PublisherServer, monkeypatch: pytest.MonkeyPatch):
    """A host that keeps a connection open holds up nothing."""
    monkeypatch.setattr(http, "NEXT_PIECE_WITHIN_S", 0.05)
    publisher.answers["/data"] = Answer(b"1", delay_s=0.5)

    with pytest.raises(PublisherError, match=r"can't be reached \(no answer in time; 4 tries\)"):
        get(publisher.url)


def test_redirect_within_the_host_is_followed(publisher: PublisherServer):
    """With its query as the host wrote it."""
    publisher.answers["/data"] = Answer(status=302, headers={"Location": "/new?version=2"})
    publisher.answers["/new"] = Answer(b"1")

    assert get(publisher.url, key=KEY) == b"1"
    assert publisher.questions[1].query == {"version": ["2"]}


def test_redirect_to_another_host_is_refused(publisher: PublisherServer):
    """Credentials in the address would go there."""
    publisher.answers["/data"] = Answer(status=302, headers={"Location": "http://example.org/data"})

    with pytest.raises(PublisherError, match=r"leads from 127\.0\.0\.1 to http://example\.org"):
        get(publisher.url)


def test_redirects_in_a_circle_end(publisher: PublisherServer):
    """As a browser would end them."""
    publisher.answers["/data"] = Answer(status=302, headers={"Location": "/data"})

    with pytest.raises(PublisherError, match="more than 3 redirects"):
        get(publisher.url)


def test_answer_that_is_too_large_is_refused(
    publisher: PublisherServer, monkeypatch: pytest.MonkeyPatch
):
    """Nothing fills the memory."""
    monkeypatch.setattr(http, "MAX_BYTES", 2**20)
    publisher.answers["/data"] = Answer(b"x" * (2**20 + 1))

    with pytest.raises(PublisherError, match="larger than 1 MiB"):
        get(publisher.url)


def test_refusal_of_a_proxy_is_named_as_such(
    publisher: PublisherServer, monkeypatch: pytest.MonkeyPatch
):
    """The publisher itself was never asked."""
    monkeypatch.setenv("HTTPS_PROXY", publisher.url)  # which answers CONNECT with 501

    with pytest.raises(PublisherError, match=r"the proxy of this network refuses the way to"):
        get("https://bank.example")


def test_credentials_are_in_no_error_and_in_no_log(
    publisher: PublisherServer, caplog: pytest.LogCaptureFixture
):
    """They are part of the address, which HTTP libraries like to print."""
    caplog.set_level(logging.DEBUG)
    publisher.answers["/data"] = Answer(status=500)

    with pytest.raises(PublisherError) as raised:
        get(publisher.url, key=KEY)

    assert publisher.questions[0].query == {"key": [KEY]}
    shown = "".join(traceback.format_exception(raised.value))
    assert KEY not in caplog.text + shown


def test_json_question_is_posted(publisher: PublisherServer):
    """And answered like any other."""
    publisher.answers["/results"] = Answer(b"{}")
    with PublisherHttp("The Ministry", publisher.url) as connection:
        assert connection.post("/results", body={"a": [1]}, request="milk price") == b"{}"

    assert (publisher.questions[0].method, publisher.questions[0].body) == ("POST", {"a": [1]})
