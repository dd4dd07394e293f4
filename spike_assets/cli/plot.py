"""The commands `spike-assets plot …`: pictures of the data, drawn from the files themselves.

They read and clean only the files that a picture needs, so nothing has to be materialized first.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec

import click
import pandas as pd
from matplotlib.figure import Figure

from spike_assets.charts import ChartArgumentError, png, rain, series, tables
from spike_assets.charts.style import add_warning
from spike_assets.cli.data_option import data_option
from spike_assets.series.catalogue import MONTH, PIB
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation, locate_data, read_clean, read_source
from spike_assets.sources.source import Source
from spike_assets.storage.atomic_file import replace_file

_Arguments = ParamSpec("_Arguments")
_Command = Callable[..., None]

_ON_THE_COMMAND_LINE = {
    "region": "--region",
    "years": "--year",
    "first_month": "--from",
    "last_month": "--to",
    "first": "FIRST",
    "second": "SECOND",
}
"""A chart's argument → its name on the command line."""


@click.group()
def plot() -> None:
    """Draw the data as PNG files."""


def _draws(draw: Callable[Concatenate[DataLocation, _Arguments], Figure]) -> _Command:
    """Return the command for a function that draws: it reads the files and writes the picture."""

    @data_option
    @click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE.png",
        help="Without it: the name of the command, in the current folder.",
    )
    @click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
    @functools.wraps(draw)
    def command(
        data_folder: str | None,
        output: Path | None,
        force: bool,
        *args: _Arguments.args,
        **kwargs: _Arguments.kwargs,
    ) -> None:
        path = output or Path(f"{click.get_current_context().info_name}.png")
        _require_writable(path, force=force)
        with _explained():
            location = locate_data(data_folder)
            figure = draw(location, *args, **kwargs)
        warning = f"Drawn from the {location}" if location.is_synthetic else ""
        if warning:
            add_warning(figure, warning)
        _write(path, png(figure))
        if warning:
            click.echo(warning, err=True)
        click.echo(path)

    return command


_from = click.option("--from", "first_month", metavar="YYYY-MM", help="Default: the data's first.")
_to = click.option("--to", "last_month", metavar="YYYY-MM", help="Default: the data's last.")
_region = click.option("--region", required=True, metavar="NAME", help="As published: Los_Rios.")


@plot.command("rain")
@_region
@_from
@_to
@_draws
def _rain(
    location: DataLocation, *, region: str, first_month: str | None, last_month: str | None
) -> Figure:
    """Draw the rain of a region over time."""
    return rain.rain_over_time(
        _table(location, precipitation.SOURCE),
        region=region,
        first_month=first_month,
        last_month=last_month,
    )


@plot.command("rain-by-year")
@_region
@click.option(
    "--year",
    "years",
    type=int,
    multiple=True,
    metavar="YYYY",
    help="May be repeated. Default: all.",
)
@_draws
def _rain_by_year(location: DataLocation, *, region: str, years: tuple[int, ...]) -> Figure:
    """Draw the rain of a region, a line for each year."""
    return rain.rain_by_year(
        _table(location, precipitation.SOURCE), region=region, years=years or None
    )


@plot.command("pib")
@click.argument("first")
@click.argument("second")
@_from
@_to
@_draws
def _pib(
    location: DataLocation,
    *,
    first: str,
    second: str,
    first_month: str | None,
    last_month: str | None,
) -> Figure:
    """Draw two series of the GDP over time.

    For instance PIB and PIB_Mineria; the prefix PIB_ may be left out. Other series of the Banco
    Central can be drawn as well.
    """
    return series.series_pair(
        _table(location, banco_central.SOURCE),
        first=_with_prefix(first),
        second=_with_prefix(second),
        first_month=first_month,
        last_month=last_month,
    )


@plot.command("price")
@_draws
def _price(location: DataLocation) -> Figure:
    """Draw the price of milk over time."""
    return series.milk_price_history(_table(location, milk_price.SOURCE))


@plot.command("missing")
@_draws
def _missing(location: DataLocation) -> Figure:
    """Draw which series has a value in which month."""
    merge = functools.partial(pd.merge, on=MONTH, how="outer", validate="one_to_one")
    return tables.missing_months(functools.reduce(merge, read_clean(location).values()))


def _table(location: DataLocation, source: Source) -> pd.DataFrame:
    return read_source(location, source).table


def _with_prefix(name: str) -> str:
    return f"PIB_{name}" if f"PIB_{name}" in PIB else name


@contextmanager
def _explained() -> Iterator[None]:
    """Turn an error that the user can fix into one line."""
    try:
        yield
    except ChartArgumentError as error:
        called = _ON_THE_COMMAND_LINE[error.argument]
        raise click.ClickException(f"{called}: {error.problem}") from None
    except DataError as error:
        raise click.ClickException(str(error)) from None


def _require_writable(path: Path, *, force: bool) -> None:
    if path.suffix.lower() != ".png":
        raise click.ClickException(f"{path}: would hold a PNG; expected a name ending in .png")
    if path.exists() and not force:
        raise click.ClickException(
            f"{path}: is there already; --force overwrites it, -o names another file"
        )


def _write(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise click.ClickException(f"{path}: can't be written ({error.strerror})") from None
