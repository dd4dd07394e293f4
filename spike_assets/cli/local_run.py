"""Running the job `train` in this process, for people at a terminal."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from spike_assets.definitions import defs
from spike_assets.defs.jobs import train


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run.

    Attributes:
        metadata: What each asset that was materialized says of itself.
        faults: Why steps failed, by step; empty if none did.
    """

    metadata: Mapping[str, Mapping[str, Any]]
    faults: Mapping[str, str]


def run_train(*, data_folder: str | None) -> RunOutcome:
    """Run the job on the Dagster instance of `DAGSTER_HOME`, or on a passing one if that is unset.

    Args:
        data_folder: The folder with the raw files; None to leave it to the environment.
    """
    job = defs.resolve_job_def(train.name)
    with _instance() as instance:
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config={
                "loggers": {"progress": {}},
                "resources": {"data": {"config": {"folder": data_folder or ""}}},
            },
        )
    materializations = [
        event.materialization for event in result.get_asset_materialization_events()
    ]
    return RunOutcome(
        metadata={
            one.asset_key.to_user_string(): {
                name: value.value for name, value in one.metadata.items()
            }
            for one in materializations
        },
        faults={
            str(event.step_key): _reason(event)
            for event in result.filter_events(lambda event: event.is_step_failure)
        },
    )


def _instance() -> dg.DagsterInstance:
    if os.environ.get("DAGSTER_HOME"):
        return dg.DagsterInstance.get()
    return dg.DagsterInstance.ephemeral()


def _reason(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    cause = failure.error
    while cause and cause.cause:
        cause = cause.cause
    return cause.message.strip() if cause else "failed"
