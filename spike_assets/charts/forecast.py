"""Chart of the forecast: the coming months with their intervals, after the past ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spike_assets.charts.style import BLUE, INK, ORANGE, month_axis, plain, titled_figure

if TYPE_CHECKING:  # scikit-learn takes seconds, and the pictures of the data don't need it
    from spike_assets.models.forecaster import TrainedForecaster

MONTHS_BEFORE = 84
"""Months of the past that are drawn: seven years."""


def forecast_fan(forecaster: TrainedForecaster) -> Figure:
    """Draw the coming months, and the next-month forecasts of the years before beside what came."""
    coming = forecaster.forecast()
    data, history = forecaster.data, forecaster.history
    past = pd.Series(data.months[-MONTHS_BEFORE:].astype("datetime64[us]"))
    ahead = pd.Series(np.array([one.month for one in coming], dtype="datetime64[M]"))
    ahead = ahead.astype("datetime64[us]")

    nearest = coming[0]
    figure = titled_figure(
        f"Price of milk: {nearest.price_clp_per_litre:.1f} CLP per litre forecast for "
        f"{nearest.month}",
        height_in=5,
    )
    axes = figure.subplots()
    for level, alpha in zip(sorted(nearest.intervals, reverse=True), (0.15, 0.3), strict=True):
        low, high = zip(*(one.intervals[level] for one in coming), strict=True)
        axes.fill_between(
            ahead, low, high, color=BLUE, alpha=alpha, linewidth=0, label=f"{level} % interval"
        )
    prices = [one.price_clp_per_litre for one in coming]
    axes.plot(ahead, prices, color=BLUE, label="forecast")
    next_month = (history.horizon == 1) & np.isin(history.month, data.months[-MONTHS_BEFORE:])
    axes.plot(
        history.month[next_month].astype("datetime64[us]"),
        history.forecast_clp_per_litre[next_month],
        color=ORANGE,
        linewidth=1,
        label="forecast the month before",
    )
    axes.plot(past, data.price_clp_per_litre[-MONTHS_BEFORE:], color=INK, label="paid")
    plain(axes, ylabel="CLP per litre")
    month_axis(axes, pd.concat([past, ahead], ignore_index=True))
    axes.legend(frameon=False, loc="upper left")
    axes.margins(x=0.01)
    return figure
