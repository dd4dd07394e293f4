"""Time and memory of each asset as its months, rows or origins grow.

    python -m bench.growth [DIR]

DIR is the folder with the real files, or the embedded sample. A file grows by its rows over and
over, which is what the export did to some months; a table by its months over and over, under new
dates. Every figure comes from a process of its own: seconds of one core, and the memory that the
work took on top of what it was given. Writes the picture as well.
"""

import multiprocessing
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from threadpoolctl import threadpool_limits

from bench.section import Section
from spike_assets.charts import png
from spike_assets.charts.style import GREY, SEVERAL, plain, titled_figure
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH, PRICE_CLP_PER_LITRE
from spike_assets.sources import banco_central, milk_price, precipitation
from spike_assets.sources.decimals import restore_decimals
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.sources.raw_file import RawFile, text_table
from spike_assets.sources.schemas import FEATURES_TABLE, violations
from spike_assets.training.backtest import rolling_forecasts
from spike_assets.training.forecast_frame import forecast_table
from spike_assets.training.forecast_inputs import forecast_inputs, price_series
from spike_assets.training.learners import fit_members
from spike_assets.training.regressors import lagged_prices, search_grid
from spike_assets.training.report import markdown_table

ROUNDS = 3
THOUSANDFOLD = (1, 10, 100, 1_000)
PICTURE = Path("docs/images/growth.png")

N_LOG_N = (1.08, 1.19)
"""Growth exponents of n log n: at half a million months, and at the first tenfold."""

Work = Callable[[], object]


@dataclass(frozen=True)
class Growing:
    """A piece of work whose input can be enlarged.

    Attributes:
        name: The assets that do it.
        unit: What it is given more of.
        once: How much of it the real files have.
        times: How many times that it is given.
        prepare: From the data folder and an amount to the work.
    """

    name: str
    unit: str
    once: int
    times: Sequence[int]
    prepare: Callable[[str | None, int], Work]


@dataclass(frozen=True)
class Taken:
    """Cost of some work: CPU seconds and MiB."""

    seconds: float
    mib: float


def main() -> None:
    """Measure and print."""
    print(measured(sys.argv[1] if len(sys.argv) > 1 else None, rounds=ROUNDS).text)


def reading(data: str | None, n_rows: int) -> Work:
    """Split the largest file into cells."""
    file = _with_rows(data, banco_central.FILE_NAME, n_rows)
    return lambda: text_table(file, columns=banco_central.COLUMNS)


def cleaning_rain(data: str | None, n_rows: int) -> Work:
    """Type the rain, and drop repeated months."""
    file = _with_rows(data, precipitation.FILE_NAME, n_rows)
    raw = text_table(file, columns=precipitation.COLUMNS)
    return lambda: precipitation.clean_precipitation(raw)


def cleaning_prices(data: str | None, n_rows: int) -> Work:
    """Type the prices, and drop repeated months."""
    file = _with_rows(data, milk_price.FILE_NAME, n_rows)
    raw = text_table(file, columns=milk_price.COLUMNS)
    return lambda: milk_price.clean_milk_price(raw)


def cleaning_series(data: str | None, n_rows: int) -> Work:
    """Type the 84 series, and restore their decimal points."""
    file = _with_rows(data, banco_central.FILE_NAME, n_rows)
    raw = text_table(file, columns=banco_central.COLUMNS)
    return lambda: banco_central.clean_banco_central(raw)


def restoring(_data: str | None, n_months: int) -> Work:
    """Restore the decimal points of one series."""
    walk = np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, n_months)) * 0.1) * 100
    cells = pd.Series(
        [f"{round(value * 1e6):,}".replace(",", ".") for value in walk], index=_months(n_months)
    )
    return lambda: restore_decimals(cells, lowest=40, highest=250)


def joining(data: str | None, n_months: int) -> Work:
    """Join the tables, and validate the result against its contract."""
    tables = _tables_of_length(data, n_months)

    def work() -> None:
        violations(monthly_features(*tables.values()), FEATURES_TABLE)

    return work


