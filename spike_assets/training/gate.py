"""The gate: the checks that a forecaster must pass before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.models.price_series import HORIZON
from spike_assets.training.backtest import FORECASTER
from spike_assets.training.baselines import LAST_PRICE
from spike_assets.training.forecast_frame import FORECAST, HORIZON_COLUMN, MODEL, ORIGIN
from spike_assets.training.scores import coverage, rmse

BETTER_BY = 0.15
"""Required reduction of the RMSE below that of the last price."""

WORSE_BY_AT_MOST = 0.02
"""Allowed increase of the RMSE above that of the promoted model."""

COVERAGE_HORIZONS = (1, 6, 12)
COVERAGE_RANGE = {80: (0.70, 0.90), 95: (0.88, 1.0)}
"""Allowed coverage of each interval. The errors of neighbouring months are correlated, so over
seven years the coverage of a true 80 % interval varies from 70 to 90 %."""

REPRODUCED_WITHIN_CLP_PER_LITRE = 1e-9


@dataclass(frozen=True)
class CheckResult:
    """The result of one check.

    Attributes:
        name: One of `CHECK_DESCRIPTIONS`.
        passed: Whether the forecaster passed it.
        figures: The figures that were compared, by name.
        reason: The comparison in words.
    """

    name: str
    passed: bool
    figures: Mapping[str, float]
    reason: str


CHECK_DESCRIPTIONS = {
    "beats_last_price": (
        f"Its next-month RMSE is at least {BETTER_BY:.0%} below that of repeating the last price."
    ),
    "is_no_worse_than_the_promoted_one": (
        f"Its next-month RMSE is at most {WORSE_BY_AT_MOST:.0%} above that of the promoted "
        "forecaster on the same months."
    ),
    "covers_what_its_intervals_say": (
        "Its 80 % intervals hold 70 to 90 % of the months, its 95 % intervals at least 88 %, one, "
        "six and twelve months ahead taken together."
    ),
    "forecasts_finite_positive_prices": (
        "Every price and interval of the coming months is finite and above zero."
    ),
    "is_reproducible": (
        "Read back from its file, it forecasts the same as the fit at the last origin of "
        "forecast_history."
    ),
}
"""The checks by name."""


def run_checks(
    candidate: TrainedForecaster,
    *,
    backtest: pd.DataFrame,
    history: pd.DataFrame,
    promoted: ForecastHistory | None,
) -> list[CheckResult]:
    """Check a forecaster.

    Args:
        candidate: The forecaster.
        backtest: As `backtest.backtest` returns it, of at least the forecaster and last price.
        history: Its forecasts from past origins, as `backtest.forecast_history` returns them.
        promoted: The past forecasts of the promoted forecaster; None if there is none that can be
            compared.

    Returns:
        A result for each of `CHECK_DESCRIPTIONS`, in order.
    """
    return [
        _beats_last_price(backtest),
        _is_no_worse(backtest, promoted),
        _covers(backtest),
        _is_finite_and_positive(candidate),
        _is_reproducible(candidate, history),
    ]


def _beats_last_price(backtest: pd.DataFrame) -> CheckResult:
    next_month = backtest[backtest[HORIZON_COLUMN] == 1]
    ours = rmse(next_month[next_month[MODEL] == FORECASTER])
    repeated = rmse(next_month[next_month[MODEL] == LAST_PRICE])
    return CheckResult(
        "beats_last_price",
        passed=ours <= (1 - BETTER_BY) * repeated,
        figures={"rmse_clp_per_litre": ours, "rmse_of_last_price_clp_per_litre": repeated},
        reason=f"RMSE {ours:.2f} against {repeated:.2f} of the last price "
        f"({_change(ours, repeated)}; at most {-BETTER_BY:.0%})",
    )


def _is_no_worse(backtest: pd.DataFrame, promoted: ForecastHistory | None) -> CheckResult:
    name = "is_no_worse_than_the_promoted_one"
    if promoted is None:
        return CheckResult(name, passed=True, figures={}, reason="no promoted one to compare with")
    ours = backtest[(backtest[MODEL] == FORECASTER) & (backtest[HORIZON_COLUMN] == 1)]
    next_month = promoted.horizon == 1
    theirs = pd.Series(
        promoted.forecast_clp_per_litre[next_month],
        index=promoted.origin[next_month].astype("datetime64[us]"),
    )
    both = ours.assign(promoted=ours[ORIGIN].map(theirs)).dropna(subset="promoted")
    if both.empty:
        return CheckResult(
            name, passed=True, figures={"months": 0}, reason="no month was forecast by both"
        )
    new = rmse(both)
    old = rmse(both.assign(**{FORECAST: both["promoted"]}))
    return CheckResult(
        name,
        passed=new <= (1 + WORSE_BY_AT_MOST) * old,
        figures={
            "rmse_clp_per_litre": new,
            "rmse_of_promoted_clp_per_litre": old,
            "months": len(both),
        },
        reason=f"RMSE {new:.2f} against {old:.2f} of the promoted one on {len(both)} months "
        f"({_change(new, old)}; at most {WORSE_BY_AT_MOST:+.0%})",
    )


def _covers(backtest: pd.DataFrame) -> CheckResult:
    ours = backtest[
        (backtest[MODEL] == FORECASTER) & backtest[HORIZON_COLUMN].isin(COVERAGE_HORIZONS)
    ]
    shares = {level: coverage(ours, level=level) for level in COVERAGE_RANGE}
    return CheckResult(
        "covers_what_its_intervals_say",
        passed=all(low <= shares[level] <= high for level, (low, high) in COVERAGE_RANGE.items()),
        figures={f"coverage_{level}": share for level, share in shares.items()},
        reason=", ".join(
            f"the {level} % interval holds {shares[level]:.1%} (from {low:.0%} to {high:.0%})"
            for level, (low, high) in COVERAGE_RANGE.items()
        ),
    )


def _is_finite_and_positive(candidate: TrainedForecaster) -> CheckResult:
    ends = [
        value
        for month in candidate.forecast()
        for value in (
            month.price_clp_per_litre,
            *(end for interval in month.intervals.values() for end in interval),
        )
    ]
    return CheckResult(
        "forecasts_finite_positive_prices",
        passed=bool(np.isfinite(ends).all() and min(ends) > 0),
        figures={"lowest_clp_per_litre": min(ends), "highest_clp_per_litre": max(ends)},
        reason=f"from {min(ends):.2f} to {max(ends):.2f} CLP per litre",
    )


def _is_reproducible(candidate: TrainedForecaster, history: pd.DataFrame) -> CheckResult:
    read_back = TrainedForecaster.from_bytes(candidate.to_bytes())
    refitted = history[FORECAST].to_numpy()[-HORIZON:]
    differences = np.abs(read_back.example_prices() - refitted)
    largest = float(np.max(differences))  # NaN if one is, which max() would pass over
    return CheckResult(
        "is_reproducible",
        passed=largest <= REPRODUCED_WITHIN_CLP_PER_LITRE,
        figures={"largest_difference_clp_per_litre": largest},
        reason=f"fitted again, the forecasts differ by {largest:g} CLP per litre at most",
    )


def _change(new: float, old: float) -> str:
    return f"{new / old - 1:+.1%}" if old else "n/a"
