"""Scores of forecasts by hand, and the test whether a difference is more than luck."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from spike_assets.models.regressor import Scores
from spike_assets.training.scores import (
    POOLED,
    compare,
    coverage,
    diebold_mariano,
    rmse,
    score,
    scores,
)

UNKNOWN = math.nan


def forecasts(model: str, *rows: tuple[float, ...], ahead: int = 1) -> pd.DataFrame:
    """Return a row a month from 2014-01 on: forecast, actual, and the ends of both intervals."""
    made = [(*row, *[UNKNOWN] * (6 - len(row))) for row in rows]
    months = pd.date_range("2014-01", periods=len(rows), freq="MS", unit="us")
    table = pd.DataFrame(
        made,
        columns=[
            "forecast_clp_per_litre",
            "actual_clp_per_litre",
            "lower_80_clp_per_litre",
            "upper_80_clp_per_litre",
            "lower_95_clp_per_litre",
            "upper_95_clp_per_litre",
        ],
    )
    return table.assign(
        model=model,
        origin=months - pd.DateOffset(months=ahead),
        horizon=ahead,
        month=months,
        mean_change_of_a_year_clp_per_litre=[10.0, 20.0, 40.0][: len(rows)],
    )


def rule(model: str, errors: np.ndarray, *, ahead: int = 1, first: int = 0) -> pd.DataFrame:
    """Return forecasts of the price 200 that miss it by so much."""
    origins = pd.date_range("2000-01", periods=first + len(errors), freq="MS", unit="us")[first:]
    return pd.DataFrame(
        {
            "model": model,
            "origin": origins,
            "horizon": ahead,
            "forecast_clp_per_litre": 200 - errors,
            "actual_clp_per_litre": 200.0,
        }
    )


def test_three_months_are_scored_by_hand():
    """Errors of 6, -8 and 0 against 10, 10 and -20 of the last price; two of three intervals hold.

    The third month has no 95 % interval; the second is on the upper end of its 80 % interval.
    """
    table = pd.concat(
        [
            forecasts(
                "forecaster",
                (194.0, 200.0, 190.0, 199.0, 180.0, 210.0),
                (258.0, 250.0, 240.0, 250.0, 230.0, 249.0),
                (400.0, 400.0, 390.0, 420.0),
            ),
            forecasts("last_price", (190.0, 200.0), (240.0, 250.0), (420.0, 400.0)),
        ]
    )
    ours = {
        "n": 3,
        "rmse_clp_per_litre": math.sqrt(100 / 3),
        "mae_clp_per_litre": 14 / 3,
        "mape_percent": (3 + 3.2 + 0) / 3,
        "mase": (0.6 + 0.4 + 0) / 3,
        "skill_against_last_price": 1 - math.sqrt(100 / 600),
        "coverage_80": 2 / 3,
        "width_80_clp_per_litre": (9 + 10 + 30) / 3,
        "coverage_95": 1 / 2,
        "width_95_clp_per_litre": (30 + 19) / 2,
    }
    repeated = {
        "n": 3,
        "rmse_clp_per_litre": math.sqrt(200),
        "mae_clp_per_litre": 40 / 3,
        "mape_percent": (5 + 4 + 5) / 3,
        "mase": (1 + 0.5 + 0.5) / 3,
        "skill_against_last_price": 0.0,
        "coverage_80": UNKNOWN,
        "width_80_clp_per_litre": UNKNOWN,
        "coverage_95": UNKNOWN,
        "width_95_clp_per_litre": UNKNOWN,
    }
    expected = pd.DataFrame(
        [
            {"model": model, "horizon": horizon} | found
            for model, found in (("forecaster", ours), ("last_price", repeated))
            for horizon in (1, 0)
        ]
    )
    pd.testing.assert_frame_equal(scores(table), expected, rtol=1e-12)


def test_all_horizons_together_are_pooled_by_month():
    """The mean of all squared errors, not of the horizons' scores."""
    table = pd.concat(
        [
            forecasts("last_price", (203.0, 200.0), (203.0, 200.0), (203.0, 200.0)),
            forecasts("last_price", (205.0, 200.0), ahead=2),
            forecasts("other", (197.0, 200.0), (200.0, 200.0), (200.0, 200.0)),
            forecasts("other", (200.0, 200.0), ahead=2),
        ]
    )
    found = scores(table).set_index(["model", "horizon"])
    assert found.index.tolist() == [
        ("last_price", 1),
        ("last_price", 2),
        ("last_price", POOLED),
        ("other", 1),
        ("other", 2),
        ("other", POOLED),
    ]
    assert found["n"].tolist() == [3, 1, 4, 3, 1, 4]
    squares = [9, 25, (27 + 25) / 4, 3, 0, 9 / 4]
    assert found["rmse_clp_per_litre"].tolist() == pytest.approx(np.sqrt(squares))
    assert found["skill_against_last_price"]["other"].tolist() == pytest.approx(
        [1 - math.sqrt(3 / 9), 1, 1 - math.sqrt(9 / 52)]
    )


