"""Numbers as publishers write them."""

import pytest

from spike_assets.publishers.numbers import chilean_number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (306.44, 306.44),
        (7, 7.0),
        ("306,44", 306.44),
        ("1.234,56", 1234.56),
        ("306.44", 306.44),
        ("1.234", 1234.0),
        (" 12 ", 12.0),
        ("-1,5", -1.5),
    ],
)
def test_number_is_read(value: object, number: float):
    """A dot before three digits groups thousands, as in Chile."""
    assert chilean_number(value) == number


@pytest.mark.parametrize(
    "value", [None, True, "", "s/i", "1,2,3", "1.2.3", "1e5", float("nan"), float("inf"), "NaN"]
)
def test_anything_else_is_no_number(value: object):
    """It is missing or an error, as its reader decides."""
    assert chilean_number(value) is None
