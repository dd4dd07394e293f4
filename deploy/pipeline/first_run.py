"""Train once by itself: launch the job `train` if nothing was ever promoted.

A run that is waiting or under way, as when everything was stopped during the first one, is enough.
"""

from collections.abc import Callable

import click
import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from dagster_graphql import DagsterGraphQLClient

from spike_assets.registry.model_store import ModelStore

JOB = "train"


def train_first(
    store: ModelStore, instance: dg.DagsterInstance, launch: Callable[[str], str]
) -> str:
    """Launch the job if that is needed, and say what is the case.

    Args:
        store: Where models are promoted.
        instance: Knows the runs.
        launch: Launches a job by its name, and gives the id of the run.
    """
    if store.promoted():
        return "Models were promoted before: nothing to do"
    if runs := instance.get_runs(dg.RunsFilter(job_name=JOB, statuses=NOT_FINISHED_STATUSES)):
        return f"Run {runs[0].run_id} is to promote the first models"
    return f"Launched run {launch(JOB)}, which promotes the first models in some minutes"


if __name__ == "__main__":
    webserver = DagsterGraphQLClient("dagster-webserver", port_number=3000)
    with dg.DagsterInstance.get() as its_instance:
        click.echo(train_first(ModelStore(), its_instance, webserver.submit_job_execution))
