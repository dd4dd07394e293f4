"""Numbers of a request brought to true units, whichever convention they are in."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from bento.api.example_row import EXAMPLE_ROW
from spike_assets.charts.notebook_numbers import all_digits, first_digit_rule
from spike_assets.models.errors import OutOfRangeError
from spike_assets.models.units import InputRanges
from spike_assets.series.catalogue import FEATURE_NAMES, IMACEC, NUM, PIB, REGIONS
from spike_assets.sources.location import DataLocation
from spike_assets.training.data_check import check_data

LOST_DECIMALS = [FEATURE_NAMES.index(name) for name in (*PIB, *IMACEC, NUM)]
TYPICAL = np.array([EXAMPLE_ROW[name] for name in FEATURE_NAMES])
HISTORY = np.where(
    np.isin(np.arange(48), LOST_DECIMALS), TYPICAL * np.array([[0.9], [1.0], [1.3]]), TYPICAL
)
RANGES = InputRanges.around(HISTORY)


def row(**others: float) -> np.ndarray:
    """Return January 2014 of the sample with some other numbers, shape `(1, 48)`."""
    return np.array([[{**EXAMPLE_ROW, **others}[name] for name in FEATURE_NAMES]], dtype="float64")


def exported(value: float) -> str:
    """Lose a number's decimal point as the export does: 102.796218 becomes `102.796.218`."""
    digits = f"{value:.9f}".rstrip("0").replace(".", "").lstrip("0")
    return f"{int(digits):,}".replace(",", ".")


def monthly_rows(folder: Path | None) -> np.ndarray:
    table = check_data(DataLocation(folder=folder))[-1].table
    assert table is not None
    return table[list(FEATURE_NAMES)].to_numpy()


def test_true_units_stay_as_they_are_to_the_bit():
    """Nothing is rounded, and nothing counted."""
    rows = np.vstack([HISTORY, row(PIB=HISTORY[2, FEATURE_NAMES.index("PIB")] * 1.2)])

    scaled, n_rescaled = RANGES.in_true_units(rows)

    assert scaled.tobytes() == rows.tobytes()
    assert n_rescaled == 0


def test_months_of_the_sample_stay_as_they_are():
    """A history lies within the ranges that are taken from it."""
    rows = monthly_rows(None)

    scaled, n_rescaled = InputRanges.around(rows).in_true_units(rows)

    assert (scaled.tobytes(), n_rescaled) == (rows.tobytes(), 0)


def test_months_of_the_real_files_come_through_both_conventions(real_data: Path):
    """As they are they stay; as digits without a point they come back."""
    rows = monthly_rows(real_data)
    ranges = InputRanges.around(rows)
    sent = rows.copy()
    for column in LOST_DECIMALS:
        sent[:, column] = [all_digits(exported(value)) for value in rows[:, column]]

    unchanged, n_unchanged = ranges.in_true_units(rows)
    scaled, n_rescaled = ranges.in_true_units(sent)

    assert (unchanged.tobytes(), n_unchanged) == (rows.tobytes(), 0)
    np.testing.assert_allclose(scaled, rows, rtol=1e-9)
    assert n_rescaled == (sent[:, LOST_DECIMALS] > ranges.highest[LOST_DECIMALS]).sum()
    assert n_rescaled > 0.99 * sent[:, LOST_DECIMALS].size


