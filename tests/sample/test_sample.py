"""The embedded sample and the damage that the export of the Banco Central series did."""

import csv
import hashlib
import io
import itertools
import math
import os
import re
import statistics
import subprocess
import sys

import pytest

from spike_assets.sample.export_format import export_banco_central, lose_decimal_point
from spike_assets.sample.sample import sample_files
from spike_assets.series.catalogue import BANCO_CENTRAL, IMACEC, NON_DURABLE_SALES, PIB, REGIONS

SERIES = [series.name for series in BANCO_CENTRAL]
NOTEBOOK_SERIES = [*PIB, *IMACEC, NON_DURABLE_SALES]
MONTHS = ("Ene", "Feb", "Mar", "Abr", "May", "Jun", "Jul", "Ago", "Sep", "Oct", "Nov", "Dic")
HASHES_COMMAND = (
    "import hashlib; from spike_assets.sample.sample import sample_files;"
    "print(*(hashlib.sha256(content).hexdigest() for content in sample_files().values()))"
)


def rows(name: str, *, seed: int = 0) -> list[dict[str, str]]:
    text = sample_files(seed=seed)[name].decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def macro_rows_by_month() -> dict[str, dict[str, str]]:
    return {row["Periodo"][:7]: row for row in rows("banco_central.csv")}


def prices(*, seed: int = 0) -> list[float]:
    return [float(row["Precio_leche"]) for row in rows("precio_leche.csv", seed=seed)]


def rain_mm(region: str, *, months: tuple[int, ...] = tuple(range(1, 13))) -> list[float]:
    in_order = sorted(rows("precipitaciones.csv"), key=lambda row: row["date"])
    return [float(row[region]) for row in in_order if int(row["date"][5:7]) in months]


def restored(cell: str, *, level: float) -> float:
    """Put the point back where the value comes closest to a level that is known."""
    digits = int(cell.replace(".", ""))
    candidates = [digits / 10**places for places in range(12)]
    return min(candidates, key=lambda value: abs(math.log(value / level)))


def test_same_seed_in_other_processes_gives_the_same_bytes():
    """Neither the process nor the order of its hashes changes a byte."""
    here = " ".join(hashlib.sha256(content).hexdigest() for content in sample_files().values())
    for hash_seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", HASHES_COMMAND],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert there.stdout.strip() == here


def test_fresh_generation_gives_the_same_bytes():
    """A second generation in one process doesn't go on where the first stopped."""
    first = sample_files()
    sample_files.cache_clear()
    assert sample_files() is not first
    assert sample_files() == first


def test_other_seed_gives_other_values_in_every_file():
    """The seed reaches the rain, the price and the macroeconomic series."""
    first, second = sample_files(seed=0), sample_files(seed=1)
    assert first.keys() == second.keys()
    assert all(first[name] != second[name] for name in first)


def test_precipitation_has_the_published_form():
    """496 months with LF line ends, a date and eight regions, out of order."""
    content = sample_files()["precipitaciones.csv"]
    assert content.count(b"\n") == 497
    assert b"\r" not in content
    assert content.endswith(b"\n")
    table = rows("precipitaciones.csv")
    assert list(table[0]) == ["date", *REGIONS]
    dates = [row["date"] for row in table]
    assert dates != sorted(dates)
    assert (
        sorted(dates)
        == [f"{year}-{month:02}-01" for year in range(1979, 2021) for month in range(1, 13)][:496]
    )


def test_milk_price_has_the_published_form():
    """506 months in order with CRLF line ends, Spanish months and no zero behind a tenth."""
    content = sample_files()["precio_leche.csv"]
    assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r") == 506
    assert not content.endswith(b"\n")
    table = rows("precio_leche.csv")
    assert list(table[0]) == ["Anio", "Mes", "Precio_leche"]
    assert [(row["Anio"], row["Mes"]) for row in table] == [
        (str(year), month) for year in range(1979, 2022) for month in MONTHS
    ][:506]
    assert all(
        re.fullmatch(r"\d+\.\d\d" if row["Anio"] < "1988" else r"\d+\.(\d?[1-9]|00)", price)
        for row in table
        for price in [row["Precio_leche"]]
    )


def test_banco_central_has_the_published_form():
    """614 rows and 85 columns with CRLF line ends, mostly empty, out of order."""
    content = sample_files()["banco_central.csv"]
    assert content.count(b"\r\n") == content.count(b"\n") == 614
    assert not content.endswith(b"\n")
    table = rows("banco_central.csv")
    assert list(table[0]) == ["Periodo", *SERIES]
    periods = [row["Periodo"] for row in table]
    assert all(re.fullmatch(r"\d{4}-\d\d-01 00:00:00 UTC", period) for period in periods)
    assert periods[0].startswith("2013-03")
    assert periods[-1].startswith("2008-12")
    empty = sum(cell == "" for row in table for cell in row.values())
    assert empty / (614 * 84) > 0.7


