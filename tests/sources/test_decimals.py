"""Lost decimal points put back: single cells, series whose truth is known, and the real file."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from bench.known_series import KINDS, N_MONTHS, known_series, mangled
from spike_assets.series.catalogue import BANCO_CENTRAL, PIB, PLAUSIBLE
from spike_assets.sources.banco_central import COLUMNS, FILE_NAME, PERIOD
from spike_assets.sources.decimals import RestoredSeries, restore_decimals
from spike_assets.sources.raw_file import read_raw_file, text_table

UNDAMAGED_EXPORT = "bde_canasta_2020-12-16.xls"

BRANCHES_OF_MANUFACTURING = (
    "PIB_Alimentos",
    "PIB_Bebidas_y_tabaco",
    "PIB_Textil",
    "PIB_Maderas_y_muebles",
    "PIB_Celulosa",
    "PIB_Refinacion_de_petroleo",
    "PIB_Quimica",
    "PIB_Minerales_no_metalicos_y_metalica_basica",
    "PIB_Productos_metalicos",
)
KINDS_OF_MINING = ("PIB_Mineria_del_cobre", "PIB_Otras_actividades_mineras")
TOTALS = ("PIB_a_costo_de_factores", "PIB")
SECTORS = tuple(
    name for name in PIB if name not in (*BRANCHES_OF_MANUFACTURING, *KINDS_OF_MINING, *TOTALS)
)
TAXES = ("Impuesto_al_valor_agregado", "Derechos_de_Importacion")
ACTIVITIES = (
    *(series.name for series in BANCO_CENTRAL if series.name.startswith("Ocupacion_en_")),
    "No_sabe__No_responde_Miles_de_personas",
)


def monthly(*cells: str, first: str = "2000-01-01") -> pd.Series:
    return pd.Series(cells, index=pd.date_range(first, periods=len(cells), freq="MS"), dtype="str")


def restored_with_range(values: pd.Series) -> RestoredSeries:
    """Mangle known values and restore them, within three times their own extent."""
    return restore_decimals(mangled(values), lowest=values.min() / 3, highest=values.max() * 3)


def quiet_with_rise(factor: float) -> pd.Series:
    """Two years near 100 that hardly move, but for one rise for good, in the middle."""
    noise = np.random.default_rng(0).normal(0, 0.01, 24)
    rise = np.where(np.arange(24) < 12, 1, factor)
    index = pd.date_range("2000-01-01", periods=24, freq="MS")
    return pd.Series(np.round(100.123457 * rise * np.exp(noise), 6), index=index)


@pytest.mark.parametrize(
    ("cell", "lowest", "highest", "value", "lost_decimals"),
    [
        ("102.796.218", 25, 200, 102.796218, 6),
        ("10.546.824", 25, 200, 105.46824, 5),
        ("999.272.757", 25, 200, 99.9272757, 7),
        ("11.298.453", 4000, 36000, 11298.453, 3),
        ("93.621", 35, 300, 93.621, 3),
        ("93.621", 0.1, 0.99, 0.93621, 5),
        ("512", 0.1, 0.9, 0.512, 3),
        ("5", 0.001, 0.009, 0.005, 3),
        ("578", 0.001, 0.009, 0.00578, 5),
    ],
)
def test_cell_has_a_reading_for_every_power_of_ten_that_could_be_lost(
    cell: str, lowest: float, highest: float, value: float, lost_decimals: int
):
    """A range narrower than a decade picks one: three decimals or more, up to two zeros ahead."""
    restored = restore_decimals(monthly(cell), lowest=lowest, highest=highest)
    assert restored.values == pytest.approx([value], rel=1e-12)
    assert restored.lost_decimals.tolist() == [lost_decimals]
    assert restored.margins.tolist() == [np.inf]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("776.53", 776.53),
        ("1593.6", 1593.6),
        ("0.65", 0.65),
        ("4.3017", 4.3017),
        ("4.0017", 4.0017),
        ("13.2017", 13.2017),
        ("03.07", 3.07),
        ("12345", 12345),
        ("120", 120),
    ],
)
def test_plain_cell_stays_as_it_is(cell: str, value: float):
    """One or two decimals, a date, a whole number the export would have grouped or ends in zero."""
    restored = restore_decimals(monthly(cell), lowest=1e-6, highest=1e9)
    assert restored.values.tolist() == [value]
    assert restored.lost_decimals.tolist() == [0]
    assert restored.margins.tolist() == [np.inf]


@pytest.mark.parametrize(
    ("neighbour", "value", "lost_decimals"),
    [("498.2", 512, 0), ("0.49", 0.512, 3), ("0.05", 0.0512, 4)],
)
def test_up_to_three_digits_without_a_dot_are_whole_or_lost_decimals(
    neighbour: str, value: float, lost_decimals: int
):
    """`512` is what both 512 and 0.512 became; its neighbours tell which."""
    restored = restore_decimals(monthly(neighbour, "512", neighbour), lowest=1e-3, highest=1e4)
    assert restored.values[1] == pytest.approx(value, rel=1e-12)
    assert restored.lost_decimals.tolist() == [0, lost_decimals, 0]


def test_zero_is_zero_and_the_path_leads_past_it():
    """Zero lost no decimals and has no logarithm: its neighbours are compared with each other."""
    restored = restore_decimals(monthly("2.51", "0", "2.468"), lowest=0, highest=10)
    assert restored.values == pytest.approx([2.51, 0, 2.468], rel=1e-12)
    assert restored.lost_decimals.tolist() == [0, 0, 3]


def test_zero_alone_is_restored():
    """A series may hold nothing else."""
    restored = restore_decimals(monthly("0"), lowest=0, highest=10)
    assert (restored.values.tolist(), restored.margins.tolist()) == ([0], [np.inf])


def test_series_without_cells_gives_empty_arrays_of_the_same_types():
    """Masks and counts of an empty series are masks and counts."""
    restored = restore_decimals(monthly(), lowest=1, highest=10)
    assert restored.values.dtype == restored.margins.dtype == restored.rejected.dtype == np.float64
    assert restored.lost_decimals.dtype == np.int64
    assert len(restored.values) == len(restored.margins) == len(restored.rejected) == 0


def test_single_cell_with_two_readings_is_admitted_to_be_open():
    """Without a neighbour nothing speaks for either reading: the margin is zero."""
    restored = restore_decimals(monthly("25.123"), lowest=1, highest=100)
    assert restored.values == pytest.approx([25.123])
    assert restored.margins.tolist() == [0]


@pytest.mark.parametrize(
    ("months", "value"),
    [
        (("1990-01-01", "2000-01-01", "2000-02-01"), 2.5125),
        (("1999-12-01", "2000-01-01", "2010-01-01"), 0.25125),
    ],
)
def test_near_month_outweighs_a_month_ten_years_away(months: tuple[str, ...], value: float):
    """Between 0.2 and 2.1 the same digits go with the neighbour that is nearer in time."""
    cells = pd.Series(["0.2", "25.125", "2.1"], index=pd.DatetimeIndex(months), dtype="str")
    restored = restore_decimals(cells, lowest=0.1, highest=9)
    assert restored.values[1] == pytest.approx(value, rel=1e-12)


def test_cell_is_less_certain_behind_a_long_gap():
    """The tie weakens with the square root of the months between, and the margin with it."""
    values = known_series(KINDS["index near 100"], volatility=0.05, seed=0)
    moved = values.index[:-1].append(values.index[-1:] + pd.DateOffset(months=99))
    near, far = (
        restore_decimals(mangled(values.set_axis(months)), lowest=3, highest=900)
        for months in (values.index, moved)
    )
    np.testing.assert_array_equal(near.values, far.values)
    assert far.margins[-1] == pytest.approx(near.margins[-1] / 10, rel=0.05)


@pytest.mark.parametrize(
    ("cell", "nearest"), [("777", 0.777), ("95", 95), ("225", 225), ("776.53", 776.53)]
)
def test_cell_without_a_reading_in_the_range_is_read_nearest_to_it(cell: str, nearest: float):
    """By factor; whether the number is plausible, its neighbours tell."""
    restored = restore_decimals(monthly("12.5", cell, "13.5"), lowest=8, highest=40)
    assert restored.values == pytest.approx([12.5, nearest, 13.5], rel=1e-12)


def test_margin_is_small_where_two_readings_fit_alike():
    """Between 1 and 10 a cell of 3.1 or 31 is open; beside it stand cells with one reading."""
    restored = restore_decimals(monthly("10.5", "31.623", "95.5"), lowest=1, highest=100)
    assert restored.margins[1] > 1
    ambiguous = restore_decimals(monthly("10.5", "33.123", "10.5"), lowest=1, highest=100)
    assert ambiguous.margins[1] < 0.1
    assert ambiguous.margins[[0, 2]].tolist() == [np.inf, np.inf]


def test_fourfold_rise_is_kept_where_the_range_admits_nothing_else():
    """A quarter of the level is outside.

    A fall from ten times the level is smoother, but no growth: the months before the rise turn on
    the range's end.
    """
    values = quiet_with_rise(4)
    restored = restore_decimals(mangled(values), lowest=50, highest=450)
    np.testing.assert_allclose(restored.values, values, rtol=1e-12)
    np.testing.assert_allclose(restored.rejected[:12], values[:12] * 10, rtol=1e-12)
    assert np.isnan(restored.rejected[12:]).all()
    assert restored.doubtful.tolist() == [True] * 12 + [False] * 12


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        (["60.213"], [6.0213]),
        (["69.123"], [6.9123]),
        (["60.213", "58.914", "61.907", "59.123"], [6.0213, 5.8914, 6.1907, 5.9123]),
        # Eight decimals, as the file has them, and on from there beyond twice the range.
        (
            ["602.134.567", "80.213", "101.234.567", "131.234.567"],
            [
                6.02134567,
                8.0213,
                *(
                    10.1234567,
                    13.1234567,
                ),
            ],
        ),
    ],
)
def test_price_that_grows_out_of_its_range_is_not_read_as_a_tenth(
    newest: list[str], expected: list[float]
):
    """Copper was at 3 dollars, and its range ends at 6: the tenth is kept beside the reading."""
    months_before = ["2.95", "30.472", "306.187.654", "2.98", "31.023", "3.05"]
    restored = restore_decimals(monthly(*months_before, *newest), lowest=0.3, highest=6)
    np.testing.assert_allclose(restored.values[6:], expected, rtol=1e-12)
    np.testing.assert_allclose(restored.rejected[6:], np.array(expected) / 10, rtol=1e-12)
    assert np.isnan(restored.rejected[:6]).all()


def test_wild_series_stays_within_its_range_and_says_that_the_range_decided():
    """A fall to a fifth is kept where the smoother reading is beyond the range."""
    cells = monthly("34.81", "57.61", "58.62", "27.31", "61.122", "97.989", "210.013", "250.863")
    restored = restore_decimals(cells, lowest=6, highest=60)
    assert restored.values[4:] == pytest.approx([6.1122, 9.7989, 21.0013, 25.0863])
    np.testing.assert_allclose(restored.rejected[4:], restored.values[4:] * 10, rtol=1e-12)
    assert np.isnan(restored.rejected[:4]).all()


@pytest.mark.parametrize(
    ("before", "cell", "after", "value", "doubtful"),
    [
        ("4.99", "5.1957", "4.97", 5.0057, False),
        ("5.19", "5.1957", "5.2", 5.1957, False),
        ("4.99", "5.2021", "4.97", 5.0021, False),
        # As smooth both ways: it stays as it is written.
        ("4.9", "5.2019", "5.6", 5.2019, True),
        # No rule of two digits makes these.
        ("4.99", "5.1929", "4.97", 5.1929, False),
        ("4.99", "5.2031", "4.97", 5.2031, False),
        ("12.98", "13.1957", "12.96", 13.1957, False),
        ("0.01", "0.1957", "0.01", 0.1957, False),
    ],
)
def test_number_that_was_taken_for_a_date_is_read_as_its_neighbours_have_it(
    before: str, cell: str, after: str, value: float, *, doubtful: bool
):
    """`5.1957` is what both 5.1957 and 5.0057 became: a month, and a year of two digits."""
    quiet_before, quiet_after = [before] * 4, [after] * 4
    restored = restore_decimals(
        monthly(*quiet_before, cell, *quiet_after), lowest=0.001, highest=1000
    )
    assert restored.values[4] == pytest.approx(value, rel=1e-12)
    assert restored.lost_decimals[4] == 0
    assert restored.doubtful[4] == doubtful


def test_fourfold_rise_that_could_be_a_fall_is_exposed_by_small_margins():
    """A rise to 400 and a fall to 40 can't be told apart: they have the same digits.

    The fall is the smaller move and is chosen, wrongly here. However quiet the series is
    elsewhere, every cell that turns on this one choice says so.
    """
    values = quiet_with_rise(4)
    restored = restore_decimals(mangled(values), lowest=20, highest=450)
    np.testing.assert_allclose(restored.values[:12], values[:12], rtol=1e-12)
    np.testing.assert_allclose(restored.values[12:], values[12:] / 10, rtol=1e-12)
    assert (restored.margins[12:] < 1).all()


def test_sevenfold_rise_passes_for_a_fall_of_a_third():
    """The limit of the margins: a fall of a third is common enough to raise no doubt."""
    values = quiet_with_rise(7)
    restored = restore_decimals(mangled(values), lowest=20, highest=900)
    np.testing.assert_allclose(restored.values[12:], values[12:] / 10, rtol=1e-12)
    assert (restored.margins[12:] > 3).all()


def test_series_that_fits_its_range_twice_is_wholly_open():
    """Where the whole series could stand a decade lower, no cell is sure of its level."""
    values = known_series(KINDS["index near 100"], volatility=0.02, seed=0)
    restored = restore_decimals(mangled(values), lowest=1, highest=999)
    ratios = restored.values / values
    assert ratios.max() / ratios.min() == pytest.approx(1)
    assert (restored.margins < 1e-6).all()


def test_same_cells_give_the_same_series():
    """Nothing is drawn at random, and the cells are left as they were."""
    cells = mangled(known_series(KINDS["random walk"], volatility=0.3, seed=0))
    before = cells.copy(deep=True)
    first, second = (restore_decimals(cells, lowest=1, highest=1e5) for _ in range(2))
    for name in ("values", "lost_decimals", "margins", "rejected"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    pd.testing.assert_series_equal(cells, before)


def test_five_thousand_months_with_ten_readings_each_are_restored():
    """The work grows with the months, not with the paths, 10 to the power of 5,000."""
    noise = np.random.default_rng(0).normal(0, 0.05, 5_000)
    months = pd.date_range("1700-01-01", periods=5_000, freq="MS")
    values = pd.Series(np.round(100 * np.exp(noise), 6), index=months)
    cells = mangled(values)
    cells.iloc[0] = "100.5"  # whose point stayed: it sets the level that so wide a range leaves
    restored = restore_decimals(cells, lowest=1e-6, highest=1e9)
    np.testing.assert_allclose(restored.values[1:], values[1:], rtol=1e-12)


@pytest.mark.parametrize("volatility", [0.01, 0.02, 0.05, 0.10, 0.15])
@pytest.mark.parametrize("kind", KINDS)
def test_known_series_get_their_powers_of_ten_back(kind: str, volatility: float):
    """At most one cell in a thousand is wrong up to 15 % a month, over ten series of each kind."""
    right = []
    for seed in range(10):
        values = known_series(KINDS[kind], volatility=volatility, seed=seed)
        restored = restored_with_range(values)
        right.append(np.isclose(restored.values, values, rtol=1e-9))
    assert np.concatenate(right).size == 10 * N_MONTHS
    assert np.mean(right) >= 0.999


def test_known_series_with_months_missing_get_their_powers_of_ten_back():
    """A third of the months left out at random changes nothing."""
    for kind in KINDS.values():
        values = known_series(kind, volatility=0.1, seed=0)
        kept = values.sample(frac=2 / 3, random_state=0).sort_index()
        np.testing.assert_allclose(restored_with_range(kept).values, kept, rtol=1e-9)


@pytest.mark.parametrize("volatility", [0.3, 0.5])
def test_wrong_cells_of_wild_series_have_small_margins(volatility: float):
    """Where moves beyond a factor of 3.2 are common, 99 of 100 wrong cells are doubtful."""
    margins = []
    for kind in KINDS.values():
        for seed in range(10):
            values = known_series(kind, volatility=volatility, seed=seed)
            restored = restored_with_range(values)
            margins.append(restored.margins[~np.isclose(restored.values, values, rtol=1e-9)])
    wrong = np.concatenate(margins)
    assert len(wrong) > 50
    assert (wrong < 3).mean() >= 0.99


@pytest.fixture(scope="module")
def real_cells(real_data: Path) -> dict[str, pd.Series]:
    """The cells of every series of the real file that hold a number, by month."""
    raw = text_table(read_raw_file(real_data / FILE_NAME), columns=COLUMNS)
    possible = raw[raw[PERIOD].str[5:7] <= "12"].drop_duplicates(PERIOD)
    table = possible.set_index(pd.DatetimeIndex(possible[PERIOD].str[:10])).sort_index()
    return {
        series.name: table.loc[~table[series.name].isin(["", "a"]), series.name]
        for series in BANCO_CENTRAL
    }


@pytest.fixture(scope="module")
def real(real_cells: dict[str, pd.Series]) -> dict[str, RestoredSeries]:
    """Every series of the real file, restored."""
    return {
        name: restore_decimals(
            cells, lowest=PLAUSIBLE[name].lowest, highest=PLAUSIBLE[name].highest
        )
        for name, cells in real_cells.items()
    }


@pytest.fixture(scope="module")
def real_values(real_cells: dict[str, pd.Series], real: dict[str, RestoredSeries]) -> pd.DataFrame:
    """The restored values by month; NaN where the file has no number."""
    return pd.DataFrame(
        {
            name: pd.Series(real[name].values, index=cells.index)
            for name, cells in real_cells.items()
        }
    )


def residuals(parts: pd.DataFrame, whole: pd.Series) -> pd.Series:
    """By how much the parts miss the whole, as a share of it, in months that have all of them."""
    return (parts.sum(axis=1, skipna=False) / whole - 1).dropna().abs()


def test_every_real_cell_is_read_within_its_range(real: dict[str, RestoredSeries]):
    """The ranges hold all published numbers."""
    assert sum(len(one.values) for one in real.values()) == 14288
    for name, one in real.items():
        assert one.values.min() >= PLAUSIBLE[name].lowest
        assert one.values.max() <= PLAUSIBLE[name].highest


def test_real_gdp_never_more_than_doubles_in_a_month(real: dict[str, RestoredSeries]):
    """The largest |log ratio| of neighbouring months is 0.76, where a lost decade is 2.3."""
    moves = {name: np.abs(np.diff(np.log(real[name].values))).max() for name in PIB}
    assert max(moves.values()) < 0.80


def test_real_gdp_lost_another_number_of_decimals_in_one_cell_of_seven(
    real: dict[str, RestoredSeries],
):
    """383 of 2,604 cells: those that one power of ten for the whole series leaves wrong."""
    lost = [real[name].lost_decimals for name in PIB]
    others = sum(int((one != np.bincount(one).argmax()).sum()) for one in lost)
    assert (others, sum(map(len, lost))) == (383, 2604)


def test_real_gdp_is_proportional_to_its_monthly_index(real_values: pd.DataFrame):
    """One number in 93 months, to seven digits: the proof that the powers of ten are right."""
    ratio = (real_values["PIB"] / real_values["Imacec_empalmado"]).dropna()
    assert len(ratio) == 93
    assert ratio.mean() == pytest.approx(114.8968, abs=1e-4)
    assert (ratio.max() - ratio.min()) / ratio.mean() < 1e-7


@pytest.mark.parametrize(
    ("parts", "whole", "n_months", "limit"),
    [
        (("PIB_a_costo_de_factores", *TAXES), "PIB", 93, 0.0005),
        (KINDS_OF_MINING, "PIB_Mineria", 93, 0.003),
        (BRANCHES_OF_MANUFACTURING, "PIB_Industria_Manufacturera", 93, 0.015),
        (SECTORS, "PIB_a_costo_de_factores", 93, 0.015),
        (ACTIVITIES, "Ocupados", 10, 0.007),
    ],
)
def test_real_parts_sum_to_their_whole(
    real_values: pd.DataFrame, parts: tuple[str, ...], whole: str, n_months: int, limit: float
):
    """Up to what chained volumes leave open; a cell on a wrong power of ten misses by far more."""
    missed = residuals(real_values[list(parts)], real_values[whole])
    assert len(missed) == n_months
    assert missed.max() < limit


def test_real_activities_sum_to_all_jobs_but_where_a_cell_is_doubtful(
    real_cells: dict[str, pd.Series],
    real: dict[str, RestoredSeries],
    real_values: pd.DataFrame,
):
    """Counts of one survey add up to a millionth; a wrong power of ten shows, and was doubted.

    In April and May 2014 the extraterritorial bodies employed 405 and 406 people, a third of the
    month before: the repair reads 4,051 and 4,058, which is smoother.
    """
    parts = real_values[list(ACTIVITIES)].fillna({ACTIVITIES[-1]: 0})  # empty: nobody unstated
    missed = residuals(parts, real_values["Ocupados"])
    doubtful = {
        month for name in ACTIVITIES for month in real_cells[name].index[real[name].margins < 1]
    }
    wrong = set(missed.index[missed > 1e-6])
    assert len(missed) == 92
    assert {pd.Timestamp("2014-04-01"), pd.Timestamp("2014-05-01")} <= wrong
    assert len(wrong) <= 6
    assert wrong <= doubtful


def test_real_dollar_has_its_known_levels(real_values: pd.DataFrame):
    """57.8 CLP in August 1982; between 686 and 854 in 2019-06 to 2020-11."""
    dollar = real_values["Tipo_de_cambio_del_dolar_observado_diario"].dropna()
    assert dollar["1982-08-01"] == pytest.approx(57.8, abs=0.05)
    assert dollar["2019-06":"2020-11"].between(680, 860).all()
    assert len(dollar["2019-06":"2020-11"]) == 18


def test_ranges_twice_as_wide_change_no_real_cell(
    real_cells: dict[str, pd.Series], real: dict[str, RestoredSeries]
):
    """No reading hangs on where exactly a range ends."""
    for name, cells in real_cells.items():
        lowest, highest = PLAUSIBLE[name].lowest / 2, PLAUSIBLE[name].highest * 2
        wider = restore_decimals(cells, lowest=lowest, highest=highest)
        np.testing.assert_array_equal(wider.values, real[name].values, err_msg=name)


def test_shape_of_every_real_series_needs_no_range(
    real_cells: dict[str, pd.Series], real: dict[str, RestoredSeries]
):
    """With ranges a thousand times as wide only a whole series can move, by one power of ten.

    Jobs of unstated activity are left out: ten cells, in which the fall of May 2020 from 27,300 to
    6,100 passes for a rise.
    """
    for name in real_cells.keys() - {ACTIVITIES[-1]}:
        cells = real_cells[name]
        plausible, values = PLAUSIBLE[name], real[name].values
        lowest, highest = max(plausible.lowest, 0.1) / 1000, plausible.highest * 1000
        free = restore_decimals(cells, lowest=lowest, highest=highest).values
        ratios = free[values > 0] / values[values > 0]
        np.testing.assert_allclose(ratios, ratios[0], rtol=1e-9, err_msg=name)


def test_doubtful_real_cells_are_of_few_jobs_or_could_be_dates(
    real_cells: dict[str, pd.Series], real: dict[str, RestoredSeries]
):
    """Jobs at extraterritorial bodies and unstated ones, a few thousand people of a sample."""
    doubtful = {name: real_cells[name][one.doubtful] for name, one in real.items()}
    jobs = (
        "Ocupacion_en_Actividades_de_organizaciones_y_organos_extraterritoriales_INE",
        "No_sabe__No_responde_Miles_de_personas",
    )
    assert 0 < sum(len(doubtful.pop(name)) for name in jobs) <= 78
    dates = [cell for cells in doubtful.values() for cell in cells]
    assert sorted(dates) == ["5.1957", "5.1986", "5.2019", "5.2021", "8.1947"]


@pytest.fixture(scope="module")
def undamaged(real_data: Path) -> pd.DataFrame:
    """The numbers of the same basket of series as the statistics site exported them to Excel."""
    path = real_data / UNDAMAGED_EXPORT
    if not path.exists():
        pytest.skip(f"the undamaged export is not here: {path}")
    _, _, titles, _, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert len(titles) == len(COLUMNS)
    months = pd.DatetimeIndex([row[0] for row in rows])
    cells = pd.DataFrame([row[1:] for row in rows], index=months, columns=COLUMNS[1:])
    return cells.replace("", np.nan).astype("float64")


def test_real_cells_are_those_of_the_undamaged_export(
    undamaged: pd.DataFrame, real: dict[str, RestoredSeries], real_values: pd.DataFrame
):
    """To nine digits; the two that are not were doubted, and the dates are numbers again."""
    months = real_values.index
    truth = undamaged.loc[months, real_values.columns]
    np.testing.assert_array_equal(real_values.isna(), truth.isna())
    right = np.isclose(real_values, truth, rtol=1e-8, atol=0)
    wrong = {
        (name, f"{month:%Y-%m}")
        for name, rights in zip(real_values, right.T, strict=True)
        for month in months[~rights & real_values[name].notna()]
    }
    bodies = "Ocupacion_en_Actividades_de_organizaciones_y_organos_extraterritoriales_INE"
    assert (int(right.sum()), len(wrong)) == (14_286, 2)
    assert wrong == {(bodies, "2014-04"), (bodies, "2014-05")}
    doubtful = pd.Series(real[bodies].doubtful, index=real_values[bodies].dropna().index)
    assert doubtful[["2014-04-01", "2014-05-01"]].all()
    silver, gas = (
        "Precio_de_la_onza_troy_de_plata_dolaresoz",
        "Precio_del_gas_natural_dolaresmillon_de_unidades_termicas_britanicas",
    )
    assert real_values.loc[["2000-06-01", "2003-08-01"], silver].tolist() == [5.0057, 5.0021]
    assert real_values.loc["2007-02-01", gas] == 8.0047


def test_real_cells_that_lost_decimals_never_end_in_zero(real_cells: dict[str, pd.Series]):
    """The export dropped trailing zeros, so a cell that ends in one kept its point."""
    cells = pd.concat(real_cells.values())
    grouped = cells[cells.map(lambda cell: bool(re.fullmatch(r"\d{1,3}(\.\d{3})+", cell)))]
    assert len(grouped) > 10_000
    assert not grouped.str.endswith("0").any()
