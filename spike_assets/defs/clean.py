"""The clean tables as assets: typed, one row a month, repairs counted, held to their contracts."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.charts.notebook_numbers import all_digits, cells_by_month
from spike_assets.defs.checks import Checked, contract_specs, validated
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.lineage import LIVE_SHA256
from spike_assets.defs.resources import DataFolder, ReceivedAnswers
from spike_assets.defs.table_metadata import REPAIRS_PREFIX, column_schema, listed, table_metadata
from spike_assets.publishers.combined import combine, live_reading
from spike_assets.publishers.publishers import PUBLISHERS
from spike_assets.publishers.received import ReceivedStore
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.source import Cleaned, Source
from spike_assets.sources.sources import SOURCES

BEFORE_AND_AFTER = ("PIB", "PIB_Comercio", "PIB_Celulosa", "PIB_Agropecuario_silvicola")
"""Series whose repair is drawn: the total, and three whose digits mislead often."""

Draw = Callable[[pd.DataFrame], bytes]


def clean_asset(source: Source) -> dg.AssetsDefinition:
    """Return the asset that holds the clean table of a source."""
    publishers = [one for one in PUBLISHERS if one.source == source.name]

    @dg.asset(
        name=source.clean_asset,
        ins={"raw": dg.AssetIn(source.raw_asset)},
        deps=[publisher.asset for publisher in publishers],
        group_name="clean",
        kinds={"pandas"},
        description=source.schema.description,
        metadata=column_schema(source.series),
        check_specs=contract_specs(source.clean_asset),
    )
    def clean(
        context: dg.AssetExecutionContext,
        data: DataFolder,
        received: ReceivedAnswers,
        raw: pd.DataFrame,
    ) -> Checked:
        live: dict[str, Any] = {}
        with user_errors_as_failures():
            cleaned = source.clean(raw)
            if publishers and not data.location().is_synthetic:
                cleaned, live = _with_live(cleaned, source, received.store())
        for warning in cleaned.warnings:
            context.log.warning(warning)
        yield from validated(
            context,
            _with_repairs(cleaned, live),
            schema=source.schema,
            name=source.file_name,
            pictures=_pictures(raw).get(source.name),
        )

    return clean


def _pictures(raw: pd.DataFrame) -> Mapping[str, Mapping[str, Draw]]:
    """Return what draws the clean table of each source; a source may have no picture."""
    return {
        precipitation.SOURCE.name: {"rain_by_region": charts.regions_rain},
        milk_price.SOURCE.name: {"price_history": charts.milk_price_history},
        banco_central.SOURCE.name: {
            "missing_months": charts.missing_months,
            "gdp_and_farming": partial(
                charts.series_pair, first="PIB", second="PIB_Agropecuario_silvicola"
            ),
            "decimal_repair": partial(_before_and_after, raw),
        },
    }


def _with_live(
    cleaned: Cleaned, source: Source, store: ReceivedStore
) -> tuple[Cleaned, dict[str, Any]]:
    """Put what was received last into the table, and describe it."""
    live = live_reading(source, cleaned.table, store)
    if live is None:
        return cleaned, {}
    received, reading = live
    combined = combine(cleaned.table, reading, source=source)
    facts: dict[str, Any] = {
        LIVE_SHA256: received.sha256,
        "live/publisher": received.publisher,
        "live/received_at": received.at.isoformat(timespec="seconds"),
        "live/new_months": combined.n_new_months,
        "live/differences_from_file": len(combined.differences),
    }
    if len(combined.differences):
        facts["listed/differences_from_file"] = listed(combined.differences)
    return replace(cleaned, table=combined.table), facts


def _with_repairs(cleaned: Cleaned, live: dict[str, Any]) -> dg.MaterializeResult[pd.DataFrame]:
    repairs = {f"{REPAIRS_PREFIX}{defect}": count for defect, count in cleaned.counts.items()}
    lists: dict[str, dg.MetadataValue[Any]] = {
        f"listed/{defect}": listed(touched)
        for defect, touched in cleaned.repairs.items()
        if len(touched)
    }
    if cleaned.warnings:
        lists["warnings"] = dg.MetadataValue.md("\n".join(f"- {one}" for one in cleaned.warnings))
    if cleaned.decimals is not None:
        lists["listed/decimals_by_series"] = listed(
            cleaned.decimals[cleaned.decimals["restored"] > 0], most=len(cleaned.decimals)
        )
    return dg.MaterializeResult(
        value=cleaned.table, metadata=table_metadata(cleaned.table) | repairs | live | lists
    )


def _before_and_after(raw: pd.DataFrame, table: pd.DataFrame) -> bytes:
    before = cells_by_month(raw, names=BEFORE_AND_AFTER).map(all_digits)
    after = table.set_index("month").loc[before.index, list(BEFORE_AND_AFTER)]
    return charts.before_and_after(
        before.index.to_series(),
        before=before,
        after=after,
        title="GDP, its digits read as one integer and its decimal points put back",
        unit="thousand million CLP",
    )


CLEAN_ASSETS = [clean_asset(source) for source in SOURCES]
