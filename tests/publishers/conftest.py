"""Publishers on loopback: no proxy, no settings of the machine, no long pauses."""

from collections.abc import Iterator

import pytest

from spike_assets.publishers import http
from tests.support.publisher_server import PublisherServer, publisher_server


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[PublisherServer]:
    """Return a publisher's host that answers what a test lays down."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(http, "LONGEST_PAUSE_S", 0.01)
    with publisher_server() as server:
        yield server
