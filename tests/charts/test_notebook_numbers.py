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
        ("10.546.824", 105.46),
        ("1.234.567", 123.4),
        ("1.234", 123.4),
        ("12.345", 123.45),
        ("10.5", 105.0),
    ],
)
def test_short_first_group_with_a_1_has_three_digits_before_the_point(cell: str, number: float):
    """An index that begins with 1 is a hundred and some; groups after the second are cut off."""
    assert first_digit_rule(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("93.621", 93.621),
        ("93.621.548", 93.621),
        ("9.362.154", 93.62),
        ("9.362", 93.62),
        ("98.1", 98.1),
        ("25.461.789", 25.461),
        ("2.546.178", 25.46),
        ("03.07", 3.07),
    ],
)
def test_short_first_group_without_a_1_has_two_digits_before_the_point(cell: str, number: float):
    """An index that begins with another digit is below a hundred."""
    assert first_digit_rule(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("102.796.218", 102.796),
        ("102.796", 102.796),
        ("199.1", 199.1),
    ],
)
def test_first_group_of_three_with_a_1_keeps_the_second_group(cell: str, number: float):
    """The point was where the first dot is."""
    assert first_digit_rule(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("978.554.365", 97.8),
        ("978.554", 97.8),
        ("999.272.757", 99.9),
        ("254.617.891", 25.4),
        ("978", 97.8),
    ],
)
def test_first_group_of_three_without_a_1_is_cut_to_one_decimal(cell: str, number: float):
    """97.8554365 becomes 97.8: a loss that the notebook's rule brings with it."""
    assert first_digit_rule(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [("0", 0.0), ("9", 9.0), ("1", 1.0), ("12", 12.0), ("97", 97.0), ("102", 102)],
)
def test_cell_of_one_short_group_is_a_whole_number(cell: str, number: float):
    """Without any digit left for decimals there are none."""
    assert first_digit_rule(cell) == number
