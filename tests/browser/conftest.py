"""A real Chromium, and the real Dagster UI for it to look at."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

expect.set_options(timeout=30_000)  # the machine may be busy with other tests

# Without these, Chromium asks its maker's servers for updates and the like.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium that tests/browser/install.sh found or installed.

    Closed after the browser tests: while it is open, Playwright keeps an event loop running in
    this thread, in which Dagster could not run one of its own.
    """
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


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """What opens the analyst's page of a service, in a browser that has never seen it.

    Whatever the browser complains of fails the test, but for failures to load that say one of
    `refusals`. `prepare` gets the page before it is opened, at `path`; the rest is Playwright's.
    """
    contexts, faults = [], []

    def visit(service, *, path="/", refusals=(), prepare=lambda page: None, **options) -> Page:
        desk = {"locale": "en-GB", "viewport": {"width": 1280, "height": 900}}
        context = browser.new_context(**desk | options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if complains(line) else None)

        def complains(line) -> bool:
            failed_to_load = line.text.startswith("Failed to load resource")
            expected = failed_to_load and any(words in line.text for words in refusals)
            return line.type == "error" and not expected

        prepare(page)
        page.goto(f"{service.client.base_url}{path}")
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory) -> Path:
    """Where pictures go: the folder given by --pictures, or one that is thrown away."""
    return request.config.getoption("--pictures") or tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
def dagster_ui(sample_run, running_server, free_port, tmp_path_factory) -> Iterator[str]:
    """The address of the Dagster UI, on the instance of a finished run."""
    port = free_port()
    with running_server(
        ["dagster-webserver", "-p", str(port)],
        environment=sample_run.environment,
        port=port,
        health_path="/server_info",
        log_file=tmp_path_factory.mktemp("dagster_ui") / "webserver.log",
    ) as server:
        yield str(server.client.base_url)
