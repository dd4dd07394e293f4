"""Running the job `train` in this process, for people at a terminal."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import dagster as dg
import yaml
from sqlalchemy.exc import SQLAlchemyError  # what Dagster's storage raises

from spike_assets.cli.dagster_home import dagster_home, home_error
from spike_assets.definitions import defs
from spike_assets.defs.jobs import train
from spike_assets.defs.progress import is_interrupt
from spike_assets.defs.running import end_killed_runs, hold_run


@dataclass(frozen=True)
class RunOutcome:
    """The outcome of a run.

    Attributes:
        metadata: What each asset that was materialized says of itself.
        faults: Why steps failed, by step; empty if none did.
        started: The steps that started.
        succeeded: Whether it went through. If not, and without a fault, it was interrupted.
    """

    metadata: Mapping[str, Mapping[str, Any]]
    faults: Mapping[str, str]
    started: frozenset[str]
    succeeded: bool


def run_train(*, data_folder: str | None) -> RunOutcome:
    """Run the job on the Dagster instance of `DAGSTER_HOME`, or on a passing one if that is unset.

    Args:
        data_folder: The folder with the raw files; None to leave it to the environment.

    Raises:
        ClickException: The instance can't be used.
    """
    job = defs.resolve_job_def(train.name)
    run_id = str(uuid.uuid4())
    with dagster_instance() as instance:
        end_killed_runs(instance)
        hold_run(instance, run_id)
        # An interrupt within a step is the step's failure; elsewhere it comes through.
        with suppress(KeyboardInterrupt, dg.DagsterExecutionInterruptedError):
            job.execute_in_process(
                instance=instance,
                run_id=run_id,
                raise_on_error=False,
                run_config={
                    "loggers": {"progress": {}},
                    "resources": {"data": {"config": {"folder": data_folder or ""}}},
                },
            )
        run = instance.get_run_by_id(run_id)
        if run and not run.is_finished:
            instance.report_run_failed(run, "The run was interrupted.")
        logged = [entry.dagster_event for entry in instance.all_logs(run_id)]
    events = [event for event in logged if event]
    return RunOutcome(
        metadata={
            event.materialization.asset_key.to_user_string(): {
                name: value.value for name, value in event.materialization.metadata.items()
            }
            for event in events
            if event.is_step_materialization
        },
        faults={
            str(event.step_key): _reason(event)
            for event in events
            if event.is_step_failure and not is_interrupt(event)
        },
        started=frozenset(str(event.step_key) for event in events if event.is_step_start),
        succeeded=any(event.is_job_success for event in events),
    )


@contextmanager
def dagster_instance() -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance of `DAGSTER_HOME`, or a passing one if that is unset.

    Raises:
        ClickException: It can't be used.
    """
    home = dagster_home()
    if home is None:
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
        return
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            yield instance
    except (dg.DagsterError, OSError, SQLAlchemyError, yaml.YAMLError) as error:
        raise home_error(error) from None


def _reason(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return str(failure.user_failure_data.description)
    cause = failure.error
    while cause and cause.cause:
        cause = cause.cause
    return cause.message.strip() if cause else "failed"
