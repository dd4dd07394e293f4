"""The backtest: every model on the same months, each as if nothing later were known."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from spike_assets.models.price_series import HORIZON
from spike_assets.sources.errors import DataError
from spike_assets.training import regressors
from spike_assets.training.backtest import (
    FIRST_TARGET,
    MODELS,
    backtest,
    baseline_history,
    forecast_from,
    forecast_history,
    origins_for,
    rolling_forecasts,
)
from spike_assets.training.baselines import RULES, last_price
from spike_assets.training.learners import fit_members
from spike_assets.training.notebook_baseline import notebook_forecasts, published_rows
from tests.support.forecast_case import (
    SMALL_GRID,
    fitted,
    history,
    log_changes_of,
    made_up,
    poisoned,
    tables,
)

MACRO_FROM = 100
"""So that the notebook has its 30 months from position 134 on."""


@pytest.fixture(autouse=True, scope="module")
def _small_grid() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(regressors, "GRID", SMALL_GRID)
        yield


def month(at: int) -> str:
    return str(made_up().months[at])


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """The made-up months from position 140 to 150."""
    given = tables(made_up(), macro_from=MACRO_FROM)
    return backtest(
        made_up(),
        given.precipitation,
        given.banco_central,
        first=month(140),
        last=month(150),
        n_jobs=1,
        history=history(),
    )


def test_every_model_forecasts_every_month_at_every_horizon(table: pd.DataFrame):
    """The notebook, which begins later, those it can; in the order in which they are named."""
    assert MODELS == ("forecaster", "last_price", "seasonal_naive", "drift", "notebook")
    assert tuple(table["model"].unique()) == MODELS
    rows = table.groupby("model").size().to_dict()
    late = sum(1 for target in range(140, 151) for h in range(1, 13) if target - h >= 133)
    assert rows == {**dict.fromkeys(MODELS[:-1], 11 * 12), "notebook": late}
    assert (table["origin"].min(), table["origin"].max()) == (
        pd.Timestamp(month(128)),
        pd.Timestamp(month(149)),
    )
    assert not table.duplicated(["model", "origin", "horizon"]).any()
    prices = made_up().price_clp_per_litre
    came = dict(zip(made_up().months.astype("datetime64[us]"), prices, strict=True))
    assert table["actual_clp_per_litre"].tolist() == [came[at] for at in table["month"].to_numpy()]
    assert table["forecast_clp_per_litre"].between(100, 500).all()


def test_forecasts_are_those_made_at_their_origins(table: pd.DataFrame):
    """The forecaster's and each rule's, for twelve months from an origin."""
    by_model = {"forecaster": forecast_from, **RULES}
    for model, forecast in by_model.items():
        rows = table[(table["model"] == model) & (table["origin"] == pd.Timestamp(month(138)))]
        assert rows["horizon"].tolist() == list(range(2, 13))
        np.testing.assert_allclose(
            rows["forecast_clp_per_litre"], forecast(made_up(139))[1:], rtol=1e-9, err_msg=model
        )


def test_nothing_after_the_last_origin_changes_a_bit_of_what_was_said(table: pd.DataFrame):
    """All five models: forecasts, intervals and what their errors are measured in.

    The price, the drivers and all that the notebook sees is wild from the first month after the
    last origin, the one that is forecast, and missing from the fourth.
    """
    data, given = made_up(), tables(made_up(), macro_from=MACRO_FROM)
    wild = poisoned(data, after=149, poison=1e9)
    wild_tables = given.poisoned(after=month(149), poison=1e9)
    blind = poisoned(wild, after=152, poison=np.nan)
    blind_tables = wild_tables.poisoned(after=month(152), poison=np.nan)
    origins = origins_for(blind, first=month(140), last=month(150))
    found = backtest(
        blind,
        blind_tables.precipitation,
        blind_tables.banco_central,
        first=month(140),
        last=month(150),
        n_jobs=1,
        history=forecast_history(blind, origins=origins, n_jobs=2),
    )
    assert (found.pop("actual_clp_per_litre") == 1e9).tolist() == (
        table["month"] == pd.Timestamp(month(150))
    ).tolist()
    expected = table.drop(columns="actual_clp_per_litre")
    assert expected["lower_80_clp_per_litre"].notna().any()
    pd.testing.assert_frame_equal(
        found.reset_index(drop=True), expected.reset_index(drop=True), check_exact=True
    )


def test_history_that_was_made_already_is_taken():
    """The forecaster's rows are those of the history; the baselines forecast beside it."""
    given = tables(made_up(), macro_from=MACRO_FROM)
    found = backtest(
        made_up(),
        given.precipitation,
        given.banco_central,
        first=month(158),
        n_jobs=1,
        history=history(),
    )
    ours = found[found["model"] == "forecaster"].reset_index(drop=True)
    months = pd.to_datetime([f"{month(158)}-01", f"{month(159)}-01"])
    whole = history()
    expected = whole[whole["month"].isin(months)].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, expected)
    assert found.groupby("model").size().to_dict() == dict.fromkeys(MODELS, 24)
    assert ours["lower_95_clp_per_litre"].notna().any()


