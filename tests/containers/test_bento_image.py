"""The image of a Bento, run with nothing mounted, no network and nothing that it may write."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spike_assets.registry.bentos import BuiltBento, build_bento
from spike_assets.registry.model_store import ModelStore
from tests.containers.stack import docker_command, output_of, seconds_until
from tests.support.swap_case import QUESTIONS, answer_of, registered_set

KEY = "a-key-of-this-test"
READY_WITHIN_S = 300
STOPPED_WITHIN_S = 10
"""Docker kills what takes longer."""

ASK = """
import json, sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen
path, headers, body = json.load(sys.stdin)
headers["Content-Type"] = "application/json"
content = None if body is None else json.dumps(body).encode()
request = Request("http://127.0.0.1:5000" + path, content, headers)
try:
    answer = urlopen(request)
except HTTPError as error:
    answer = error
print(json.dumps([answer.status, answer.headers["X-Model-Tag"], answer.read().decode()]))
"""
"""Asks from inside of a container, which no network leads to."""


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    model_tag: str | None
    body: str


class Container:
    """A container that serves."""

    def __init__(self, container_id: str) -> None:
        self._id = container_id

    def execute(self, *command: str) -> str:
        """Run a command in it."""
        return output_of([docker_command(), "exec", self._id, *command]).strip()

    def ask(self, path: str, body: Mapping[str, Any] | None = None, *, key: str = KEY) -> Answer:
        """Ask the service, with GET if there is no body."""
        done = subprocess.run(
            [docker_command(), "exec", "--interactive", self._id, "python", "-c", ASK],
            input=json.dumps([path, {"X-API-Key": key} if key else {}, body]),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return Answer(*json.loads(done.stdout))

    def wait_until_ready(self) -> None:
        """Wait until models are served."""
        seconds_until(self._is_ready, limit_s=READY_WITHIN_S)

    def restart(self) -> float:
        """Stop it and start it; say how long stopping took."""
        started_s = time.monotonic()
        output_of([docker_command(), "stop", self._id])
        stopped_s = time.monotonic()
        output_of([docker_command(), "start", self._id])
        return stopped_s - started_s

    def inspected(self) -> dict[str, Any]:
        """Look at it as the engine does."""
        return json.loads(output_of([docker_command(), "inspect", self._id]))[0]

    def _is_ready(self) -> bool:
        assert self.inspected()["State"]["Running"], output_of([docker_command(), "logs", self._id])
        try:
            return self.ask("/readyz").status == 200
        except subprocess.CalledProcessError:  # nothing listens yet
            return False


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """A store of two sets of models, none of them promoted."""
    return ModelStore(tmp_path_factory.mktemp("image") / "bentoml")


@pytest.fixture(scope="module")
def bento(store: ModelStore) -> BuiltBento:
    """A Bento that is older than what is promoted, as the asset builds it."""
    store.promote(registered_set(store, seed=0), reason="first")
    bento = build_bento(store.home)
    store.promote(registered_set(store, seed=1), reason="second")
    return bento


@pytest.fixture(scope="module")
def image(bento: BuiltBento, store: ModelStore, isolated_environment, tmp_path_factory):
    """The image of it."""
    environment = isolated_environment(tmp_path_factory.mktemp("containerize"))
    output_of(
        # Builds reach what this machine reaches, whatever its way to the package registry is.
        [sys.executable, "-m", "bentoml", "containerize", bento.tag, "--opt", "network=host"],
        environment | {"BENTOML_HOME": str(store.home)},
    )
    yield bento.tag
    output_of([docker_command(), "image", "rm", "--force", bento.tag])


@pytest.fixture(scope="module")
def container(image: str) -> Iterator[Container]:
    """The image, run as far from everything as Docker lets it."""
    shut_in = ("--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL")
    only = ("--security-opt=no-new-privileges", "--memory=1g", f"--env=SPIKE_API_KEY={KEY}")
    # Sums depend in their last digit on the kernels that OpenBLAS chooses, or is told to take.
    kernels = [f"--env={name}" for name in os.environ if name.startswith("OPENBLAS_")]
    run = [docker_command(), "run", "--detach", *kernels, *shut_in, *only, image]
    container_id = output_of(run).split()[-1]
    container = Container(container_id)
    container.wait_until_ready()
    yield container
    output_of([docker_command(), "rm", "--force", container_id])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.path)
def test_image_answers_as_the_packed_models_do(container, bento, store, question):
    """To the last digit, though others were promoted since."""
    answer = container.ask(question.path, question.body)

    assert answer.status == 200
    assert answer.model_tag == bento.models[question.name]
    assert answer.body == answer_of(store.load(bento.models[question.name]), question)


def test_image_says_what_it_serves(container, bento):
    """Its Bento and the tags."""
    shown = json.loads(container.ask("/version").body)

    assert (shown["bento"], shown["models"]) == (bento.tag, bento.models)


def test_image_holds_the_packed_models_alone(container, bento):
    """None that was registered besides."""
    listed = container.execute("sh", "-c", "ls -d /home/bentoml/bento/models/*/*/")

    folders = {Path(line) for line in listed.split()}
    assert {f"{folder.parent.name}:{folder.name}" for folder in folders} == {*bento.models.values()}


def test_image_wants_the_key(container):
    """Of whoever asks."""
    assert container.ask("/predict", {}, key="").status == 401
    assert container.ask("/livez", key="").status == 200


def test_image_runs_as_an_ordinary_user(container):
    """Without capabilities, and without a way to get any."""
    status = container.execute("cat", "/proc/1/status")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)

    assert container.execute("id", "-u") == "1034"
    assert {fields[name] for name in ("CapPrm", "CapEff", "CapBnd")} == {"0" * 16}
    assert fields["NoNewPrivs"] == "1"
    assert container.inspected()["Mounts"] == []


def test_image_has_no_dagster_no_training_and_no_compiler(container):
    """None of it can even be imported."""
    code = (
        "from importlib.util import find_spec; import bento.service;"
        "print(*map(find_spec, ('dagster', 'pandas', 'spike_assets.defs', 'spike_assets.sources')))"
    )
    command = f'cd src && python -c "{code}"; command -v gcc cc make git || echo no compiler'

    assert container.execute("sh", "-c", command).splitlines() == [
        "None None None None",
        "no compiler",
    ]


def test_image_stops_by_itself_and_starts_again(container):
    """And answers as before."""
    question = QUESTIONS[0]
    before = container.ask(question.path, question.body)

    assert container.restart() < STOPPED_WITHIN_S
    container.wait_until_ready()

    assert container.ask(question.path, question.body) == before
