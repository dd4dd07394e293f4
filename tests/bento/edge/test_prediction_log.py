"""The prediction log: requests and responses on disk, at no cost to clients."""

import json
import logging
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bento.edge import prediction_log
from bento.edge.context import RequestContext
from bento.edge.prediction_log import LineFile, PredictionLog
from tests.bento.edge.small_service import PATIENCE_S, running_edge, wait_until
from tests.support.disks import filled, read_only, small_disk

ANSWERED = RequestContext(request_id="id", path="/predict", model_tag="model1:abc", latency_ms=1.5)


@pytest.fixture
def recorded(tmp_path):
    """What records, in a folder that is not there yet."""
    log = PredictionLog(tmp_path / "monitoring", worker="3")
    yield log
    log.close()


def lines(folder):
    text = (folder / "monitoring" / "predictions-3.jsonl").read_text()
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_answered_question_is_a_line_with_the_very_bytes(tmp_path, recorded):
    """Line ends between the parts of the JSON become spaces, and all else stays."""
    request = '{"query":\r\n [1.50, "a\\nb", "ñ\u2028"]\n}'
    with running_edge(prediction_log=recorded) as edge:
        answer = edge.client.post(
            "/predict",
            content=request.encode(),
            headers={"Content-Type": "application/json", "X-Request-ID": "asked"},
        )

    text = (tmp_path / "monitoring" / "predictions-3.jsonl").read_text(encoding="utf-8")
    (line,) = lines(tmp_path)
    assert text.count("\n") == 1
    assert '"request": {"query":   [1.50, "a\\nb", "ñ\u2028"] }, "response": {' in text
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert 0 < line.pop("latency_ms") < 5000
    assert line == {
        "request_id": "asked",
        "path": "/predict",
        "model_tag": "model1:abc",
        "request": json.loads(request),
        "response": answer.json(),
    }


def test_second_server_on_one_folder_writes_a_file_of_its_own(tmp_path, recorded):
    """Neither rotates nor cuts off what the other wrote; a free file is appended to again."""
    folder = tmp_path / "monitoring"
    requests = {name: f'{{"asked": "{name}"}}'.encode() for name in ("first", "second", "third")}
    other, third = (PredictionLog(folder, worker="3") for _ in range(2))

    recorded.record(ANSWERED, request=requests["first"], response=b"{}")
    wait_until((folder / "predictions-3.jsonl").exists)
    other.record(ANSWERED, request=requests["second"], response=b"{}")
    other.close()
    third.record(ANSWERED, request=requests["third"], response=b"{}")
    third.close()

    found = {path.name: path.read_text().splitlines() for path in folder.glob("*.jsonl")}
    asked = {
        name: [json.loads(line)["request"]["asked"] for line in written]
        for name, written in found.items()
    }
    assert asked == {
        "predictions-3.jsonl": ["first"],
        "predictions-3-2.jsonl": ["second", "third"],
    }


def test_what_is_no_answered_question_is_not_recorded(tmp_path, recorded):
    """No error, nothing without a model, nothing without a body."""
    with running_edge(prediction_log=recorded) as edge:
        edge.service.may_finish.set()
        edge.client.post("/slow", json={})
        edge.client.post("/fail", json={})
        edge.client.post("/nowhere", json={})
        edge.client.post("/error?status=409", json={})
        edge.client.get("/error?status=200")

    assert list(tmp_path.iterdir()) == []


def test_all_is_written_when_the_service_has_stopped(tmp_path, recorded):
    """The end of the server waits for the writer."""
    with running_edge(prediction_log=recorded) as edge:
        for number in range(200):
            edge.client.post("/predict", json={}, headers={"X-Request-ID": str(number)})

    assert [line["request_id"] for line in lines(tmp_path)] == [str(n) for n in range(200)]


def test_end_of_the_server_waits_for_a_slow_disk(tmp_path, recorded):
    """A pipe that is read late stands for the disk; it ends when the file is closed."""
    reader = _pipe(tmp_path)
    received: list[bytes] = []
    with running_edge(prediction_log=recorded) as edge:
        edge.client.post("/predict", json={"x": "x" * 500_000})
        disk = threading.Timer(0.3, _read_to_the_end, [reader, received.append])
        disk.start()

    disk.join(PATIENCE_S)
    assert not disk.is_alive()
    assert len(json.loads(b"".join(received))["request"]["x"]) == 500_000


def test_disk_that_does_not_keep_up_costs_records_and_no_time(
    tmp_path, recorded, monkeypatch, caplog
):
    """What finds no room is left out and counted, with one warning until all is written again."""
    monkeypatch.setattr(prediction_log, "MAX_WAITING_BYTES", 1_000_000)
    reader = _pipe(tmp_path)
    with caplog.at_level(logging.WARNING):
        for _ in range(30):
            recorded.record(ANSWERED, request=b'"%b"' % (b"x" * 100_000), response=b"{}")
        assert recorded.n_lost == 20

        _read(reader, n_bytes=350_000)
        for _ in range(20):
            recorded.record(ANSWERED, request=b'"%b"' % (b"x" * 100_000), response=b"{}")

    assert recorded.n_lost > 30
    assert [record.message for record in caplog.records] == [
        f"Predictions are not recorded in {tmp_path}/monitoring/predictions-3.jsonl: "
        "the disk is too slow"
    ]
    threading.Thread(target=_read_to_the_end, args=[reader, len]).start()


def _pipe(folder: Path) -> int:
    (folder / "monitoring").mkdir()
    pipe = folder / "monitoring" / "predictions-3.jsonl"
    os.mkfifo(pipe)
    return os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)


