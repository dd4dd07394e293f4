"""The `spike-assets` command."""

import sys

import click
from rich.console import Console

from spike_assets.cli.dagster_home import dagster_home
from spike_assets.cli.data_option import data_option
from spike_assets.cli.interrupts import interrupt_alone
from spike_assets.cli.lazy_group import LazyGroup
from spike_assets.sources.errors import DataError


@click.group(
    cls=LazyGroup,
    lazy={
        "backtest": (
            "spike_assets.cli.backtest:backtest_command",
            "Score the forecaster and its baselines on past months.",
        ),
        "data": (
            "spike_assets.cli.data:data",
            "The public files, and what their publishers have today.",
        ),
        "forecast": (
            "spike_assets.cli.forecast:forecast_command",
            "Forecast the coming months.",
        ),
        "models": ("spike_assets.cli.models:models", "The registered models."),
        "plot": ("spike_assets.cli.plot:plot", "Draw the data as PNG files."),
    },
)
@click.version_option(package_name="spike-assets")
def main() -> None:
    """From public files to models that predict the price of Chilean milk."""


@main.command()
@data_option
def run(data_folder: str | None) -> None:
    """Build the whole graph, promote its models, and print a report."""
    from spike_assets.sources.location import locate_data

    console = Console(highlight=False, soft_wrap=True)
    dagster_home()
    try:
        location = locate_data(data_folder)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    console.print(f"Building the graph from {location}")

    interrupt_alone()
    # After the quick checks: importing Dagster takes seconds.
    from spike_assets.cli.local_run import run_train
    from spike_assets.cli.run_report import training_report

    outcome = run_train(data_folder=data_folder)
    if outcome.succeeded:
        console.print(training_report(outcome.metadata))
        return
    for step, reason in outcome.faults.items():
        click.echo(f"{step}: {reason}", err=True)
    cause = "" if outcome.faults else "Interrupted. "
    if "promoted_models" not in outcome.started:
        conclusion = "Nothing was promoted; what was promoted before is still served."
    else:
        conclusion = "`spike-assets models list` says what is served."
    click.echo(cause + conclusion, err=True)
    sys.exit(1 if outcome.faults else 130)


@main.command("end-killed-runs")
def end_killed_runs_command() -> None:
    """Mark the runs as failed whose process was killed.

    Each run does so when it starts. `make dev` does, too, before it starts the Dagster UI.
    """
    if dagster_home() is None:
        return
    from spike_assets.cli.local_run import dagster_instance
    from spike_assets.defs.running import end_killed_runs

    with dagster_instance() as instance:
        for run_id in end_killed_runs(instance):
            click.echo(f"The run {run_id} was killed; it is marked as failed.", err=True)
