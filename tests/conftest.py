"""What many tests need: the real files if they are there, finished runs, running servers."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from spike_assets.publishers import http as publisher_http
from spike_assets.sample.sample import sample_files
from tests.support.publisher_server import PublisherServer, publisher_server

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
SERVER_START_LIMIT_S = 120
REAL_DATA_FOLDERS = (ROOT / "data", ROOT.parent / "shared" / "data")


@dataclass(frozen=True)
class FinishedRun:
    """A run of `spike-assets run` in a world of its own."""

    environment: Mapping[str, str]
    storage: Path
    bentoml_home: Path
    dagster_home: Path
    printed: str


@dataclass(frozen=True)
class RunningServer:
    """A server that answers, the process that was started, and what it logs."""

    client: httpx.Client
    log_file: Path
    process_id: int

    @property
    def log(self) -> str:
        """Everything that was logged so far."""
        return self.log_file.read_text()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the browser tests keep the pictures that the documents show."""
    parser.addoption(
        "--pictures", type=Path, metavar="DIR", help="keep the pictures of browser tests in DIR"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the file that takes longest, so that no process is left alone with it."""
    items.sort(key=lambda item: item.path.name != "test_run_faults.py")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the three real files, from `make data`."""
    for folder in REAL_DATA_FOLDERS:
        if (folder / "precio_leche.csv").exists():
            return folder
    pytest.skip("the real files are not here: make data downloads them")


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A folder with the three files of the sample."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, content in sample_files().items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The whole graph, built from the embedded sample by the command that people use."""
    return _run_once(tmp_path_factory, "sample_run")


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> FinishedRun:
    """The whole graph, built from the real files by the command that people use."""
    return _run_once(tmp_path_factory, "real_run", "--data", str(real_data))


def _run_once(tmp_path_factory: pytest.TempPathFactory, name: str, *arguments: str) -> FinishedRun:
    """Make a run that the processes of pytest-xdist share, since it takes about a minute."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder.mkdir(exist_ok=True)
        printed = folder / "printed"
        if not printed.exists():
            printed.write_text(_run(folder, *arguments))
    return FinishedRun(
        environment=_isolated_environment(folder),
        storage=folder / "storage",
        bentoml_home=folder / "bentoml",
        dagster_home=folder / "dagster",
        printed=printed.read_text(),
    )


def _run(folder: Path, *arguments: str) -> str:
    environment = _isolated_environment(folder)
    done = subprocess.run(
        [BIN / "spike-assets", "run", *arguments],
        env=environment,
        cwd=folder,  # where there is no folder data/
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def start_service(running_server, free_port):
    """What runs `bentoml serve` at the root of the repository, on a free port."""

    def start(environment: Mapping[str, str], folder: Path, **settings: str):
        port = free_port()
        quiet = {"SPIKE_PREDICTION_LOG": str(folder / "monitoring"), "SPIKE_RATE_LIMIT": "off"}
        return running_server(
            ["bentoml", "serve"],
            environment={**environment, **quiet, "BENTOML_PORT": str(port), **settings},
            port=port,
            health_path="/livez",
            log_file=folder / "service.log",
        )

    return start


@pytest.fixture(scope="session")
def sample_service(sample_run, start_service, tmp_path_factory):
    """The service on the models of the embedded sample."""
    with start_service(sample_run.environment, tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="session")
def real_service(real_run, start_service, tmp_path_factory):
    """The service on the models of the real files."""
    with start_service(real_run.environment, tmp_path_factory.mktemp("service")) as service:
        yield service


@pytest.fixture(scope="session")
def isolated_environment():
    """What makes an environment in which commands touch nothing outside a folder."""
    return _isolated_environment


def _isolated_environment(folder: Path) -> dict[str, str]:
    """Give an environment in which the project's commands touch nothing outside a folder."""
    dagster_home = folder / "dagster"
    dagster_home.mkdir(exist_ok=True)
    if not (dagster_home / "dagster.yaml").exists():
        shutil.copy(ROOT / ".dagster" / "dagster.yaml", dagster_home)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SPIKE_")}
    return inherited | {
        "HOME": str(folder),
        "SPIKE_STORAGE": str(folder / "storage"),
        "BENTOML_HOME": str(folder / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "DAGSTER_HOME": str(dagster_home),
    }


@pytest.fixture(scope="session")
def free_port():
    """What finds a port on which nothing listens."""
    return _free_port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def running_server():
    """The context manager that runs one of the project's servers until its block ends."""
    return _running_server


@contextmanager
def _running_server(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    port: int,
    health_path: str,
    log_file: Path,
    folder: Path = ROOT,
) -> Iterator[RunningServer]:
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [BIN / command[0], *command[1:]],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            server = RunningServer(client, log_file, process.pid)
            _wait_until_healthy(server, process, health_path)
            yield server
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_healthy(server: RunningServer, process: subprocess.Popen, path: str) -> None:
    deadline = time.monotonic() + SERVER_START_LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, server.log
        try:
            if server.client.get(path).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no answer after {SERVER_START_LIMIT_S} s: {server.log}")


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[PublisherServer]:
    """A publisher's host on loopback, which answers what a test lays down."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setattr(publisher_http, "LONGEST_PAUSE_S", 0.01)
    with publisher_server() as server:
        yield server
