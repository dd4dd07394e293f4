"""The notebook's two readings of numbers that lost their decimal point, worked out by hand."""

import pytest

from spike_assets.charts.notebook_numbers import all_digits, first_digit_rule


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("57.984.681", 57984681.0),
        ("102.796.218", 102796218.0),
        ("5.798", 5798.0),
        ("776.53", 77653.0),
        ("512", 512.0),
        ("0", 0.0),
    ],
)
def test_digits_of_gdp_are_one_integer(cell: str, number: float):
    """Every dot is taken for a separator, even where it was the decimal point."""
    assert all_digits(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        # A short first group with a 1 has three digits before the point: an index that begins with
        # 1 is a hundred and some. Groups after the second are cut off.
        ("10.546.824", 105.46),
        ("1.234.567", 123.4),
        ("1.234", 123.4),
        ("12.345", 123.45),
        ("10.5", 105.0),
        # A short first group without a 1 has two: an index with another digit is below a hundred.
        ("93.621", 93.621),
        ("93.621.548", 93.621),
        ("9.362.154", 93.62),
        ("9.362", 93.62),
        ("98.1", 98.1),
        ("25.461.789", 25.461),
        ("2.546.178", 25.46),
        ("03.07", 3.07),
        # A first group of three with a 1 keeps the second: the point was where the first dot is.
        ("102.796.218", 102.796),
        ("102.796", 102.796),
        ("199.1", 199.1),
        # Without a 1 it is cut to one decimal: 97.8554365 becomes 97.8, a loss of the rule's own.
        ("978.554.365", 97.8),
        ("978.554", 97.8),
        ("999.272.757", 99.9),
        ("254.617.891", 25.4),
        ("978", 97.8),
        # One short group is a whole number: no digit is left for decimals.
        ("0", 0.0),
        ("9", 9.0),
        ("1", 1.0),
        ("12", 12.0),
        ("97", 97.0),
        ("102", 102),
    ],
)
def test_first_digit_decides_where_the_point_of_an_index_was(cell: str, number: float):
    """Right and wrong readings, as the notebook has them."""
    assert first_digit_rule(cell) == number
