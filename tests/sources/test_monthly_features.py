"""The monthly join of the three clean tables."""

from pathlib import Path

import pandas as pd
import pytest

from spike_assets.series.catalogue import FEATURE_NAMES, IMACEC, NON_DURABLE_SALES, PIB, REGIONS
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.sources.monthly_features import monthly_features

MACRO = [*PIB, *IMACEC, NON_DURABLE_SALES]


def months(*texts: str) -> pd.DatetimeIndex:
    return pd.to_datetime([f"{text}-01" for text in texts])


def rain(*texts: str) -> pd.DataFrame:
    """Return a rainfall table: 0.5, 1.5 and so on in region 0, 100.5 and so on in region 1."""
    columns = {
        region: [100 * at + row + 0.5 for row in range(len(texts))]
        for at, region in enumerate(REGIONS)
    }
    return pd.DataFrame({"month": months(*texts)} | columns)


def macro(*texts: str) -> pd.DataFrame:
    """Return a macroeconomic table: 1000, 1001 and so on in series 0, 2000, 2001 in series 1."""
    columns = {
        name: [1000.0 * (at + 1) + row for row in range(len(texts))]
        for at, name in enumerate(MACRO)
    }
    return pd.DataFrame({"month": months(*texts)} | columns)


def price(**by_month: float) -> pd.DataFrame:
    texts = [name.removeprefix("m").replace("_", "-") for name in by_month]
    return pd.DataFrame({"month": months(*texts), "price_clp_per_litre": list(by_month.values())})


def test_months_that_all_three_have_become_rows_in_order():
    """Each of the 50 columns holds what its table says of the month, whatever order that has."""
    precipitation_table = rain("2014-01", "2014-02", "2013-12")
    price_table = price(m2014_01=213.02, m2013_12=210.0, m2014_03=227.45)
    macro_table = macro("2013-11", "2014-01", "2013-12").assign(Ocupados=8000.0)

    joined = monthly_features(precipitation_table, price_table, macro_table)

    regions = {region: [100 * at + 2.5, 100 * at + 0.5] for at, region in enumerate(REGIONS)}
    series = {name: [1000.0 * (at + 1) + 2, 1000.0 * (at + 1) + 1] for at, name in enumerate(MACRO)}
    expected = pd.DataFrame(
        {"month": months("2013-12", "2014-01")}
        | regions
        | {"ano": [2013.0, 2014.0], "mes": [12.0, 1.0]}
        | {name: series[name] for name in PIB}
        | {name: series[name] for name in IMACEC}
        | {"num": series["Indice_de_ventas_comercio_real_no_durables_IVCM"]}
        | {"price_clp_per_litre": [210.0, 213.02]}
    )
    pd.testing.assert_frame_equal(joined, expected)


@pytest.mark.parametrize("name", ["PIB", "Imacec_minero", NON_DURABLE_SALES])
def test_month_without_one_of_the_numbers_is_no_row(name: str):
    """A missing number is neither filled nor passed on."""
    macro_table = macro("2014-01", "2014-02")
    macro_table.loc[0, name] = float("nan")
    joined = monthly_features(
        rain("2014-01", "2014-02"), price(m2014_01=213.02, m2014_02=219.03), macro_table
    )
    assert joined["month"].tolist() == months("2014-02").tolist()
    assert joined["price_clp_per_litre"].tolist() == [219.03]


def test_tables_given_stay_as_they_were():
    """The join makes a table of its own."""
    tables = [rain("2014-02", "2014-01"), price(m2014_02=219.03), macro("2014-01", "2014-02")]
    before = [table.copy(deep=True) for table in tables]
    monthly_features(*tables)
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


@pytest.mark.parametrize("missing", ["month", "numbers"])
def test_tables_without_a_common_month_are_refused_with_their_spans(missing: str):
    """A month may lack a row or a number in it; the error says what each table covers."""
    macro_table = macro("2015-01", "2015-03") if missing == "month" else macro("2014-01", "2014-02")
    if missing == "numbers":
        macro_table["PIB"] = float("nan")
    with pytest.raises(DataError) as raised:
        monthly_features(
            rain("2014-02", "2014-01"), price(m2013_12=210.0, m2014_02=219.03), macro_table
        )
    span = "2015-01 to 2015-03" if missing == "month" else "2014-01 to 2014-02"
    assert str(raised.value) == (
        "no month has rain, price and macroeconomic series together: "
        f"rain 2014-01 to 2014-02, price 2013-12 to 2014-02, series {span}"
    )


@pytest.mark.parametrize("twice", [0, 1, 2])
def test_table_with_a_month_twice_is_refused(twice: int):
    """Joined, such a table would multiply the months of the others."""
    tables = [rain("2014-01"), price(m2014_01=213.02), macro("2014-01")]
    tables[twice] = pd.concat([tables[twice], tables[twice]])
    with pytest.raises(pd.errors.MergeError):
        monthly_features(*tables)


def test_real_files_share_76_months(real_data: Path):
    """2014-01 to 2020-04 with 48 columns, and the prices that were measured before."""
    tables = read_clean(locate_data(str(real_data)))
    joined = monthly_features(
        tables["precipitation"], tables["milk_price"], tables["banco_central"]
    )
    prices = joined["price_clp_per_litre"]
    assert list(joined.columns) == ["month", *FEATURE_NAMES, "price_clp_per_litre"]
    assert joined["month"].tolist() == pd.date_range("2014-01", "2020-04", freq="MS").tolist()
    assert len(joined) == 76
    assert prices.mean() == pytest.approx(226.877, abs=0.0005)
    assert prices.std() == pytest.approx(22.840, abs=0.0005)
    assert prices.iloc[:2].tolist() == [213.02, 219.03]
    assert joined.notna().all(axis=None)
