"""A real `bentoml serve` process for the tests to ask."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parent.parent.parent
START_LIMIT_S = 90


@dataclass(frozen=True)
class RunningService:
    """A service that answers, and what it logs."""

    client: httpx.Client
    log_file: Path

    @property
    def log(self) -> str:
        """Everything that was logged so far."""
        return self.log_file.read_text()


@pytest.fixture(scope="session")
def sample_service(sample_run, tmp_path_factory) -> Iterator[RunningService]:
    """The service on the models of the embedded sample."""
    with serving(sample_run.environment, tmp_path_factory.mktemp("sample_service")) as service:
        yield service


@pytest.fixture(scope="session")
def real_service(real_run, tmp_path_factory) -> Iterator[RunningService]:
    """The service on the models of the real files."""
    with serving(real_run.environment, tmp_path_factory.mktemp("real_service")) as service:
        yield service


@pytest.fixture
def start_service():
    """The context manager that runs a service, for tests that need one of their own."""
    return serving


@contextmanager
def serving(
    environment: Mapping[str, str], folder: Path, *, root: Path = ROOT
) -> Iterator[RunningService]:
    """Run `bentoml serve` at the root of the repository, on a free port, until the block ends."""
    port = _free_port()
    log_file = folder / "service.log"
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "bentoml", "serve"],
            cwd=root,
            env={**environment, "BENTOML_PORT": str(port)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait_until_alive(client, process, log_file)
            yield RunningService(client, log_file)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_alive(client: httpx.Client, process: subprocess.Popen, log_file: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log_file.read_text()
        try:
            if client.get("/livez").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer after {START_LIMIT_S} s: {log_file.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
