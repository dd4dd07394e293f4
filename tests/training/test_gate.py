"""The gate: each check at the edge between passed and failed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.training.gate import CHECK_DESCRIPTIONS, CheckResult, run_checks
from tests.support.forecast_case import trained

CAME = 500.0
N_MONTHS = 50


def model(name: str, error: float | Sequence[float], *, ahead: int = 1) -> pd.DataFrame:
    """Return 50 months from 2014-01 on of a model that misses the price 500 by so much."""
    months = pd.date_range("2014-01", periods=N_MONTHS, freq="MS", unit="us")
    return pd.DataFrame(
        {
            "model": name,
            "origin": months - pd.DateOffset(months=ahead),
            "horizon": ahead,
            "month": months,
            "forecast_clp_per_litre": CAME + np.array(error),
            "lower_80_clp_per_litre": CAME - 1,
            "upper_80_clp_per_litre": CAME + 1,
            "lower_95_clp_per_litre": CAME - 2,
            "upper_95_clp_per_litre": CAME + 2,
            "actual_clp_per_litre": CAME,
        }
    )


def backtest(*, error: float = 50.0, error_of_last_price: float = 100.0) -> pd.DataFrame:
    """Return the next month of the forecaster and the last price."""
    return pd.concat(
        [model("forecaster", error), model("last_price", error_of_last_price)], ignore_index=True
    )


def holding(table: pd.DataFrame, *, n_80: int, n_95: int) -> pd.DataFrame:
    """Let the intervals of the first so many months hold what came, and the others not."""
    at = np.arange(len(table))
    return table.assign(
        lower_80_clp_per_litre=np.where(at < n_80, CAME, CAME + 0.5),
        lower_95_clp_per_litre=np.where(at < n_95, CAME, CAME + 0.5),
    )


def promoted(error: float, *, first: str = "2013-12") -> ForecastHistory:
    """Return what another one would have forecast, next month and the one after, at 50 origins."""
    origins = np.datetime64(first, "M") + np.arange(N_MONTHS)
    unknown = dict.fromkeys((80, 95), np.full(2 * N_MONTHS, np.nan))
    return ForecastHistory(
        origin=np.repeat(origins, 2),
        horizon=np.tile([1, 2], N_MONTHS),
        forecast_clp_per_litre=np.tile([CAME - error, 1e6], N_MONTHS),
        lower_clp_per_litre=unknown,
        upper_clp_per_litre=unknown,
        actual_clp_per_litre=np.full(2 * N_MONTHS, CAME),
    )


def checked(
    table: pd.DataFrame,
    *,
    candidate: TrainedForecaster | None = None,
    refitted: TrainedForecaster | None = None,
    served: ForecastHistory | None = None,
) -> dict[str, CheckResult]:
    one = candidate or trained()
    history = pd.DataFrame({"forecast_clp_per_litre": (refitted or one).example_prices()})
    return {
        result.name: result
        for result in run_checks(one, backtest=table, history=history, promoted=served)
    }


def test_each_check_has_a_result_in_order():
    """Five, of which a good candidate passes all."""
    table = holding(backtest(), n_80=40, n_95=47)
    found = checked(table)
    assert list(found) == list(CHECK_DESCRIPTIONS)
    assert [result.passed for result in found.values()] == [True] * 5


@pytest.mark.parametrize(("error", "passed"), [(85.0, True), (85.001, False), (-85.0, True)])
def test_beats_last_price_by_fifteen_percent_of_rmse(error: float, passed: bool):
    """85 against 100 is enough, a thousandth more is not."""
    result = checked(backtest(error=error))["beats_last_price"]
    assert result == CheckResult(
        "beats_last_price",
        passed=passed,
        figures={
            "rmse_clp_per_litre": pytest.approx(abs(error)),
            "rmse_of_last_price_clp_per_litre": 100.0,
        },
        reason="RMSE 85.00 against 100.00 of the last price (-15.0%; at most -15%)",
    )


def test_beats_last_price_looks_at_the_next_month_only():
    """Neither other horizons nor other baselines count."""
    others = [
        model("forecaster", 300.0, ahead=2),
        model("last_price", 1.0, ahead=2),
        model("notebook", 1.0),
    ]
    result = checked(pd.concat([backtest(), *others]))["beats_last_price"]
    assert result.passed
    assert result.figures == {"rmse_clp_per_litre": 50, "rmse_of_last_price_clp_per_litre": 100}


@pytest.mark.parametrize(("error", "passed"), [(51.0, True), (51.001, False), (40.0, True)])
def test_is_no_worse_than_the_promoted_one_by_more_than_two_percent(error: float, passed: bool):
    """51 against 50 is enough, a thousandth more is not; further ahead is no matter."""
    result = checked(backtest(error=error), served=promoted(50.0))[
        "is_no_worse_than_the_promoted_one"
    ]
    assert result.passed is passed
    assert result.figures == {
        "rmse_clp_per_litre": pytest.approx(error),
        "rmse_of_promoted_clp_per_litre": 50.0,
        "months": 50,
    }
    change = "-20.0%" if error == 40 else "+2.0%"
    assert result.reason == (
        f"RMSE {error:.2f} against 50.00 of the promoted one on 50 months ({change}; at most +2%)"
    )


def test_promoted_one_is_compared_on_common_months():
    """It was trained before the last twenty months came, and on two before the first."""
    errors = np.where(np.arange(N_MONTHS) < 30, 10.0, 400.0)
    table = pd.concat([model("forecaster", errors), model("last_price", 500.0)])
    served = promoted(10.0, first="2012-04")  # whose last origin is 2016-05
    result = checked(table, served=served)["is_no_worse_than_the_promoted_one"]
    assert result.passed
    assert result.figures == {
        "rmse_clp_per_litre": 10,
        "rmse_of_promoted_clp_per_litre": 10,
        "months": 30,
    }


@pytest.mark.parametrize(
    ("served", "figures", "reason"),
    [
        (None, {}, "no promoted one to compare with"),
        (promoted(1.0, first="1990-01"), {"months": 0}, "no month was forecast by both"),
    ],
    ids=["none", "no-common-month"],
)
def test_nothing_promoted_to_compare_with_is_no_obstacle(
    served: ForecastHistory | None, figures: dict[str, float], reason: str
):
    """The first one, and one after a history of other months."""
    result = checked(backtest(), served=served)["is_no_worse_than_the_promoted_one"]
    assert result == CheckResult(
        "is_no_worse_than_the_promoted_one", passed=True, figures=figures, reason=reason
    )


@pytest.mark.parametrize(
    ("n_80", "n_95", "passed"),
    [
        (35, 44, True),
        (45, 50, True),
        (34, 44, False),
        (46, 50, False),
        (40, 43, False),
    ],
)
def test_covers_what_its_intervals_say_within_the_range(n_80: int, n_95: int, passed: bool):
    """35 to 45 of 50 months for 80 %, 44 or more for 95 %."""
    result = checked(holding(backtest(), n_80=n_80, n_95=n_95))["covers_what_its_intervals_say"]
    assert result == CheckResult(
        "covers_what_its_intervals_say",
        passed=passed,
        figures={"coverage_80": n_80 / 50, "coverage_95": n_95 / 50},
        reason=(
            f"the 80 % interval holds {n_80 / 50:.1%} (from 70% to 90%), "
            f"the 95 % interval holds {n_95 / 50:.1%} (from 88% to 100%)"
        ),
    )


def test_coverage_is_taken_of_one_six_and_twelve_months_together():
    """Half, all and all of the months are held; other horizons and models hold none."""
    table = pd.concat(
        [
            holding(model("forecaster", 0.0), n_80=10, n_95=35),
            *(holding(model("forecaster", 0.0, ahead=h), n_80=50, n_95=50) for h in (6, 12)),
            *(holding(model("forecaster", 0.0, ahead=h), n_80=0, n_95=0) for h in (2, 5, 7, 11)),
            holding(model("last_price", 100.0), n_80=0, n_95=0),
        ]
    )
    result = checked(table)["covers_what_its_intervals_say"]
    assert result.passed
    assert result.figures == pytest.approx({"coverage_80": 110 / 150, "coverage_95": 135 / 150})


def test_months_without_intervals_do_not_pass_for_covered():
    """Where there is no interval at all there is no share, and no pass."""
    ends = [f"{end}_{level}_clp_per_litre" for end in ("lower", "upper") for level in (80, 95)]
    result = checked(backtest().assign(**dict.fromkeys(ends, np.nan)))[
        "covers_what_its_intervals_say"
    ]
    assert not result.passed


def half_widths(at: int, width: float) -> dict[int, np.ndarray]:
    wide = np.full(12, 0.1)
    wide[at] = width
    return {80: np.full(12, 0.1), 95: wide}


def test_finite_positive_prices_pass_with_their_range():
    """From the lowest end of an interval to the highest."""
    result = checked(backtest())["forecasts_finite_positive_prices"]
    months = trained().forecast()
    low = min(month.intervals[95][0] for month in months)
    high = max(month.intervals[95][1] for month in months)
    assert result == CheckResult(
        "forecasts_finite_positive_prices",
        passed=True,
        figures={"lowest_clp_per_litre": low, "highest_clp_per_litre": high},
        reason=f"from {low:.2f} to {high:.2f} CLP per litre",
    )


@pytest.mark.parametrize("at", [0, 5, 11])
@pytest.mark.parametrize("width", [np.nan, np.inf])
def test_end_that_is_not_finite_or_zero_does_not_pass(at: int, width: float):
    """An unknown width, and one without end, whose lower end is 0; in any of the months."""
    candidate = trained(half_widths=half_widths(at, width))
    assert not checked(backtest(), candidate=candidate)["forecasts_finite_positive_prices"].passed


def drifting(more: float) -> TrainedForecaster:
    """Return the forecaster with a drift that is larger by so much a month."""
    *learners, theta = trained().members
    return trained(members=(*learners, replace(theta, drift=theta.drift + more)))


def test_price_too_small_for_its_interval_does_not_pass():
    """All is finite, but the lower end of the twelfth month is 0."""
    candidate = replace(drifting(-170.0), half_widths=half_widths(11, 100.0))
    result = checked(backtest(), candidate=candidate)["forecasts_finite_positive_prices"]
    assert not result.passed
    assert result.figures["lowest_clp_per_litre"] == 0
    assert np.isfinite(result.figures["highest_clp_per_litre"])


def test_same_forecasts_again_are_reproducible():
    """Read back from its file, nothing differs from the fit of the history."""
    result = checked(backtest())["is_reproducible"]
    assert result == CheckResult(
        "is_reproducible",
        passed=True,
        figures={"largest_difference_clp_per_litre": 0.0},
        reason="fitted again, the forecasts differ by 0 CLP per litre at most",
    )


@pytest.mark.parametrize(("more", "passed"), [(1e-13, True), (1e-11, False)])
def test_forecasts_that_differ_by_more_than_a_billionth_are_not_reproducible(
    more: float, passed: bool
):
    """The largest difference counts, that of the twelfth month."""
    result = checked(backtest(), refitted=drifting(more))["is_reproducible"]
    assert result.passed is passed
    last = trained().forecast()[-1].price_clp_per_litre
    # A third of the drift of twelve months.
    assert result.figures["largest_difference_clp_per_litre"] == pytest.approx(
        last * 4 * more, rel=0.02, abs=2e-13
    )


@pytest.mark.parametrize("at", [0, 7])
def test_forecast_that_is_no_number_again_is_not_reproducible(at: int):
    """Also where it is not the first of the months."""
    *learners, theta = trained().members
    season = theta.season.copy()
    season[at] = np.nan
    other = trained(members=(*learners, replace(theta, season=season)))
    assert not checked(backtest(), refitted=other)["is_reproducible"].passed


def test_price_that_never_moves_is_checked():
    """There is no share of an RMSE of zero; being right as well is not being better."""
    result = checked(backtest(error=1.0, error_of_last_price=0.0))["beats_last_price"]
    assert not result.passed
    assert "RMSE 1.00 against 0.00" in result.reason
