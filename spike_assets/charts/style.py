"""Style of the charts: colours, figures with a title, axes of months."""

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure

INK = "#1f2933"
BLUE = "#1f6feb"
GREY = "#b8c0cc"
PALE = "#eef1f5"
ORANGE = "#d9730d"
WARNING = "#b42318"
SEVERAL = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00")
"""Lines side by side; told apart by the colour-blind too (Okabe and Ito)."""

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_WIDTH_IN = 11
_FEW_MONTHS = 36
_MAX_TICKS = 12
_YEARS_BETWEEN_TICKS = (1, 2, 5, 10)


def titled_figure(title: str, *, height_in: float) -> Figure:
    """Make an empty figure with a title."""
    figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained")
    figure.suptitle(title, color=INK)
    return figure


def add_warning(figure: Figure, text: str) -> None:
    """Add to the title what nobody who sees the picture may miss."""
    figure.suptitle(f"{figure.get_suptitle()}\n{text}", color=WARNING)


def plain(axes: Axes, *, title: str = "", ylabel: str = "") -> None:
    """Take away the frame's upper and right line; set a small title and what is measured."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=INK, labelsize=9)
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.set_ylabel(ylabel, fontsize=9, color=INK)


def month_axis(axes: Axes, months: pd.Series) -> None:
    """Label an x axis of months: each by year and month if they are few, else the years."""
    if len(months) <= _FEW_MONTHS:
        step = math.ceil(len(months) / _MAX_TICKS)
        axes.set_xticks(months[::step].to_numpy(), [f"{month:%Y-%m}" for month in months[::step]])
        return
    years = months.dt.year.max() - months.dt.year.min() + 1
    step = next((n for n in _YEARS_BETWEEN_TICKS if years / n <= _MAX_TICKS), 20)
    axes.xaxis.set_major_locator(YearLocator(step))
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))


def marker(months: pd.Series) -> str:
    """Return the marker of a line over months: dots if they are few, as one alone has no line."""
    return "o" if len(months) <= _FEW_MONTHS else ""


def span(months: pd.Series) -> str:
    """Format a range of months: `2010-01 to 2015-12`, or one alone."""
    first, last = f"{months.min():%Y-%m}", f"{months.max():%Y-%m}"
    return first if first == last else f"{first} to {last}"


def readable(region: str) -> str:
    """Write a region's published name as words."""
    return region.replace("__", " ").replace("_", " ")
