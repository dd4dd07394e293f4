"""The widths of intervals: the right rank of the right errors, known in time."""

import numpy as np
import pytest

from spike_assets.models.price_series import HORIZON, LEVELS
from spike_assets.training.intervals import (
    CALIBRATION_MONTHS,
    MIN_ERRORS,
    ORIGINS_NEEDED,
    half_widths,
)


def errors(n_origins: int, *, seed: int = 0) -> np.ndarray:
    """Draw errors that grow with the horizon; nothing has come of the last year's targets."""
    draws = np.random.default_rng(seed).normal(size=(n_origins, HORIZON))
    sizes = 0.03 * draws * np.sqrt(np.arange(1, HORIZON + 1))
    return still_to_come(sizes, known=n_origins)


def still_to_come(sizes: np.ndarray, *, known: int) -> np.ndarray:
    """Blank what is not known at the origin of the last of so many rows."""
    rows, ahead = np.indices(sizes.shape)
    return np.where(rows + ahead + 1 < known, sizes, np.nan)


def by_hand(log_errors: np.ndarray, *, level: int) -> np.ndarray:
    """Work the widths out once more, one error at a time."""
    n = len(log_errors)
    unsteady = [np.nan]
    for origin in range(1, n):
        ages = range(1, min(24, origin) + 1)
        weights = [2 ** (-age / 12) for age in ages]
        sizes = [abs(log_errors[origin - age, 0]) for age in ages]
        mean = sum(w * s for w, s in zip(weights, sizes, strict=True)) / sum(weights)
        unsteady.append(mean**0.5)
    widths = np.full((n, HORIZON), np.nan)
    for origin in range(n):
        widest = 0.0
        for horizon in range(1, HORIZON + 1):
            relative = sorted(
                abs(log_errors[made, horizon - 1]) / unsteady[made]
                for made in range(max(1, origin - horizon - 95), origin - horizon + 1)
            )
            if len(relative) < 24:
                break  # further ahead still fewer are known
            rank = -(-(len(relative) + 1) * level // 100)
            widest = max(widest, relative[rank - 1] * unsteady[origin])
            widths[origin, horizon - 1] = widest
    return widths


@pytest.mark.parametrize("level", LEVELS)
def test_widths_are_those_worked_out_by_hand(level: int):
    """Every origin and horizon, from no error known to more than count."""
    log_errors = errors(130)
    np.testing.assert_allclose(
        half_widths(log_errors, level=level), by_hand(log_errors, level=level), rtol=1e-12
    )


@pytest.mark.parametrize(("level", "rank"), [(80, 20), (95, 24)])
def test_rank_counts_the_month_to_come(level: int, rank: int):
    """Of 24 errors the 20th is as large as that of 80 % of 25, and the largest that of 95 %.

    The first error can't be measured in what came before it, so 25 have come. The next-month sizes
    are all 0.04 but for where 24 distinct ones stand two months ahead.
    """
    log_errors = np.full((27, HORIZON), np.nan)
    log_errors[:, 0] = 0.04
    log_errors[1:25, 1] = 0.05 + 0.01 * np.random.default_rng(0).permutation(24)
    widths = half_widths(log_errors, level=level)
    assert widths[26, :2] == pytest.approx([0.04, 0.05 + 0.01 * (rank - 1)])
    assert np.isnan(widths[26, 2:]).all()


def test_too_few_errors_make_no_interval():
    """One month ahead 24 that can be measured are known from the 26th origin on, later beyond."""
    assert MIN_ERRORS == 24
    widths = half_widths(errors(40), level=80)
    for ahead in range(1, HORIZON + 1):
        assert np.isnan(widths[: 24 + ahead, ahead - 1]).all()
        assert not np.isnan(widths[24 + ahead :, ahead - 1]).any()


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_nothing_that_came_after_an_origin_changes_a_bit_of_its_intervals(
    level: int, poison: float
):
    """Errors of targets later than an origin are poisoned, in its row and in those before it."""
    log_errors = errors(130)
    widths = half_widths(log_errors, level=level)
    rows, ahead = np.indices(log_errors.shape)
    for origin in (0, 1, 5, 11, 24, 25, 26, 40, 71, 100, 129):
        blind = np.where(rows + ahead + 1 > origin, poison, log_errors)
        with np.errstate(invalid="ignore"):
            widths_blind = half_widths(blind, level=level)
        assert widths_blind[: origin + 1].tobytes() == widths[: origin + 1].tobytes()


def test_error_that_just_came_counts_at_once():
    """The target of an origin twelve months ago is this month's."""
    log_errors = errors(130)
    log_errors[:, 11] *= 10  # so that no shorter horizon hides it
    widths = half_widths(log_errors, level=80)
    wild = log_errors.copy()
    wild[[100 - 12, 100 - 11], 11] = 1e9
    wild_widths = half_widths(wild, level=80)
    np.testing.assert_array_equal(wild_widths[:100], widths[:100])
    assert (wild_widths[100, :11] == widths[100, :11]).all()
    assert wild_widths[100, 11] > widths[100, 11]


def test_errors_of_more_than_eight_years_ago_are_forgotten():
    """At most 96 count, and each in units of two years before it: 132 origins in all."""
    assert ORIGINS_NEEDED == 132
    log_errors = errors(174)
    widths = half_widths(log_errors, level=80)
    later = half_widths(log_errors[30:], level=80)
    np.testing.assert_allclose(
        later[ORIGINS_NEEDED:], widths[30 + ORIGINS_NEEDED :], rtol=1e-12, atol=0
    )
    assert CALIBRATION_MONTHS == 96


@pytest.mark.parametrize("level", LEVELS)
def test_intervals_never_narrow_with_the_horizon(level: int):
    """Even where forecasts were better further ahead."""
    log_errors = errors(130)[:, ::-1].copy()  # largest next month
    log_errors[:, 0] = 0.5
    widths = half_widths(still_to_come(np.nan_to_num(log_errors, nan=0.1), known=130), level=level)
    shown = widths[~np.isnan(widths).any(axis=1)]
    assert len(shown) == 130 - 36
    assert (np.diff(shown, axis=1) >= 0).all()


@pytest.mark.parametrize("factor", [0.01, 4.0])
def test_errors_of_another_scale_make_intervals_of_that_scale(factor: float):
    """Four times the errors, four times the width."""
    log_errors = errors(130)
    np.testing.assert_allclose(
        half_widths(factor * log_errors, level=80),
        factor * half_widths(log_errors, level=80),
        rtol=1e-12,
    )


def test_sign_of_an_error_does_not_matter():
    """Too high and too low widen alike."""
    log_errors = errors(130)
    np.testing.assert_array_equal(
        half_widths(-log_errors, level=80), half_widths(log_errors, level=80)
    )


def test_higher_level_is_wider():
    """95 % hold at least what 80 % hold."""
    log_errors = errors(130)
    narrow, wide = (half_widths(log_errors, level=level) for level in LEVELS)
    known = ~np.isnan(narrow)
    assert (wide[known] >= narrow[known]).all()
    assert wide[known].sum() > 1.2 * narrow[known].sum()


@pytest.mark.parametrize(("level", "spread"), [(80, 2), (95, 1.5)])
def test_intervals_of_plain_noise_hold_what_they_say(level: int, spread: float):
    """Over 2,400 next months of independent noise, in percent; further ahead they hold more."""
    held = {1: [], 12: []}
    for seed in range(3):
        log_errors = np.random.default_rng(seed).normal(0, 0.02, size=(800, HORIZON))
        widths = half_widths(log_errors, level=level)
        for ahead, found in held.items():
            at = np.arange(ORIGINS_NEEDED, 800)
            found.append(np.abs(log_errors[at, ahead - 1]) <= widths[at, ahead - 1])
    shares = {ahead: 100 * np.concatenate(found).mean() for ahead, found in held.items()}
    assert shares[1] == pytest.approx(level, abs=spread)
    assert shares[12] >= shares[1]


def test_errors_given_stay_as_they_were():
    """Their signs are dropped in a copy."""
    log_errors = errors(40)
    half_widths(log_errors, level=80)
    np.testing.assert_array_equal(log_errors, errors(40))


def test_no_interval_is_given_where_no_forecast_was_ever_wrong():
    """Nothing says how far off the next will be; later intervals stay finite."""
    log_errors = errors(100)
    log_errors[:30, 0] = 0.0
    widths = half_widths(log_errors, level=80)
    assert np.isnan(widths[:30]).all()
    assert np.isfinite(widths[70:88]).all()
