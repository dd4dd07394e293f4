"""The command `spike-assets forecast`: the coming months, from the forecaster that is promoted."""

import json
import math
from typing import Any, cast

import click
from rich import box
from rich.table import Table
from rich.text import Text

from spike_assets.cli.printing import print_report
from spike_assets.models.forecaster import MonthForecast, TrainedForecaster
from spike_assets.models.price_series import HORIZON
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.stored_model import StoredModel
from spike_assets.registry.synced_store import open_store


@click.command()
@click.option(
    "--months",
    type=click.IntRange(1, HORIZON),
    default=HORIZON,
    show_default=True,
    help="How many months ahead.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the forecast for programs.")
def forecast_command(months: int, as_json: bool) -> None:
    """Forecast the price of the coming months, with intervals and what moves it."""
    try:
        stored, forecaster = _promoted_forecaster()
    except ModelStoreError as error:
        raise click.ClickException(" ".join(str(error).split())) from None
    forecasts = forecaster.forecast(months)
    if as_json:
        click.echo(json.dumps(_summary(stored, forecaster, forecasts), indent=2))
        return
    last = forecaster.data.price_clp_per_litre[-1]
    print_report(
        f"Price of milk in CLP per litre; the last one known is {last:.2f}, of "
        f"{forecaster.data.months[-1]} ({stored.tag})"
    )
    if stored.synthetic:
        print_report(
            Text(
                "SYNTHETIC DATA: trained on the embedded sample, not on real prices.",
                style="bold yellow",
            )
        )
    print_report(_shown(forecasts))


def _promoted_forecaster() -> tuple[StoredModel, TrainedForecaster]:
    store = open_store()
    store.pull()
    tag = store.promoted().get("forecaster")
    if tag is None:
        raise ModelStoreError(
            f"no forecaster is promoted in the BentoML store {store.location}; run `make run` to "
            "train, register and promote one"
        )
    stored = store.load(tag)
    if stored.library_difference:
        click.echo(f"warning: {tag} {stored.library_difference}", err=True)
    return stored, cast(TrainedForecaster, stored.model)


def _summary(
    stored: StoredModel, forecaster: TrainedForecaster, forecasts: list[MonthForecast]
) -> dict[str, Any]:
    return {
        "model": stored.tag,
        "synthetic": stored.synthetic,
        "last_month": str(forecaster.data.months[-1]),
        "last_price_clp_per_litre": float(forecaster.data.price_clp_per_litre[-1]),
        "forecast": [
            {
                "month": one.month,
                "price_clp_per_litre": one.price_clp_per_litre,
                "intervals": {
                    str(level): {"lower_clp_per_litre": low, "upper_clp_per_litre": high}
                    for level, (low, high) in one.intervals.items()
                },
                "contributions_clp_per_litre": dict(one.contributions_clp_per_litre),
            }
            for one in forecasts
        ],
    }


def _shown(forecasts: list[MonthForecast]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("month", no_wrap=True)
    for heading in ("price", "80 % interval", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("moved most by")
    for one in forecasts:
        intervals = (f"{low:.1f} to {high:.1f}" for low, high in one.intervals.values())
        table.add_row(one.month, f"{one.price_clp_per_litre:.1f}", *intervals, _drivers(one))
    return table


def _drivers(one: MonthForecast) -> str:
    """Name the three largest contributions that round to something."""
    largest = sorted(one.contributions_clp_per_litre.items(), key=lambda item: -math.fabs(item[1]))
    return ", ".join(
        f"{name.replace('_', ' ')} {clp:+.1f}" for name, clp in largest[:3] if abs(clp) >= 0.05
    )
