"""The text of `docs/decimals.md`, with the numbers that were measured."""

import math
import textwrap
from collections.abc import Iterable, Sequence

import pandas as pd

from bench.known_series import KINDS, N_MONTHS
from bench.real_decimals import (
    DOLLAR,
    INDEX,
    RealFile,
    disproved_by_sums,
    misread_gdp_cells,
    residuals,
    same_up_to_one_power,
)
from spike_assets.charts.notebook_numbers import all_digits, first_digit_rule
from spike_assets.sample.export_format import lose_decimal_point
from spike_assets.series.catalogue import BANCO_CENTRAL, FEATURE_NAMES, IMACEC, PIB

_WIDER = 2
_MUCH_WIDER = 1000
_HALF_A_DECADE = math.sqrt(10)

_PROBLEM = f"""# Lost decimal points

`python -m bench.decimal_repair`, run from the repository's root, wrote this page. It measured every
number in the tables. The code of the repair is `spike_assets/sources/decimals.py`.

## The problem

The file `banco_central.csv` was exported by a program that treated decimal points as thousands
separators. A number with three or more decimals lost its point, and its digits were grouped again
by three. So {102.796218} became `{lose_decimal_point(102.796218)}`, and {105.46824} became
`{lose_decimal_point(105.46824)}`. The digits are right. The power of ten is lost, and it differs
from cell to cell, because trailing zeros were dropped too.

Numbers of four decimals kept their point where they look like a month and a year: {4.2017} stayed
`{lose_decimal_point(4.2017)}`. A year of two digits got its century: {5.0057} became
`{lose_decimal_point(5.0057)}`, and {5.0021} became `{lose_decimal_point(5.0021)}`.
"""

_METHOD = """
## The method

1. The digits of a cell are read at every power of ten that the export could have hidden. A cell
   like `5.1957` is read as 5.1957 and as 5.0057.
2. Readings outside the plausible range of the series are dropped. The catalogue
   (`spike_assets/series/catalogue.py`) states each range and the source of its level. A cell with
   one reading is kept, whatever the range.
3. A path takes one reading per month. The smoothest path is chosen: it has the smallest sum of
   absolute log changes from cell to cell. A change across a gap is divided by the square root of
   the number of months.
4. Dynamic programming finds this path exactly. Nothing is random, and no series influences
   another.
5. Each cell gets a margin: how much longer the best path through another of its readings is. The
   unit is the usual monthly move of the series, or the move of the restored series at the cell if
   that is larger.
6. Prices grow out of their ranges. So the path is found again with the upper end of the range ten
   times higher. Where the two paths differ, the reading beyond the range counts if it follows
   months within the range and its path is shorter by a clear margin. The cell is doubtful either
   way, and the other reading is listed with it.
"""

_ASSUMPTIONS = f"""
## Assumptions and ambiguous cases

- Neighbouring months differ by less than a factor of {_HALF_A_DECADE:.1f}, and the series begins
  within its range.
- A true rise to four times the level and a fall to 0.4 of it leave the same digits. If the range
  allows both, the smaller move is chosen, which is wrong here. The margins of all cells that depend
  on the choice are then small.
- A true rise to seven times the level looks like a fall to 0.7. Such a fall is common, so the
  margins do not reveal the error. Only the range can exclude it.
- If a whole series fits its range at two powers of ten, its shape is right but its level is
  ambiguous. A cell that kept its point decides. Without such a cell, all margins are 0.
- No reading below 0.001 is tried: at most two zeros follow the point.
- Both readings of a date differ by 0.19 or 0.2. Where the series moves by that much from month to
  month, the neighbours say little. All such cells of the real file are therefore doubtful.
- A number that was wrong before the export stays wrong if it is plausible.
"""


def page(
    measured: pd.DataFrame, real: RealFile | None, *, range_factor: float, doubtful_margin: float
) -> str:
    """Write the page.

    Args:
        measured: A row a known series, from `decimal_repair.measure`.
        real: The published file, or None to leave its part out.
        range_factor: By which the plausible ranges of known series are wider than the series.
        doubtful_margin: Below which a cell is doubtful.

    Returns:
        Markdown.
    """
    parts = [
        _PROBLEM,
        _examples(real) if real else "",
        _METHOD,
        _ASSUMPTIONS,
        _known(measured, range_factor=range_factor),
        _real(real) if real else "",
        _doubtful(measured, real, doubtful_margin=doubtful_margin),
    ]
    return "\n\n".join(map(_filled, "\n".join(parts).strip().split("\n\n"))) + "\n"