def searching(data: str | None, n_months: int) -> Work:
    """Search the notebook's grid."""
    tables = _tables_of_length(data, n_months)
    months = monthly_features(*tables.values())
    rows = months[list(FEATURE_NAMES)].to_numpy()
    prices = months[PRICE_CLP_PER_LITRE].to_numpy()
    history = lagged_prices(tables["milk_price"])
    return lambda: search_grid(rows[3:], prices[3:], history=history)


def putting_together(data: str | None, n_months: int) -> Work:
    """Join the drivers to the prices, as they were published."""
    tables = _tables_of_length(data, n_months)
    return lambda: forecast_inputs(tables)


def fitting(data: str | None, n_months: int) -> Work:
    """Fit the forecaster."""
    known = _of_length(_known(data), n_months)
    return lambda: fit_members(known)


def rolling(data: str | None, n_origins: int) -> Work:
    """Fit the forecaster at each of the last origins, and forecast."""
    known = _of_length(_known(data), 2_000)
    origins = range(len(known) - n_origins, len(known))
    return lambda: rolling_forecasts(known, origins=origins, n_jobs=1)


def laying_out(data: str | None, n_origins: int) -> Work:
    """Join forecasts to the prices that were paid, and add their intervals."""
    known = _of_length(_known(data), n_origins + 60)
    forecasts = {
        origin: np.full(HORIZON, known.price_clp_per_litre[origin])
        for origin in range(60, len(known))
    }
    return lambda: forecast_table("last_price", known, forecasts)


WORKS = (
    Growing("`raw_banco_central`", "rows", 614, THOUSANDFOLD, reading),
    Growing("`clean_precipitation`", "rows", 496, THOUSANDFOLD, cleaning_rain),
    Growing("`clean_milk_price`", "rows", 506, THOUSANDFOLD, cleaning_prices),
    Growing("`clean_banco_central`", "rows", 614, THOUSANDFOLD, cleaning_series),
    Growing("decimal points of a series", "months", 614, THOUSANDFOLD, restoring),
    Growing("`monthly_features`", "months", 76, THOUSANDFOLD, joining),
    Growing("`model1`, its grid", "months", 76, (1, 10), searching),
    Growing("`forecast_inputs`", "months", 506, THOUSANDFOLD, putting_together),
    Growing("`forecaster`", "months", 506, THOUSANDFOLD, fitting),
    Growing("`forecast_history`, its fits", "origins", 4, (1, 10), rolling),
    Growing("`forecast_history`, its intervals", "origins", 386, THOUSANDFOLD, laying_out),
)

LEFT_OUT = """\
The grid and the fits are not measured at 100 times the size, because this would take too long. The
time of a fit is constant, because the forecaster learns from the last hundred years only. The grid
would not continue to grow like this: while there are fewer months than terms (19,448 at degree 7),
scikit-learn solves a ridge with a matrix of months by months. `backtest` does the same work for the
baselines as these two do for the forecaster and `model1`. The assets after it only store values."""


def measured(data: str | None, *, rounds: int) -> Section:
    """Run the work at every size, draw the times, and describe them."""
    taken = {
        work.name: [
            _median_taken(work, data, times, rounds=1 if times == THOUSANDFOLD[-1] else rounds)
            for times in work.times
        ]
        for work in WORKS
    }
    PICTURE.write_bytes(png(_picture(taken)))
    times = sorted({one for work in WORKS for one in work.times})
    rows = [
        (
            work.name,
            f"{work.once:,} {work.unit}",
            *_by_times(work, times, [f"{one.seconds:.2f}" for one in taken[work.name]]),
            f"{_power(work, taken[work.name]):.2f}",
            *_by_times(work, times, [f"{one.mib:.0f}" for one in taken[work.name]]),
        )
        for work in WORKS
    ]
    faster = [work.name for work in WORKS if _power(work, taken[work.name]) > N_LOG_N[1]]
    heading = (
        *("", "once"),
        *(f"{one:,} times: seconds" for one in times),
        "power",
        *(f"{one:,} times: MiB" for one in times),
    )
    return Section(
        title="Growth",
        text=f"""\
Each asset gets the size of the real files, and 10, 100 and 1,000 times that size. The table has CPU
seconds on one core, and the memory besides the input: the median of {rounds} rounds, one round for
the largest size. The power is the exponent of the growth at the last step: 1 is linear, 2 is
quadratic. n log n is between {N_LOG_N[0]:.2f} and {N_LOG_N[1]:.2f} at these sizes. \
Assets that grow faster than that: {", ".join(faster) or "none"}.

{markdown_table(heading, rows)}

![Seconds by size](images/growth.png)

{LEFT_OUT}
""",
    )


