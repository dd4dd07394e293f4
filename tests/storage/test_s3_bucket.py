"""Objects in a bucket of a real S3 server, and what is said when there is none."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from spike_assets.storage.s3_bucket import Bucket, ObjectStorageError
from tests.support.s3_server import BUCKET, S3Server, s3_server_of_the_environment

ACTIONS: dict[str, Callable[[Bucket], object]] = {
    "get": lambda bucket: bucket.get("a/b"),
    "put": lambda bucket: bucket.put("a/b", b"1"),
    "create": lambda bucket: bucket.create("a/b", b"1"),
    "names": lambda bucket: bucket.names("a"),
    "delete": lambda bucket: bucket.delete("a/b"),
}


@pytest.fixture(scope="module", autouse=True)
def server(free_port, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server_of_the_environment(free_port(), tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    """A part of the bucket of its own for each test."""
    return Bucket(f"s3://{BUCKET}/{tmp_path.name}/")


def test_object_is_read_replaced_and_removed(bucket: Bucket) -> None:
    """There is none before it is put and after it was removed, however often."""
    assert bucket.get("a/b") is None
    bucket.put("a/b", b"first")
    bucket.put("a/b", b"second")
    assert bucket.get("a/b") == b"second"

    bucket.delete("a/b")
    bucket.delete("a/b")
    assert bucket.get("a/b") is None


def test_created_object_is_never_replaced(bucket: Bucket) -> None:
    """Whoever comes second is told so, unless what it brings is there already."""
    assert bucket.create("a/b", b"first")
    assert not bucket.create("a/b", b"second")
    assert bucket.create("a/b", b"first")
    assert bucket.get("a/b") == b"first"


def test_names_are_those_of_a_folder(bucket: Bucket) -> None:
    """Below it at any depth, and none of a folder whose name only begins alike."""
    for name in ("a/1", "a/b/2", "ab/3"):
        bucket.put(name, b"")

    assert set(bucket.names("a")) == {"a/1", "a/b/2"}
    assert bucket.names("c") == []


@pytest.mark.parametrize("action", ACTIONS)
def test_missing_bucket_is_named(action: str) -> None:
    """Everything says it, reading too, which could take it for a missing object."""
    with pytest.raises(ObjectStorageError, match=r"^s3://nowhere/x/a.*: refused with NoSuchBucket"):
        ACTIONS[action](Bucket("s3://nowhere/x"))


@pytest.mark.parametrize("action", ACTIONS)
def test_server_that_does_not_answer_is_named(
    bucket: Bucket, server: S3Server, action: str
) -> None:
    """The message is the same every time, so that it can be told once."""
    said = set()
    with server.away():
        for _ in range(2):
            with pytest.raises(ObjectStorageError) as caught:
                ACTIONS[action](bucket)
            said.add(str(caught.value))

    (message,) = said
    assert re.fullmatch(rf"{bucket.url}/a\S*: no answer from {server.url} \(.+\)", message)


class Refusing(BaseHTTPRequestHandler):
    """Answers as S3 does to whoever may not."""

    def do_GET(self) -> None:
        content = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(403)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def _refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with HTTPServer(("127.0.0.1", 0), Refusing) as refusing:
        thread = threading.Thread(target=refusing.serve_forever)
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{refusing.server_port}")
        yield
        refusing.shutdown()
        thread.join()


@pytest.mark.usefixtures("_refused")
@pytest.mark.parametrize("action", ACTIONS)
def test_refused_access_is_said_in_the_words_of_the_server(action: str) -> None:
    """Reading does not take it for a missing object either."""
    with pytest.raises(
        ObjectStorageError, match=r"^s3://milk/a\S*: refused with AccessDenied \(Access Denied\)$"
    ):
        ACTIONS[action](Bucket("s3://milk"))


@pytest.mark.parametrize("url", ["s3://", "s3:milk", "s3://Mi lk/x", "milk", "https://x.org/y", ""])
def test_what_is_no_url_of_a_bucket_is_refused(url: str) -> None:
    """Before anything is asked of anybody."""
    with pytest.raises(ObjectStorageError, match=r"is not what was expected, s3://bucket/prefix"):
        Bucket(url)


@pytest.mark.parametrize("endpoint", ["nonsense", "http://:::", "ftp://x", "http://a b"])
def test_what_is_no_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """The client itself would end in a panic."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)

    with pytest.raises(ObjectStorageError, match=re.escape(f"AWS_ENDPOINT_URL: {endpoint!r}")):
        Bucket("s3://milk")


def test_client_is_not_loaded_unless_it_is_needed() -> None:
    """Nobody waits for what is not set."""
    code = (
        "import spike_assets.defs.io_manager, spike_assets.registry.synced_store, sys; "
        "spike_assets.registry.synced_store.open_store(); print('obstore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