def test_history_begins_with_the_first_origin_and_ends_with_the_months_to_come():
    """From 120 months on, until the last price: of its twelve months nothing has come."""
    whole = history()
    assert (
        whole["origin"].unique().tolist()
        == pd.date_range(month(119), month(159), freq="MS").tolist()
    )
    assert len(whole) == 41 * 12
    coming = whole[whole["origin"] == pd.Timestamp(month(159))]
    assert coming["actual_clp_per_litre"].isna().all()
    assert coming["lower_80_clp_per_litre"].gt(0).all()
    np.testing.assert_allclose(
        coming["forecast_clp_per_litre"], forecast_from(made_up()), rtol=1e-9
    )


def test_history_of_chosen_origins_has_those_only():
    """Their forecasts are the same as in the whole history."""
    some = forecast_history(made_up(), origins=range(125, 127), n_jobs=1)
    whole = history()
    expected = whole[whole["origin"].isin(some["origin"])]
    assert some["forecast_clp_per_litre"].tolist() == expected["forecast_clp_per_litre"].tolist()
    assert len(some) == 24


def test_baselines_forecast_from_the_origins_given():
    """The notebook on what was published when the price of each was."""
    data, given = made_up(), tables(made_up(), macro_from=MACRO_FROM)
    found = baseline_history(
        data, given.precipitation, given.banco_central, origins=range(133, 136), n_jobs=1
    )
    assert found.groupby("model", sort=False).size().to_dict() == {
        "last_price": 36,
        "seasonal_naive": 36,
        "drift": 36,
        "notebook": 36,
    }
    next_months = pd.date_range(data.months[1].item(), periods=160, freq="MS", unit="us")
    rows = published_rows(given.precipitation, given.banco_central, months=next_months)
    notebook = notebook_forecasts(rows, data, origins=[133, 134, 135], n_jobs=1)
    assert found.loc[found["model"] == "notebook", "forecast_clp_per_litre"].tolist() == [
        *notebook[133],
        *notebook[134],
        *notebook[135],
    ]


def test_notebook_that_never_has_months_enough_is_not_there():
    """The others are."""
    given = tables(made_up(), macro_from=150)
    found = baseline_history(
        made_up(), given.precipitation, given.banco_central, origins=range(150, 152), n_jobs=1
    )
    assert found["model"].unique().tolist() == ["last_price", "seasonal_naive", "drift"]


@pytest.mark.parametrize(
    ("first", "last", "horizon", "origins"),
    [
        (300, 350, 12, range(300 - 12 - 132, 350)),
        (300, 350, 1, range(300 - 1 - 132, 350)),
        (300, 399, 12, range(156, 399)),
        (300, 500, 12, range(156, 399)),
        (130, 140, 12, range(119, 140)),
        (120, 120, 12, range(119, 120)),
        (0, 120, 1, range(119, 120)),
    ],
)
def test_origins_are_those_before_the_months_and_those_that_their_intervals_need(
    first: int, last: int, horizon: int, origins: range
):
    """Eleven years before the first, as far as prices go back; the last is not an origin."""
    data = made_up(400)
    first_month, last_month = (str(data.months[0] + at) for at in (first, last))
    assert origins_for(data, first=first_month, last=last_month, horizon=horizon) == origins


