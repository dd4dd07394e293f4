"""The pictures of the backtest: errors by horizon, and a model's forecasts beside what was paid."""

import math

import numpy as np
import pandas as pd
import pytest

from spike_assets import charts
from spike_assets.charts.backtest import errors_by_horizon, forecasts_beside_prices
from tests.support.pictures import assert_picture, line

MONTHS = pd.to_datetime(["2014-01-01", "2014-02-01", "2014-03-01"])
PAID = [200.0, 210.0, 220.0]


def forecasts(model: str, *, horizon: int, too_high: list[float]) -> pd.DataFrame:
    """Return a model's forecasts of three months, each off by so many CLP."""
    forecast = [price + off for price, off in zip(PAID, too_high, strict=True)]
    return pd.DataFrame(
        {
            "model": model,
            "horizon": horizon,
            "month": MONTHS,
            "forecast_clp_per_litre": forecast,
            "lower_80_clp_per_litre": [price - 5 for price in forecast],
            "upper_80_clp_per_litre": [price + 6 for price in forecast],
            "lower_95_clp_per_litre": [price - 10 for price in forecast],
            "upper_95_clp_per_litre": [price + 12 for price in forecast],
            "actual_clp_per_litre": PAID,
        }
    )


TABLE = pd.concat(
    [
        forecasts("forecaster", horizon=1, too_high=[1.0, -1.0, 2.0]),
        forecasts("forecaster", horizon=2, too_high=[3.0] * 3),
        forecasts("forecaster", horizon=3, too_high=[4.0, -4.0, 4.0]),
        *(forecasts("last_price", horizon=n, too_high=[-10.0 * n] * 3) for n in (1, 2, 3)),
    ],
    ignore_index=True,
)


@pytest.mark.parametrize(
    ("content", "height"),
    [
        pytest.param(charts.errors_by_horizon(TABLE), 500, id="errors"),
        pytest.param(
            charts.forecasts_beside_prices(TABLE, model="forecaster"), 580, id="forecasts"
        ),
    ],
)
def test_picture_is_a_png(content: bytes, height: int):
    """Neither blank nor too large for metadata."""
    assert_picture(content, size=(1100, height))


def test_rmse_is_drawn_for_each_model_and_horizon():
    """In order of the horizon, whatever the order of the rows."""
    figure = errors_by_horizon(TABLE.iloc[::-1])
    (axes,) = figure.axes
    assert line(axes, "forecaster") == [
        [1, pytest.approx(math.sqrt(2))],
        [2, pytest.approx(3)],
        [3, pytest.approx(4)],
    ]
    assert line(axes, "last price") == [[1, 10], [2, 20], [3, 30]]
    assert figure.get_suptitle() == "Errors of forecasts for 2014-01 to 2014-03"


def test_axis_of_errors_begins_at_nothing():
    """So that half the error looks like half."""
    (axes,) = errors_by_horizon(TABLE).axes
    assert axes.get_ylim()[0] == 0
    assert axes.get_ylabel() == "RMSE, CLP per litre"
    assert axes.get_xticks().tolist() == [1, 2, 3]


def test_model_without_forecasts_at_a_horizon_is_drawn_where_it_has_some():
    """The notebook begins late."""
    notebook = forecasts("notebook", horizon=1, too_high=[5.0, 5.0, 5.0])
    (axes,) = errors_by_horizon(pd.concat([TABLE, notebook])).axes
    assert line(axes, "notebook") == [[1, 5]]


@pytest.mark.parametrize("n_models", [6, 9])
def test_many_models_can_be_told_apart(n_models: int):
    """No two have the same colour and kind of line."""
    table = pd.concat(
        [forecasts(f"model{n}", horizon=1, too_high=[n + 1.0] * 3) for n in range(n_models)]
    )
    (axes,) = errors_by_horizon(table).axes
    looks = {(one.get_color(), one.get_linestyle()) for one in axes.lines}
    assert len(looks) == n_models


def test_forecasts_have_a_panel_for_the_nearest_a_middle_and_the_furthest_horizon():
    """One, six and twelve months before, where there are those."""
    by_horizon = [forecasts("forecaster", horizon=n, too_high=[n] * 3) for n in range(1, 13)]
    figure = forecasts_beside_prices(pd.concat(by_horizon), model="forecaster")

    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "forecast the month before",
        "forecast 6 months before",
        "forecast 12 months before",
    ]
    assert figure.get_suptitle() == "What the forecaster would have said, 2014-01 to 2014-03"
    for axes, horizon in zip(figure.axes, (1, 6, 12), strict=True):
        assert [y for _, y in line(axes, "paid")] == PAID
        assert [y for _, y in line(axes, "forecast")] == [price + horizon for price in PAID]


@pytest.mark.parametrize(("level", "below", "above"), [(80, 5, 6), (95, 10, 12)])
def test_intervals_are_drawn_around_the_forecasts(level: int, below: int, above: int):
    """From the lower end of each to its upper one."""
    table = forecasts("forecaster", horizon=1, too_high=[0.0, 0.0, 0.0])
    (axes,) = forecasts_beside_prices(table, model="forecaster").axes
    (area,) = (one for one in axes.collections if one.get_label() == f"{level} % interval")
    ((vertices,),) = (path.to_polygons() for path in area.get_paths())

    at_first = vertices[vertices[:, 0] == vertices[:, 0].min()]
    assert at_first[:, 1].min() == PAID[0] - below
    assert at_first[:, 1].max() == PAID[0] + above


def test_one_horizon_is_one_panel_and_baselines_are_left_out():
    """A window of the next month alone can be drawn too."""
    table = TABLE[TABLE["horizon"] == 1]
    figure = forecasts_beside_prices(table, model="last_price")

    (axes,) = figure.axes
    assert [y for _, y in line(axes, "forecast")] == [190, 200, 210]
    assert figure.get_suptitle().startswith("What the last_price would have said")


def test_forecasts_without_intervals_are_drawn_without():
    """The first origins have none yet."""
    table = TABLE.assign(
        **{name: np.nan for name in TABLE.columns if name.startswith(("lower", "upper"))}
    )
    for axes in forecasts_beside_prices(table, model="forecaster").axes:
        assert [y for _, y in line(axes, "paid")] == PAID