@pytest.mark.parametrize(
    ("true", "sent", "n_rescaled"),
    [
        pytest.param({"PIB": 11925.2391}, {"PIB": 119252391}, 1, id="all digits"),
        pytest.param({"PIB": 11900.0}, {"PIB": 119}, 1, id="lost zeros"),
        pytest.param(
            {"PIB": 11925.2391, "PIB_Pesca": 69.645943, "PIB_Textil": 32.15},
            {"PIB": 119252391, "PIB_Pesca": 69645943, "PIB_Textil": 3215},
            3,
            id="a power of ten for each",
        ),
        pytest.param({"num": 105.562}, {"num": 105562}, 1, id="digits of an index"),
        pytest.param({"num": 105.562}, {"num": first_digit_rule("105.562")}, 0, id="rule is right"),
        pytest.param(
            {"Imacec_minero": 110.0}, {"Imacec_minero": first_digit_rule("11")}, 1, id="rule errs"
        ),
        pytest.param(
            {"PIB": 11925.2391, "PIB_Pesca": 69.645943, "Imacec_minero": 98.5, "num": 103.25},
            {"PIB": 119252391, "PIB_Pesca": 69.645943, "Imacec_minero": 98.5, "num": 10325},
            2,
            id="a mixture",
        ),
    ],
)
def test_old_digit_convention_is_brought_back(
    true: Mapping[str, float], sent: Mapping[str, float], n_rescaled: int
):
    """To the number that was published, and only the cells that are not in true units count."""
    scaled, counted = RANGES.in_true_units(row(**sent))

    np.testing.assert_allclose(scaled, row(**true), rtol=1e-9)
    assert counted == n_rescaled


def test_rows_of_different_conventions_are_understood_side_by_side():
    """Each cell for itself, and the count is of all rows."""
    rows = np.vstack([row(), row(PIB=119252391), row(PIB=1.1925, num=1.0603e7)])

    scaled, n_rescaled = RANGES.in_true_units(rows)

    expected = np.vstack([row(), row(PIB=11925.2391), row(PIB=11925.0, num=106.03)])
    np.testing.assert_allclose(scaled, expected, rtol=1e-9)
    assert n_rescaled == 3


@pytest.mark.parametrize("seed", range(5))
def test_number_within_its_range_comes_back_from_any_power_of_ten(seed: int):
    """From a millionth to a million millions, whatever the power of the cell beside it."""
    rng = np.random.default_rng(seed)
    true = np.tile(TYPICAL, (200, 1))
    lowest, highest = RANGES.lowest[LOST_DECIMALS], RANGES.highest[LOST_DECIMALS]
    true[:, LOST_DECIMALS] = rng.uniform(lowest, highest, size=(200, len(lowest)))
    powers = rng.integers(-6, 12, size=(200, len(lowest)), endpoint=True)
    sent = true.copy()
    sent[:, LOST_DECIMALS] *= 10.0**powers

    scaled, n_rescaled = RANGES.in_true_units(sent)

    np.testing.assert_allclose(scaled, true, rtol=1e-9)
    assert n_rescaled == (powers != 0).sum()


@pytest.mark.parametrize("power", [-6, -1, 0, 1, 12])
def test_number_comes_back_where_the_range_is_all_but_a_decade(power: int):
    """Near both ends there is still one power of ten that fits."""
    ranges = InputRanges.around(TYPICAL * np.array([[0.1], [1.0], [8.0]]))
    ends = np.vstack([row(), row()])
    ends[0, LOST_DECIMALS] = ranges.lowest[LOST_DECIMALS] * (1 + 1e-9)
    ends[1, LOST_DECIMALS] = ranges.highest[LOST_DECIMALS] * (1 - 1e-9)
    sent = ends.copy()
    sent[:, LOST_DECIMALS] *= 10.0**power

    scaled, n_rescaled = ranges.in_true_units(sent)

    np.testing.assert_allclose(scaled, ends, rtol=1e-12)
    assert n_rescaled == (2 * len(LOST_DECIMALS) if power else 0)


@pytest.mark.parametrize("factor", [1.0, 1.05, 3.0, 6.0, 9.99, 10.0, 50.0, 1e4])
def test_range_never_spans_a_decade(factor: float):
    """Otherwise a number would fit at two powers of ten."""
    rng = np.random.default_rng(0)
    least = rng.uniform(1, 1000, size=len(FEATURE_NAMES))

    ranges = InputRanges.around(np.vstack([least, least * factor]))

    lowest, highest = ranges.lowest[LOST_DECIMALS], ranges.highest[LOST_DECIMALS]
    assert (highest < 10 * lowest).all()
    assert (lowest < highest).all()