def test_skill_is_measured_on_the_months_that_a_model_forecast():
    """A model that began later is compared with the last price of those months only."""
    table = pd.concat(
        [
            forecasts("last_price", (300.0, 200.0), (202.0, 200.0), (200.0, 200.0)),
            forecasts("late", (300.0, 200.0), (201.0, 200.0), (200.0, 200.0)).iloc[1:],
        ]
    )
    found = scores(table).set_index(["model", "horizon"])
    assert found.loc[("late", 1), "n"] == 2
    assert found.loc[("late", 1), "skill_against_last_price"] == pytest.approx(0.5)


def test_coverage_counts_both_ends_and_only_months_with_an_interval():
    """On either end is within; without any interval there is no share."""
    table = forecasts(
        "any",
        (200.0, 190.0, 190.0, 210.0),
        (200.0, 210.0, 190.0, 210.0),
        (200.0, 210.1, 190.0, 210.0),
    )
    assert coverage(table, level=80) == pytest.approx(2 / 3)
    assert math.isnan(coverage(table, level=95))
    assert rmse(table) == pytest.approx(math.sqrt((100 + 100 + 10.1**2) / 3))


def test_next_month_p_value_is_that_of_the_t_test_on_the_difference_of_squares():
    """With one month ahead, the small-sample factor turns the statistic into Student's."""
    rng = np.random.default_rng(0)
    errors, baseline_errors = rng.normal(0, 3, 40), rng.normal(0, 4, 40)
    expected = ttest_1samp(errors**2 - baseline_errors**2, 0).pvalue
    assert diebold_mariano(errors, baseline_errors, horizon=1) == pytest.approx(expected, rel=1e-9)


def test_p_value_of_two_months_ahead_is_that_by_hand():
    """Differences of squares 1, 3, 2, 5, 4, 9 two months ahead: mean 4, variance 40/6 + 2/6/2.

    Centred -3, -1, -2, 1, 0, 5: neighbours multiply to 3 + 2 - 2 + 0 + 0 = 3, which counts twice
    with half the weight. The factor is (6 + 1 - 4 + 2/6) / 6.
    """
    differences = np.array([1.0, 3.0, 2.0, 5.0, 4.0, 9.0])
    found = diebold_mariano(np.sqrt(differences), np.zeros(6), horizon=2)
    variance = 40 / 6 + 2 * 0.5 * 3 / 6
    statistic = 4 / math.sqrt(variance / 6) * math.sqrt((10 / 3) / 6)
    # Student's distribution with 5 degrees of freedom in closed form.
    angle = math.atan(statistic / math.sqrt(5))
    inside = (
        2 / math.pi * (angle + math.sin(angle) * (math.cos(angle) + 2 / 3 * math.cos(angle) ** 3))
    )
    assert found == pytest.approx(1 - inside, rel=1e-9)


@pytest.mark.parametrize("horizon", [1, 6, 12])
def test_same_errors_have_no_p_value(horizon: int):
    """Nor have those that differ in sign only: there is nothing to test."""
    errors = np.random.default_rng(0).normal(size=60)
    assert math.isnan(diebold_mariano(errors, errors.copy(), horizon=horizon))
    assert math.isnan(diebold_mariano(errors, -errors, horizon=horizon))


@pytest.mark.parametrize("horizon", [1, 6, 12])
def test_months_have_to_be_more_than_twice_the_horizon(horizon: int):
    """With fewer the p-value is unknown."""
    errors, baseline_errors = np.random.default_rng(0).normal(size=(2, 2 * horizon + 1))
    assert 0 < diebold_mariano(errors, baseline_errors, horizon=horizon) <= 1
    assert math.isnan(diebold_mariano(errors[1:], baseline_errors[1:], horizon=horizon))


@pytest.mark.parametrize("horizon", [1, 6])
def test_it_does_not_matter_who_is_compared_with_whom(horizon: int):
    """The p-value is two-sided."""
    errors, baseline_errors = np.random.default_rng(0).normal(size=(2, 60))
    assert diebold_mariano(errors, baseline_errors, horizon=horizon) == pytest.approx(
        diebold_mariano(baseline_errors, errors, horizon=horizon), rel=1e-12
    )


def overlapping(rng: np.random.Generator, *, horizon: int, n_months: int) -> np.ndarray:
    """Draw errors that neighbours share, as those so many months ahead do."""
    shocks = rng.normal(size=n_months + horizon - 1)
    return np.convolve(shocks, np.ones(horizon) / math.sqrt(horizon), mode="valid")


