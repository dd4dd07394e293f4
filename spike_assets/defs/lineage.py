"""Lineage: the raw files that an asset was made from, as Dagster recorded it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg

from spike_assets.publishers.publishers import PUBLISHERS

LIVE_KEYS = frozenset(dg.AssetKey(publisher.asset) for publisher in PUBLISHERS)
"""Keys of the assets that ask publishers."""


LIVE_SHA256 = "live/sha256"
"""Metadata key of a clean table: the hash of what a publisher had answered, if that is in it."""


@dataclass(frozen=True)
class RawOrigin:
    """A raw file, or a publisher's answers, as they were when the table was made.

    Attributes:
        sha256: Hash of the bytes.
        synthetic: Whether it came from the embedded sample.
    """

    sha256: str
    synthetic: bool


def raw_origins(context: dg.AssetExecutionContext, key: dg.AssetKey) -> Mapping[str, RawOrigin]:
    """Follow an asset's inputs back to the raw files, and to what publishers had answered.

    Returns:
        The raw files by asset name; answers by that of the clean table that they are in.

    Raises:
        Failure: An input was materialized again after the asset was: what the asset was made from
            is gone.
    """
    provenance = context.get_asset_provenance(key)
    if provenance is None or not provenance.input_data_versions:
        return {key.to_user_string(): _origin(_latest(context, key))}
    origins = _answers(_latest(context, key))
    for upstream, version in provenance.input_data_versions.items():
        if upstream in LIVE_KEYS:
            continue  # its answers are kept beside the assets, and the table says which are in it
        if _data_version(_latest(context, upstream)) != version.value:
            raise dg.Failure(
                f"{key.to_user_string()} is older than its input {upstream.to_user_string()}: "
                f"materialize {key.to_user_string()} again",
                allow_retries=False,
            )
        origins |= raw_origins(context, upstream)
    return origins


def _answers(materialization: dg.AssetMaterialization) -> dict[str, RawOrigin]:
    sha256 = materialization.metadata.get(LIVE_SHA256)
    if sha256 is None:
        return {}
    name = materialization.asset_key.to_user_string()
    return {f"{name}/live": RawOrigin(sha256=str(sha256.value), synthetic=False)}


def is_synthetic(context: dg.AssetExecutionContext, key: dg.AssetKey) -> bool:
    """Return whether an asset was made from the embedded sample.

    Raises:
        Failure: As `raw_origins`.
    """
    return any(origin.synthetic for origin in raw_origins(context, key).values())


def _latest(context: dg.AssetExecutionContext, key: dg.AssetKey) -> dg.AssetMaterialization:
    event = context.instance.get_latest_materialization_event(key)
    materialization: dg.AssetMaterialization | None = event and event.asset_materialization
    if materialization is None:
        raise _never_materialized(key)
    return materialization


def _data_version(materialization: dg.AssetMaterialization) -> str:
    version = (materialization.tags or {}).get("dagster/data_version")
    if version is None:
        raise _reported(materialization)
    return str(version)


def _origin(materialization: dg.AssetMaterialization) -> RawOrigin:
    if "synthetic" not in materialization.metadata:
        raise _reported(materialization)
    return RawOrigin(
        sha256=_data_version(materialization),
        synthetic=bool(materialization.metadata["synthetic"].value),
    )


def _never_materialized(key: dg.AssetKey) -> dg.Failure:
    """Return the failure for an asset whose value, if there is one, is of another instance."""
    home = os.environ.get("DAGSTER_HOME")
    return dg.Failure(
        f"{key.to_user_string()} was never materialized on this Dagster instance (DAGSTER_HOME is "
        f"{home or 'unset'}): set DAGSTER_HOME to the instance that its value comes from, or "
        "materialize it",
        allow_retries=False,
    )


def _reported(materialization: dg.AssetMaterialization) -> dg.Failure:
    """Return the failure for an event that was reported in the UI, not made by a run."""
    name = materialization.asset_key.to_user_string()
    return dg.Failure(
        f"the latest materialization of {name} was reported, not run, so what it was made from is "
        f"unknown: materialize {name}",
        allow_retries=False,
    )
