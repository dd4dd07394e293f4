"""The commands `spike-assets data refresh` and `spike-assets data sources`."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime

import click
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from spike_assets.cli.data_option import data_option
from spike_assets.cli.printing import print_report
from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.publisher import Publisher
from spike_assets.publishers.publishers import PUBLISHERS, source_of, unasked
from spike_assets.publishers.received import ReceivedStore
from spike_assets.publishers.refresh import Refreshed, newest_month, refresh
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation, locate_data, read_source
from spike_assets.storage.location import storage_root
from spike_assets.storage.objects import open_objects

REVISED_SHOWN = 12
"""Revised values of a publisher that are listed."""

Outcome = Refreshed | PublisherError | DataError | str
"""Outcome of asking a publisher; text says why it was not asked."""


@click.command("refresh")
@data_option
def refresh_data(data_folder: str | None) -> None:
    """Ask the publishers for what they have, and keep it beside the files.

    SPIKE_LIVE names the publishers; all that are configured if it is not set. The exit status is 1
    if one of them failed; what worked is kept.
    """
    location, settings, reasons = _configured(data_folder)
    if location.is_synthetic:
        raise click.ClickException(
            "live numbers continue the real files, and here is only the embedded sample: download "
            "them first (make data)"
        )
    store = _store()
    today = datetime.now(UTC).date()
    outcomes: dict[str, Outcome] = {}
    for publisher in PUBLISHERS:
        if not reasons[publisher.name]:
            click.echo(f"{publisher.title} …", err=True)
        outcomes[publisher.name] = reasons[publisher.name] or _refreshed(
            publisher, location=location, settings=settings, store=store, today=today
        )
    print_report(refresh_report(outcomes))
    if any(isinstance(one, Exception) for one in outcomes.values()):
        sys.exit(1)


@click.command()
@data_option
def sources(data_folder: str | None) -> None:
    """Show for each publisher whether it is configured and answers, and its newest month."""
    location, settings, reasons = _configured(data_folder)
    store = _store()
    table = _table("Publishers", ("publisher", "asked", "answers", "received", "newest month"))
    for publisher in PUBLISHERS:
        times = store.times(publisher.name)
        table.add_row(
            publisher.title,
            reasons[publisher.name] or "yes",
            "" if reasons[publisher.name] else _answers(publisher, settings),
            f"{times[-1]:%Y-%m-%d}" if times else "never",
            _newest(publisher, location=location, store=store),
        )
    print_report(table)


def refresh_report(outcomes: dict[str, Outcome]) -> RenderableType:
    """Show what came of asking each publisher: months, revised values, what is missing and why.

    Args:
        outcomes: By the publisher's name.
    """
    table = _table("Live data", ("publisher", "before", "now", "new months", "revised", "missing"))
    notes: list[RenderableType] = []
    for publisher in PUBLISHERS:
        outcome = outcomes[publisher.name]
        if isinstance(outcome, Refreshed):
            table.add_row(
                publisher.title,
                outcome.newest_before or "none",
                outcome.newest_now or "none",
                str(outcome.n_new_months),
                str(len(outcome.revised)),
                str(len(outcome.missing)),
            )
            notes += _notes(publisher, outcome)
        elif isinstance(outcome, str):
            table.add_row(publisher.title, f"not asked: {outcome}")
        else:
            table.add_row(publisher.title, "failed")
            notes.append(Text(str(outcome), style="bold red"))
    return Group(table, *notes)


def _configured(
    data_folder: str | None,
) -> tuple[DataLocation, PublisherSettings, Mapping[str, str]]:
    """Return the files, the settings, and by publisher why it is not asked; empty if it is."""
    try:
        settings = PublisherSettings.from_environment()
        reasons = {one.name: unasked(one, settings) for one in PUBLISHERS}
        return locate_data(data_folder), settings, reasons
    except DataError as error:
        raise click.ClickException(str(error)) from None


def _notes(publisher: Publisher, found: Refreshed) -> list[RenderableType]:
    notes: list[RenderableType] = [
        Text(
            f"{publisher.title}, {row.month}, {row.column}: {row.before:g} before, {row.now:g} now"
        )
        for row in found.revised.tail(REVISED_SHOWN).itertuples()
    ]
    if len(found.revised) > REVISED_SHOWN:
        notes.append(Text(f"and {len(found.revised) - REVISED_SHOWN} more revised before these"))
    notes += [
        Text(f"{publisher.title}: {name} is missing: {reason}")
        for name, reason in found.missing.items()
    ]
    return notes


def _refreshed(
    publisher: Publisher,
    *,
    location: DataLocation,
    settings: PublisherSettings,
    store: ReceivedStore,
    today: date,
) -> Outcome:
    source = source_of(publisher)
    try:
        return refresh(
            publisher,
            settings=settings,
            source=source,
            file_table=read_source(location, source).table,
            store=store,
            today=today,
        )
    except (PublisherError, DataError) as error:
        return error


def _answers(publisher: Publisher, settings: PublisherSettings) -> str:
    try:
        publisher.probe(settings)
    except PublisherError as error:
        return f"no: {error.cause}"
    return "yes"


def _newest(publisher: Publisher, *, location: DataLocation, store: ReceivedStore) -> str:
    source = source_of(publisher)
    try:
        return newest_month(
            publisher, file_table=read_source(location, source).table, source=source, store=store
        )
    except (PublisherError, DataError) as error:
        return str(error)


def _store() -> ReceivedStore:
    return ReceivedStore(open_objects(str(storage_root(os.environ.get("SPIKE_STORAGE")))))


def _table(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading)
    return table
