"""From the clean tables to what the forecaster is given, as it was published."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    DOLLAR,
    NON_DURABLE_SALES,
    PIB,
    REGIONS,
)
from spike_assets.sources.errors import DataError
from spike_assets.training.forecast_inputs import (
    DRIVERS,
    MONTHS_NEEDED,
    PUBLICATION_LAG_DAYS,
    as_published,
    forecast_inputs,
    price_series,
    published_on,
    unusual_rain,
)
from tests.support.forecast_case import DRIVER_NAMES, Tables, made_up, tables

DAIRY = ["Biobio", "La_Araucania", "Los_Rios"]


def inputs(given: Tables) -> pd.DataFrame:
    return forecast_inputs(vars(given))


def rain_table(*by_month: tuple[str, float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "month": pd.to_datetime([f"{month}-01" for month, *_ in by_month]),
            "Coquimbo": 999.0,
            **{region: [row[at] for row in by_month] for at, region in enumerate(DAIRY, start=1)},
        }
    )


def test_rain_is_unusual_against_the_same_month_of_earlier_years_and_this_one():
    """Logs of 1, 3 and 8 mm plus one are 1, 2 and 3.17 in base two; June knows nothing of July."""
    log2 = np.log(2)
    table = rain_table(
        ("2010-06", 1.0, 0.0, 7.0),
        ("2010-07", 500.0, 500.0, 500.0),
        ("2011-06", 3.0, 0.0, 7.0),
        ("2011-07", 500.0, 500.0, 500.0),
        ("2012-06", 15.0, 3.0, 7.0),
        ("2012-07", 0.0, 500.0, 500.0),
    )
    expected = pd.DataFrame(
        {
            "Biobio": [0.0, 0.0, 0.5 * log2, 0.0, (4 - 7 / 3) * log2, -2 / 3 * np.log(501)],
            "La_Araucania": [0.0, 0.0, 0.0, 0.0, 4 / 3 * log2, 0.0],
            "Los_Rios": [0.0] * 6,
            "month": table["month"],
        }
    )
    pd.testing.assert_frame_equal(unusual_rain(table), expected, atol=1e-12)


@pytest.mark.parametrize("poison", [np.nan, 1e6])
def test_later_rain_changes_no_bit_of_how_unusual_it_was(poison: float):
    """Only what was usual so far is usual."""
    table = tables(made_up(60)).precipitation
    for last in (0, 11, 12, 35):
        blind = table.copy()
        blind.loc[last + 1 :, DAIRY] = poison
        known, known_blind = (unusual_rain(one)[DAIRY].iloc[: last + 1] for one in (table, blind))
        assert known.to_numpy().tobytes() == known_blind.to_numpy().tobytes()


def test_each_price_stands_beside_what_was_known_when_it_was_published():
    """That is the newest rain and world price of the month after.

    The tables are worked out once more by hand; the rain ends six months and the macroeconomic
    series one month before the others.
    """
    data = made_up(130)
    whole = tables(data)
    given = Tables(
        whole.precipitation.iloc[:125],
        whole.milk_price,
        whole.banco_central.iloc[:130],
        whole.dairy_index,
    )
    found = inputs(given)

    rain = np.full(131, np.nan)
    logs = np.log(given.precipitation[DAIRY].to_numpy() + 1)
    for at in range(125):
        rain[at] = (logs[at] - logs[at % 12 : at + 1 : 12].mean(axis=0)).mean()
    dollar = np.append(np.log(given.banco_central[DOLLAR]), np.nan)
    expected = pd.DataFrame(
        {
            "month": given.milk_price["month"],
            "price_clp_per_litre": data.price_clp_per_litre,
            "rain": rain[1:],
            "world_price": (np.log(given.dairy_index["dairy_price_index"]) + dollar)[1:].to_numpy(),
        }
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12, atol=1e-12)


def test_world_prices_that_are_not_there_are_missing_everywhere():
    """The file is optional."""
    whole = tables(made_up(130))
    found = inputs(replace(whole, dairy_index=whole.dairy_index.iloc[:0]))

    assert found["world_price"].isna().all()
    pd.testing.assert_frame_equal(
        found.drop(columns="world_price"), inputs(whole).drop(columns="world_price")
    )


def test_drivers_that_begin_later_than_the_prices_are_missing_before():
    """Neither the rows nor the months move."""
    found = inputs(tables(made_up(130), macro_from=100))
    assert found["world_price"].isna().tolist() == [True] * 99 + [False] * 31
    assert found["rain"].notna().all()


@pytest.mark.parametrize("poison", [np.nan, 1e6])
@pytest.mark.parametrize("origin", [90, 121, 128])
def test_what_is_published_later_changes_no_bit_of_the_inputs_so_far(origin: int, poison: float):
    """Rain, dollar, index and price after an origin have no say in the rows up to it."""
    data = made_up(130)
    whole = tables(data)
    blind = whole.poisoned(after=str(data.months[origin]), poison=poison)
    rows, rows_blind = (
        inputs(one).drop(columns="month").iloc[: origin + 1].to_numpy() for one in (whole, blind)
    )
    assert rows.tobytes() == rows_blind.tobytes()
    assert not np.isnan(rows).any()


def test_tables_given_stay_as_they_were():
    """The inputs are a table of their own."""
    given = tables(made_up(130))
    before = tables(made_up(130))
    inputs(given)
    for name in ("precipitation", "milk_price", "banco_central", "dairy_index"):
        pd.testing.assert_frame_equal(getattr(given, name), getattr(before, name))


def test_too_few_prices_are_refused():
    """One forecast that can be checked needs the months before it, its own and one more."""
    assert MONTHS_NEEDED == 120
    with pytest.raises(DataError) as raised:
        inputs(tables(made_up(121)))
    assert str(raised.value) == "121 months have a milk price; forecasting needs 122"
    assert len(inputs(tables(made_up(122)))) == 122


def test_forecaster_is_handed_the_same_numbers():
    """Column by column, from the first month on."""
    found = inputs(tables(made_up(130), macro_from=100))
    data = price_series(found)
    assert data.first_month == "2003-03"
    np.testing.assert_array_equal(data.price_clp_per_litre, found["price_clp_per_litre"])
    assert tuple(data.drivers) == DRIVER_NAMES
    for name in DRIVER_NAMES:
        np.testing.assert_array_equal(data.drivers[name], found[name])


def test_each_driver_is_described():
    """In the order in which they stand in the table."""
    assert tuple(driver.column.name for driver in DRIVERS) == DRIVER_NAMES


KNOWN_ON = {
    "price_clp_per_litre": "2014-03-13",
    "Los_Rios": "2014-02-07",
    DOLLAR: "2014-02-02",
    "Tipo_de_cambio_nominal_multilateral___TCM": "2014-02-02",
    "dairy_price_index": "2014-02-09",
    "Indice_de_tipo_de_cambio_real___TCR_promedio_1986_100": "2014-03-03",
    "Ocupados": "2014-03-03",
    NON_DURABLE_SALES: "2014-03-03",
    "Ventas_autos_nuevos": "2014-03-03",
    "Imacec_empalmado": "2014-03-09",
    "PIB": "2014-05-24",
    "Derechos_de_Importacion": "2014-05-24",
}


def months(first: str, last: str) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="MS", unit="us")


@pytest.mark.parametrize(("name", "day"), KNOWN_ON.items())
def test_value_appears_on_the_day_on_which_it_is_published(name: str, day: str):
    """That of January 2014 is the newest from this day on, until that of February is out."""
    table = pd.DataFrame({"month": months("2013-12", "2014-02"), name: [np.nan, 7.5, np.nan]})
    days = pd.date_range("2014-01-15", "2014-07-15", unit="us")

    known = as_published(table, days)[name].dropna()

    assert known.index[0] == pd.Timestamp(day)
    assert set(known) == {7.5}
    assert len(known) in {28, 29, 31}  # as long as February is, or March behind its shorter month


def test_every_series_has_a_lag():
    """The price, the rain of eight regions, the 84 series and the dairy index: 94 in all."""
    assert set(PUBLICATION_LAG_DAYS) == {
        "price_clp_per_litre",
        "dairy_price_index",
        *REGIONS,
        *(series.name for series in BANCO_CENTRAL),
    }
    assert Counter(PUBLICATION_LAG_DAYS.values()) == {
        40: 1,
        8: 1,
        6: 8,
        1: 12,
        30: 33,
        36: 9,
        112: 30,
    }
    assert {PUBLICATION_LAG_DAYS[name] for name in PIB} == {112}


def test_price_is_published_in_the_month_after_next():
    """Forty days after its month, whatever the length of the next."""
    found = published_on(months("2020-12", "2021-02"))

    assert [f"{day:%Y-%m-%d}" for day in found] == ["2021-02-10", "2021-03-13", "2021-04-10"]


def test_days_asked_for_get_what_was_new_in_each_series():
    """Side by side stand the dollar of the month before and the activity of two before."""
    table = pd.DataFrame(
        {
            "month": months("2014-01", "2014-03"),
            "Imacec_minero": [90.0, 91.0, 92.0],
            DOLLAR: [537.0, 554.0, 564.0],
        }
    )
    days = pd.DatetimeIndex(["2014-02-10", "2014-03-10", "2014-04-10", "2014-05-10"])
    expected = pd.DataFrame(
        {
            "Imacec_minero": [np.nan, 90.0, 91.0, 92.0],
            DOLLAR: [537.0, 554.0, 564.0, np.nan],
        },
        index=days,
    )
    pd.testing.assert_frame_equal(as_published(table, days), expected)


@pytest.mark.parametrize("poison", [np.nan, 1e9])
@pytest.mark.parametrize("origin", [20, 27])
def test_what_is_published_later_changes_no_bit_of_what_was_known(origin: int, poison: float):
    """Poison in all cells that come out after a day leaves what was known up to it."""
    data = made_up(40)
    whole = tables(data)
    day = data.months[origin]
    blind = whole.poisoned(after=str(day), poison=poison)
    days = published_on(pd.DatetimeIndex(data.months[: origin + 1].astype("datetime64[us]")))
    for name in ("precipitation", "milk_price", "banco_central", "dairy_index"):
        known, known_blind = (as_published(getattr(t, name), days) for t in (whole, blind))
        assert known.to_numpy().tobytes() == known_blind.to_numpy().tobytes()
        assert known.iloc[-1].notna().all()


def test_table_given_stays_as_it_was():
    """The known values are a table of their own."""
    table = pd.DataFrame({"month": months("2014-01", "2014-02"), DOLLAR: [537.0, 554.0]})
    before = table.copy(deep=True)
    as_published(table, months("2014-01", "2014-04"))
    pd.testing.assert_frame_equal(table, before)
