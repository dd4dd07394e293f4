"""A real service on one machine that follows what is promoted on another, by way of S3."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from spike_assets.cli.main import main
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.s3_store import S3Store
from spike_assets.registry.synced_store import SyncedStore
from spike_assets.storage.s3_bucket import Bucket
from tests.support.s3_server import BUCKET, S3Server, s3_server_of_the_environment
from tests.support.swap_case import QUESTIONS, answer_of, registered_set
from tests.support.tiny_regressor import tiny_regressor
from tests.support.watched_service import Serving, seconds_until

URL = f"s3://{BUCKET}/models-of-all"
FAILED_LOOKS = "spike_failed_model_store_looks_total"


@dataclass(frozen=True)
class TwoMachines:
    """A service on machine B, and the store of machine A, where models are registered.

    Attributes:
        on_a: What is promoted on A and seen on B.
        server: The S3 server between them.
        b_environment: What B's programs see.
        was_ready: Whether B was before anything was promoted.
    """

    on_a: Serving
    server: S3Server
    b_environment: Mapping[str, str]
    was_ready: bool

    def lines(self, text: str) -> list[dict[str, Any]]:
        """Find what B logged of following."""
        lines = [line for line in self.on_a.service.log.splitlines() if "s3://" in line]
        return [line for line in map(json.loads, lines) if text in line["message"]]


@pytest.fixture(scope="module")
def server(free_port, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server_of_the_environment(free_port(), tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def machines(
    server, start_service, isolated_environment, tmp_path_factory
) -> Iterator[TwoMachines]:
    """B starts with an empty BentoML home; then A promotes its first set."""
    folder = tmp_path_factory.mktemp("machine_b")
    environment = isolated_environment(folder) | server.environment | {"SPIKE_MODEL_STORE": URL}
    store = SyncedStore(S3Store(URL), tmp_path_factory.mktemp("machine_a"))
    sets = {letter: registered_set(store, seed=seed) for seed, letter in enumerate("ab")}
    with start_service(environment, folder) as service:
        on_a = Serving(service, store, sets)
        was_ready = on_a.is_ready()
        on_a.serve(sets["a"])
        yield TwoMachines(on_a, server, environment, was_ready)


@pytest.fixture
def on_a(machines: TwoMachines) -> Serving:
    """The machines while set `a` is served, whatever a test before this one did."""
    machines.on_a.serve(machines.on_a.sets["a"])
    return machines.on_a


def test_service_with_an_empty_store_answers_what_the_other_machine_would(
    machines: TwoMachines, on_a: Serving
) -> None:
    """It was not ready before, and gives the very numbers of the models as A has them."""
    assert not machines.was_ready
    models = on_a.store.load_promoted()
    for question in QUESTIONS:
        answer = on_a.service.client.post(question.path, json=question.body)
        assert answer.text == answer_of(models[question.name], question)


def test_promotion_and_rollback_reach_the_service_without_a_restart(on_a: Serving) -> None:
    """Both are served there by themselves."""
    on_a.serve(on_a.sets["b"])

    assert on_a.store.rollback(reason="test") == on_a.sets["a"]

    seconds_until(lambda: on_a.served() == on_a.sets["a"])


def test_storage_that_is_away_stops_no_answer_and_no_promotion_for_good(
    machines: TwoMachines, on_a: Serving
) -> None:
    """B is ready and answers, says once why it can't follow, and follows when it can."""
    n_failed, n_lines = on_a.metric(FAILED_LOOKS), len(machines.lines("can't be followed"))

    with machines.server.away():
        seconds_until(lambda: on_a.metric(FAILED_LOOKS) >= n_failed + 2)
        with pytest.raises(ModelStoreError, match=f"no answer from {machines.server.url}"):
            on_a.store.promote(on_a.sets["b"], reason="test")
        assert on_a.store.promoted() == on_a.sets["a"]
        assert on_a.served() == on_a.sets["a"]
        assert on_a.is_ready()
        *_, line = machines.lines("can't be followed")
        assert len(machines.lines("can't be followed")) == n_lines + 1
        assert line["message"].startswith(f"{URL} can't be followed, what is here goes on: s3://")

    on_a.serve(on_a.sets["b"])
    assert machines.lines("is followed again")


def test_damaged_object_is_refused_and_what_was_served_goes_on(
    machines: TwoMachines, on_a: Serving
) -> None:
    """It is said once and counted, and the next promotion gets over it."""
    tag = on_a.store.register(tiny_regressor("model2", seed=9), data_versions={}, synthetic=False)
    bucket = Bucket(URL)
    (name,) = bucket.names(f"models/{tag.replace(':', '/')}")
    whole = bucket.get(name)
    bucket.put(name, whole[:-1] + bytes([whole[-1] ^ 1]))
    n_failed = on_a.metric(FAILED_LOOKS)

    on_a.store.promote({"model2": tag}, reason="test")
    seconds_until(lambda: on_a.metric(FAILED_LOOKS) >= n_failed + 2)

    assert on_a.served() == on_a.sets["a"]
    assert on_a.is_ready()
    (line,) = machines.lines("SHA-256 differs")
    assert name in line["message"]
    on_a.serve(on_a.sets["b"])


def test_commands_of_a_third_machine_work_on_the_same_store(
    machines: TwoMachines, on_a: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lists what was registered on A and promotes it for B."""
    monkeypatch.setenv("SPIKE_MODEL_STORE", URL)
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))

    def models(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["models", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    listed = {version["tag"] for version in json.loads(models("list", "--json"))}
    assert {*on_a.sets["a"].values(), *on_a.sets["b"].values()} <= listed

    models("promote", *on_a.sets["b"].values(), "--reason", "from here")
    seconds_until(lambda: on_a.served() == on_a.sets["b"])
    models("rollback")
    seconds_until(lambda: on_a.served() == on_a.sets["a"])

    with machines.server.away():
        done = CliRunner().invoke(main, ["models", "rollback"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {URL}/promotions/")
    assert "no answer from" in done.stderr


def test_service_that_starts_while_the_storage_is_away_serves_what_it_has(
    machines: TwoMachines, on_a: Serving, start_service, tmp_path: Path
) -> None:
    """What it took over before is on its disk."""
    with (
        machines.server.away(),
        start_service(machines.b_environment, tmp_path) as service,
    ):
        again = Serving(service, on_a.store, on_a.sets)
        assert again.served() == on_a.sets["a"]
        assert again.is_ready()
