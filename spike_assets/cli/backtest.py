"""The command `spike-assets backtest`: score the forecaster and its baselines on past months."""

import json
import math
from collections.abc import Mapping
from typing import Any

import click
import pandas as pd
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from spike_assets.cli.data_option import data_option
from spike_assets.cli.interrupts import interrupt_alone
from spike_assets.cli.printing import print_report
from spike_assets.models.price_series import HORIZON
from spike_assets.series.catalogue import MONTH
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.training.backtest import FIRST_TARGET, MODELS, backtest
from spike_assets.training.compute.backend import parallel_backend
from spike_assets.training.compute.errors import ComputeError
from spike_assets.training.forecast_frame import HORIZON_COLUMN, MODEL
from spike_assets.training.forecast_inputs import forecast_inputs, price_series
from spike_assets.training.scores import POOLED, scores

_MONTH = click.DateTime(["%Y-%m"])

_SUMMARY = {
    "rmse": "rmse_clp_per_litre",
    "mae": "mae_clp_per_litre",
    "mape": "mape_percent",
    "mase": "mase",
    "coverage_80": "coverage_80",
    "coverage_95": "coverage_95",
}
"""The figures of the JSON by their columns in the scores."""


@click.command()
@data_option
@click.option(
    "--from",
    "first",
    type=_MONTH,
    default=FIRST_TARGET,
    show_default=True,
    metavar="YYYY-MM",
    help="First month to be forecast.",
)
@click.option(
    "--to", "last", type=_MONTH, metavar="YYYY-MM", help="Last month; that of the last price."
)
@click.option(
    "--horizon",
    type=click.IntRange(1, HORIZON),
    default=HORIZON,
    show_default=True,
    help="Months ahead, at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the scores for programs.")
def backtest_command(
    data_folder: str | None,
    first: pd.Timestamp,
    last: pd.Timestamp | None,
    horizon: int,
    as_json: bool,
) -> None:
    """Score the forecaster and its baselines on past months.

    A rolling-origin backtest: every model is refitted for every month, on what was known then. Each
    month from first to last is forecast one to --horizon months ahead. Errors are in CLP per litre,
    `mape` is in percent, coverages are shares.
    """
    interrupt_alone()
    try:
        location = locate_data(data_folder)
        tables = read_clean(location)
        precipitation, banco_central = tables["precipitation"], tables["banco_central"]
        data = price_series(forecast_inputs(tables))
        with parallel_backend(), _progress_bar() as bar:
            task = bar.add_task("forecasting", total=None)
            table = backtest(
                data,
                precipitation,
                banco_central,
                first=f"{first:%Y-%m}",
                last=last and f"{last:%Y-%m}",
                horizon=horizon,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except (ComputeError, DataError) as error:
        raise click.ClickException(str(error)) from None
    found = scores(table)
    if as_json:
        click.echo(json.dumps(_summary(found, horizon=horizon), indent=2))
        return
    print_report(
        f"{location}, {table[MONTH].min():%Y-%m} to {table[MONTH].max():%Y-%m}, "
        "errors in CLP per litre"
    )
    print_report(_shown(found))


def _summary(found: pd.DataFrame, *, horizon: int) -> dict[str, dict[str, dict[str, Any]]]:
    """Return `{model: {horizon: {…}}}`; a figure that does not exist is null."""
    by_key = {(one[MODEL], one[HORIZON_COLUMN]): one for one in found.to_dict(orient="records")}
    return {
        model: {
            str(ahead): _figures(by_key.get((model, ahead), {})) for ahead in range(1, horizon + 1)
        }
        for model in MODELS
    }


def _figures(one: Mapping[str, Any]) -> dict[str, Any]:
    figures = {name: one.get(column, math.nan) for name, column in _SUMMARY.items()}
    return {name: None if math.isnan(figure) else figure for name, figure in figures.items()} | {
        "n": one.get("n", 0)
    }


def _shown(found: pd.DataFrame) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=0)  # fits a screen of 80 columns
    for heading in ("model", "ahead", "n", "RMSE", "MAE", "MAPE %", "MASE", "skill"):
        table.add_column(heading, justify="left" if heading == "model" else "right", no_wrap=True)
    table.add_column("80 % holds", justify="right")
    table.add_column("95 % holds", justify="right")
    previous = None
    for one in found.to_dict(orient="records"):
        if previous not in (None, one[MODEL]):
            table.add_section()
        table.add_row(
            one[MODEL] if one[MODEL] != previous else "",
            "all" if one[HORIZON_COLUMN] == POOLED else str(one[HORIZON_COLUMN]),
            str(one["n"]),
            f"{one['rmse_clp_per_litre']:.3f}",
            f"{one['mae_clp_per_litre']:.3f}",
            f"{one['mape_percent']:.2f}",
            f"{one['mase']:.3f}",
            f"{one['skill_against_last_price']:+.1%}",
            _share(one["coverage_80"]),
            _share(one["coverage_95"]),
        )
        previous = one[MODEL]
    return table


def _share(share: float) -> str:
    return "" if math.isnan(share) else f"{share:.1%}"


def _progress_bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
