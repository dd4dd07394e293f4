"""Frozen series: one value that is repeated for longer than a published series ever was."""

import pandas as pd

from spike_assets.series.catalogue import MONTH

MAX_EQUAL_MONTHS = 6
"""The longest stretch of one value in the published files: gasoline, in US dollars."""


def frozen_stretches(table: pd.DataFrame, *, file_name: str) -> list[str]:
    """Describe each stretch of more than `MAX_EQUAL_MONTHS` months with one value.

    Zeros are left out: it may not rain for months.

    Args:
        table: `MONTH` and numbers under the column names of the file, every month once, indexed
            by line.
        file_name: For the sentences.

    Returns:
        A sentence for each stretch. It names the file, the column, the value, and the first and
        the last month with their lines.
    """
    by_month = table.sort_values(MONTH)
    return [
        f"{file_name}, column {name!r}: {same.iloc[0]:.9g} in each of {len(same)} months, "
        f"{by_month.loc[same.index[0], MONTH]:%Y-%m} (line {same.index[0]}) to "
        f"{by_month.loc[same.index[-1], MONTH]:%Y-%m} (line {same.index[-1]}); "
        "check that they are published values"
        for name in by_month.columns.drop(MONTH)
        for same in _stretches(by_month[name])
    ]


def _stretches(values: pd.Series) -> list[pd.Series]:
    stretch = (values != values.shift()).cumsum()  # a missing value differs from any other
    long = (stretch.map(stretch.value_counts()) > MAX_EQUAL_MONTHS) & (values != 0)
    return [same for _, same in values[long].groupby(stretch[long])]
