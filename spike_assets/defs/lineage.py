"""Lineage: the raw files that an asset was made from, as Dagster recorded it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import dagster as dg


@dataclass(frozen=True)
class RawOrigin:
    """A raw file as it was when it was materialized.

    Attributes:
        sha256: Hash of its bytes.
        synthetic: Whether it came from the embedded sample.
    """

    sha256: str
    synthetic: bool


def raw_origins(context: dg.AssetExecutionContext, key: dg.AssetKey) -> Mapping[str, RawOrigin]:
    """Follow an asset's inputs back to the raw files.

    Returns:
        The raw files by asset name.

    Raises:
        Failure: An input was materialized again after the asset was: what the asset was made from
            is gone.
    """
    provenance = context.get_asset_provenance(key)
    if provenance is None or not provenance.input_data_versions:
        return {key.to_user_string(): _origin(_latest(context, key))}
    origins: dict[str, RawOrigin] = {}
    for upstream, version in provenance.input_data_versions.items():
        if _data_version(_latest(context, upstream)) != version.value:
            raise dg.Failure(
                f"{key.to_user_string()} is older than its input {upstream.to_user_string()}: "
                f"materialize {key.to_user_string()} again",
                allow_retries=False,
            )
        origins |= raw_origins(context, upstream)
    return origins


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
