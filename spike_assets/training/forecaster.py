"""Training of the forecaster that is served: on every month, with its intervals and scores."""

import numpy as np
import pandas as pd

from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.models.price_series import HORIZON, LEVELS, PriceSeries
from spike_assets.series.catalogue import MONTH, PRICE_CLP_PER_LITRE
from spike_assets.sources.errors import DataError
from spike_assets.sources.milk_price import MilkPriceTable
from spike_assets.training.backtest import FIRST_TARGET, FORECASTER
from spike_assets.training.baselines import LAST_PRICE, last_price
from spike_assets.training.compute.one_core import one_core
from spike_assets.training.forecast_frame import (
    ACTUAL,
    FORECAST,
    HORIZON_COLUMN,
    MODEL,
    ORIGIN,
    forecast_table,
    half_width,
    lower,
    targets_between,
    upper,
)
from spike_assets.training.forecast_inputs import MONTHS_NEEDED
from spike_assets.training.intervals import MIN_ERRORS
from spike_assets.training.learners import fit_members
from spike_assets.training.scores import scores

METRICS = (
    "rmse_clp_per_litre",
    "mae_clp_per_litre",
    "skill_against_last_price",
    *(f"coverage_{level}" for level in LEVELS),
)
"""The next-month scores that are stored with a model."""


MIN_PRICES = MONTHS_NEEDED + MIN_ERRORS + HORIZON
"""Prices that training takes: without as many there is no interval at every horizon."""

MIN_SCORED_MONTHS = 12
"""Months that the gate needs in order to judge a forecaster: one of each season."""


def require_trainable(milk_price: MilkPriceTable) -> None:
    """Require that a forecaster can be trained and judged, before anything is fitted.

    Args:
        milk_price: `month` and `price_clp_per_litre`, every month.

    Raises:
        DataError: The prices are too few, end too early to be scored, or do not move in the months
            that are scored.
    """
    months = milk_price[MONTH].to_numpy().astype("datetime64[M]")
    prices = milk_price[PRICE_CLP_PER_LITRE].to_numpy()
    if len(months) < MIN_PRICES:
        raise DataError(
            f"{len(months)} months have a milk price, {months[0]} to {months[-1]}; a run needs "
            f"{MIN_PRICES}: {MONTHS_NEEDED} before the first forecast, and {MIN_ERRORS} forecasts "
            f"of {HORIZON} months ahead that have come true"
        )
    scored = [
        at for at in range(MONTHS_NEEDED, len(months)) if months[at] >= np.datetime64(FIRST_TARGET)
    ]
    if len(scored) < MIN_SCORED_MONTHS:
        raise DataError(
            f"milk prices end in {months[-1]}, so forecasts of {len(scored)} months can be scored; "
            f"a run needs {MIN_SCORED_MONTHS} months from {FIRST_TARGET} on"
        )
    since = scored[0] - 1
    if (prices[since:] == prices[since]).all():
        raise DataError(
            f"the milk price does not move from {months[since]} to {months[-1]}, the months that "
            f"forecasts are scored on: it is {prices[since]:g} in each, and no forecast is better "
            "than repeating it"
        )


def train_forecaster(data: PriceSeries, history: pd.DataFrame) -> TrainedForecaster:
    """Train the forecaster on every month.

    Args:
        data: Prices and drivers.
        history: The forecasts from each origin of this data, the last one included, as
            `backtest.forecast_history` returns them.

    Raises:
        DataError: The history has no intervals yet at its last origin, or was made by other code.
    """
    if missing := {half_width(level) for level in LEVELS} - set(history):
        raise DataError(
            f"forecast_history was made by another version, without {', '.join(sorted(missing))}: "
            "materialize it again"
        )
    coming = history[history[ORIGIN] == history[ORIGIN].iloc[-1]]
    half_widths = {level: coming[half_width(level)].to_numpy() for level in LEVELS}
    if np.isnan(half_widths[max(LEVELS)]).any():
        raise DataError(
            "forecast_history has too few errors to say how far off the coming forecasts are"
        )
    with one_core():  # as it is fitted in the history
        members = fit_members(data)
    return TrainedForecaster(
        data=data,
        members=members,
        half_widths=half_widths,
        history=ForecastHistory(
            origin=history[ORIGIN].to_numpy().astype("datetime64[M]"),
            horizon=history[HORIZON_COLUMN].to_numpy(),
            forecast_clp_per_litre=history[FORECAST].to_numpy(),
            lower_clp_per_litre={level: history[lower(level)].to_numpy() for level in LEVELS},
            upper_clp_per_litre={level: history[upper(level)].to_numpy() for level in LEVELS},
            actual_clp_per_litre=history[ACTUAL].to_numpy(),
        ),
        metrics=next_month_metrics(data, history),
    )


def next_month_metrics(data: PriceSeries, history: pd.DataFrame) -> dict[str, float]:
    """Score the history's next-month forecasts of the months from `FIRST_TARGET` on.

    Returns:
        `METRICS` and how many `months` they are of; empty if there is no such month.
    """
    origins = range(len(data) - history[ORIGIN].nunique(), len(data))
    repeated = {origin: last_price(data.until(origin)) for origin in origins}
    table = pd.concat([history, forecast_table(LAST_PRICE, data, repeated)], ignore_index=True)
    judged = targets_between(table, first=FIRST_TARGET, last=str(data.months[-1]), horizon=1)
    if judged.empty:
        return {}
    found = scores(judged)
    ours = found[(found[MODEL] == FORECASTER) & (found[HORIZON_COLUMN] == 1)].iloc[0]
    return {"months": int(ours["n"])} | {
        name: float(ours[name]) for name in METRICS if pd.notna(ours[name])
    }
