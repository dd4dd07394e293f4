"""Whether a run is there, as the code server says."""

import importlib
from collections.abc import Sequence

import dagster as dg
import pytest
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import WorkerStatus
from dagster._grpc.types import GetCurrentRunsResult
from dagster_shared.serdes import serialize_value

RUN = dg.DagsterRun(job_name="train", run_id="11111111-2222-3333-4444-555555555555")


class CodeServer:
    """Answers as `DagsterGrpcClient` does."""

    def __init__(self, current_runs: Sequence[str]) -> None:
        self._current_runs = current_runs

    def get_current_runs(self) -> str:
        return serialize_value(
            GetCurrentRunsResult(
                current_runs=list(self._current_runs), serializable_error_info=None
            )
        )


class UnreachableCodeServer:
    """Is on its way down, or up."""

    def get_current_runs(self) -> str:
        raise DagsterUserCodeUnreachableError("Could not reach user code server")


@pytest.fixture
def status(deploy, monkeypatch):
    """What the launcher says of the run, if it was started in this code server."""
    monkeypatch.syspath_prepend(deploy / "pipeline")
    watched_run_launcher = importlib.import_module("watched_run_launcher")

    def status(code_server, *, settling_s: float = 0) -> WorkerStatus:
        class Launcher(watched_run_launcher.WatchedRunLauncher):
            def _get_grpc_client_for_termination(self, run_id: str):
                assert run_id == RUN.run_id
                return code_server

        launcher = Launcher()
        launcher.settling_s = settling_s
        assert launcher.supports_check_run_worker_health
        return launcher.check_run_worker_health(RUN).status

    return status


def test_run_of_the_code_server_is_running(status):
    """It is among its runs."""
    assert status(CodeServer([RUN.run_id])) == WorkerStatus.RUNNING


def test_run_that_the_code_server_does_not_know_is_lost(status):
    """It was started in one that was killed since."""
    assert status(CodeServer(["another run"])) == WorkerStatus.NOT_FOUND


def test_run_is_not_lost_before_the_daemon_can_have_found_the_code_server(status):
    """Its one retry would come to nothing."""
    assert status(CodeServer([]), settling_s=60) == WorkerStatus.RUNNING


def test_nothing_is_concluded_while_the_code_server_is_unreachable(status):
    """A busy code server must not cost a run."""
    assert status(UnreachableCodeServer()) == WorkerStatus.RUNNING


def test_run_that_ended_meanwhile_is_no_loss(status):
    """There is no code server to ask for a run that is over."""
    assert status(None) == WorkerStatus.SUCCESS
