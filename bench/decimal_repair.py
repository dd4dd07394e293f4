"""Accuracy of the decimal repair against the monthly volatility of a series.

Run from the repository's root, `python -m bench.decimal_repair` measures it and writes
`docs/decimals.md` and its picture. Random numbers are seeded, so a second run writes the same.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray

from bench.decimal_page import page
from bench.known_series import KINDS, known_series, mangled
from bench.real_decimals import FOLDERS, read_real_file
from spike_assets.charts.notebook_numbers import all_digits, first_digit_rule
from spike_assets.sources.decimals import DOUBTFUL_MARGIN, restore_decimals

VOLATILITIES = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30, 0.50, 0.80)
SEEDS = range(10)
RANGE_FACTOR = 3.0
"""The plausible range reaches from a third of a series' least value to three times its greatest."""

PAGE = Path("docs/decimals.md")
PICTURE = Path("docs/images/decimals.png")

_INK, _GREY, _BLUE, _ORANGE, _VIOLET = "#1f2933", "#b8c0cc", "#0072b2", "#d55e00", "#7a5195"
_READINGS = {
    "repair": ("the repair", _BLUE),
    "all_digits": ("notebook: all digits", _ORANGE),
    "first_digit_rule": ("notebook: first-digit rule", _VIOLET),
}
_SAME = 1e-9  # digits are right, so a right power of ten gives the value itself
_CUT = np.log10(1.01)  # what the first-digit rule may cut off


def main() -> None:
    """Measure, and write the page and its picture."""
    measured = measure()
    real = read_real_file()
    if real is None:
        folders = " or ".join(str(folder) for folder in FOLDERS)
        sys.stdout.write(f"No real files in {folders}: the page leaves their part out.\n")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    FigureCanvasAgg(draw(measured)).print_png(PICTURE)
    PAGE.write_text(
        page(measured, real, range_factor=RANGE_FACTOR, doubtful_margin=DOUBTFUL_MARGIN),
        encoding="utf-8",
    )
    sys.stdout.write(f"{PAGE}\n{PICTURE}\n")


def measure() -> pd.DataFrame:
    """Write known series as the export does, and read them in three ways.

    Returns:
        A row a series: `kind`, `volatility` and `seed`; the share of cells that `repair`,
        `all_digits` and `first_digit_rule` read right; of the repair `cells`, those that are
        `wrong`, `doubtful`, and `wrong_and_doubtful`.
    """
    rows = [
        {
            "kind": kind,
            "volatility": volatility,
            "seed": seed,
            **_read_three_ways(known_series(KINDS[kind], volatility=volatility, seed=seed)),
        }
        for kind in KINDS
        for volatility in VOLATILITIES
        for seed in SEEDS
    ]
    return pd.DataFrame(rows)


def _read_three_ways(truth: pd.Series) -> dict[str, float]:
    cells = mangled(truth)
    restored = restore_decimals(
        cells, lowest=truth.min() / RANGE_FACTOR, highest=truth.max() * RANGE_FACTOR
    )
    wrong = ~np.isclose(restored.values, truth, rtol=_SAME)
    return {
        "repair": 1 - wrong.mean(),
        "all_digits": _right_up_to_one_power(cells.map(all_digits), truth),
        "first_digit_rule": _right_up_to_one_power(cells.map(first_digit_rule), truth),
        "cells": len(truth),
        "wrong": wrong.sum(),
        "doubtful": restored.doubtful.sum(),
        "wrong_and_doubtful": (wrong & restored.doubtful).sum(),
    }


def _right_up_to_one_power(readings: pd.Series, truth: pd.Series) -> float:
    """Return the share of cells on the power of ten on which most of their series are."""
    decades: NDArray[np.float64] = np.log10((readings / truth).to_numpy())
    powers = np.round(decades)
    close = np.abs(decades - powers) < _CUT
    if not close.any():
        return 0.0
    _, counts = np.unique(powers[close], return_counts=True)
    return float(counts.max() / len(truth))


def draw(measured: pd.DataFrame) -> Figure:
    """Draw the three readings side by side, and the repair for each kind of series."""
    figure = Figure(figsize=(11, 4.8), dpi=110, layout="constrained")
    figure.suptitle("Cells on the right power of ten, against monthly volatility", color=_INK)
    three, kinds = figure.subplots(1, 2)
    for reading, (label, colour) in _READINGS.items():
        by_kind = _percent(measured, reading)
        three.plot(by_kind.mean(axis=1), color=colour, marker="o", markersize=4, label=label)
        three.plot(by_kind.min(axis=1), color=colour, linestyle="--", linewidth=1)
    for kind, marker in zip(KINDS, "osD^vPX", strict=True):
        kinds.plot(_percent(measured, "repair")[kind], marker=marker, markersize=5, label=kind)
    _axes(three, title="Mean of all kinds of series; dashed: the worst kind")
    _axes(kinds, title="The repair, by kind of series")
    return figure


def _percent(measured: pd.DataFrame, reading: str) -> pd.DataFrame:
    """Return the share of right cells by volatility (rows) and kind, both in percent."""
    shares = measured.pivot_table(index="volatility", columns="kind", values=reading)
    return (100 * shares).set_axis(100 * shares.index)


def _axes(axes: Axes, *, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=_INK)
    axes.set_xscale("log")
    axes.set_xticks(
        [100 * one for one in VOLATILITIES], [f"{100 * one:.0f}" for one in VOLATILITIES]
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(ylim=(0, 104), xlabel="standard deviation of a month's log move, %")
    axes.set_ylabel("% of cells right")
    axes.grid(axis="y", color=_GREY, linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9, loc="lower left")


if __name__ == "__main__":
    main()