@pytest.mark.parametrize(("horizon", "n_months", "most"), [(1, 86, 0.07), (3, 86, 0.10)])
def test_equal_forecasts_are_told_apart_about_as_often_as_they_may(
    horizon: int, n_months: int, most: float
):
    """At 5 %, in 600 trials; a little more where errors overlap, as such tests do."""
    rng = np.random.default_rng(0)
    rejected = [
        diebold_mariano(
            overlapping(rng, horizon=horizon, n_months=n_months),
            overlapping(rng, horizon=horizon, n_months=n_months),
            horizon=horizon,
        )
        < 0.05
        for _ in range(600)
    ]
    assert 0.03 <= np.mean(rejected) <= most


@pytest.mark.parametrize("horizon", [1, 6])
def test_forecast_that_is_much_better_has_a_small_p_value(horizon: int):
    """Errors a third as large, over seven years."""
    rng = np.random.default_rng(0)
    errors, baseline_errors = (overlapping(rng, horizon=horizon, n_months=86) for _ in range(2))
    assert diebold_mariano(errors / 3, baseline_errors, horizon=horizon) < 0.01


def test_baselines_are_compared_on_common_months_only():
    """A baseline that began two months later leaves the first two out; so does each horizon."""
    rng = np.random.default_rng(0)
    ours, ours_2, last, late = rng.normal(0, 5, size=(4, 30))
    ours[:2] = 1000
    table = pd.concat(
        [
            rule("last_price", last),
            rule("forecaster", ours),
            rule("late", late[2:], first=2),
            rule("forecaster", ours_2, ahead=2),
        ]
    )
    expected = pd.DataFrame(
        {
            "baseline": ["last_price", "late"],
            "horizon": [1, 1],
            "n": [30, 28],
            "rmse_ratio": [
                math.sqrt((ours**2).mean() / (last**2).mean()),
                math.sqrt((ours[2:] ** 2).mean() / (late[2:] ** 2).mean()),
            ],
            "p_value": [
                diebold_mariano(ours, last, horizon=1),
                diebold_mariano(ours[2:], late[2:], horizon=1),
            ],
        }
    )
    found = compare(table, model="forecaster")
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9)


def test_baselines_are_compared_in_time_order():
    """The rows may come in any: neighbours are those of the calendar."""
    rng = np.random.default_rng(0)
    errors, baseline_errors = (overlapping(rng, horizon=6, n_months=60) for _ in range(2))
    table = pd.concat(
        [rule("forecaster", errors, ahead=6), rule("last_price", baseline_errors, ahead=6)]
    )
    [found] = compare(table.sample(frac=1, random_state=0), model="forecaster")["p_value"]
    assert found == pytest.approx(diebold_mariano(errors, baseline_errors, horizon=6), rel=1e-6)
    assert found != pytest.approx(diebold_mariano(errors, baseline_errors, horizon=1), rel=1e-2)


def test_skill_is_unknown_where_the_last_price_was_always_right():
    """There is no share of nothing."""
    table = pd.concat(
        [forecasts("last_price", (20, 20), (30, 30)), forecasts("forecaster", (21, 20), (30, 30))],
        ignore_index=True,
    )
    found = scores(table).set_index(["model", "horizon"])
    assert math.isnan(found.loc[("forecaster", 1), "skill_against_last_price"])
    assert found.loc[("forecaster", 1), "mae_clp_per_litre"] == 0.5


def test_errors_are_those_worked_out_by_hand():
    """One error of 2 in three months: squares sum to 4 where the prices' own spread is 2."""
    scores = score(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 5.0]))
    assert scores.r2 == pytest.approx(-1)
    assert scores.rmse_clp_per_litre == pytest.approx((4 / 3) ** 0.5)
    assert scores.mae_clp_per_litre == pytest.approx(2 / 3)


def test_what_came_comes_first():
    """The coefficient of determination is measured against the spread of what was paid."""
    scores = score(np.array([0.0, 2.0]), np.array([0.0, 4.0]))
    assert scores.r2 == pytest.approx(-1)
    swapped = score(np.array([0.0, 4.0]), np.array([0.0, 2.0]))
    assert swapped.r2 == pytest.approx(0.5)


def test_perfect_predictions_have_no_error():
    """All prices met: R² is 1 and the errors are 0."""
    assert score(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == Scores(1.0, 0.0, 0.0)


def test_scores_by_name_are_plain_numbers():
    """Metadata takes Python's numbers, not NumPy's."""
    scores = score(np.array([1.0, 2.0, 4.0]), np.array([1.0, 2.0, 3.0])).as_dict()
    assert list(scores) == ["r2", "rmse_clp_per_litre", "mae_clp_per_litre"]
    assert {type(value) for value in scores.values()} == {float}
