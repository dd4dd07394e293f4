"""The prediction log: what was asked and answered, on disk, at no cost to clients."""

import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bento.edge import prediction_log
from bento.edge.exchange import RequestContext
from bento.edge.prediction_log import PredictionLog
from tests.bento.edge.small_service import PATIENCE_S, running_edge, wait_until
from tests.support.disks import read_only

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
    assert len(files) == prediction_log.N_FILES
    sizes = [path.stat().st_size for path in files]
    assert sum(size > 1000 for size in sizes) == 1
    for path in files:
        for line in path.read_text().splitlines():
            json.loads(line)
