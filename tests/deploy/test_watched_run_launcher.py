"""The status of a run, as the code server knows it."""

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
    """The status that the launcher gives the run, if it was started in this code server."""
    monkeypatch.syspath_prepend(deploy / "pipeline")
    watched_run_launcher = importlib.import_module("watched_run_launcher")

    def status(code_server, *, settling_s: float) -> WorkerStatus:
        class Launcher(watched_run_launcher.WatchedRunLauncher):
            def _get_grpc_client_for_termination(self, run_id: str):
                assert run_id == RUN.run_id
                return code_server

        launcher = Launcher()
        launcher.settling_s = settling_s
        assert launcher.supports_check_run_worker_health
        return launcher.check_run_worker_health(RUN).status

    return status


@pytest.mark.parametrize(
    ("code_server", "settling_s", "expected"),
    [
        pytest.param(CodeServer([RUN.run_id]), 0, WorkerStatus.RUNNING, id="among-its-runs"),
        pytest.param(CodeServer(["another run"]), 0, WorkerStatus.NOT_FOUND, id="killed-since"),
        # The daemon may not have found the code server yet: its one retry would come to nothing.
        pytest.param(CodeServer([]), 60, WorkerStatus.RUNNING, id="settling"),
        # A busy code server must not cost a run.
        pytest.param(UnreachableCodeServer(), 0, WorkerStatus.RUNNING, id="unreachable"),
        # There is no code server to ask for a run that is over.
        pytest.param(None, 0, WorkerStatus.SUCCESS, id="ended-meanwhile"),
    ],
)
def test_run_is_lost_only_if_the_code_server_does_not_know_it(
    status, code_server, settling_s, expected
):
    """Nothing is concluded while it can't be asked."""
    assert status(code_server, settling_s=settling_s) == expected