def test_range_goes_half_as_far_again_beyond_history():
    """In each direction, for the columns that lost decimals."""
    at = FEATURE_NAMES.index("PIB")

    assert RANGES.lowest[at] == pytest.approx(11925.239 * 0.9 / 1.5)
    assert RANGES.highest[at] == pytest.approx(11925.239 * 1.3 * 1.5)


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [*((region, 0, 2000) for region in REGIONS), ("ano", 1900, 2200), ("mes", 1, 12)],
)
def test_other_columns_may_hold_whatever_is_plausible(name: str, lowest: float, highest: float):
    """A history of dry months does not forbid rain."""
    at = FEATURE_NAMES.index(name)

    assert (RANGES.lowest[at], RANGES.highest[at]) == (lowest, highest)


@pytest.mark.parametrize("rain_mm", [0.0, 0.001, 1.0, 2000.0])
def test_rain_is_never_rescaled(rain_mm: float):
    """Any amount that can fall is an amount."""
    rows = row(**dict.fromkeys(REGIONS, rain_mm))

    scaled, n_rescaled = RANGES.in_true_units(rows)

    assert (scaled.tobytes(), n_rescaled) == (rows.tobytes(), 0)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Maule", 2000.5, "2000.5 is out of range: 0 to 2000"),
        ("Maule", -0.5, "-0.5 is out of range: 0 to 2000"),
        ("Maule", 13723, "13723 is out of range: 0 to 2000"),
        ("ano", 20140, "20140 is out of range: 1900 to 2200"),
        ("ano", 201.4, "201.4 is out of range: 1900 to 2200"),
        ("mes", 0, "0 is out of range: 1 to 12"),
        ("mes", 120, "120 is out of range: 1 to 12"),
        ("PIB", 5e7, "5e+07 is out of range: 7155.14 to 23254.2, at any power of ten"),
        ("PIB", 5, "5 is out of range: 7155.14 to 23254.2, at any power of ten"),
        ("PIB", 0, "0 is out of range: 7155.14 to 23254.2, at any power of ten"),
        ("PIB", -11925.2, "-11925.2 is out of range: 7155.14 to 23254.2, at any power of ten"),
        ("num", 0, "0 is out of range: 63.618 to 206.758, at any power of ten"),
        ("num", -106, "-106 is out of range: 63.618 to 206.758, at any power of ten"),
        ("Imacec_minero", 4, "4 is out of range: 64.2612 to 208.849, at any power of ten"),
        ("PIB", 5e-324, "4.94066e-324 is out of range: 7155.14 to 23254.2, at any power of ten"),
        ("PIB", float("inf"), "inf is out of range: 7155.14 to 23254.2, at any power of ten"),
    ],
)
def test_number_that_fits_nowhere_is_refused_with_row_column_and_range(
    column: str, value: float, message: str
):
    """Whoever sent it learns where it is and what would do; nothing is warned of beside that."""
    with pytest.raises(OutOfRangeError) as raised:
        RANGES.in_true_units(np.vstack([row(), row(), row(**{column: value})]))

    assert (raised.value.row, raised.value.column) == (2, column)
    assert str(raised.value) == message


def test_first_of_two_numbers_that_fit_nowhere_is_named():
    """By row, then by column."""
    rows = np.vstack([row(), row(PIB=0, Maule=-1), row(Coquimbo=-1)])

    with pytest.raises(OutOfRangeError) as raised:
        RANGES.in_true_units(rows)

    assert (raised.value.row, raised.value.column) == (1, "Maule")


@pytest.mark.parametrize("value", [1.2e-300, 1.2e300])
def test_number_of_any_size_is_brought_back(value: float):
    """A power of ten is a power of ten."""
    scaled, n_rescaled = RANGES.in_true_units(row(PIB=value))

    assert scaled[0, FEATURE_NAMES.index("PIB")] == pytest.approx(12000, rel=1e-12)
    assert n_rescaled == 1


def test_rows_given_stay_as_they_were():
    """The rows in true units are rows of their own."""
    rows = row(PIB=119252391)
    before = rows.copy()

    scaled, _ = RANGES.in_true_units(rows)

    assert rows.tobytes() == before.tobytes()
    assert not np.shares_memory(scaled, rows)