def _read(reader: int, *, n_bytes: int) -> None:
    os.set_blocking(reader, True)
    while n_bytes > 0:
        n_bytes -= len(os.read(reader, n_bytes))


def _read_to_the_end(reader: int, take: Callable[[bytes], object]) -> None:
    os.set_blocking(reader, True)
    while part := os.read(reader, 65_536):
        take(part)
    os.close(reader)


def test_folder_that_cannot_be_written_is_one_warning(tmp_path, recorded, caplog):
    """The service goes on, and records again once it can."""
    with caplog.at_level(logging.WARNING):
        with read_only(tmp_path) as reason:
            for _ in range(3):
                recorded.record(ANSWERED, request=b"{}", response=b"{}")
            wait_until(lambda: recorded.n_lost == 3)
            assert caplog.text.count("Predictions are not recorded") == 1
            assert reason in caplog.text

        recorded.record(ANSWERED, request=b"{}", response=b"{}")
        recorded.close()

    assert len(lines(tmp_path)) == 1
    assert "Predictions are recorded again; 3 were lost" in caplog.text


def test_files_are_bounded(tmp_path, recorded, monkeypatch):
    """However much is asked, and however large a single question."""
    monkeypatch.setattr(prediction_log, "MAX_FILE_BYTES", 1000)
    log = PredictionLog(tmp_path / "monitoring", worker="4")
    for n_bytes in [300] * 40 + [50_000, 300]:
        log.record(ANSWERED, request=b'"%b"' % (b"x" * n_bytes), response=b"{}")
    log.close()

    files = sorted((tmp_path / "monitoring").iterdir())
    files = [path for path in files if path.suffix != ".lock"]
    assert len(files) == prediction_log.N_FILES
    sizes = [path.stat().st_size for path in files]
    assert sum(size > 1000 for size in sizes) == 1
    for path in files:
        for line in path.read_text().splitlines():
            json.loads(line)


HANGING = """
import os, sys
from pathlib import Path
from bento.edge import prediction_log
from bento.edge.context import RequestContext

folder = Path(sys.argv[1])
os.mkfifo(folder / "predictions-0.jsonl")
prediction_log.CLOSE_LIMIT_S = 0.1
log = prediction_log.PredictionLog(folder, worker="0")
log.record(RequestContext(), request=b"x" * 500_000, response=b"{}")
log.close()
"""


def test_process_ends_although_its_disk_hangs(tmp_path):
    """A pipe that nobody reads stands for the disk."""
    done = subprocess.run(
        [sys.executable, "-c", HANGING, tmp_path], capture_output=True, timeout=60, check=True
    )

    assert b"could not be written in time" in done.stderr


@pytest.fixture
def append(tmp_path, monkeypatch):
    """Appends lines to files of 10 bytes, three at most, and closes them."""
    monkeypatch.setattr(prediction_log, "MAX_FILE_BYTES", 10)
    monkeypatch.setattr(prediction_log, "N_FILES", 3)
    file = LineFile(tmp_path / "deep" / "lines", on_written=lambda: None, on_error=pytest.fail)

    def append(*lines):
        for line in lines:
            file.emit(logging.makeLogRecord({"msg": line}))
        file.close()

    return append


def contents(folder):
    """Read the files, besides the one that is locked."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}


def test_full_file_is_put_aside_and_the_oldest_goes(tmp_path, append):
    """The disk holds a bounded number of files, made with the first line."""
    assert list(tmp_path.iterdir()) == []

    append(*(f"line{number}" for number in range(7)))

    assert contents(tmp_path / "deep") == {
        "lines": b"line6\n",
        "lines.1": b"line5\n",
        "lines.2": b"line4\n",
    }


def test_line_larger_than_a_file_has_one_to_itself(tmp_path, append):
    """It is whole, and what was there before is not lost for it."""
    append("x" * 100, "one")

    assert contents(tmp_path / "deep") == {"lines.1": b"x" * 100 + b"\n", "lines": b"one\n"}


def test_file_goes_on_after_a_restart(tmp_path, append):
    """Its size is that of the file."""
    append("one")
    append("two", "three")

    assert contents(tmp_path / "deep") == {"lines.1": b"one\ntwo\n", "lines": b"three\n"}


def test_line_that_a_killed_writer_left_spoils_no_other(tmp_path, append):
    """The next line begins on its own."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "lines").write_bytes(b"on")

    append("two")

    assert contents(tmp_path / "deep") == {"lines": b"on\ntwo\n"}


def test_only_the_owner_can_read_the_files(tmp_path, append):
    """Whatever the process gives to other files."""
    mask = os.umask(0)
    try:
        append(*["x" * 9] * 4)
    finally:
        os.umask(mask)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").iterdir()}
    assert set(modes) == {"lines", "lines.1", "lines.2", "lines.lock"}
    assert set(modes.values()) == {0o600}


def test_line_that_fits_no_more_is_not_there_in_part(tmp_path):
    """A full disk costs lines, never their form, also after a line that a killed writer left."""
    errors: list[str] = []
    file = LineFile(tmp_path / "lines", on_written=lambda: None, on_error=errors.append)
    with small_disk(tmp_path, kilobytes=200):
        (tmp_path / "lines").write_bytes(b"one\ntw")
        with filled(tmp_path):
            file.emit(logging.makeLogRecord({"msg": "x" * 20_000}))
        file.emit(logging.makeLogRecord({"msg": "two"}))
        file.close()

        assert errors == ["[Errno 28] No space left on device"]
        assert (tmp_path / "lines").read_bytes() == b"one\ntw\ntwo\n"
