"""Runs whose process is killed, beside runs whose process goes on: real processes, kill -9."""

import platform
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import dagster as dg
import pytest

from spike_assets.defs.executor import steps_in_processes
from spike_assets.defs.running import end_killed_runs, hold_run
from tests.support.child_processes import started_child

PATIENCE_S = 300


@dg.asset
def nothing() -> None: ...


@dg.op(config_schema={"started": str})
def waiting(context: dg.OpExecutionContext) -> None:
    """Says that it is there, and stays."""
    Path(context.op_config["started"]).touch()
    time.sleep(PATIENCE_S)


@dg.job(executor_def=steps_in_processes)
def waiting_job() -> None:
    waiting()


def execute_waiting_job(home: str, started: str) -> None:
    """What a process of its own does: the job, as the UI and Dagster's commands launch it."""
    with dg.DagsterInstance.from_config(home) as instance:
        dg.execute_job(
            dg.reconstructable(waiting_job),
            instance=instance,
            run_config={"ops": {"waiting": {"config": {"started": started}}}},
        )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of an instance."""
    home = tmp_path / "instancia de señales"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}")
    return home


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def started_run(home: Path, started: Path) -> ForkServerProcess:
    """Start a run in a process of its own, and wait until its step is at work."""
    process = started_child(execute_waiting_job, str(home), str(started))
    deadline = time.monotonic() + PATIENCE_S
    while not started.exists():
        assert process.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def kill(process: ForkServerProcess) -> None:
    process.kill()
    process.join(PATIENCE_S)


def test_run_is_ended_once_its_process_was_killed_and_never_before(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Of two that go on, only the one that is killed; with a sentence in its log."""
    killed = started_run(home, tmp_path / "killed")
    (killed_run,) = instance.get_runs()
    living = started_run(home, tmp_path / "living")
    try:
        assert end_killed_runs(instance) == []
        assert {run.status for run in instance.get_runs()} == {dg.DagsterRunStatus.STARTED}

        kill(killed)

        assert end_killed_runs(instance) == [killed_run.run_id]
        status = {run.run_id: run.status for run in instance.get_runs()}
        assert status.pop(killed_run.run_id) is dg.DagsterRunStatus.FAILURE
        assert list(status.values()) == [dg.DagsterRunStatus.STARTED]
        (failure,) = instance.all_logs(
            killed_run.run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE
        )
        assert failure.message == "The process of this run was killed."
        assert end_killed_runs(instance) == []
    finally:
        kill(living)


def test_killed_run_is_ended_by_the_start_of_the_next(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """Whatever starts it: no command has to be called."""
    kill(started_run(home, tmp_path / "killed"))
    (run,) = instance.get_runs()
    assert run.status is dg.DagsterRunStatus.STARTED

    kill(started_run(home, tmp_path / "next"))

    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE


def test_run_of_another_machine_is_left_alone(
    home: Path, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """A lock may not reach from one machine to another that shares the folder."""
    kill(started_run(home, tmp_path / "killed"))
    (lock,) = (home / "running").iterdir()
    lock.write_text("another machine")

    assert end_killed_runs(instance) == []
    assert instance.get_runs()[0].status is dg.DagsterRunStatus.STARTED


def test_run_that_ended_stays_as_it_is(home: Path, instance: dg.DagsterInstance) -> None:
    """Only what its lock left behind is removed."""
    ended = dg.materialize([nothing], instance=instance)
    (home / "running").mkdir()
    (home / "running" / f"{ended.run_id}.lock").write_text(platform.node())

    assert end_killed_runs(instance) == []
    assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS]
    assert list((home / "running").iterdir()) == []


def test_folder_that_takes_no_lock_is_no_obstacle(home: Path, instance: dg.DagsterInstance) -> None:
    """Containers have their instance in a database and the folder read-only."""
    (home / "running").touch()

    hold_run(instance, "a-run")

    assert end_killed_runs(instance) == []