def _picture(taken: Mapping[str, Sequence[Taken]]) -> Figure:
    figure = titled_figure("Time by how much an asset is given", height_in=5)
    axes = figure.add_subplot()
    for at, work in enumerate(WORKS):
        axes.loglog(
            work.times,
            [one.seconds for one in taken[work.name]],
            color=SEVERAL[at % len(SEVERAL)],
            linestyle=("-", "--", ":")[at // len(SEVERAL)],
            marker="o",
            label=work.name.replace("`", ""),
        )
    many = np.array(THOUSANDFOLD)
    for seconds in (1e-3, 1e-2, 1e-1):
        n_log_n = many * np.log(many * 500) / np.log(500)
        axes.loglog(many, seconds * n_log_n, color=GREY, linewidth=1, zorder=0)
    axes.set_xticks(many, [f"{times:,}" for times in many])
    axes.set_xlabel("times what the real files have; grey: n log n")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    plain(axes, ylabel="seconds of one core")
    return figure


def _by_times(work: Growing, times: Sequence[int], cells: Sequence[str]) -> list[str]:
    found = dict(zip(work.times, cells, strict=True))
    return [found.get(one, "") for one in times]


def _power(work: Growing, taken: Sequence[Taken]) -> float:
    step = work.times[-1] / work.times[-2]
    return float(np.log(taken[-1].seconds / taken[-2].seconds) / np.log(step))


def _with_rows(data: str | None, name: str, n_rows: int) -> RawFile:
    file = locate_data(data).read(name)
    header, *rows = file.content.splitlines()
    content = b"\n".join([header, *(rows[at % len(rows)] for at in range(n_rows))])
    return RawFile(name, file.location, content)


def _tables_of_length(data: str | None, n_months: int) -> dict[str, pd.DataFrame]:
    """Return the months that all three tables share, repeated."""
    clean = read_clean(locate_data(data))
    tables = {name: clean[name] for name in ("precipitation", "milk_price", "banco_central")}
    common = monthly_features(*tables.values())[MONTH]
    return {
        name: table[table[MONTH].isin(common)]
        .iloc[np.arange(n_months) % len(common)]
        .assign(**{MONTH: _months(n_months).as_unit("us")})
        .reset_index(drop=True)
        for name, table in tables.items()
    }


def _known(data: str | None) -> PriceSeries:
    tables = read_clean(locate_data(data))
    return price_series(forecast_inputs(tables))


def _months(n_months: int) -> pd.DatetimeIndex:
    return pd.date_range("0001-01", periods=n_months, freq="MS", unit="s")


def _of_length(data: PriceSeries, n_months: int) -> PriceSeries:
    at = np.arange(n_months) % len(data)
    log_changes = np.diff(np.log(data.price_clp_per_litre), prepend=0.0)
    log_changes[0] = 0
    # Whole cycles would climb out of any range: the trend of a cycle is taken out of it.
    log_changes -= log_changes.mean()
    return PriceSeries(
        first_month="0001-01",
        price_clp_per_litre=200 * np.exp(np.cumsum(log_changes[at])),
        drivers={name: values[at] for name, values in data.drivers.items()},
    )


def _median_taken(work: Growing, data: str | None, times: int, *, rounds: int) -> Taken:
    found = [_in_own_process(work, data, times) for _ in range(rounds)]
    return Taken(median(one.seconds for one in found), median(one.mib for one in found))


def _in_own_process(work: Growing, data: str | None, times: int) -> Taken:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_taken, work, data, times).result()


def _taken(work: Growing, data: str | None, times: int) -> Taken:
    with threadpool_limits(1):
        work.prepare(data, work.once)()  # so that nothing is loaded late
        done = work.prepare(data, work.once * times)
        before_kib = _memory_kib("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew from here
        start = time.process_time()
        done()
        seconds = time.process_time() - start
    return Taken(seconds, mib=max(0, _memory_kib("VmHWM") - before_kib) / 1024)


def _memory_kib(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1])


if __name__ == "__main__":
    main()