def _filled(block: str) -> str:
    """Wrap the lines of a paragraph again, because inserted numbers change their length."""
    text = block.strip()
    if text.startswith(("|", "#", "!", "- ", "1. ")):
        return text
    return textwrap.fill(text, width=100, break_long_words=False, break_on_hyphens=False)


def _examples(real: RealFile) -> str:
    rows = []
    for name in ("PIB", INDEX, DOLLAR):
        cells, one = real.cells[name], real.restored[name]
        changes = (one.lost_decimals[1:] != one.lost_decimals[:-1]) & (one.lost_decimals[:-1] > 0)
        at = int(changes.argmax())
        for month, cell, value in zip(
            cells.index[at : at + 2], cells.iloc[at : at + 2], one.values[at : at + 2], strict=True
        ):
            rows.append(
                (name, f"{month:%Y-%m}", f"`{cell}`", _notebook_reads(name, cell), f"{value:.9g}")
            )
    n_misread, n_cells = misread_gdp_cells(real)
    header = ("series", "month", "cell in the file", "the notebook reads", "it was")
    return f"""
Three pairs of neighbouring months from the file:

{_table(header, rows)}

In the {len(PIB)} series of GDP, {n_misread:,} of {n_cells:,} cells ({n_misread / n_cells:.1%}) lost
a different number of decimals than most cells of their series. The notebook reads all their digits
as one integer, so these cells have a different power of ten than the rest.
"""


def _notebook_reads(name: str, cell: str) -> str:
    if name in PIB:
        return f"{all_digits(cell):.0f}"
    return f"{first_digit_rule(cell):g}" if name in IMACEC else "(not read)"


def _known(measured: pd.DataFrame, *, range_factor: float) -> str:
    n_seeds = measured["seed"].nunique()
    return f"""
## Known series

The repair was tested on series whose values are known: {n_seeds} series of {N_MONTHS} months for
each of {len(KINDS)} kinds and each volatility, {int(measured["cells"].sum()):,} cells in all. They
were written as the export writes them and then restored. The plausible range reached from the
smallest value divided by {range_factor:g} to the largest times {range_factor:g}. Volatility is the
standard deviation of the monthly log change. Trends (twentyfold over the series) and level breaks
(three, by 1.5 to 2) are added to it. `bench/known_series.py` generates the series.

![Share of cells on the right power of ten against volatility](images/decimals.png)

Cells that the repair restores exactly, in percent, rounded down:

{_shares(measured, "repair")}

The next tables show the two readings of the notebook on the same cells. The criterion is mild: a
cell is right if it has the same power of ten as most of its series, within 1 %.

All digits as one integer (the notebook's reading of GDP):

{_shares(measured, "all_digits")}

First-digit rule (its reading of indices near 100):

{_shares(measured, "first_digit_rule")}
"""


def _shares(measured: pd.DataFrame, reading: str) -> str:
    shares = measured.pivot_table(index="kind", columns="volatility", values=reading)
    rows = [(kind, *map(_percent, shares.loc[kind])) for kind in KINDS]
    mean = ("all", *map(_percent, shares.mean()))
    return _table(("volatility a month", *(f"{one:.0%}" for one in shares.columns)), [*rows, mean])


def _percent(share: float) -> str:
    """Write a share in percent with one decimal, rounded down, so that 100 means all."""
    return f"{math.floor(1000 * share + 1e-9) / 10:g}"


