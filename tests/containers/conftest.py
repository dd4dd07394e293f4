"""One project of Compose for all tests here: built, brought up from nothing, trained by itself."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from tests.containers.dagster_ui import DagsterUI
from tests.containers.load import Load, load
from tests.containers.stack import ROOT, RUN_LIMIT_S, Stack, seconds_until


@pytest.fixture(scope="session")
def stack(free_port, tmp_path_factory) -> Iterator[Stack]:
    """The containers, healthy, started from nothing and without any setting."""
    env_file = tmp_path_factory.mktemp("compose") / "empty.env"
    env_file.touch()
    stack = Stack(service_port=free_port(), ui_port=free_port(), env_file=env_file)
    stack.compose("down", "--volumes", "--remove-orphans")
    stack.compose("build")
    stack.up()
    yield stack
    stack.compose("down", "--volumes")


@pytest.fixture(scope="session")
def service(stack) -> Iterator[httpx.Client]:
    """The service, for who has the key."""
    with stack.service() as client:
        yield client


@pytest.fixture(scope="session")
def ui(stack) -> Iterator[DagsterUI]:
    """Dagster, for who has the password."""
    with stack.ui() as client:
        yield DagsterUI(client)


@pytest.fixture(scope="session")
def question() -> Mapping[str, Any]:
    """A request for `/predict`."""
    return json.loads((ROOT / "examples" / "request.json").read_text())


@pytest.fixture(scope="session")
def clients(service, question) -> Callable[[], AbstractContextManager[Load]]:
    """What lets clients ask as long as a block lasts."""
    return lambda: load(service, question)


@pytest.fixture(scope="session")
def trained(stack, ui, service) -> str:
    """The id of the one run that came by itself, once what it promoted is served."""
    seconds_until(lambda: service.get("/readyz").is_success, limit_s=RUN_LIMIT_S)
    (run_id,) = ui.runs()
    ui.wait_for(run_id, "SUCCESS")
    return run_id
