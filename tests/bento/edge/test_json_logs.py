"""Standard output of a worker process: JSON lines, whoever logs."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent

WORKER = """
import logging
from bentoml._internal.log import configure_server_logging
from bento.edge.exchange import RequestContext, answering
from bento.edge.json_logs import write_json_logs

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
with answering(RequestContext(request_id="here")):
    try:
        1 / 0
    except ZeroDivisionError:
        logging.getLogger("bentoml.service").exception("failed")
"""


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
