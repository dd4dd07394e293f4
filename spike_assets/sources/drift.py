"""Drift: comparison of a new version of a table with the last one that was accepted."""

from collections.abc import Mapping

import pandas as pd

from spike_assets.series.catalogue import MONTH

Profile = Mapping[str, Mapping[str, float]]
"""By column: `median`, and `spread`, the distance between the quartiles."""


def profile(table: pd.DataFrame) -> Profile:
    """Summarize each column of a monthly table.

    Args:
        table: `month` and numbers; columns without any are left out.
    """
    values = table.drop(columns=MONTH).dropna(axis="columns", how="all")
    quartiles = values.quantile([0.25, 0.5, 0.75])
    return {
        name: {
            "median": float(quartiles.loc[0.5, name]),
            "spread": float(quartiles.loc[0.75, name] - quartiles.loc[0.25, name]),
        }
        for name in values
    }


def drifted(before: Profile, after: Profile) -> pd.DataFrame:
    """Find the columns whose median moved by more than the quartiles of before are apart.

    So a column that got longer stays, and one that changed its unit or meaning shows.

    Returns:
        `column`, `median_before`, `median_after`, `spread_before`; a column that vanished has no
        median after.
    """
    rows = []
    for name, old in before.items():
        new = after.get(name, {}).get("median", float("nan"))
        if not abs(new - old["median"]) <= old["spread"]:
            rows.append((name, old["median"], new, old["spread"]))
    return pd.DataFrame(rows, columns=["column", "median_before", "median_after", "spread_before"])