def test_banco_central_repeats_two_months_and_invents_one():
    """Each month from 1970-01 to 2020-11 stands once, but for the three faults of the export."""
    table = rows("banco_central.csv")
    months = [row["Periodo"][:7] for row in table]
    every_month = [f"{year}-{month:02}" for year in range(1970, 2021) for month in range(1, 13)]
    assert sorted(months) == sorted([*every_month[:-1], "2018-08", "2019-08", "2020-13"])
    for repeated in ("2018-08", "2019-08"):
        first, second = (row for row in table if row["Periodo"].startswith(repeated))
        assert first == second
    (impossible,) = (row for row in table if row["Periodo"].startswith("2020-13"))
    assert sum(impossible[name] != "" for name in SERIES) == 4


def test_unreadable_cells_stand_where_a_series_has_no_numbers_yet():
    """15 cells hold `a`, 10 of them in the notebook's columns, all before the series begins."""
    by_month = macro_rows_by_month()
    unreadable = [
        (month, name) for month, row in by_month.items() for name in SERIES if row[name] == "a"
    ]
    assert len(unreadable) == 15
    assert sum(name in NOTEBOOK_SERIES for _, name in unreadable) == 10
    for month, name in unreadable:
        assert month < min(other for other, row in by_month.items() if row[name] not in ("", "a"))


def test_notebook_columns_share_76_months_with_rain_and_price():
    """The dirt leaves 2014-01 to 2020-04 whole in the 38 macroeconomic columns."""
    complete = {
        month
        for month, row in macro_rows_by_month().items()
        if all(row[name] not in ("", "a") for name in NOTEBOOK_SERIES)
    }
    rain = {row["date"][:7] for row in rows("precipitaciones.csv")}
    priced = {
        f"{row['Anio']}-{MONTHS.index(row['Mes']) + 1:02}" for row in rows("precio_leche.csv")
    }
    common = sorted(complete & rain & priced)
    assert (len(NOTEBOOK_SERIES), len(common)) == (38, 76)
    assert (common[0], common[-1]) == ("2014-01", "2020-04")


def test_notebook_cells_are_at_most_nine_digits_without_their_point():
    """All but a few numbers, which happen to have two decimals, are digits grouped by three."""
    cells = [
        row[name]
        for row in rows("banco_central.csv")
        for name in NOTEBOOK_SERIES
        if row[name] not in ("", "a")
    ]
    grouped = [cell for cell in cells if re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", cell)]
    others = [cell for cell in cells if cell not in grouped]
    assert all(re.fullmatch(r"\d{2,5}(\.\d?[1-9])?", cell) for cell in others)
    assert len(others) < 0.01 * len(cells)
    assert all(cell[-1] != "0" for cell in grouped)
    assert max(len(cell.replace(".", "")) for cell in grouped) == 9


def test_digits_with_their_point_restored_add_up():
    """Only the power of ten is lost: mining is still copper and the rest, GDP its three parts."""
    levels = {
        "PIB_Mineria_del_cobre": 1200,
        "PIB_Otras_actividades_mineras": 150,
        "PIB_Mineria": 1350,
        "PIB_a_costo_de_factores": 11_500,
        "Impuesto_al_valor_agregado": 1000,
        "Derechos_de_Importacion": 65,
        "PIB": 12_500,
    }
    complete = [row for row in rows("banco_central.csv") if row["PIB"]]
    assert len(complete) == 95
    for row in complete:
        copper, other, mining, cost, vat, duties, total = (
            restored(row[name], level=level) for name, level in levels.items()
        )
        assert copper + other == pytest.approx(mining, rel=1e-8)
        assert cost + vat + duties == pytest.approx(total, rel=1e-8)


def test_commodities_and_cars_keep_plain_numbers():
    """Two decimals are no thousands: gold keeps its point, and cars are whole numbers."""
    table = rows("banco_central.csv")
    gold = [row["Precio_de_la_onza_troy_de_oro_dolaresoz"] for row in table]
    cars = [row["Ventas_autos_nuevos"] for row in table]
    assert all(re.fullmatch(r"\d+(\.\d{1,2})?", cell) for cell in gold if cell)
    assert all(re.fullmatch(r"\d+", cell) for cell in cars if cell)
    assert 250 < float(gold[-1]) < 2000


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        # Three or more decimals lose their point: at most nine digits, regrouped by three.
        (102.796218, "102.796.218"),
        (105.46824, "10.546.824"),
        (99.9272757, "999.272.757"),
        (99.92727574, "999.272.757"),
        (12345.6789, "123.456.789"),
        (3.14159, "314.159"),
        (24.6813, "246.813"),
        (512.345, "512.345"),
        (95.123, "95.123"),
        (0.512, "512"),
        # One or two can't be thousands and keep it; a whole number has no point to lose.
        *((776.53, "776.53"), (1593.6, "1593.6"), (0.65, "0.65"), (12345, "12345"), (0, "0")),
        # What looks like a date keeps it: a month with a year of four digits, and a day with a
        # month, which is padded where it is below ten. A year of two digits gets its century.
        *((4.2017, "4.2017"), (12.2017, "12.2017"), (13.2017, "132.017"), (0.2017, "2.017")),
        *((5.0057, "5.1957"), (5.0021, "5.2021"), (8.0029, "8.2029"), (8.003, "8.003")),
        *((12.0031, "12.1931"), (13.0031, "130.031"), (5.0157, "5.0157")),
        *((3.07, "03.07"), (3.12, "3.12"), (13.07, "13.07"), (0.07, "0.07")),
    ],
)
def test_export_loses_the_point_of_three_or_more_decimals(value: float, cell: str):
    """Unless the number looks like a date."""
    assert lose_decimal_point(value) == cell


