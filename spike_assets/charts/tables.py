"""Whole tables: which months have values, and what a repair did to them."""

import numpy as np
import pandas as pd
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from spike_assets.charts.arguments import ChartArgumentError
from spike_assets.charts.style import (
    BLUE,
    INK,
    ORANGE,
    PALE,
    month_axis,
    plain,
    span,
    titled_figure,
)
from spike_assets.series.catalogue import MONTH

_ROW_IN = 0.155
_NAME_POINTS = 7
_MAX_CHARACTERS = 60
_MAX_REPAIRED = 6


def missing_months(table: pd.DataFrame) -> Figure:
    """Draw which series has a value in which month, and how many each has.

    Args:
        table: `month` and at least one series; NaN where there is no value. Months that the table
            leaves out between its first and its last count as missing.
    """
    every_month = pd.date_range(table[MONTH].min(), table[MONTH].max(), freq="MS")
    has_value = table.set_index(MONTH).reindex(every_month).notna()
    names, n_months = list(has_value.columns), len(every_month)

    figure = titled_figure(
        f"Months with a value, {span(table[MONTH])}: {len(names)} series, {n_months} months",
        height_in=1.2 + _ROW_IN * len(names),
    )
    axes = figure.subplots()
    edges = every_month.append(every_month[-1:] + pd.offsets.MonthBegin())
    axes.pcolormesh(
        edges.to_numpy(),
        np.arange(len(names) + 1),
        has_value.to_numpy().T,
        cmap=ListedColormap([PALE, BLUE]),
        vmin=0,
        vmax=1,
    )
    rows = np.arange(len(names)) + 0.5
    axes.hlines(rows + 0.5, edges[0], edges[-1], color="white", linewidth=1.5)
    plain(axes)
    axes.spines[:].set_visible(False)
    month_axis(axes, table[MONTH])
    axes.set_yticks(rows, [_shortened(name) for name in names], fontsize=_NAME_POINTS)
    axes.invert_yaxis()
    counts = axes.secondary_yaxis("right")
    counts.set_yticks(rows, [str(n) for n in has_value.sum()], fontsize=_NAME_POINTS, color=INK)
    counts.spines[:].set_visible(False)
    for side in (axes, counts):
        side.tick_params(axis="y", length=0)
    return figure


def before_and_after(
    months: pd.Series, *, before: pd.DataFrame, after: pd.DataFrame, title: str, unit: str
) -> Figure:
    """Draw up to six series as they were read before a repair and as they are after it.

    The scales are logarithmic, so that a lost power of ten is the same step everywhere.

    Args:
        months: The month of each row.
        before: A column a series. Values that are not positive, and NaN, are not drawn.
        after: The same columns.
        title: What was repaired.
        unit: Of the values after the repair.

    Raises:
        ChartArgumentError: No or more than six series, a series without any positive value, or
            the two tables have other columns.
    """
    names = list(before.columns)
    if not 1 <= len(names) <= _MAX_REPAIRED:
        raise ChartArgumentError("before", f"{len(names)} series; expected 1 to {_MAX_REPAIRED}")
    if list(after.columns) != names:
        raise ChartArgumentError(
            "after", f"has {', '.join(after.columns)}; expected {', '.join(names)} as before"
        )
    for argument, readings in (("before", before), ("after", after)):
        _require_positive(argument, readings)
    n_columns = min(len(names), 2)
    n_rows = -(-len(names) // n_columns)
    figure = titled_figure(title, height_in=1 + 2.2 * n_rows)
    panels = figure.subplots(n_rows, n_columns, sharex=True, squeeze=False).flatten()
    for name, axes in zip(names, panels, strict=False):
        axes.plot(
            months.to_numpy(),
            before[name].to_numpy(),
            color=ORANGE,
            linewidth=0.8,
            marker=".",
            markersize=4,
            label="before",
        )
        axes.plot(months.to_numpy(), after[name].to_numpy(), color=BLUE, label="after")
        axes.set_yscale("log")
        plain(axes, title=_shortened(name))
        month_axis(axes, months)
    for lowest in panels[max(len(names) - n_columns, 0) : len(names)]:
        lowest.tick_params(labelbottom=True)
    for unused in panels[len(names) :]:
        unused.set_axis_off()
    figure.supylabel(f"{unit}, log scale", fontsize=9, color=INK)
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return figure


def _require_positive(argument: str, readings: pd.DataFrame) -> None:
    for name in readings.columns:
        if not (readings[name] > 0).any():
            raise ChartArgumentError(argument, f"{name} has no positive value")


def _shortened(name: str) -> str:
    """Cut the middle out of a long name: series differ at the beginning or at the end."""
    if len(name) <= _MAX_CHARACTERS:
        return name
    half = _MAX_CHARACTERS // 2
    return f"{name[:half]}…{name[-half + 1 :]}"