@pytest.mark.parametrize(("first", "last"), [(60, 119), (160, 170), (140, 139)])
def test_window_without_a_month_that_can_be_scored_is_refused(first: int, last: int):
    """Too early, not there yet, or empty: the error says what there is."""
    data = made_up()
    first_month, last_month = (str(data.months[0] + at) for at in (first, last))
    with pytest.raises(DataError) as raised:
        origins_for(data, first=first_month, last=last_month)
    assert str(raised.value) == (
        f"no month from {first_month} to {last_month} can be scored: there are prices from "
        "2003-03 to 2016-06, and a forecast needs 120 before it"
    )


def test_first_target_is_the_first_month_that_the_forecaster_was_not_made_on():
    """The backtest is a test from there on, and that is where it begins unless told otherwise."""
    assert FIRST_TARGET == "2014-01"
    data, given = made_up(132), tables(made_up(132), macro_from=120)
    found = backtest(data, given.precipitation, given.banco_central, horizon=1, n_jobs=2)
    assert found.groupby("model", sort=False).size().to_dict() == dict.fromkeys(MODELS[:-1], 2)
    ours = found[found["model"] == "forecaster"].reset_index(drop=True)
    whole = history()
    expected = whole[
        (whole["horizon"] == 1) & whole["month"].between("2014-01-01", "2014-02-01")
    ].reset_index(drop=True)
    pd.testing.assert_frame_equal(ours, expected, check_exact=True)


def test_no_origin_gives_no_forecast():
    """An empty range is not the same as none given."""
    assert forecast_history(made_up(130), origins=range(0)).empty


def test_forecast_is_the_last_price_changed_by_the_mean_of_the_members():
    """The mean is taken of logs."""
    data = made_up()
    changes = log_changes_of(fitted(), data)
    mean = sum(changes.values()) / 3
    np.testing.assert_allclose(
        forecast_from(data), data.price_clp_per_litre[-1] * np.exp(mean), rtol=1e-12
    )


def test_season_is_learned():
    """Over a year of origins the errors are less than a third of the last price's."""
    whole = made_up(160)
    errors, errors_of_last_price = [], []
    for origin in (135, 138, 141, 144):
        came = whole.price_clp_per_litre[origin + 1 : origin + 1 + HORIZON]
        known = whole.until(origin)
        errors.append(forecast_from(known) - came)
        errors_of_last_price.append(last_price(known) - came)
    ours, repeated = (np.sqrt(np.mean(np.square(e))) for e in (errors, errors_of_last_price))
    assert ours < repeated / 3


@pytest.mark.parametrize("poison", [np.nan, 1e9])
def test_nothing_after_an_origin_changes_a_bit_of_its_forecast(poison: float):
    """Prices and drivers of later months are poisoned, and cut off before the fit."""
    blind = poisoned(made_up(), after=125, poison=poison)
    expected = forecast_from(made_up(126))
    assert forecast_from(blind.until(125)).tobytes() == expected.tobytes()
    found = rolling_forecasts(blind, origins=[125], n_jobs=1)
    assert {at: prices.tobytes() for at, prices in found.items()} == {125: expected.tobytes()}


def test_number_of_processes_changes_no_bit():
    """Each origin is by itself, in the order asked for."""
    one, two = (rolling_forecasts(made_up(), origins=[140, 150, 145], n_jobs=n) for n in (1, 2))
    assert list(one) == list(two) == [140, 150, 145]
    for origin, prices in one.items():
        assert two[origin].tobytes() == prices.tobytes()
        assert prices.shape == (HORIZON,)
        assert np.isfinite(prices).all()
        assert (prices > 0).all()


def test_progress_is_told_after_every_origin():
    """Those that are done, and of how many."""
    told = []
    rolling_forecasts(
        made_up(126),
        origins=range(124, 126),
        n_jobs=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 2), (2, 2)]


def test_forecast_does_not_depend_on_the_currency():
    """Prices a hundred times as high are forecast a hundred times as high.

    To half a percent: rounding differs in the last digit, on which the shape of a tree may turn.
    """
    data = made_up(130)
    in_centavos = type(data)(data.first_month, 100 * data.price_clp_per_litre, data.drivers)
    np.testing.assert_allclose(forecast_from(in_centavos), 100 * forecast_from(data), rtol=5e-3)


def test_fewest_months_are_enough():
    """With 120 months there is a forecast for each of the next twelve."""
    data = made_up(120)
    changes = log_changes_of(fit_members(data), data)
    assert {len(change) for change in changes.values()} == {HORIZON}
    assert np.isfinite(list(changes.values())).all()
