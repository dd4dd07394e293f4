"""Checks that a table passes before it is stored.

They are yielded by the asset itself, ahead of its value. So the UI shows what was violated and
where, and the bad table never replaces the good one: an asset check that runs afterwards would
find it stored already, and a later run of the next asset alone would read it.
"""

from collections.abc import Callable, Iterator, Mapping

import dagster as dg
import pandas as pd
import pandera.pandas as pa

from spike_assets.defs.image_metadata import image_metadata
from spike_assets.defs.table_metadata import listed
from spike_assets.series.catalogue import MONTH
from spike_assets.sources.drift import drifted, profile
from spike_assets.sources.schemas import (
    CHECK_DESCRIPTIONS,
    contract_fault,
    future_fault,
    violations,
)

PROFILE = "profile"

NO_FUTURE = "has_no_month_of_the_future"
FRESH = "is_fresh"
LIKE_BEFORE = "looks_like_the_last_accepted_version"

FRESH_FOR_MONTHS = 4
"""The Banco Central publishes the slowest series within about two months."""

Checked = Iterator[dg.AssetCheckResult | dg.MaterializeResult[pd.DataFrame]]


def contract_specs(asset: str) -> list[dg.AssetCheckSpec]:
    """Declare the checks of a monthly table; those of its schema and that of the future block."""
    blocking = CHECK_DESCRIPTIONS | {NO_FUTURE: "The last month is not later than today's."}
    warning = {
        FRESH: f"The last month is at most {FRESH_FOR_MONTHS} months ago.",
        LIKE_BEFORE: "No column's median moved by more than the quartiles were apart before.",
    }
    return [
        dg.AssetCheckSpec(f"{asset}_{name}", asset=asset, description=meaning, blocking=blocks)
        for checks, blocks in ((blocking, True), (warning, False))
        for name, meaning in checks.items()
    ]


def validated(
    context: dg.AssetExecutionContext,
    result: dg.MaterializeResult[pd.DataFrame],
    *,
    schema: pa.DataFrameSchema,
    name: str,
    pictures: Mapping[str, Callable[[pd.DataFrame], bytes]] | None = None,
) -> Checked:
    """Yield the results of the checks, and then the table if none of them blocks.

    Args:
        context: Of the asset that made the table.
        result: The table, with its metadata.
        schema: Its contract.
        name: The file that it was made from, or the table, for what it is refused with.
        pictures: What draws the table, by name; asked only once it passed.

    Raises:
        Failure: The table breaks its contract; nothing is stored.
    """
    asset, table = context.asset_key.to_user_string(), result.value
    found = violations(table, schema)
    for check, rows in found.items():
        yield _result(f"{asset}_{check}", rows)
    if broken := contract_fault(found, name=name):
        raise dg.Failure(broken, allow_retries=False)

    # A table without rows is that of an optional file: there is nothing to be old or early.
    last_month = None if table.empty else table[MONTH].iloc[-1].to_period("M")
    early = future_fault(table, name=name)
    yield dg.AssetCheckResult(
        check_name=f"{asset}_{NO_FUTURE}",
        passed=early is None,
        metadata={"last_month": str(last_month).lower()},
    )
    if early:
        raise dg.Failure(early, allow_retries=False)
    age_months = (pd.Timestamp.now().to_period("M") - last_month).n if last_month else 0
    yield dg.AssetCheckResult(
        check_name=f"{asset}_{FRESH}",
        passed=age_months <= FRESH_FOR_MONTHS,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"last_month": str(last_month).lower(), "age_months": age_months},
    )
    now = profile(table)
    yield _result(
        f"{asset}_{LIKE_BEFORE}",
        drifted(_accepted_profile(context), now),
        severity=dg.AssetCheckSeverity.WARN,
    )
    drawn = {
        name: image_metadata(draw(table), alt=name.replace("_", " "))
        for name, draw in (pictures or {}).items()
    }
    yield result._replace(metadata={**(result.metadata or {}), **drawn, PROFILE: dict(now)})


def _accepted_profile(context: dg.AssetExecutionContext) -> dict[str, dict[str, float]]:
    """Return the profile of the version that is stored now; only accepted ones ever are."""
    event = context.instance.get_latest_materialization_event(context.asset_key)
    materialization = event and event.asset_materialization
    kept = materialization and materialization.metadata.get(PROFILE)
    return dict(kept.value) if kept else {}


def _result(
    name: str,
    found: pd.DataFrame,
    *,
    severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=name,
        passed=found.empty,
        severity=severity,
        metadata={"violations": len(found)} | ({} if found.empty else {"first": listed(found)}),
    )
