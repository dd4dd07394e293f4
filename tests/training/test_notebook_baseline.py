"""The notebook's pipeline as a baseline: on rows that were published, refitted in order."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV

from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.price_series import PriceSeries
from spike_assets.series.catalogue import FEATURE_NAMES, REGIONS
from spike_assets.training import regressors
from spike_assets.training.grid_search import GridSearch
from spike_assets.training.notebook_baseline import notebook_forecasts, published_rows
from tests.support.forecast_case import SMALL_GRID, Tables, made_up, poisoned, tables

MACRO_FROM = 12
FIRST_COMPLETE = MACRO_FROM + 3  # GDP of position 12 is known when the price of 15 is published
FIRST_ORIGIN = FIRST_COMPLETE + 30
N_MONTHS = 66
YEAR_AT, MONTH_AT = FEATURE_NAMES.index("ano"), FEATURE_NAMES.index("mes")


@pytest.fixture
def _small_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regressors, "GRID", SMALL_GRID)


def rows_of(given: Tables, data: PriceSeries) -> pd.DataFrame:
    months = pd.DatetimeIndex((data.months + 1).astype("datetime64[us]"))
    return published_rows(given.precipitation, given.banco_central, months=months)


def case(n_months: int = N_MONTHS) -> tuple[pd.DataFrame, PriceSeries]:
    data = made_up(n_months)
    return rows_of(tables(data, macro_from=MACRO_FROM), data), data


def forecasts(rows: pd.DataFrame, data: PriceSeries, origins: range) -> dict[int, bytes]:
    found = notebook_forecasts(rows, data, origins=origins, n_jobs=1)
    return {origin: prices.tobytes() for origin, prices in found.items()}


def test_row_of_a_month_holds_what_was_known_when_the_price_before_was_published():
    """Rain of the month, sales and activity of the one before, GDP of four before; its own date.

    What ended earlier keeps its last value.
    """
    months = pd.date_range("2014-01", "2014-08", freq="MS", unit="us")
    counted = np.arange(1.0, 9.0)  # January is 1
    names = [name for name in tables(made_up(1)).banco_central if name != "month"]
    banco_central = pd.DataFrame({"month": months} | dict.fromkeys(names, 10 * counted))
    rain = pd.DataFrame({"month": months[:6]} | dict.fromkeys(REGIONS, counted[:6]))
    found = published_rows(
        rain, banco_central, months=pd.date_range("2014-06", "2015-01", freq="MS", unit="us")
    )
    assert list(found) == list(FEATURE_NAMES)
    assert found["Los_Rios"].tolist() == [6.0] * 8
    assert found["num"].tolist() == [50, 60, 70, 80, 80, 80, 80, 80]
    assert found["Imacec_minero"].tolist() == [50, 60, 70, 80, 80, 80, 80, 80]
    assert found["PIB"].tolist() == [20, 30, 40, 50, 60, 70, 80, 80]
    assert found["ano"].tolist() == [2014] * 7 + [2015]
    assert found["mes"].tolist() == [6, 7, 8, 9, 10, 11, 12, 1]


def test_row_is_incomplete_until_everything_was_published_once():
    """The first GDP is known in the fourth month after its own; nothing is filled in before it."""
    rows, _ = case()
    complete = rows.notna().all(axis="columns")
    assert complete.tolist() == [False] * FIRST_COMPLETE + [True] * (N_MONTHS - FIRST_COMPLETE)


@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_what_is_published_later_changes_no_bit_of_a_row(poison: float):
    """Every series is poisoned from where it was not out yet."""
    data = made_up(N_MONTHS)
    given = tables(data, macro_from=MACRO_FROM)
    rows = rows_of(given, data)
    for origin in range(20, N_MONTHS, 7):
        blind = rows_of(given.poisoned(after=str(data.months[origin]), poison=poison), data)
        known, known_blind = (one.iloc[: origin + 1].to_numpy() for one in (rows, blind))
        assert known.tobytes() == known_blind.tobytes()


@pytest.mark.usefixtures("_small_grid")
def test_origin_with_too_few_complete_rows_is_left_out():
    """The row of the month after an origin is asked, so it is not among those learned from."""
    rows, data = case()
    found = forecasts(rows, data, range(FIRST_ORIGIN - 3, FIRST_ORIGIN + 2))
    assert list(found) == [FIRST_ORIGIN, FIRST_ORIGIN + 1]
    assert forecasts(rows, data, range(FIRST_ORIGIN)) == {}


@pytest.mark.usefixtures("_small_grid")
@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_nothing_published_after_an_origin_changes_a_bit_of_its_forecast(poison: float):
    """Prices and every series of later, the rows made of them included."""
    rows, data = case()
    origins = range(FIRST_ORIGIN, FIRST_ORIGIN + 3)
    given = tables(data, macro_from=MACRO_FROM)
    blind_tables = given.poisoned(after=str(data.months[origins[-1]]), poison=poison)
    blind = poisoned(data, after=origins[-1], poison=poison)
    blind_rows = rows_of(blind_tables, data)
    assert forecasts(blind_rows, blind, origins) == forecasts(rows, data, origins)


@pytest.mark.usefixtures("_small_grid")
def test_forecast_is_that_of_the_notebooks_pipeline_fitted_on_the_months_before():
    """Searched and fitted once more by hand; ahead, only the date moves on, into the next year.

    Past prices are those known; of the months to come, the last is repeated.
    """
    rows, data = case()
    table, prices, origin = rows.to_numpy(), data.price_clp_per_litre, FIRST_ORIGIN + 1
    learned = range(FIRST_COMPLETE, origin)
    assert str(data.months[origin]) == "2007-01"
    known = LaggedPrices(
        np.concatenate([prices[: origin + 1], [prices[origin]] * 11]),
        first_year=2003,
        first_month=3,
    )
    search = GridSearchCV(regressors.notebook_pipeline(known), SMALL_GRID, cv=3, scoring="r2")
    search.fit(table[learned], prices[[at + 1 for at in learned]])
    ahead = np.tile(table[origin], (12, 1))
    ahead[:, YEAR_AT] = [2007] * 11 + [2008]
    ahead[:, MONTH_AT] = [*range(2, 13), 1]
    found = notebook_forecasts(rows, data, origins=[origin], n_jobs=1)
    np.testing.assert_allclose(found[origin], search.predict(ahead), rtol=1e-9)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The months that each search of the grid was given, as they are made."""
    months = []
    search: Callable[..., GridSearch] = regressors.search_grid

    def counted(rows: np.ndarray, *given: object, **named: object) -> GridSearch:
        months.append(len(rows))
        return search(rows, *given, **named)

    monkeypatch.setattr(regressors, "search_grid", counted)
    return months


@pytest.mark.usefixtures("_small_grid")
def test_grid_is_searched_at_the_first_origin_of_each_year(searched: list[int]):
    """From December on, on what was known then: once in December and once in January."""
    rows, data = case()
    origins = range(FIRST_ORIGIN + 11, FIRST_ORIGIN + 16)
    assert [str(data.months[origin]) for origin in origins[:3]] == ["2007-11", "2007-12", "2008-01"]
    assert list(notebook_forecasts(rows, data, origins=origins, n_jobs=1)) == list(origins)
    assert searched == [41, 43]


def test_months_whose_prices_before_are_unknown_are_not_learned_from():
    """Where rain and macroeconomic series go back further than the prices."""
    longer = made_up(N_MONTHS)
    rows = rows_of(tables(longer), longer)
    shorter = longer.since(24)
    months = pd.DatetimeIndex((shorter.months + 1).astype("datetime64[us]"))
    [origin] = [len(shorter) - 1]
    found = notebook_forecasts(rows.loc[months], shorter, origins=[origin], n_jobs=1)
    assert np.isfinite(found[origin]).all()
