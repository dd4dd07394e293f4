"""Charts of the backtest: errors of each model by horizon, and one model month by month."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spike_assets.charts.style import (
    BLUE,
    GREY,
    INK,
    SEVERAL,
    month_axis,
    plain,
    span,
    titled_figure,
)
from spike_assets.series.catalogue import MONTH
from spike_assets.training.forecast_frame import (
    ACTUAL,
    FORECAST,
    HORIZON_COLUMN,
    MODEL,
    lower,
    upper,
)


def errors_by_horizon(table: pd.DataFrame) -> Figure:
    """Draw the RMSE of every model against the months ahead.

    Args:
        table: As `backtest.backtest` gives it.
    """
    squared = (table[ACTUAL] - table[FORECAST]) ** 2
    mean = squared.groupby([table[MODEL], table[HORIZON_COLUMN]], sort=False).mean()
    figure = titled_figure(f"Errors of forecasts for {span(table[MONTH])}", height_in=5)
    axes = figure.subplots()
    for at, model in enumerate(table[MODEL].unique()):
        rmse = np.sqrt(mean[model]).sort_index()
        axes.plot(
            rmse.index,
            rmse,
            color=BLUE if at == 0 else SEVERAL[(at - 1) % len(SEVERAL)],
            linewidth=2.4 if at == 0 else 1.2,
            linestyle="-" if at <= len(SEVERAL) else "--",
            marker="o",
            markersize=3,
            label=model.replace("_", " "),
        )
    plain(axes, ylabel="RMSE, CLP per litre")
    axes.set_xlabel("months ahead")
    axes.set_xticks(sorted(table[HORIZON_COLUMN].unique()))
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    return figure


def forecasts_beside_prices(table: pd.DataFrame, *, model: str) -> Figure:
    """Draw a model's forecasts with their intervals beside what was paid, near and far ahead.

    Args:
        table: As `backtest.backtest` gives it.
        model: Whose forecasts.
    """
    ours = table[table[MODEL] == model]
    horizons = sorted({1, min(6, ours[HORIZON_COLUMN].max()), ours[HORIZON_COLUMN].max()})
    figure = titled_figure(
        f"What the {model} would have said, {span(ours[MONTH])}", height_in=2.4 * len(horizons) + 1
    )
    panels = figure.subplots(len(horizons), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, horizon in zip(panels, horizons, strict=True):
        _one_horizon(axes, ours[ours[HORIZON_COLUMN] == horizon], horizon=horizon)
    panels[0].legend(frameon=False, loc="upper left")
    month_axis(panels[-1], ours[MONTH])
    return figure


def _one_horizon(axes: Axes, part: pd.DataFrame, *, horizon: int) -> None:
    months = part[MONTH].to_numpy()
    for level, colour, alpha in ((95, GREY, 0.35), (80, BLUE, 0.2)):
        axes.fill_between(
            months,
            part[lower(level)],
            part[upper(level)],
            color=colour,
            alpha=alpha,
            linewidth=0,
            label=f"{level} % interval",
        )
    axes.plot(months, part[FORECAST].to_numpy(), color=BLUE, label="forecast")
    axes.plot(months, part[ACTUAL].to_numpy(), color=INK, label="paid")
    ahead = "the month before" if horizon == 1 else f"{horizon} months before"
    plain(axes, title=f"forecast {ahead}", ylabel="CLP per litre")
    axes.margins(x=0.01)
