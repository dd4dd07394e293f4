"""Dagster's own launcher, and an answer to whether a run is still being worked on.

It starts runs as processes of the code server, and can't tell whether they are there. So a run
that was killed with its code server would be shown as started for ever.
"""

import time

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._grpc.types import GetCurrentRunsResult
from dagster._serdes import ConfigurableClassData
from dagster_shared.serdes import deserialize_value


class WatchedRunLauncher(dg.DefaultRunLauncher):
    """Launches runs in the code server, and asks it for them.

    Attributes:
        settling_s: How long a run has to be missed. The daemon launches the retry of a run when
            that is marked failed, or never; and it may need 10 s to see that a code server that it
            lost is back.
    """

    settling_s = 30.0

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(inst_data)
        self._missed_since_s: dict[str, float] = {}

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Tell the daemon that it can ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that a run was started in whether it is there.

        As long as the code server can't be asked, or has just started, nothing is concluded.
        """
        client = self._get_grpc_client_for_termination(run.run_id)
        if client is None:  # over by now
            return CheckRunHealthResult(WorkerStatus.SUCCESS)
        try:
            answer = deserialize_value(client.get_current_runs(), GetCurrentRunsResult)
        except DagsterUserCodeUnreachableError:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        if run.run_id in answer.current_runs:
            self._missed_since_s.pop(run.run_id, None)
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        now_s = time.monotonic()
        if now_s - self._missed_since_s.setdefault(run.run_id, now_s) < self.settling_s:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        del self._missed_since_s[run.run_id]
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "The code server was restarted")
