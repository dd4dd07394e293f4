"""The gate between training and service: what a forecaster must show before it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.training.backtest import FORECASTER
from spike_assets.training.baselines import LAST_PRICE
from spike_assets.training.forecast_frame import FORECAST, HORIZON_COLUMN, MODEL, ORIGIN
from spike_assets.training.metrics import coverage, rmse

BETTER_BY = 0.15
"""How much smaller than last price's the RMSE must be."""

WORSE_BY_AT_MOST = 0.02
"""How much larger than the promoted model's the RMSE may be."""

COVERAGE_HORIZONS = (1, 6, 12)
COVERAGE_RANGE = {80: (0.70, 0.90), 95: (0.88, 1.0)}
"""Which share of months each interval may hold. The errors of neighbouring months hang together,
so that over seven years a true 80 % interval holds 70 to 90 % of the months now and then."""

SAME_TO_CLP_PER_LITRE = 1e-9


@dataclass(frozen=True)
class Verdict:
    """What came of one check.

    Attributes:
        name: A sentence whose subject is the forecaster, as `beats_last_price`.
        passed: Whether it holds.
        figures: What was compared, by name.
        reason: What it says, in words.
    """

    name: str
    passed: bool
    figures: Mapping[str, float]
    reason: str


SENTENCES = {
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
    "is_reproducible": "Trained again on the same data, and read back, it forecasts the same.",
}
"""The checks, and what each says."""


def verdicts(
    candidate: TrainedForecaster,
    again: TrainedForecaster,
    *,
    backtest: pd.DataFrame,
    promoted: ForecastHistory | None,
) -> list[Verdict]:
    """Judge a forecaster.

    Args:
        candidate: The forecaster.
        again: The same, trained again from the same data or read back from its form at rest.
        backtest: As `backtest.backtest` gives it, of at least the forecaster and last price.
        promoted: What the forecaster that is served now would have forecast; None if there is
            none that can be compared.

    Returns:
        A verdict for each of `SENTENCES`, in order.
    """
    return [
        _beats_last_price(backtest),
        _is_no_worse(backtest, promoted),
        _covers(backtest),
        _is_finite_and_positive(candidate),
        _is_reproducible(candidate, again),
    ]


def _beats_last_price(backtest: pd.DataFrame) -> Verdict:
    next_month = backtest[backtest[HORIZON_COLUMN] == 1]
    ours = rmse(next_month[next_month[MODEL] == FORECASTER])
    repeated = rmse(next_month[next_month[MODEL] == LAST_PRICE])
    return Verdict(
        "beats_last_price",
        passed=ours <= (1 - BETTER_BY) * repeated,
        figures={"rmse_clp_per_litre": ours, "rmse_of_last_price_clp_per_litre": repeated},
        reason=f"RMSE {ours:.2f} against {repeated:.2f} of the last price "
        f"({_change(ours, repeated)}; at most {-BETTER_BY:.0%})",
    )


def _is_no_worse(backtest: pd.DataFrame, promoted: ForecastHistory | None) -> Verdict:
    name = "is_no_worse_than_the_promoted_one"
    if promoted is None:
        return Verdict(name, passed=True, figures={}, reason="no promoted one to compare with")
    ours = backtest[(backtest[MODEL] == FORECASTER) & (backtest[HORIZON_COLUMN] == 1)]
    theirs = pd.DataFrame(
        {
            ORIGIN: promoted.origin.astype("datetime64[us]"),
            HORIZON_COLUMN: promoted.horizon,
            FORECAST: promoted.forecast_clp_per_litre,
        }
    )
    both = ours.merge(
        theirs, on=[ORIGIN, HORIZON_COLUMN], suffixes=("", "_promoted"), validate="one_to_one"
    )
    if both.empty:
        return Verdict(
            name, passed=True, figures={"months": 0}, reason="no month was forecast by both"
        )
    new = rmse(both)
    old = rmse(both.assign(**{FORECAST: both[f"{FORECAST}_promoted"]}))
    return Verdict(
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


def _covers(backtest: pd.DataFrame) -> Verdict:
    ours = backtest[
        (backtest[MODEL] == FORECASTER) & backtest[HORIZON_COLUMN].isin(COVERAGE_HORIZONS)
    ]
    shares = {level: coverage(ours, level=level) for level in COVERAGE_RANGE}
    return Verdict(
        "covers_what_its_intervals_say",
        passed=all(low <= shares[level] <= high for level, (low, high) in COVERAGE_RANGE.items()),
        figures={f"coverage_{level}": share for level, share in shares.items()},
        reason=", ".join(
            f"the {level} % interval holds {shares[level]:.1%} (from {low:.0%} to {high:.0%})"
            for level, (low, high) in COVERAGE_RANGE.items()
        ),
    )


def _is_finite_and_positive(candidate: TrainedForecaster) -> Verdict:
    ends = [
        value
        for month in candidate.forecast()
        for value in (
            month.price_clp_per_litre,
            *(end for interval in month.intervals.values() for end in interval),
        )
    ]
    return Verdict(
        "forecasts_finite_positive_prices",
        passed=bool(np.isfinite(ends).all() and min(ends) > 0),
        figures={"lowest_clp_per_litre": min(ends), "highest_clp_per_litre": max(ends)},
        reason=f"from {min(ends):.2f} to {max(ends):.2f} CLP per litre",
    )


def _is_reproducible(candidate: TrainedForecaster, again: TrainedForecaster) -> Verdict:
    pairs = zip(candidate.forecast(), again.forecast(), strict=True)
    differences = [one.price_clp_per_litre - other.price_clp_per_litre for one, other in pairs]
    apart = float(np.max(np.abs(differences)))  # NaN if one is, which max() would pass over
    return Verdict(
        "is_reproducible",
        passed=apart <= SAME_TO_CLP_PER_LITRE,
        figures={"largest_difference_clp_per_litre": apart},
        reason=f"trained again, the forecasts differ by {apart:g} CLP per litre at most",
    )


def _change(new: float, old: float) -> str:
    return f"{new / old - 1:+.1%}" if old else "no share of nothing"
