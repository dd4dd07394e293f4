"""Files and publishers together: live wins, and what differs is listed."""

import pandas as pd
import pytest

from spike_assets.publishers.combined import changed_values, combine
from spike_assets.publishers.publisher import Reading
from spike_assets.sources.dairy_index import SOURCE
from spike_assets.sources.errors import DataError


def table(**months_and_values: object) -> pd.DataFrame:
    frame = pd.DataFrame(months_and_values)
    return frame.assign(month=pd.to_datetime(frame["month"]).astype("datetime64[us]"))


FILE = table(month=["2021-01", "2021-02"], a=[1.0, 2.0], b=[10.0, None])


def test_publisher_continues_and_corrects_the_file():
    """A number of its own is taken; elsewhere the file's."""
    live = table(month=["2021-02", "2021-03"], a=[2.5, 3.0])

    combined = combine(FILE, Reading(live), source=SOURCE)

    expected = table(month=["2021-01", "2021-02", "2021-03"], a=[1, 2.5, 3.0], b=[10, None, None])
    pd.testing.assert_frame_equal(combined.table, expected)
    assert combined.n_new_months == 1
    assert combined.differences.to_dict("records") == [
        {"month": "2021-02", "column": "a", "before": 2.0, "now": 2.5}
    ]


def test_number_that_the_publisher_lacks_stays():
    """A missing value is no correction."""
    live = table(month=["2021-02"], a=[None])

    combined = combine(FILE, Reading(live), source=SOURCE)

    pd.testing.assert_frame_equal(combined.table, FILE)
    assert combined.differences.empty


def test_series_on_another_base_is_taken_whole():
    """Rows of two bases never stand in one column, nor are their distances revisions."""
    live = table(month=["2021-02", "2021-03"], a=[200.0, 300.0])

    combined = combine(FILE, Reading(live, rebased=frozenset({"a"})), source=SOURCE)

    assert combined.table["a"].isna().tolist() == [True, False, False]
    assert combined.table["b"].tolist()[0] == 10
    assert combined.differences.empty


def test_gap_behind_the_file_is_refused():
    """The months between are unknown."""
    live = table(month=["2021-05"], a=[5.0])

    with pytest.raises(DataError, match=r"with live data: 2 months missing .+: 2021-03, 2021-04"):
        combine(FILE, Reading(live), source=SOURCE)


def test_file_without_rows_is_only_live():
    """An optional file that is not there."""
    empty = FILE.iloc[:0]
    live = table(month=["2021-02"], a=[5.0])

    combined = combine(empty, Reading(live), source=SOURCE)

    assert combined.table["a"].tolist() == [5.0]
    assert combined.n_new_months == 1


def test_difference_in_the_last_digit_is_none():
    """Interfaces and exports differ from the 15th digit on."""
    now = FILE.assign(a=FILE["a"] * (1 + 1e-14))

    assert changed_values(FILE, now).empty
