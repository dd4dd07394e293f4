"""When a series is known: so many months late as it is published, and never sooner."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from spike_assets.series.catalogue import (
    BANCO_CENTRAL,
    COPPER,
    DOLLAR,
    NON_DURABLE_SALES,
    PIB,
    REGIONS,
)
from spike_assets.training.forecast_inputs import PUBLICATION_LAG_MONTHS, as_published
from tests.support.forecast_case import made_up, tables

LAGS = {
    "price_clp_per_litre": 1,
    "Los_Rios": 1,
    DOLLAR: 1,
    COPPER: 1,
    "Tipo_de_cambio_nominal_multilateral___TCM": 1,
    "Indice_de_tipo_de_cambio_real___TCR_promedio_1986_100": 2,
    "Ocupados": 2,
    "Ocupacion_en_Enseanza_INE": 2,
    "No_sabe__No_responde_Miles_de_personas": 2,
    "Indice_de_produccion_industrial__mineria": 2,
    NON_DURABLE_SALES: 2,
    "Generacion_de_energia_electrica_CDEC_GWh": 2,
    "Ventas_autos_nuevos": 2,
    "Imacec_empalmado": 3,
    "PIB": 5,
    "PIB_Pesca": 5,
    "Impuesto_al_valor_agregado": 5,
    "Derechos_de_Importacion": 5,
}


def months(first: str, last: str) -> pd.DatetimeIndex:
    return pd.date_range(first, last, freq="MS", unit="us")


@pytest.mark.parametrize(("name", "lag"), LAGS.items())
def test_value_appears_as_many_months_later_as_it_is_published(name: str, lag: int):
    """The value of January 2014 is there on the first day of one later month and no other."""
    table = pd.DataFrame({"month": months("2013-12", "2014-02"), name: [np.nan, 7.5, np.nan]})
    known = as_published(table, months("2013-06", "2015-06"))
    assert known[name].dropna().to_dict() == {
        pd.Timestamp("2014-01-01") + pd.DateOffset(months=lag): 7.5
    }


def test_every_series_has_a_lag():
    """The price, the rain of eight regions and the 84 series: 93 in all."""
    assert set(PUBLICATION_LAG_MONTHS) == {
        "price_clp_per_litre",
        *REGIONS,
        *(series.name for series in BANCO_CENTRAL),
    }
    assert Counter(PUBLICATION_LAG_MONTHS.values()) == {1: 21, 2: 33, 3: 9, 5: 30}
    assert {PUBLICATION_LAG_MONTHS[name] for name in PIB} == {5}


def test_months_asked_for_get_what_was_new_in_each_series():
    """Side by side stand the copper price of a month before and the activity of three before."""
    table = pd.DataFrame(
        {
            "month": months("2014-01", "2014-03"),
            "Imacec_minero": [90.0, 91.0, 92.0],
            COPPER: [3.0, 3.5, 4.0],
        }
    )
    expected = pd.DataFrame(
        {
            "Imacec_minero": [np.nan, np.nan, 90.0, 91.0, 92.0, np.nan],
            COPPER: [3.0, 3.5, 4.0, np.nan, np.nan, np.nan],
        },
        index=months("2014-02", "2014-07"),
    )
    pd.testing.assert_frame_equal(as_published(table, months("2014-02", "2014-07")), expected)


@pytest.mark.parametrize("poison", [np.nan, 1e9])
@pytest.mark.parametrize("origin", [20, 27])
def test_what_is_published_later_changes_no_bit_of_what_was_known(origin: int, poison: float):
    """Poison in all cells that come out after a day leaves what was known up to it."""
    data = made_up(40)
    whole = tables(data)
    day = data.months[origin]
    blind = whole.poisoned(after=str(day), poison=poison)
    up_to_day = pd.DatetimeIndex((data.months[: origin + 2]).astype("datetime64[us]"))
    for name in ("precipitation", "milk_price", "banco_central"):
        known, known_blind = (as_published(getattr(t, name), up_to_day) for t in (whole, blind))
        assert known.to_numpy().tobytes() == known_blind.to_numpy().tobytes()
        assert known.iloc[-1].notna().all()


def test_table_given_stays_as_it_was():
    """What is known is a table of its own."""
    table = pd.DataFrame({"month": months("2014-01", "2014-02"), COPPER: [3.0, 3.5]})
    before = table.copy(deep=True)
    as_published(table, months("2014-01", "2014-04"))
    pd.testing.assert_frame_equal(table, before)
