"""The report of a run, on one screen."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from spike_assets.defs.deployment import NOT_PROMOTED
from spike_assets.defs.table_metadata import COMING_MONTHS, REPAIRS_PREFIX
from spike_assets.sources.sources import SOURCES

Metadata = Mapping[str, Mapping[str, Any]]

MONTHS_SHOWN = 6


def training_report(metadata: Metadata) -> RenderableType:
    """Show the rows, repairs, scores, tags and forecast of a run of the whole graph.

    Args:
        metadata: What each asset said of itself, by asset.
    """
    return Group(
        "",
        _tables(metadata),
        "",
        _models(metadata),
        "",
        _forecast(metadata),
        "",
        *_notes(metadata),
    )


def _tables(metadata: Metadata) -> Table:
    table = _table("Data")
    for heading in ("table", "months", "rows", "repairs"):
        table.add_column(heading, justify="right" if heading == "rows" else "left")
    for name in (*(source.clean_asset for source in SOURCES), "monthly_features"):
        facts = metadata[name]
        repairs = [
            f"{key.removeprefix(REPAIRS_PREFIX).replace('_', ' ')} {count}"
            for key, count in facts.items()
            if key.startswith(REPAIRS_PREFIX) and count
        ]
        table.add_row(
            name,
            f"{facts['first_month']} to {facts['last_month']}" if "first_month" in facts else "",
            str(facts["dagster/row_count"]),
            ", ".join(repairs) or "none",
        )
    return table


def _models(metadata: Metadata) -> Table:
    table = _table("Models, on the notebook's hold-out (errors in CLP per litre)")
    table.add_column("model", no_wrap=True)
    for heading in ("R²", "RMSE", "MAE"):
        table.add_column(heading, justify="right")
    table.add_column(f"{_outcome(metadata)} as", no_wrap=True)
    tags = _tags(metadata)
    for name in ("model1", "model2"):
        table.add_row(name, *_scores(metadata[name], "holdout"), str(tags[name]))
    table.add_row("last month's price", *_scores(metadata["model1"], "holdout_last_price"), "")
    return table


def _forecast(metadata: Metadata) -> Group:
    table = _table("Forecast, CLP per litre")
    table.add_column("month", no_wrap=True)
    for heading in ("price", "80 % interval", "95 % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for record in metadata["forecaster"][COMING_MONTHS].records[:MONTHS_SHOWN]:
        month = record.data
        table.add_row(
            str(month["month"]),
            f"{month['forecast_clp_per_litre']:.1f}",
            str(month["interval_80"]),
            str(month["interval_95"]),
        )
    scores = metadata["backtest"]
    ours, last = (
        scores[f"next_month/{model}/rmse_clp_per_litre"] for model in ("forecaster", "last_price")
    )
    return Group(
        table,
        Text(
            f"On {scores['next_month/forecaster/n']:.0f} past months, forecast a month ahead from "
            f"what was known: RMSE {ours:.2f}, repeating the last price {last:.2f}. "
            f"{_outcome(metadata).capitalize()} as {_tags(metadata)['forecaster']}"
        ),
    )


def _outcome(metadata: Metadata) -> str:
    """Return what became of the models: promoted, or registered only."""
    return "registered" if NOT_PROMOTED in metadata["promoted_models"] else "promoted"


def _tags(metadata: Metadata) -> Mapping[str, Any]:
    return metadata[f"{_outcome(metadata)}_models"]


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)


def _scores(facts: Mapping[str, Any], prefix: str) -> tuple[str, str, str]:
    return (
        f"{facts[f'{prefix}/r2']:.3f}",
        f"{facts[f'{prefix}/rmse_clp_per_litre']:.2f}",
        f"{facts[f'{prefix}/mae_clp_per_litre']:.2f}",
    )


def _notes(metadata: Metadata) -> list[Text]:
    notes = []
    if any(facts.get("synthetic") for facts in metadata.values()):
        notes.append(
            Text(
                "SYNTHETIC DATA: this was the embedded sample, not real prices. "
                "`make data` downloads the real files.",
                style="bold yellow",
            )
        )
    if reason := metadata["promoted_models"].get(NOT_PROMOTED):
        notes.append(Text(f"REGISTERED, NOT PROMOTED: {reason}", style="bold yellow"))
    if not metadata["clean_dairy_index"]["dagster/row_count"]:
        notes.append(
            Text(
                "World dairy prices are missing, so the forecasts are less accurate: "
                "`make refresh` asks the FAO for them.",
                style="bold yellow",
            )
        )
    if metadata["model1"]["holdout/r2"] < metadata["model1"]["holdout_last_price/r2"]:
        notes.append(
            Text("Repeating last month's price beats model1 on these months, drawn at random.")
        )
    notes.append(Text("Next: make serve, and in another terminal: python3 examples/predict.py"))
    return notes