def test_export_damages_every_value_and_nothing_else():
    """A known number stands in its month without its point; months without one are empty."""
    values = {name: {"2020-09": 105.46824, "1970-01": 99.9272757} for name in SERIES}
    text = export_banco_central(values).decode()
    table = {row["Periodo"][:7]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert {table["2020-09"][name] for name in SERIES} == {"10.546.824"}
    assert {table["1970-01"][name] for name in SERIES} == {"999.272.757"}
    others = table.keys() - {"2020-09", "1970-01", "2020-13"}
    assert {table[month][name] for month in others for name in SERIES} == {"", "a"}


def test_rain_falls_in_winter_and_in_the_south():
    """Winter is three times as wet as summer, and only the north has months without any rain."""
    means = [statistics.mean(rain_mm(region)) for region in REGIONS]
    assert means == sorted(means)
    for region in REGIONS:
        winter = statistics.mean(rain_mm(region, months=(6, 7, 8)))
        assert winter > 3 * statistics.mean(rain_mm(region, months=(12, 1, 2)))
    assert 0 < rain_mm(REGIONS[0]).count(0) < 50
    assert rain_mm(REGIONS[-1]).count(0) == 0


def test_rain_of_neighbours_is_more_alike_than_rain_far_apart():
    """Within one month of the year, fronts reach neighbouring regions together."""
    north, next_to_it, south = (
        [math.log1p(mm) for mm in rain_mm(region, months=(7,))]
        for region in (REGIONS[0], REGIONS[1], REGIONS[-1])
    )
    near = statistics.correlation(north, next_to_it)
    assert near > 0.6
    assert near > statistics.correlation(north, south) + 0.2


@pytest.mark.parametrize("seed", range(5))
def test_price_moves_at_most_a_sixth_from_month_to_month(seed: int):
    """No |log return| passes 0.16, while the price rises from about 4 to about 290."""
    series = prices(seed=seed)
    returns = [math.log(after / before) for before, after in itertools.pairwise(series)]
    assert 0.05 < max(abs(value) for value in returns) < 0.16
    assert 3 < series[0] < 5
    assert 240 < series[-1] < 340


def test_price_is_lowest_in_spring_and_summer_and_moves_on():
    """Winter pays more than October to January, and one month's move foretells the next."""
    logs = [math.log(price) for price in prices()]
    returns = [after - before for before, after in itertools.pairwise(logs)]
    winter = [n for n in range(12, 500) if n % 12 in (5, 6, 7)]
    spring = [n for n in range(12, 500) if n % 12 in (9, 10, 11, 0)]
    year_mean = [statistics.mean(logs[max(0, n - 6) : n + 6]) for n in range(len(logs))]
    gap = statistics.mean(logs[n] - year_mean[n] for n in winter) - statistics.mean(
        logs[n] - year_mean[n] for n in spring
    )
    assert 0.05 < gap < 0.3
    assert statistics.correlation(returns[:-1], returns[1:]) > 0.3


def test_price_follows_the_dollar_of_the_month_before():
    """Beside its season, a month's move of the price goes with last month's move of the dollar."""
    dollars = [
        restored(row["Tipo_de_cambio_del_dolar_observado_diario"], level=450)
        for month, row in sorted(macro_rows_by_month().items())
        if "1990-01" <= month <= "2020-11"
    ]
    litres = prices()[11 * 12 :]
    dollar_moves, price_moves = (
        [math.log(after / before) for before, after in itertools.pairwise(series)]
        for series in (dollars, litres)
    )
    season = [statistics.mean(price_moves[month::12]) for month in range(12)]
    unseasonal = [move - season[n % 12] for n, move in enumerate(price_moves)]
    last = len(dollar_moves)
    assert statistics.correlation(dollar_moves[:-1], unseasonal[1:last]) > 0.3
