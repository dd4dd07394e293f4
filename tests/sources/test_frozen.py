"""Stretches of one value that are longer than any of the published files."""

import numpy as np
import pandas as pd

from spike_assets.sources.frozen import frozen_stretches


def test_each_long_stretch_is_described_with_its_first_and_last_line():
    """Rows stand in no order; zeros and missing values are no stretch."""
    table = pd.DataFrame(
        {
            "month": pd.date_range("2019-01", periods=16, freq="MS"),
            "rain": [0.0] * 9 + [3.5] * 7,
            "PIB": [np.nan] * 8 + [7.0] * 2 + [8.0] * 6,
        },
        index=pd.RangeIndex(2, 18, name="line"),
    ).sample(frac=1, random_state=0)

    assert frozen_stretches(table, file_name="a.csv") == [
        "a.csv, column 'rain': 3.5 in each of 7 months, 2019-10 (line 11) to 2020-04 (line 17); "
        "check that they are published values"
    ]