def _real(real: RealFile) -> str:
    n_cells = sum(len(one) for one in real.cells.values())
    n_lost = sum(int((one.lost_decimals > 0).sum()) for one in real.restored.values())
    open_cells = {name: int((one.margins < math.inf).sum()) for name, one in real.restored.items()}
    n_open = sum(n > 0 for n in open_cells.values())
    kept, _ = same_up_to_one_power(real, factor=_WIDER)
    _, shifted = same_up_to_one_power(real, factor=_MUCH_WIDER)
    n_series = len(real.cells)
    rows = [
        (one.identity, str(one.months), f"{100 * one.median:.2g}", f"{100 * one.largest:.2g}")
        for one in residuals(real).itertuples()
    ]
    ratio = (real.values("PIB") / real.values(INDEX)).dropna()
    dollar = real.values(DOLLAR)
    return f"""
## The real file

The file has {n_cells:,} numbers in {n_series} series; {n_lost:,} of them had lost their point. In
{n_series - n_open} series the range leaves one reading for every cell. In the other {n_open}, the
smoothest path chose the reading of {sum(open_cells.values()):,} cells.

The ranges and the smoothness agree. With ranges {_WIDER} times as wide on both sides,
{kept} of {n_series} series keep all their values. With ranges {_MUCH_WIDER:,} times as wide, the
path decides nearly everything, and {shifted} of {n_series} series keep their shape: at most, the
whole series moves by one power of ten.

The series were restored one by one. These identities between them were not used:

{_table(("identity", "months", "median residual, %", "largest residual, %"), rows)}

Chained volumes do not add up exactly, so the parts of GDP have small residuals. The activities are
counts of one survey and add up exactly: their median residual is zero except for rounding.

{_disproved(real)}

GDP divided by its monthly index ({INDEX}) is {ratio.mean():.4f} in {len(ratio)} months; its
standard deviation is {ratio.std():.0e}. One cell on a wrong power of ten, in either series, would
change the ratio of its month tenfold.

The dollar was at {dollar.iloc[0]:.1f} CLP in {dollar.index[0]:%Y-%m}, and between
{dollar["2019-06":"2020-11"].min():.0f} and {dollar["2019-06":"2020-11"].max():.0f} in 2019-06 to
2020-11.
"""


def _disproved(real: RealFile) -> str:
    found = disproved_by_sums(real)
    if found.empty:
        return "No month of employment misses its sum because of a power of ten."
    rows = [
        (
            one.series,
            f"{one.month:%Y-%m}",
            f"`{one.cell}`",
            f"{one.restored:.4g}",
            f"{one.asks_for:.4g}",
            f"{one.margin:.2f}",
        )
        for one in found.itertuples()
    ]
    header = ("series", "month", "cell in the file", "restored", "value by the sum", "margin")
    return f"""The sum reveals {len(found)} cells of employment, in thousand people, that the repair
gets wrong. Their series moved by more than the repair can follow. The margins are small:

{_table(header, rows)}"""


def _doubtful(measured: pd.DataFrame, real: RealFile | None, *, doubtful_margin: float) -> str:
    sums = measured.groupby("volatility")[
        ["cells", "wrong", "doubtful", "wrong_and_doubtful"]
    ].sum()
    rows = [
        (
            f"{volatility:.0%}",
            f"{one.wrong:,.0f}",
            _percent(one.wrong_and_doubtful / one.wrong) if one.wrong else "",
            _percent((one.doubtful - one.wrong_and_doubtful) / (one.cells - one.wrong)),
        )
        for volatility, one in sums.iterrows()
    ]
    header = ("volatility a month", "wrong cells", "of them doubtful, %", "right but doubtful, %")
    return f"""
## Doubtful cells

A cell is doubtful if its margin is below {doubtful_margin:g}, or if its reading turns on the upper
end of the range. `spike-assets data check --all` lists the doubtful cells. Whether a restored
number is plausible is judged afterwards, by the level of its series
(`spike_assets/sources/plausibility.py`).

On the known series, nearly all wrong cells are doubtful. In series with low volatility, right cells
are doubtful only at level breaks. If a series often moves by half a decade, many right cells are
doubtful too:

{_table(header, rows)}
{_real_doubts(real) if real else ""}"""


def _real_doubts(real: RealFile) -> str:
    counts = {name: int(one.doubtful.sum()) for name, one in real.restored.items()}
    units = {series.name: series.unit for series in BANCO_CENTRAL}
    rows = [
        (
            name,
            str(n),
            str(len(real.cells[name])),
            f"{real.restored[name].values.min():.3g} to {real.restored[name].values.max():.3g}",
            units[name],
        )
        for name, n in counts.items()
        if n
    ]
    n_used = sum(name in FEATURE_NAMES for name, n in counts.items() if n)
    header = ("series", "doubtful", "cells", "restored values", "unit")
    return f"""
In the real file, {sum(counts.values())} cells are doubtful. They are in {len(rows)} series,
{n_used} of which are columns of `/predict`:

{_table(header, rows)}
"""


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
