"""The embedded sample: synthetic raw files, for use without the real ones.

Nothing of the published data is stored here. From round levels, a seeded generator makes rain, an
economy with one business cycle, and a milk price that follows it, and writes them in the raw
format of the real files. What the formats mean belongs to the modules that read them, the
damage that the Banco Central series took to `export_format`.
"""

from collections.abc import Mapping
from functools import cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from spike_assets.sample.export_format import export_banco_central
from spike_assets.sample.sample_series import CLP_PER_USD, SUMS, shape_of
from spike_assets.series.catalogue import BANCO_CENTRAL, DOLLAR, REGIONS

_Values = NDArray[np.float64]
"""One row a month, from 1970-01 to 2021-02; shape `(n_months,)` if nothing else is said."""

_MONTHS = tuple(f"{n // 12}-{n % 12 + 1:02}" for n in range(1970 * 12, 2021 * 12 + 2))
_YEARS = 1970 + np.arange(len(_MONTHS)) / 12
_MONTH_OF_YEAR = np.arange(len(_MONTHS)) % 12 + 1
_SPANISH = ("Ene", "Feb", "Mar", "Abr", "May", "Jun", "Jul", "Ago", "Sep", "Oct", "Nov", "Dic")

_RAIN_DIGITS = 12
"""The published file has 15; the last of those would differ between processors."""

_RAIN_MM_PER_YEAR = (200, 400, 600, 850, 1150, 1500, 1800, 2350)
_PRICE_CLP_PER_LITRE = {1979: 4, 1984: 18, 1990: 75, 1997: 100, 2014: 205, 2019: 245, 2021: 310}


_FARMING = "PIB_Agropecuario_silvicola"


@cache
def sample_files(*, seed: int = 0) -> dict[str, bytes]:
    """Generate the files.

    The price rises with the dollar and the business cycle and falls when farms deliver most, in
    spring and summer; so there is something to learn from the other two files. Rain falls in
    winter and grows to the south.

    Args:
        seed: Another seed is another sample.

    Returns:
        The bytes of `precipitaciones.csv` (496 months), `precio_leche.csv` (506),
        `banco_central.csv` (614 rows) and `fao_food_price_indices.csv` (374 months), by name. The
        same seed gives the same bytes, in every process.
    """
    rain, economy, price, order, world = np.random.default_rng(seed).spawn(5)
    cycle = _business_cycle(economy)
    series = _macro_series(economy, cycle=cycle)
    prices = _milk_price_clp_per_litre(price, series=series, cycle=cycle)
    return {
        "precipitaciones.csv": _precipitation_csv(_rain_mm(rain), order=order),
        "precio_leche.csv": _milk_price_csv(prices),
        "banco_central.csv": export_banco_central(_published(series)),
        "fao_food_price_indices.csv": _dairy_index_csv(
            _dairy_index(world, prices=prices, dollar=series[DOLLAR])
        ),
    }


def _rain_mm(rng: np.random.Generator) -> _Values:
    """Draw rain by month and region, shape `(n_months, 8)`."""
    south = np.linspace(0, 1, len(REGIONS))
    seasonality = np.exp(_wave(peak=6)[:, np.newaxis] * (1.9 - 1.1 * south))
    mean_mm = np.array(_RAIN_MM_PER_YEAR) * seasonality / seasonality[:12].sum(axis=0)
    weather = np.empty_like(mean_mm)
    front = rng.normal(size=len(_MONTHS))
    for region in range(len(REGIONS)):
        front = 0.9 * front + np.sqrt(1 - 0.9**2) * rng.normal(size=len(_MONTHS))
        weather[:, region] = front
    spread = 1.2 - 0.7 * south
    # Too little rain to measure is none: so some months of the north are exactly 0.
    return np.asarray(np.maximum(mean_mm * np.exp(spread * weather - spread**2 / 2) - 0.2, 0))


def _business_cycle(rng: np.random.Generator) -> _Values:
    """Draw the log distance of activity from its trend, with the fall of 2020."""
    pandemic = np.interp(_YEARS, [2020 + 1 / 12, 2020 + 4 / 12, 2021], [0, -0.12, -0.03])
    return _persistent_noise(rng, deviation=0.02, persistence=0.97) + pandemic


