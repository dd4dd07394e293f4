"""The commands `spike-assets data …`: download and check the raw files."""

import json
import sys
from pathlib import Path

import click

from spike_assets.cli.data_check_report import check_report, check_summary
from spike_assets.cli.data_refresh import refresh_data, sources
from spike_assets.cli.printing import print_report
from spike_assets.sources.download import download_data
from spike_assets.sources.errors import DataError, DownloadError
from spike_assets.sources.location import locate_folder
from spike_assets.training.data_check import check_data

ROWS_SHOWN = 3
"""Rows of each defect that `check` lists without --all."""


@click.group()
def data() -> None:
    """The public files, and what their publishers have today."""


data.add_command(refresh_data)
data.add_command(sources)


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("data"))
def download(folder: Path) -> None:
    """Download the real files into FOLDER (default: data), verified by SHA-256."""
    try:
        paths = download_data(folder)
    except DownloadError as error:
        raise click.ClickException(str(error)) from None
    for path in paths:
        click.echo(path)


@data.command()
@click.argument("folder", metavar="[DIR]", required=False, envvar="SPIKE_DATA_DIR")
@click.option("--all", "all_rows", is_flag=True, help="List every repair, not the first few.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary for programs.")
def check(folder: str | None, all_rows: bool, as_json: bool) -> None:
    """Report what would be repaired in the files of DIR, and what refused.

    Without DIR: SPIKE_DATA_DIR, or data/, or the sample. The exit status is 1 if there is a fault
    that would stop a run, otherwise 0. Nothing is written.
    """
    try:
        location = locate_folder(folder)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    checks = check_data(location)
    if as_json:
        click.echo(json.dumps(check_summary(checks), indent=2))
    else:
        print_report(f"Checking {location}")
        print_report(check_report(checks, rows_shown=None if all_rows else ROWS_SHOWN))
    if any(one.fault for one in checks):
        sys.exit(1)
