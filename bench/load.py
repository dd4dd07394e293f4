"""Load test of a server on this machine with wrk, bounded in connections and time."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.questions import Question

SCRIPT = Path(__file__).parent / "load.lua"


@dataclass(frozen=True)
class Load:
    """Result of a load test.

    Attributes:
        per_second: Requests answered per second.
        p50_ms: Median latency.
        p99_ms: 99th percentile of the latency.
        longest_ms: Maximum latency.
    """

    per_second: float
    p50_ms: float
    p99_ms: float
    longest_ms: float


def put_load(url: str, question: Question) -> Load:
    """Send a request repeatedly, and require every answer to be a 200.

    Args:
        url: The server.
        question: The request, the number of connections, and the duration.

    Raises:
        RuntimeError: wrk is not installed, or an answer was not a 200.
    """
    if not url.startswith("http://127.0.0.1:"):
        raise RuntimeError(f"{url} is another machine; expected a server on this one")
    with TemporaryDirectory() as folder:
        content = Path(folder) / "body.json"
        content.write_bytes(question.body)
        # A thread of its own for wrk, as the server has; more only take its time away.
        wrk = ["wrk", "-t1", f"-c{question.connections}", f"-d{question.seconds}s"]
        try:
            done = subprocess.run(
                [*wrk, "--timeout", "30s", "-s", SCRIPT, url + question.path, "--", content],
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise RuntimeError("wrk is not installed: make bench installs it") from None
    if done.returncode != 0:
        raise RuntimeError(f"wrk failed: {done.stderr.strip()}")
    found = json.loads(done.stdout.splitlines()[-1])
    if found["failed"] or not found["answers"]:
        raise RuntimeError(
            f"{url}{question.path}: {found['failed']} of {found['answers']} answers were no 200"
        )
    return Load(
        per_second=found["answers"] / found["seconds"],
        p50_ms=found["p50_ms"],
        p99_ms=found["p99_ms"],
        longest_ms=found["longest_ms"],
    )


def middle(loads: Sequence[Load]) -> Load:
    """Return the median of every figure."""
    return Load(
        per_second=median(one.per_second for one in loads),
        p50_ms=median(one.p50_ms for one in loads),
        p99_ms=median(one.p99_ms for one in loads),
        longest_ms=median(one.longest_ms for one in loads),
    )
