"""Rain: over time, one year beside the other, and in all regions.

All take the clean table of rain: `month` and one column per region, in mm.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spike_assets.charts.arguments import between_months, known_years, require_column
from spike_assets.charts.style import (
    BLUE,
    GREY,
    INK,
    MONTH_NAMES,
    SEVERAL,
    marker,
    month_axis,
    plain,
    readable,
    span,
    titled_figure,
)
from spike_assets.series.catalogue import MONTH, REGIONS

_MM = "mm per month"
_RAIN = "rain in the month"
_BAR = np.timedelta64(26, "D")
_RUNNING_MEAN = "mean of the 12 months to date"


def rain_over_time(
    precipitation: pd.DataFrame,
    *,
    region: str,
    first_month: str | None = None,
    last_month: str | None = None,
) -> Figure:
    """Draw the rain of a region month by month, and its mean over the 12 months up to each.

    The mean reaches back beyond the first month drawn, if the data does.

    Args:
        precipitation: The clean table.
        region: One of its columns.
        first_month: As `2010-01`; None for the first of the data.
        last_month: The same for the last.

    Raises:
        ChartArgumentError: An unknown region, a month that the data does not have, or a last
            month before the first.
    """
    require_column("region", region, table=precipitation)
    period = between_months(precipitation, first_month=first_month, last_month=last_month)
    months, mean_mm = period[MONTH], _running_mean(precipitation[region])[period.index]

    figure = titled_figure(f"Rain in {readable(region)}, {span(months)}", height_in=4.6)
    axes = figure.subplots()
    bars = axes.bar(
        months.to_numpy(), period[region].to_numpy(), width=_BAR, color=GREY, label=_RAIN
    )
    (line,) = axes.plot(
        months.to_numpy(),
        mean_mm.to_numpy(),
        color=BLUE,
        marker=marker(months),
        markersize=3,
        label=_RUNNING_MEAN,
    )
    plain(axes, ylabel=_MM)
    month_axis(axes, months)
    axes.margins(x=max(0.01, 0.5 / len(months)))  # a single month is no wall
    figure.legend(
        handles=[bars, line], loc="outside lower right", ncols=2, frameon=False, fontsize=9
    )
    return figure


def rain_by_year(
    precipitation: pd.DataFrame, *, region: str, years: Sequence[int] | None = None
) -> Figure:
    """Draw a line of twelve months for each year, and the mean of all years of the data.

    The last five of the years are coloured and named, those before them are pale.

    Args:
        precipitation: The clean table.
        region: One of its columns.
        years: The years to draw, in any order; None for all.

    Raises:
        ChartArgumentError: An unknown region or year, or an empty list of years.
    """
    require_column("region", region, table=precipitation)
    rain_mm = _by_year(precipitation, region=region)
    all_years = list(rain_mm.columns)
    chosen = all_years if years is None else known_years(years, known=all_years)
    named = dict(zip(chosen[-len(SEVERAL) :], SEVERAL, strict=False))
    pale = chosen[: -len(named)]

    figure = titled_figure(f"Rain in {readable(region)} by year", height_in=5.2)
    axes = figure.subplots()
    months = rain_mm.index.to_numpy()
    for year in pale:
        axes.plot(months, rain_mm[year].to_numpy(), color=GREY, linewidth=0.7, label=f"_{year}")
    for year, colour in named.items():
        axes.plot(
            months, rain_mm[year].to_numpy(), color=colour, marker="o", markersize=3, label=year
        )
    if pale:
        axes.plot([], [], color=GREY, linewidth=0.7, label=f"{len(pale)} earlier years")
    axes.plot(
        months,
        rain_mm.mean(axis="columns").to_numpy(),
        color=INK,
        linewidth=2,
        linestyle="--",
        label=f"mean of {all_years[0]} to {all_years[-1]}",
    )
    plain(axes, ylabel=_MM)
    axes.set_xticks(range(1, 13), MONTH_NAMES)
    axes.margins(x=0.01)
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside right center", frameon=False, fontsize=9)
    return figure


def regions_rain(precipitation: pd.DataFrame) -> Figure:
    """Draw all regions, north to south: the rain over time, and that of an average year.

    Each region has a scale of its own. The band around the average year holds eight of ten years.

    Args:
        precipitation: The clean table.
    """
    months = precipitation[MONTH]
    figure = titled_figure(f"Rain by region, {span(months)}", height_in=12)
    panels = figure.subplots(len(REGIONS), 2, sharex="col", sharey="row", width_ratios=(3, 1))
    for region, (over_time, in_year) in zip(REGIONS, panels, strict=True):
        rain_mm = precipitation[region]
        (monthly,) = over_time.plot(
            months.to_numpy(), rain_mm.to_numpy(), color=GREY, linewidth=0.8, label=_RAIN
        )
        (mean,) = over_time.plot(
            months.to_numpy(), _running_mean(rain_mm).to_numpy(), color=BLUE, label=_RUNNING_MEAN
        )
        plain(over_time, title=readable(region), ylabel="mm")
        over_time.margins(x=0.01)
        over_time.set_ylim(bottom=0)

        by_month_of_year = rain_mm.groupby(months.dt.month)
        low, high = by_month_of_year.quantile(0.1), by_month_of_year.quantile(0.9)
        at = low.index.to_numpy()
        band = in_year.fill_between(
            at,
            low.to_numpy(),
            high.to_numpy(),
            color=GREY,
            linewidth=0,
            label="10th to 90th percentile",
        )
        (average,) = in_year.plot(
            at, by_month_of_year.mean().to_numpy(), color=INK, label="average year"
        )
        plain(in_year)
        in_year.tick_params(left=False)
    month_axis(panels[-1, 0], months)
    panels[-1, 1].set_xticks(range(1, 13), [name[0] for name in MONTH_NAMES])
    figure.legend(
        handles=[monthly, mean, average, band],
        loc="outside lower right",
        ncols=4,
        frameon=False,
        fontsize=9,
    )
    return figure


def _by_year(precipitation: pd.DataFrame, *, region: str) -> pd.DataFrame:
    """Return one row per month of the year and one column per year, both as numbers."""
    months = precipitation[MONTH].dt
    long = pd.DataFrame({"month": months.month, "year": months.year, "mm": precipitation[region]})
    return long.pivot(index="month", columns="year", values="mm")


def _running_mean(rain_mm: pd.Series) -> pd.Series:
    return rain_mm.rolling(12).mean()
