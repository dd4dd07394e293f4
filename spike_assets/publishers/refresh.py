"""Refresh of the data: each publisher is asked, and what is usable is kept.

Answers are kept only if they can be read and fit the file, so what was received before stays the
newest until something better comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from spike_assets.publishers.combined import changed_values, combine
from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.publisher import Publisher
from spike_assets.publishers.received import ReceivedStore
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.series.catalogue import MONTH
from spike_assets.sources.errors import DataError
from spike_assets.sources.schemas import violations
from spike_assets.sources.source import Source


@dataclass(frozen=True)
class Refreshed:
    """Result of refreshing one publisher.

    Attributes:
        newest_before: Newest month that had a number before, as `2026-09`; None if none had.
        newest_now: The same now.
        n_new_months: Months that had no number before.
        revised: Values that we had otherwise, as `combined.DIFFERENCE_COLUMNS`.
        missing: By series, why there is no number from the publisher.
        counts: What was left out of its answers, by its kind.
    """

    newest_before: str | None
    newest_now: str | None
    n_new_months: int
    revised: pd.DataFrame
    missing: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def refresh(
    publisher: Publisher,
    *,
    settings: PublisherSettings,
    source: Source,
    file_table: pd.DataFrame,
    store: ReceivedStore,
    today: date,
) -> Refreshed:
    """Ask a publisher, and keep its answers if they can be used.

    Args:
        publisher: The publisher.
        settings: Credentials and addresses.
        source: The source that it continues.
        file_table: The clean table of the source's file.
        store: Where answers are kept.
        today: The last day that is asked for.

    Raises:
        PublisherError: It does not answer, or not with what can be used. Nothing is kept.
        DataError: Its numbers do not fit the file. Nothing is kept.
    """
    before = _known(publisher, source=source, file_table=file_table, store=store)
    received = publisher.fetch(settings, today)
    reading = publisher.read(received, file_table)
    now = combine(file_table, reading, source=source).table
    _require_contract(now, publisher=publisher, source=source)
    store.add(received)
    live = [name for name in reading.table if name != MONTH]
    old, new = _months_with_numbers(before, live), _months_with_numbers(now, live)
    return Refreshed(
        newest_before=f"{old.max():%Y-%m}" if len(old) else None,
        newest_now=f"{new.max():%Y-%m}" if len(new) else None,
        n_new_months=len(new.difference(old)),
        revised=changed_values(before, now, leaving_out=reading.rebased),
        missing=reading.missing,
        counts=reading.counts,
    )


def _require_contract(table: pd.DataFrame, *, publisher: Publisher, source: Source) -> None:
    """Refuse numbers that a run would refuse."""
    for check, found in violations(table, source.schema).items():
        if not found.empty:
            first = found.iloc[0]
            raise DataError(
                f"{publisher.title}: {first['month']}, {first['column']}: {first['value']}; "
                f"expected {first['expected']} ({check})"
            )


def _known(
    publisher: Publisher, *, source: Source, file_table: pd.DataFrame, store: ReceivedStore
) -> pd.DataFrame:
    """Return the table as it was before; that of the file if nothing usable was received."""
    try:
        received = store.latest(publisher.name)
        if received is None:
            return file_table
        return combine(file_table, publisher.read(received, file_table), source=source).table
    except (DataError, PublisherError):
        return file_table


def newest_month(
    publisher: Publisher, *, source: Source, file_table: pd.DataFrame, store: ReceivedStore
) -> str:
    """Return the newest month with a number, from the file or the publisher; `none` if none has."""
    table = _known(publisher, source=source, file_table=file_table, store=store)
    names = [name for name in table if name != MONTH]
    months = _months_with_numbers(table, names)
    return f"{months.max():%Y-%m}" if len(months) else "none"


def _months_with_numbers(table: pd.DataFrame, names: list[str]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(table.loc[table[names].notna().any(axis="columns"), MONTH])
