"""Process of a server on this machine: start, wait until ready, measure memory, stop."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil

PATIENCE_S = 180
LOOK_EVERY_S = 0.02


@dataclass(frozen=True)
class Server:
    """A server that answers.

    Attributes:
        url: Where.
        pid: Of the process that was started.
        seconds_to_ready: From its start until it said that it is ready.
    """

    url: str
    pid: int
    seconds_to_ready: float

    def memory_mib(self) -> float:
        """Return the unshared memory of the process and its children, in MiB."""
        process = psutil.Process(self.pid)
        family = [process, *process.children(recursive=True)]
        return sum(one.memory_full_info().uss for one in family) / 2**20


@contextmanager
def running(
    command: Sequence[str | Path], *, environment: Mapping[str, str], ready: str, log: Path
) -> Iterator[Server]:
    """Start a server on a free port, which `{port}` in the command and the environment stands for.

    Args:
        command: With `{port}` where the port belongs.
        environment: On top of this process's own.
        ready: The path that answers 200 when it is ready.
        log: Where its output goes.

    Raises:
        RuntimeError: It ended, or was not ready in time; the message holds what it said.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        start = time.monotonic()
        process = subprocess.Popen(
            [str(part).replace("{port}", str(port)) for part in command],
            env=os.environ
            | {name: one.replace("{port}", str(port)) for name, one in environment.items()},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while not _is_ready(url + ready):
            if process.poll() is not None or time.monotonic() > start + PATIENCE_S:
                raise RuntimeError(f"{command[0]} did not get ready:\n{log.read_text()[-2000:]}")
            time.sleep(LOOK_EVERY_S)
        yield Server(url, process.pid, seconds_to_ready=time.monotonic() - start)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _is_ready(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 (this machine's)
            return bool(answer.status == 200)
    except (HTTPError, URLError, ConnectionError, TimeoutError):
        return False
