"""Received answers: kept as they came, found again, and never believed when damaged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from spike_assets.publishers.received import Received, ReceivedStore
from spike_assets.sources.errors import DataError
from spike_assets.storage.objects import open_objects

FIRST = Received(
    "odepa", datetime(2026, 11, 1, 12, tzinfo=UTC), {"2022 to 2026": b"[1]"}, {"2017": "HTTP 500"}
)
SECOND = Received("odepa", datetime(2026, 11, 2, 12, tzinfo=UTC), {"2022 to 2026": b"[2]"})


@pytest.fixture
def store(tmp_path: Path) -> ReceivedStore:
    return ReceivedStore(open_objects(str(tmp_path)))


def test_nothing_received_is_nothing(store: ReceivedStore):
    """Not configured is a state, not an error."""
    assert store.latest("odepa") is None
    assert store.times("odepa") == []


def test_what_was_received_is_found_again(store: ReceivedStore):
    """The last one is the latest; the one before can still be read."""
    store.add(FIRST)
    store.add(SECOND)

    assert store.latest("odepa") == SECOND
    assert [store.read("odepa", at) for at in store.times("odepa")] == [FIRST, SECOND]
    assert store.latest("fao") is None


def test_same_answer_takes_its_room_once(store: ReceivedStore, tmp_path: Path):
    """Most days a publisher says what it said the day before."""
    store.add(FIRST)
    store.add(Received("odepa", SECOND.at, FIRST.answers))

    assert len(list((tmp_path / "received" / "answers").iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"[2"])
def test_damaged_answer_is_refused(store: ReceivedStore, tmp_path: Path, content: bytes):
    """Its hash is its name."""
    store.add(FIRST)
    (answer,) = (tmp_path / "received" / "answers").iterdir()
    answer.write_bytes(content)

    with pytest.raises(DataError, match=r"the answer [0-9a-f]{64} is damaged: refresh the data"):
        store.latest("odepa")


def test_missing_answer_is_refused(store: ReceivedStore, tmp_path: Path):
    """Somebody made room."""
    store.add(FIRST)
    (answer,) = (tmp_path / "received" / "answers").iterdir()
    answer.unlink()

    with pytest.raises(DataError, match="is missing: refresh the data"):
        store.latest("odepa")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"sha256": 1}'])
def test_damaged_record_is_refused(store: ReceivedStore, tmp_path: Path, content: bytes):
    """It names the file."""
    store.add(FIRST)
    (record,) = (tmp_path / "received" / "records" / "odepa").iterdir()
    record.write_bytes(content)

    with pytest.raises(DataError, match=r"received/records/odepa/2026-11-01T12-.+ is damaged"):
        store.latest("odepa")