def _macro_series(rng: np.random.Generator, *, cycle: _Values) -> dict[str, _Values]:
    """Draw every series of the Banco Central over all months, in the catalogue's order."""
    series = {}
    for name in (one.name for one in BANCO_CENTRAL if one.name not in SUMS):
        shape = shape_of(name)
        noise = _persistent_noise(rng, deviation=shape.noise, persistence=0.8)
        logs = shape.season * _wave(peak=shape.peak) + shape.cycle * cycle + noise
        series[name] = _level(shape.levels) * np.exp(logs)
    for name, parts in SUMS.items():
        series[name] = np.sum([series[part] for part in parts], axis=0)
    return {one.name: series[one.name] for one in BANCO_CENTRAL}


def _milk_price_clp_per_litre(
    rng: np.random.Generator, *, series: Mapping[str, _Values], cycle: _Values
) -> _Values:
    dollar = np.log(series[DOLLAR] / _level(CLP_PER_USD))
    farming = np.log(series[_FARMING] / _level(shape_of(_FARMING).levels))
    season = 0.05 * _wave(peak=6) - 0.06 * farming
    noise = _persistent_noise(rng, deviation=0.03, persistence=0.85)
    # Dairies pass the dollar of last month and the demand of two months ago on to farms.
    logs = season + 0.5 * np.roll(dollar, 1) + np.roll(cycle, 2) + noise
    return _level(_PRICE_CLP_PER_LITRE) * np.exp(logs)


def _dairy_index(rng: np.random.Generator, *, prices: _Values, dollar: _Values) -> _Values:
    """Draw world prices of dairy products, which the milk price follows by two months."""
    noise = _persistent_noise(rng, deviation=0.05, persistence=0.8)
    coming = np.append(prices[2:], prices[-2:])
    return np.asarray(220 * coming / dollar * np.exp(noise))


def _published(series: Mapping[str, _Values]) -> dict[str, dict[str, float]]:
    """Cut each series to the months and decimals in which it is published."""
    published = {}
    for name, values in series.items():
        shape = shape_of(name)
        published[name] = {
            _MONTHS[n]: round(
                float(values[n]), shape.decimals if _YEARS[n] >= 2000 else shape.old_decimals
            )
            for n in _positions(shape.first, shape.last)
        }
    return published


def _precipitation_csv(rain_mm: _Values, *, order: np.random.Generator) -> bytes:
    lines = [
        ",".join([f"{_MONTHS[n]}-01", *(f"{mm:.{_RAIN_DIGITS}g}" for mm in rain_mm[n])])
        for n in order.permutation(_positions("1979-01", "2020-04"))
    ]
    return "".join(f"{line}\n" for line in [",".join(["date", *REGIONS]), *lines]).encode()


def _milk_price_csv(prices: _Values) -> bytes:
    lines = ["Anio,Mes,Precio_leche"]
    for n in _positions("1979-01", "2021-02"):
        price = f"{prices[n]:.2f}"
        # The published file keeps the zero of a tenth before 1988, and a double zero always.
        if _YEARS[n] >= 1988 and not price.endswith("00"):
            price = price.removesuffix("0")
        lines.append(f"{_MONTHS[n][:4]},{_SPANISH[n % 12]},{price}")
    return "\r\n".join(lines).encode()


def _dairy_index_csv(index: _Values) -> bytes:
    padding = "," * 3  # the published file has dozens of empty columns
    lines = [
        f"FAO Food Price Index,,,,,,{padding}",
        f"2014-2016=100,,,,,,{padding}",
        f"Date,Food Price Index,Meat,Dairy,Cereals,Oils,Sugar{padding}",
        f",,,,,,{padding}",
        *(f"{_MONTHS[n]},,,{index[n]:.1f},,,{padding}" for n in _positions("1990-01", "2021-02")),
    ]
    return b"\xef\xbb\xbf" + "".join(f"{line}\r\n" for line in lines).encode()


def _positions(first: str, last: str) -> range:
    return range(_MONTHS.index(first), _MONTHS.index(last) + 1)


def _level(levels: Mapping[int, float]) -> _Values:
    return np.exp(np.interp(_YEARS, list(levels), np.log(list(levels.values()))))


def _wave(*, peak: int) -> _Values:
    """Return a yearly wave: 1 in the peak month, -1 half a year from it."""
    return np.asarray(np.cos(2 * np.pi * (_MONTH_OF_YEAR - peak) / 12))


def _persistent_noise(rng: np.random.Generator, *, deviation: float, persistence: float) -> _Values:
    """Draw a first-order autoregression with a standard deviation of `deviation`."""
    shocks = rng.normal(scale=deviation * np.sqrt(1 - persistence**2), size=len(_MONTHS))
    return np.array(list(accumulate(shocks, lambda past, shock: persistence * past + shock)))
