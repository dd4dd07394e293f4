"""The `spike-assets` command."""

import os
import sys
from pathlib import Path

import click
from rich.console import Console

from spike_assets.sources.errors import DataError


@click.group()
@click.version_option(package_name="spike-assets")
def main() -> None:
    """From three public files to models that predict the price of Chilean milk."""


@main.command()
@click.option(
    "--data",
    "data_folder",
    metavar="DIR",
    help="Folder with the three raw files. Without it: SPIKE_DATA_DIR, or data/, or the sample.",
)
def run(data_folder: str | None) -> None:
    """Build the whole graph, promote its models, and print a report."""
    from spike_assets.sources.location import locate_data

    console = Console(highlight=False, soft_wrap=True)
    try:
        location = locate_data(data_folder or os.environ.get("SPIKE_DATA_DIR"))
    except DataError as error:
        raise click.ClickException(str(error)) from None
    console.print(f"Building the graph from {location}")

    # After the quick checks: importing Dagster takes seconds.
    from spike_assets.defs.local_run import run_train
    from spike_assets.report import training_report

    outcome = run_train(data_folder=data_folder)
    if outcome.faults:
        for step, reason in outcome.faults.items():
            click.echo(f"{step}: {reason}", err=True)
        if "promoted_models" not in outcome.faults:
            click.echo("Nothing was promoted; what was promoted before is still served.", err=True)
        sys.exit(1)
    console.print(training_report(outcome.metadata))


@main.group()
def data() -> None:
    """The three public files."""


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("data"))
def download(folder: Path) -> None:
    """Download the three real files into FOLDER (default: data), verified by SHA-256."""
    from spike_assets.sources.download import download_data
    from spike_assets.sources.transfer import DownloadError

    try:
        paths = download_data(folder)
    except DownloadError as error:
        raise click.ClickException(str(error)) from None
    for path in paths:
        click.echo(path)
