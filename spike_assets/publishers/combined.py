"""The clean tables with the publishers' newer numbers: one rule for every source.

Where a publisher has a number, that number is taken; elsewhere the file's. A series that the
publisher has on another base is taken whole, so that rows of two bases never stand in one column.
What differs from the file is listed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from spike_assets.publishers.publisher import Publisher, Reading
from spike_assets.publishers.publishers import PUBLISHERS
from spike_assets.publishers.received import Received, ReceivedStore
from spike_assets.series.catalogue import MONTH
from spike_assets.sources.months import require_every_month, sorted_by_month
from spike_assets.sources.source import Source

DIFFERENCE_COLUMNS = ("month", "column", "before", "now")
SAME_WITHIN = 1e-9
"""Relative: interfaces and exports differ from the 15th significant digit on."""


@dataclass(frozen=True)
class Combined:
    """A clean table with a publisher's numbers in it.

    Attributes:
        table: As the source's contract has it.
        differences: Values of the file that the publisher has otherwise, as
            `DIFFERENCE_COLUMNS`; not those of series on another base.
        n_new_months: Months that the file does not have.
    """

    table: pd.DataFrame
    differences: pd.DataFrame
    n_new_months: int


def combine(table: pd.DataFrame, reading: Reading, *, source: Source) -> Combined:
    """Put a publisher's numbers into a clean table.

    Args:
        table: The source's clean table.
        reading: The publisher's numbers of some of its series.
        source: The source.

    Raises:
        DataError: The publisher's months leave a gap behind those of the file.
    """
    file, live = table.set_index(MONTH), reading.table.set_index(MONTH)
    kept = file.drop(columns=list(reading.rebased)).reindex(columns=file.columns)
    combined = live.combine_first(kept)[list(file.columns)].astype("float64")
    result = combined.rename_axis(MONTH).reset_index().astype({MONTH: table[MONTH].dtype})
    result = sorted_by_month(result)
    require_every_month(result, file_name=f"{source.file_name} with live data")
    return Combined(
        result,
        differences=changed_values(table, result, leaving_out=reading.rebased),
        n_new_months=len(live.index.difference(file.index)),
    )


def changed_values(
    before: pd.DataFrame, now: pd.DataFrame, *, leaving_out: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """List the values that both tables have and that differ, as `DIFFERENCE_COLUMNS`."""
    old, new = (table.set_index(MONTH).drop(columns=list(leaving_out)) for table in (before, now))
    both = old.index.intersection(new.index)
    columns = [name for name in old if name in new]
    old, new = old.loc[both, columns], new.loc[both, columns]
    differs = old.notna() & new.notna() & ~np.isclose(new, old, rtol=SAME_WITHIN, atol=0)
    rows = [
        (f"{month:%Y-%m}", name, float(old.at[month, name]), float(new.at[month, name]))
        for name in columns
        for month in both[differs[name]]
    ]
    return pd.DataFrame(rows, columns=list(DIFFERENCE_COLUMNS))


def live_reading(
    source: Source,
    table: pd.DataFrame,
    store: ReceivedStore,
    *,
    publishers: tuple[Publisher, ...] = PUBLISHERS,
) -> tuple[Received, Reading] | None:
    """Return what was last received for a source, and its numbers; None if nothing was.

    Raises:
        DataError: It is damaged, or does not agree with the file any more.
        PublisherError: Likewise.
    """
    for publisher in publishers:
        if publisher.source == source.name:
            received = store.latest(publisher.name)
            return None if received is None else (received, publisher.read(received, table))
    return None
