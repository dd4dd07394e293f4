"""Forecast frame: one row for each model, origin and horizon."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spike_assets.models.price_series import HORIZON, LEVELS, PriceSeries
from spike_assets.series.catalogue import MONTH
from spike_assets.training.intervals import half_widths

MODEL = "model"
ORIGIN = "origin"
HORIZON_COLUMN = "horizon"
FORECAST = "forecast_clp_per_litre"
ACTUAL = "actual_clp_per_litre"
PAST_CHANGE = "mean_change_of_a_year_clp_per_litre"


def lower(level: int) -> str:
    """Return the name of the column with an interval's lower end."""
    return f"lower_{level}_clp_per_litre"


def upper(level: int) -> str:
    """Return the name of the column with an interval's upper end."""
    return f"upper_{level}_clp_per_litre"


def half_width(level: int) -> str:
    """Return the name of the column with half the width of an interval, in logs."""
    return f"half_width_{level}_log"


def forecast_table(
    model: str, data: PriceSeries, forecasts: Mapping[int, NDArray[np.float64]]
) -> pd.DataFrame:
    """Return a model's forecasts beside what came, with the intervals that they would have had.

    Args:
        model: Its name.
        data: All prices that are known.
        forecasts: By origin (position in the data), CLP per litre, shape `(HORIZON,)`; origins
            follow each other without a gap.

    Returns:
        `model`, `origin`, `horizon`, `month`, `forecast_clp_per_litre`, by level
        `half_width_80_log`, `lower_80_clp_per_litre` and `upper_80_clp_per_litre` (missing where
        too few forecasts came before), `actual_clp_per_litre` (missing where it hasn't come), and
        the scale of MASE, `mean_change_of_a_year_clp_per_litre`: the mean distance of prices up to
        the origin from those a year before. `HORIZON` rows per origin, in order.
    """
    origins = np.array(list(forecasts), dtype=int)
    prices = np.array(list(forecasts.values())).reshape(len(origins), HORIZON)
    targets = origins[:, None] + np.arange(1, HORIZON + 1)
    actual = np.append(data.price_clp_per_litre, np.repeat(np.nan, HORIZON))[targets]
    months = data.months[0] + targets
    table = {
        MODEL: np.repeat(model, prices.size),
        ORIGIN: np.repeat(data.months[origins], HORIZON).astype("datetime64[us]"),
        HORIZON_COLUMN: np.tile(np.arange(1, HORIZON + 1), len(origins)),
        MONTH: months.ravel().astype("datetime64[us]"),
        FORECAST: prices.ravel(),
    }
    for level in LEVELS:
        widths = half_widths(np.log(actual / prices), level=level)
        table[half_width(level)] = widths.ravel()
        table[lower(level)] = (prices * np.exp(-widths)).ravel()
        table[upper(level)] = (prices * np.exp(widths)).ravel()
    table[ACTUAL] = actual.ravel()
    table[PAST_CHANGE] = np.repeat(_mean_change_of_a_year(data)[origins], HORIZON)
    return pd.DataFrame(table)


def targets_between(table: pd.DataFrame, *, first: str, last: str, horizon: int) -> pd.DataFrame:
    """Select the forecasts of the months from first to last that have come true.

    Args:
        table: As `forecast_table` gives it, of any models.
        first: First month that was forecast, as `2014-01`.
        last: Last month.
        horizon: Months ahead, at most.
    """
    within = table[MONTH].between(pd.Timestamp(first), pd.Timestamp(last))
    return table[within & (table[HORIZON_COLUMN] <= horizon) & table[ACTUAL].notna()]


def _mean_change_of_a_year(data: PriceSeries) -> NDArray[np.float64]:
    prices = data.price_clp_per_litre
    changes = np.abs(prices[12:] - prices[:-12])
    means = np.cumsum(changes) / np.arange(1, len(changes) + 1)
    return np.concatenate([np.full(12, np.nan), means])
