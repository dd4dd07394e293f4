"""The publishers as assets: what each has today is requested, and kept as received.

They are not part of the job `train`, which works on the files and on what was received last; the
job `refresh` asks every publisher.
"""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.resources import DataFolder, ReceivedAnswers
from spike_assets.defs.table_metadata import listed
from spike_assets.publishers.publisher import Publisher
from spike_assets.publishers.publishers import PUBLISHERS, source_of, unasked
from spike_assets.publishers.refresh import Refreshed, refresh
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.sources.location import read_source


def live_asset(publisher: Publisher) -> dg.AssetsDefinition:
    """Return the asset that asks a publisher."""
    source = source_of(publisher)

    @dg.asset(
        name=publisher.asset,
        group_name="live",
        kinds={"http"},
        description=publisher.description,
    )
    def live(data: DataFolder, received: ReceivedAnswers) -> dg.MaterializeResult[None]:
        with user_errors_as_failures():
            settings = PublisherSettings.from_environment()
            location = data.location()
            reason = unasked(publisher, settings) or (
                "the embedded sample is never mixed with real numbers"
                if location.is_synthetic
                else ""
            )
            if reason:
                dg.get_dagster_logger().info("%s: not asked: %s", publisher.title, reason)
                return dg.MaterializeResult(metadata={"not_asked": reason})
            found = refresh(
                publisher,
                settings=settings,
                source=source,
                file_table=read_source(location, source).table,
                store=received.store(),
                today=datetime.now(UTC).date(),
            )
        return dg.MaterializeResult(metadata=_metadata(found))

    return live


def _metadata(found: Refreshed) -> dict[str, Any]:
    lists: dict[str, Any] = {}
    if len(found.revised):
        lists["listed/revised"] = listed(found.revised)
    if found.missing:
        lists["listed/missing"] = dg.MetadataValue.json(dict(found.missing))
    return {
        "newest_month_before": found.newest_before or "none",
        "newest_month": found.newest_now or "none",
        "new_months": found.n_new_months,
        "revised_values": len(found.revised),
        **{f"left_out/{kind}": count for kind, count in found.counts.items()},
        **lists,
    }


LIVE_ASSETS = [live_asset(publisher) for publisher in PUBLISHERS]
