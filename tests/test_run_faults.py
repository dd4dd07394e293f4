"""The whole run under crashes, writers and bad disks: real processes, killed at real moments."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from spike_assets.registry.model_store import ModelStore
from tests.support.cut_sample import cut_sample
from tests.support.disks import filled, read_only, small_disk

BIN = Path(sys.executable).parent
MODELS = {"model1", "model2", "forecaster"}
PATIENCE_S = 300

RUN = (BIN / "spike-assets", "run")
REGISTRATION = (
    *(BIN / "dagster", "asset", "materialize", "-m", "spike_assets.definitions"),
    *("--select", "registered_models,promoted_models"),
)
"""The end of the run alone, on what the run before left in storage: where a kill could hurt."""


@dataclass(frozen=True)
class World:
    """A storage, a store and a Dagster instance of their own, and a process's output beside."""

    folder: Path
    environment: dict[str, str]

    @property
    def store(self) -> ModelStore:
        """The models, as another process finds them."""
        return ModelStore(self.folder / "bentoml")

    @contextmanager
    def running(
        self, command: tuple[str | Path, ...], *, log: str = "errors"
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command as the leader of its own process group; nothing of it outlives this."""
        with (self.folder / log).open("w") as errors:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(PATIENCE_S)

    @property
    def errors(self) -> Path:
        """What the last command wrote to standard error."""
        return self.folder / "errors"

    def run(self, command: tuple[str | Path, ...] = RUN) -> int:
        """Run a command to its end; give the exit code."""
        with self.running(command) as process:
            return process.wait(PATIENCE_S)

    def copied_to(self, folder: Path) -> "World":
        """Give another world in which the same has happened."""
        shutil.copytree(self.folder, folder)
        return World(
            folder,
            {
                name: value.replace(str(self.folder), str(folder))
                for name, value in self.environment.items()
            },
        )

    def registered_sets(self) -> list[dict[str, str]]:
        """Give the tags that each finished `registered_models` says it registered."""
        with dg.DagsterInstance.from_config(self.environment["DAGSTER_HOME"]) as instance:
            records = instance.fetch_materializations(
                dg.AssetKey("registered_models"), limit=100
            ).records
        found = [record.asset_materialization.metadata for record in records]
        return [{name: str(one[name].value) for name in MODELS} for one in found]

    def run_statuses(self) -> set[dg.DagsterRunStatus]:
        """Return the statuses that the runs have."""
        with dg.DagsterInstance.from_config(self.environment["DAGSTER_HOME"]) as instance:
            return {run.status for run in instance.get_runs()}


@pytest.fixture(scope="module")
def finished(
    tmp_path_factory: pytest.TempPathFactory, isolated_environment: Callable[[Path], dict[str, str]]
) -> World:
    """A run that went through, on fourteen years of the sample's prices: 47 origins."""
    folder = tmp_path_factory.mktemp("world")
    data = cut_sample(tmp_path_factory.mktemp("data") / "mine", first="2002-09", last="2016-06")
    world = World(folder, isolated_environment(folder) | {"SPIKE_DATA_DIR": str(data)})
    assert world.run() == 0, world.errors.read_text()
    assert set(world.store.promoted()) == MODELS
    return world


@dataclass(frozen=True)
class Kill:
    """A kill -9 of a whole process group.

    Attributes:
        command: Of what.
        after: Not before this was logged.
        wait_s: And so long after that.
    """

    command: tuple[str | Path, ...]
    after: str
    wait_s: float

    def strike(self, world: World) -> None:
        """Start the command and kill it."""
        with world.running(self.command) as process:
            deadline = time.monotonic() + PATIENCE_S
            while self.after not in world.errors.read_text():
                assert process.poll() is None, world.errors.read_text()
                assert time.monotonic() < deadline, f"{self.after!r} was never logged"
                time.sleep(0.02)
            time.sleep(self.wait_s)
        assert process.returncode in (-signal.SIGKILL, 0), world.errors.read_text()


def kills() -> tuple[list[Kill], list[Kill]]:
    """Draw two series of moments that take about as long; spread over all that a run does."""
    draw = random.uniform
    return (
        [
            Kill(RUN, "clean_banco_central", draw(0, 3)),
            Kill(RUN, "✓ backtest", draw(0, 2.5)),
        ],
        [
            Kill(REGISTRATION, 'Started execution of step "registered_models"', draw(0, 1.2)),
            Kill(REGISTRATION, 'Started execution of step "registered_models"', draw(1.2, 2.4)),
            Kill(REGISTRATION, 'Started execution of step "promoted_models"', draw(0, 0.15)),
        ],
    )


def assert_whole(world: World, before: Mapping[str, str]) -> None:
    """Check that what is served is the set of before or a new one, and that all of it loads."""
    served = world.store.promoted()
    new = served != before
    assert set(served) == MODELS
    assert {name for name in MODELS if served[name] != before[name]} == (MODELS if new else set())
    assert {name: one.tag for name, one in world.store.load_promoted().items()} == served
    assert [version.damage for version in world.store.versions() if version.damage] == []


def assert_listed(world: World) -> None:
    """Check that the command lists every version, whole, and one of each name as served."""
    done = subprocess.run(
        [BIN / "spike-assets", "models", "list", "--json"],
        env=world.environment,
        cwd=world.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    versions = json.loads(done.stdout)
    served = {one["tag"] for one in versions if one["served_since"]}
    assert served == set(world.store.promoted().values())
    assert [one["damage"] for one in versions if one["damage"]] == []


def strike_all(world: World, series: list[Kill]) -> None:
    for kill in series:
        before = world.store.promoted()
        kill.strike(world)
        assert_whole(world, before)
    assert_listed(world)


def test_run_that_is_killed_at_any_moment_leaves_a_whole_set_and_the_next_ones_go_through(
    finished: World, tmp_path: Path
) -> None:
    """Five kills in two worlds; then in one of them two runs at once, and one more.

    Of two runs at once each may go through or say why not; what is served is the set of one of
    them or the one before, and the run after them is promoted.
    """
    worlds = [finished.copied_to(tmp_path / name) for name in ("one", "other")]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(strike_all, worlds, kills()))

    world = worlds[1]
    before = world.store.promoted()
    with world.running(RUN) as one, world.running(RUN, log="errors of the other") as other:
        exit_codes = {one.wait(PATIENCE_S), other.wait(PATIENCE_S)}

    assert exit_codes <= {0, 1}
    assert_whole(world, before)
    assert world.store.promoted() in [before, *world.registered_sets()]
    assert 0 not in exit_codes or world.store.promoted() != before

    before = world.store.promoted()
    assert world.run() == 0, world.errors.read_text()
    assert_whole(world, before)
    assert world.store.promoted() == world.registered_sets()[0] != before
    assert_listed(world)
    assert world.run_statuses() <= {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE}


@pytest.mark.parametrize(
    ("send", "sent", "after"),
    [
        (os.killpg, signal.SIGINT, "✓ raw_precipitation"),
        (os.killpg, signal.SIGINT, "✓ monthly_features"),
        (os.kill, signal.SIGTERM, "✓ monthly_features"),
    ],
    ids=["Ctrl-C", "Ctrl-C with workers", "SIGTERM with workers"],
)
def test_run_that_is_interrupted_ends_with_one_line_and_leaves_no_process(
    isolated_environment: Callable[[Path], dict[str, str]],
    tmp_path: Path,
    send: Callable[[int, int], None],
    sent: signal.Signals,
    after: str,
) -> None:
    """Ctrl-C goes to each process of the group; none but the command says anything."""
    world = World(tmp_path, isolated_environment(tmp_path))
    with world.running(RUN) as process:
        wait_until(lambda: after in world.errors.read_text())
        draw = random.uniform
        time.sleep(draw(0, 4))

        send(process.pid, sent)

        assert process.wait(PATIENCE_S) == 130
    wait_until(lambda: not group_exists(process.pid))
    lines = world.errors.read_text().splitlines()
    assert [line for line in lines if line.strip()[0] not in "✓!"] == [
        "Interrupted. Nothing was promoted; what was promoted before is still served."
    ]
    assert world.run_statuses() == {dg.DagsterRunStatus.FAILURE}
    assert world.store.promoted() == {}


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def group_exists(leader: int) -> bool:
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def frozen(finished: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, str]:
    """A run whose store was read-only, and the reason that the system gives."""
    world = finished.copied_to(tmp_path_factory.mktemp("frozen") / "world")
    with read_only(world.folder / "bentoml") as reason:
        assert world.run() == 1
    return world, reason


def test_run_whose_store_is_read_only_says_so_and_changes_nothing(
    finished: World, frozen: tuple[World, str]
) -> None:
    """A line with the step and the system's reason; what was promoted is served on."""
    world, reason = frozen

    lines = world.errors.read_text().splitlines()
    fault, conclusion = [line for line in lines if line[:3] not in ("  ✓", "  ✗")]
    assert [line for line in lines if "✗" in line] == ["  ✗ registered_models"]
    assert fault.startswith("registered_models: ")
    assert reason in fault
    assert conclusion == "Nothing was promoted; what was promoted before is still served."
    assert_whole(world, finished.store.promoted())
    assert len(world.store.versions()) == len(MODELS)


def test_run_whose_store_is_read_only_names_the_store_in_words(frozen: tuple[World, str]) -> None:
    """As `models promote` says it, not the file that could not be opened."""
    world, reason = frozen

    assert (
        f"registered_models: {world.folder / 'bentoml'} can't be written: {reason}"
        in world.errors.read_text().splitlines()
    )


def test_registration_on_a_full_disk_says_so_and_changes_nothing(
    finished: World, tmp_path: Path
) -> None:
    """In Dagster's log; with room again, the same goes through."""
    world = finished.copied_to(tmp_path / "world")
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk, kilobytes=8000):
        world.environment["BENTOML_HOME"] = str(disk / "bentoml")
        shutil.copytree(finished.folder / "bentoml", disk / "bentoml")
        store = ModelStore(disk / "bentoml")

        with filled(disk):
            assert world.run(REGISTRATION) == 1

        reason = (
            f"{store.home} or {tempfile.gettempdir()} can't be written: No space left on device"
        )
        assert reason in world.errors.read_text()
        assert store.promoted() == finished.store.promoted()
        assert len(store.versions()) == len(store.load_promoted()) == len(MODELS)

        assert world.run(REGISTRATION) == 0, world.errors.read_text()
        assert set(store.load_promoted()) == MODELS
        assert not set(store.promoted().values()) & set(finished.store.promoted().values())


def test_run_whose_storage_is_full_says_so_and_changes_nothing(
    finished: World, tmp_path: Path
) -> None:
    """At the first table that it can't write."""
    world = finished.copied_to(tmp_path / "world")
    (tmp_path / "disk").mkdir()
    world.environment["SPIKE_STORAGE"] = str(tmp_path / "disk" / "storage")
    with small_disk(tmp_path / "disk", kilobytes=200), filled(tmp_path / "disk"):
        assert world.run() == 1

    text = world.errors.read_text()
    assert "Traceback" not in text
    assert "No space left on device" in text
    assert world.store.promoted() == finished.store.promoted()
