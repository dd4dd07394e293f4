"""What is asked of Dagster through the proxy, over GraphQL."""

from collections.abc import Sequence
from typing import Any

import httpx

from tests.containers.stack import RUN_LIMIT_S, seconds_until

LAUNCH = """
mutation($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
RUNS = """
query {
  runsOrError {
    ... on Runs {
      results {
        runId status jobName parentRunId stepKeysToExecute
        stepStats { stepKey status }
      }
    }
  }
}
"""
METADATA = """
query($key: AssetKeyInput!) {
  assetOrError(assetKey: $key) {
    ... on Asset {
      assetMaterializations(limit: 1) {
        metadataEntries { label ... on BoolMetadataEntry { boolValue } }
      }
    }
  }
}
"""


class DagsterUI:
    """Dagster, for who is logged in."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def ask(self, query: str, **variables: Any) -> Any:
        """Ask a question, or change something."""
        answer = self._client.post("/graphql", json={"query": query, "variables": variables})
        assert answer.is_success, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def launch(self, job: str = "train", *, assets: Sequence[str] = ()) -> str:
        """Launch a job, or the materialization of some assets; give the id of the run."""
        selector = {
            "repositoryLocationName": "spike_assets",
            "repositoryName": "__repository__",
            "jobName": "__ASSET_JOB" if assets else job,
            **({"assetSelection": [{"path": [asset]} for asset in assets]} if assets else {}),
        }
        launched = self.ask(LAUNCH, parameters={"selector": selector, "runConfigData": {}})
        assert launched["launchRun"]["__typename"] == "LaunchRunSuccess", launched
        return launched["launchRun"]["run"]["runId"]

    def runs(self) -> dict[str, dict[str, Any]]:
        """Give all runs, newest first."""
        return {run["runId"]: run for run in self.ask(RUNS)["runsOrError"]["results"]}

    def done_steps(self, run_id: str) -> set[str]:
        """Give the steps of a run that succeeded."""
        stats = self.runs()[run_id]["stepStats"]
        return {one["stepKey"] for one in stats if one["status"] == "SUCCESS"}

    def wait_for(self, run_id: str, status: str) -> None:
        """Wait until a run has come to its end, which has to be this one."""
        ends = {"SUCCESS", "FAILURE", "CANCELED"}
        seconds_until(lambda: self.runs()[run_id]["status"] in ends, limit_s=RUN_LIMIT_S)
        assert self.runs()[run_id]["status"] == status

    def is_synthetic(self, asset: str) -> bool:
        """Say whether a raw table was last read from the embedded sample."""
        found = self.ask(METADATA, key={"path": [asset]})["assetOrError"]["assetMaterializations"]
        return next(
            entry["boolValue"]
            for entry in found[0]["metadataEntries"]
            if entry["label"] == "synthetic"
        )
