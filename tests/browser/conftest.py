"""A real Chromium, and the real Dagster UI for it to look at."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent.parent
START_LIMIT_S = 120

# Without these, Chromium asks its maker's servers for updates and the like.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that tests/browser/install.sh found or installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    system = next((path for name in names if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        if not system and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium here: tests/browser/install.sh installs one")
        # Its sandbox can't be set up by root, as which tests run in containers.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=system, args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a desktop's size."""
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    yield page
    page.close()


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory) -> Path:
    """Where pictures go: the folder given by --pictures, or one that is thrown away."""
    return request.config.getoption("--pictures") or tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def dagster_ui(sample_run, tmp_path_factory) -> Iterator[str]:
    """The address of the Dagster UI, on the instance of a finished run."""
    port = _free_port()
    log_file = tmp_path_factory.mktemp("dagster_ui") / "webserver.log"
    with log_file.open("w") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "dagster-webserver", "-p", str(port)],
            cwd=ROOT,  # where workspace.yaml is
            env=sample_run.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(address, process, log_file)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_up(address: str, process: subprocess.Popen, log_file: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log_file.read_text()
        try:
            if httpx.get(f"{address}/server_info").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"no answer after {START_LIMIT_S} s: {log_file.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
