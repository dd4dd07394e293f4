"""Comparison of a new version of a table with the one before."""

import pandas as pd
import pytest

from spike_assets.sources.drift import drifted, profile

COLUMNS = ["column", "median_before", "median_after", "spread_before"]
NAN = float("nan")


def table(**columns: list[float]) -> pd.DataFrame:
    n_months = len(next(iter(columns.values())))
    months = pd.date_range("2014-01", periods=n_months, freq="MS", unit="us")
    return pd.DataFrame({"month": months} | columns)


BEFORE = table(rain=[0.0, 2.0, 4.0, 6.0, 8.0], price=[200.0, 210.0, 220.0, 230.0, 240.0])


def what_moved(after: pd.DataFrame, *, before: pd.DataFrame = BEFORE) -> pd.DataFrame:
    return drifted(profile(before), profile(after))


def expected(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS)


def test_profile_is_the_median_and_the_distance_of_the_quartiles():
    """Plain numbers by column, so that they can be kept as metadata."""
    summary = profile(BEFORE)

    assert summary == {
        "rain": {"median": 4.0, "spread": 4.0},
        "price": {"median": 220.0, "spread": 20.0},
    }
    assert all(type(one) is float for column in summary.values() for one in column.values())


def test_profile_leaves_missing_values_out():
    """A month without a number has no part in it, nor a column without any."""
    assert profile(table(rain=[NAN, 2.0, 4.0, 6.0], price=[NAN] * 4)) == {
        "rain": {"median": 4.0, "spread": 2.0}
    }


def test_same_table_has_not_moved():
    """Nothing found has the columns of something found."""
    assert what_moved(BEFORE).empty
    assert list(what_moved(BEFORE).columns) == COLUMNS


def test_longer_table_of_the_same_values_has_not_moved():
    """A new month is no news."""
    longer = table(
        rain=[0.0, 2.0, 4.0, 6.0, 8.0] * 3 + [5.0],
        price=[200.0, 210.0, 220.0, 230.0, 240.0] * 3 + [260.0],
    )

    assert what_moved(longer).empty


def test_column_of_ten_times_the_size_has_moved():
    """It is told with the figures, and the others are not told."""
    pd.testing.assert_frame_equal(
        what_moved(BEFORE.assign(price=BEFORE["price"] * 10)),
        expected(("price", 220.0, 2200.0, 20.0)),
    )


@pytest.mark.parametrize(
    ("shift", "has_moved"), [(20.0, False), (20.5, True), (-20.0, False), (-20.5, True)]
)
def test_median_may_move_by_the_distance_of_the_quartiles(shift: float, *, has_moved: bool):
    """Up or down, that much and no more."""
    after = BEFORE.assign(price=BEFORE["price"] + shift)

    assert what_moved(after)["column"].tolist() == ["price"] * has_moved


@pytest.mark.parametrize(
    "after",
    [BEFORE.drop(columns="price"), BEFORE.assign(price=NAN)],
    ids=["no such column", "no number in it"],
)
def test_column_that_vanished_has_no_median_after(after: pd.DataFrame):
    """An empty column is as good as none."""
    pd.testing.assert_frame_equal(what_moved(after), expected(("price", 220.0, NAN, 20.0)))


def test_column_that_is_new_has_not_moved():
    """There is nothing to compare it with."""
    assert what_moved(BEFORE.assign(milk=1.0)).empty


def test_column_that_never_changed_moves_with_any_change():
    """The quartiles are no distance apart."""
    before = table(price=[220.0, 220.0, 220.0])

    assert what_moved(before, before=before).empty
    after = what_moved(table(price=[220.5, 220.5, 220.5]), before=before)
    pd.testing.assert_frame_equal(after, expected(("price", 220.0, 220.5, 0.0)))


def test_first_version_has_not_moved():
    """Before it there was none."""
    assert drifted({}, profile(BEFORE)).empty
