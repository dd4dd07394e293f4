"""Reports of the registered models: tables for a screen, JSON for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from spike_assets.registry.promotions import Promotion
from spike_assets.registry.versions import ModelVersion

COMPARED = (
    "metrics",
    "months",
    "synthetic",
    "data_versions",
    "code_version",
    "parameters",
    "library_versions",
)
"""The compared metadata of two versions, in this order."""

HEADLINE = "holdout"
"""The scores in the list, of a model with several sets of scores."""


@dataclass(frozen=True)
class Comparison:
    """A metadata value of two versions; None if a version has none."""

    field: str
    first: Any
    second: Any

    @property
    def differs(self) -> bool:
        """True if the values differ."""
        return bool(self.first != self.second)


def versions_table(versions: Sequence[ModelVersion]) -> RenderableType:
    """List versions, one a row: tag, data, months, scores, and since when each is promoted."""
    if not versions:
        return Text("no model is registered; run `make run` to train and register them")
    table = Table(
        title="Registered models, newest first (errors in CLP per litre)",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("tag", no_wrap=True)
    for heading in ("registered (UTC)", "data", "months", "scores", "promoted since"):
        table.add_column(heading)
    for version in versions:
        table.add_row(
            version.tag,
            _minute(version.created),
            _origin(version),
            " to ".join(str(version.months[end]) for end in ("first", "last") if version.months),
            _fault(version) or _scores(version),
            _line(version.served) if version.served else "",
            style="bold" if version.served else "",
        )
    return table


def version_report(version: ModelVersion) -> RenderableType:
    """Show the details of a version."""
    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(no_wrap=True, style="dim")
    facts.add_column(overflow="fold")
    facts.add_row("kind", version.kind)
    facts.add_row("registered", f"{_minute(version.created)} UTC")
    facts.add_row("folder", str(version.folder))
    facts.add_row("picture", str(version.picture or "none"))
    facts.add_row("promoted", f"since {_line(version.served)}" if version.served else "no")
    for line in version.promotions:
        facts.add_row(f"{line.action} at", _line(line))
    for field, value in flat(version.metadata).items():
        if field != "kind":
            facts.add_row(field, _shown(value, whole=True))
    heading = [Text(version.tag, style="bold")]
    if fault := _fault(version):
        heading.append(fault)
    return Group(*heading, facts)


def compared(first: ModelVersion, second: ModelVersion) -> list[Comparison]:
    """Compare the metadata of two versions."""
    one, other = (
        flat({field: version.metadata.get(field) for field in COMPARED})
        for version in (first, second)
    )
    fields = sorted(one | other, key=lambda field: COMPARED.index(field.partition("/")[0]))
    return [Comparison(field, one.get(field), other.get(field)) for field in fields]


def comparison_table(
    rows: Sequence[Comparison], first: ModelVersion, second: ModelVersion
) -> RenderableType:
    """Show two versions side by side, with differences marked."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("")
    for heading in ("", first.tag, second.tag):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(
            "≠" if row.differs else "",
            row.field,
            _shown(row.first),
            _shown(row.second),
            style="bold" if row.differs else "dim",
        )
    return table


def version_summary(version: ModelVersion) -> dict[str, Any]:
    """Return the summary of a version as plain data, for JSON."""
    return {
        "tag": version.tag,
        "kind": version.kind,
        "created": version.created.isoformat(),
        "synthetic": version.synthetic,
        "months": dict(version.months) or None,
        "metrics": dict(version.metrics) or None,
        "damage": version.damage,
        "mismatch": version.mismatch,
        "library_difference": version.library_difference,
        "served_since": _as_json(version.served) if version.served else None,
    }


def version_details(version: ModelVersion) -> dict[str, Any]:
    """Return the details of a version as plain data, for JSON."""
    return version_summary(version) | {
        "folder": str(version.folder),
        "picture": str(version.picture) if version.picture else None,
        "promotions": [_as_json(line) for line in version.promotions],
        "record": dict(version.metadata),
    }


def flat(nested: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten nested mappings: values by path, as `holdout/r2`."""
    values: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            values |= {f"{name}/{inner}": found for inner, found in flat(value).items()}
        else:
            values[name] = value
    return values


def _as_json(line: Promotion) -> dict[str, Any]:
    return line.model_dump(mode="json", include={"at", "action", "reason"})


def _line(line: Promotion) -> str:
    return f"{_minute(line.at)}: {line.reason or line.action}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def _origin(version: ModelVersion) -> str:
    return {True: "SYNTHETIC", False: "files", None: ""}[version.synthetic]


def _fault(version: ModelVersion) -> Text | None:
    """Return why a version can't be served; None if it can."""
    if version.damage:
        return Text(f"damaged: it {version.damage}", style="red")
    if version.mismatch:
        return Text(f"can't be served: it {version.mismatch}", style="red")
    return None


def _scores(version: ModelVersion) -> Text:
    scores = flat(version.metrics.get(HEADLINE, version.metrics))
    text = Text(
        ", ".join(
            f"{name.removesuffix('_clp_per_litre')} {_shown(score)}"
            for name, score in scores.items()
        )
    )
    if version.library_difference:
        text.append(f"; {version.library_difference}", style="yellow")
    return text


def _shown(value: Any, *, whole: bool = False) -> str:
    if value is None:
        return "—"
    if isinstance(value, float):
        return str(value) if whole else f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    text = str(value)
    return text if whole or len(text) <= 24 else f"{text[:12]}…"  # a SHA-256
