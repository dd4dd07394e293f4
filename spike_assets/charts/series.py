"""Series over time, each in its own unit: two macroeconomic ones together, the price of milk."""

from textwrap import fill

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from spike_assets.charts.arguments import ChartArgumentError, between_months, require_column
from spike_assets.charts.style import (
    BLUE,
    GREY,
    ORANGE,
    marker,
    month_axis,
    plain,
    span,
    titled_figure,
)
from spike_assets.series.catalogue import BANCO_CENTRAL, MONTH, PRICE, PRICE_CLP_PER_LITRE

_CATALOGUE = {series.name: series for series in BANCO_CENTRAL}


def series_pair(
    banco_central: pd.DataFrame,
    *,
    first: str,
    second: str,
    first_month: str | None = None,
    last_month: str | None = None,
) -> Figure:
    """Draw two series one above the other, over the same months, each in its own unit.

    Neither scale starts at zero: the panels compare when the series move, not how large they are.

    Args:
        banco_central: The clean table: `month` and series under their published names.
        first: The upper series.
        second: The lower series.
        first_month: As `2014-01`; None for the first month in which either has a value.
        last_month: The same for the last.

    Raises:
        ChartArgumentError: An unknown series, a month in which neither has a value yet or any
            more, a last month before the first, or a series without any value between them.
    """
    for argument, name in (("first", first), ("second", second)):
        require_column(argument, name, table=banco_central)
        _require_values(argument, name, table=banco_central)
    either = banco_central[[first, second]].notna().any(axis="columns")
    period = between_months(banco_central[either], first_month=first_month, last_month=last_month)
    months = period[MONTH]

    figure = titled_figure(f"{first} and {second}, {span(months)}", height_in=6)
    upper, lower = figure.subplots(2, 1, sharex=True)
    for argument, name, axes, colour in (
        ("first", first, upper, BLUE),
        ("second", second, lower, ORANGE),
    ):
        _require_values(argument, name, table=period)
        axes.plot(
            months.to_numpy(),
            period[name].to_numpy(),
            color=colour,
            marker=marker(months),
            markersize=3,
        )
        series = _CATALOGUE[name]
        plain(axes, title=f"{name}, {series.description}", ylabel=fill(series.unit, 24))
        axes.ticklabel_format(axis="y", useOffset=False)
        axes.margins(x=0.01)
    month_axis(lower, months)
    return figure


def milk_price_history(milk_price: pd.DataFrame) -> Figure:
    """Draw what farms were paid for milk, and its change in a year.

    The price is on a logarithmic scale, so that equal steps are equal changes: it is nominal, and
    grew seventyfold since 1979.

    Args:
        milk_price: The clean table: `month` and `price_clp_per_litre`, without a gap.
    """
    months, price = milk_price[MONTH], milk_price[PRICE_CLP_PER_LITRE]
    change_percent = 100 * (price / price.shift(12) - 1)

    figure = titled_figure(f"Price of milk {PRICE.description}, {span(months)}", height_in=6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.6, 1))
    upper.plot(months.to_numpy(), price.to_numpy(), color=BLUE)
    upper.set_yscale("log")
    upper.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    upper.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    upper.yaxis.set_minor_formatter(NullFormatter())
    plain(upper, ylabel=f"{PRICE.unit}, log scale")

    lower.axhline(0, color=GREY, linewidth=1)
    lower.plot(months.to_numpy(), change_percent.to_numpy(), color=BLUE)
    plain(lower, ylabel="% on the same month\na year before")
    month_axis(lower, months)
    lower.margins(x=0.01)
    return figure


def _require_values(argument: str, name: str, *, table: pd.DataFrame) -> None:
    if table[name].isna().all():
        raise ChartArgumentError(argument, f"{name} has no value in {span(table[MONTH])}")
