"""How time and memory of the work grow with months, origins and series.

    python -m bench.growth [DIR]

DIR is the folder with the real files, or the embedded sample. Longer histories are the real prices
again and again, each time as if they went on from where they were. Every figure comes from a
process of its own: seconds of one core, and the memory that the work took on top of what was
loaded before.
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from bench.section import Section
from spike_assets.forecasting.data import ForecastData
from spike_assets.forecasting.inputs import forecast_data, forecast_inputs
from spike_assets.forecasting.learners import fit_forecaster
from spike_assets.forecasting.report import markdown_table
from spike_assets.forecasting.rolling_origin import rolling_forecasts
from spike_assets.sources.clean_tables import read_clean_tables
from spike_assets.sources.decimals import restore_decimals
from spike_assets.sources.location import locate_data

ROUNDS = 3
CELLS = (500, 5_000, 50_000, 500_000)
MONTHS = (250, 500, 1_000, 2_000, 4_000)
ORIGINS = (4, 8, 16, 32)

Work = Callable[[ForecastData, int], object]


@dataclass(frozen=True)
class Taken:
    """What some work took: seconds of one core, and MiB."""

    seconds: float
    mib: float


def main() -> None:
    """Measure and print."""
    print(measured(sys.argv[1] if len(sys.argv) > 1 else None, rounds=ROUNDS).text)


def restored_cells(_data: ForecastData, n_cells: int) -> object:
    """Put the decimal points of a series of so many months back."""
    walk = np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, n_cells)) * 0.1) * 100
    cells = pd.Series(
        [f"{round(value * 1e6):,}".replace(",", ".") for value in walk],
        index=pd.date_range("0001-01", periods=n_cells, freq="MS", unit="s"),
    )
    return restore_decimals(cells, lowest=40, highest=250)


def fitted_forecaster(data: ForecastData, n_months: int) -> object:
    """Fit on so many months."""
    return fit_forecaster(_of_length(data, n_months))


def rolling(data: ForecastData, n_origins: int) -> object:
    """Forecast from so many origins, the last ones."""
    return rolling_forecasts(data, origins=range(len(data) - n_origins, len(data)), n_jobs=1)


WORKS: Sequence[tuple[str, str, Work, Sequence[int]]] = (
    ("decimal points of a series", "months", restored_cells, CELLS),
    ("fitting the forecaster", "months", fitted_forecaster, MONTHS),
    ("forecasting past months", "origins", rolling, ORIGINS),
)


def measured(data: str | None, *, rounds: int) -> Section:
    """Do the works at every size, and put into words what they took."""
    tables = read_clean_tables(locate_data(data))
    known = forecast_data(
        forecast_inputs(tables.precipitation, tables.milk_price, tables.banco_central)
    )
    rows = []
    for name, unit, work, sizes in WORKS:
        taken = [_median_taken(work, known, size, rounds=rounds) for size in sizes]
        powers = [
            np.log(larger.seconds / smaller.seconds) / np.log(more / fewer)
            for (smaller, larger), (fewer, more) in zip(
                pairwise(taken), pairwise(sizes), strict=True
            )
        ]
        rows += [
            (name, f"{size:,} {unit}", f"{one.seconds:.2f}", f"{one.mib:.0f}", power)
            for size, one, power in zip(
                sizes, taken, ["", *(f"{power:.2f}" for power in powers)], strict=True
            )
        ]
    return Section(
        title="Growth",
        text=f"""\
Seconds of one core, and memory; each size was measured {rounds} x. The power is by how much time
grew from the size before: 1 is proportional, 2 is squared.

{markdown_table(("", "size", "seconds", "MiB", "power"), rows)}
""",
    )


def _of_length(data: ForecastData, n_months: int) -> ForecastData:
    at = np.arange(n_months) % len(data)
    log_changes = np.diff(np.log(data.price_clp_per_litre), prepend=0.0)
    log_changes[0] = 0
    # Whole cycles would climb out of any range: the trend of a cycle is taken out of it.
    log_changes -= log_changes.mean()
    return ForecastData(
        first_month="0001-01",
        price_clp_per_litre=200 * np.exp(np.cumsum(log_changes[at])),
        drivers={name: values[at] for name, values in data.drivers.items()},
    )


def _median_taken(work: Work, data: ForecastData, size: int, *, rounds: int) -> Taken:
    found = [_in_own_process(work, data, size) for _ in range(rounds)]
    return Taken(median(one.seconds for one in found), median(one.mib for one in found))


def _in_own_process(work: Work, data: ForecastData, size: int) -> Taken:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_taken, work, data, size).result()


def _taken(work: Work, data: ForecastData, size: int) -> Taken:
    fitted_forecaster(data, 250)  # so that nothing is loaded late
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with threadpool_limits(1):
        work(data, size)
    return Taken(
        seconds=time.process_time() - start,
        mib=(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) / 1024,
    )


if __name__ == "__main__":
    main()
