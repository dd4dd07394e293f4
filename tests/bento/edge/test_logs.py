"""Logs: JSON lines on standard output, with an access line for each request."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent

WORKER = """
import logging
from bentoml._internal.log import configure_server_logging
from bento.edge.context import RequestContext
from bento.edge.logs import write_json_logs

configure_server_logging()
write_json_logs()
write_json_logs()
logging.getLogger("bentoml.service").info("of BentoML\\nin two lines")
logging.getLogger("uvicorn.error").warning("of uvicorn")
logging.getLogger("spike_assets.edge").info("of ours")
logging.getLogger("some.library").warning("of a library: %s", "\\u2028ñ")
logging.getLogger("some.library").info("not asked for")
logging.getLogger("bentoml.access").info("twice")
logging.getLogger("uvicorn.access").warning("twice")
with RequestContext(request_id="here").bind():
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("bentoml.service").exception("failed")
"""


def test_line_of_a_prediction_says_who_asked_what_and_who_answered(edge):
    """Everything that is asked about a request later, in units."""
    answer = edge.client.post("/predict", json={"a": 1}, headers={"X-Request-ID": "line"})

    line = edge.access_line("line")

    time = datetime.fromisoformat(line.pop("time"))
    assert time.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - time) < timedelta(seconds=5)
    assert 0 < line.pop("latency_ms") < 5000
    assert line == {
        "level": "INFO",
        "logger": "spike_assets.access",
        "message": "request",
        "request_id": "line",
        "client": "127.0.0.1",
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "request_bytes": len(b'{"a":1}'),
        "response_bytes": len(answer.content),
        "model_tag": "model1:abc",
        "n_rows": 2,
        "n_rescaled_cells": 0,
    }


def test_line_of_a_request_without_a_model_names_none(edge):
    """What the endpoint did not say is not in the line."""
    edge.client.get("/models", headers={"X-Request-ID": "plain"})

    assert not {"model_tag", "n_rows", "n_rescaled_cells"} & edge.access_line("plain").keys()


def test_health_is_not_logged(edge):
    """It is asked every few seconds for years."""
    for path in ["/livez", "/healthz", "/readyz"]:
        edge.client.get(path, headers={"X-Request-ID": "health"})
    edge.client.get("/models", headers={"X-Request-ID": "after health"})

    assert not [line for line in edge.log() if line.get("request_id") == "health"]


def test_path_can_begin_no_line_of_its_own(edge):
    """A client that writes line ends into its path forges nothing."""
    forged = '%0A{"level":"INFO","message":"forged"}%0D%0A%E2%80%A8'
    edge.client.get(f"/nowhere{forged}", headers={"X-Request-ID": "forged"})

    line = edge.access_line("forged")

    assert line["path"] == '/nowhere\n{"level":"INFO","message":"forged"}\r\n\u2028'
    assert not [line for line in edge.log() if line["message"] == "forged"]


def test_path_is_cut_in_the_log(edge):
    """A line has a bounded length."""
    edge.client.get("/" + "a" * 5000, headers={"X-Request-ID": "long"})

    assert edge.access_line("long")["path"] == "/" + "a" * 255


def test_every_logger_writes_json_lines_to_standard_output():
    """BentoML's own set-up of a worker, and ours after it."""
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    lines = [json.loads(line) for line in done.stdout.split("\n")[:-1]]

    assert done.stdout.isascii()
    assert [(line["level"], line["logger"], line["message"]) for line in lines] == [
        ("INFO", "bentoml.service", "of BentoML\nin two lines"),
        ("WARNING", "uvicorn.error", "of uvicorn"),
        ("INFO", "spike_assets.edge", "of ours"),
        ("WARNING", "some.library", "of a library: \u2028ñ"),
        ("ERROR", "bentoml.service", "failed"),
    ]
    assert "ZeroDivisionError" in lines[-1]["exc_info"]
    assert [line.get("request_id") for line in lines] == [None] * 4 + ["here"]
    assert all(line["time"].endswith("+00:00") for line in lines)
