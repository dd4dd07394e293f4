"""Pictures of the backtest: which lines they have, and where those are."""

import numpy as np
import pandas as pd
import pytest

from spike_assets import charts
from spike_assets.charts.backtest import errors_by_horizon, forecasts_beside_prices

MONTHS = pd.date_range("2014-01", periods=24, freq="MS", unit="us")


def forecasts(model: str, *, error: float, horizons: tuple[int, ...] = (1, 6, 12)) -> pd.DataFrame:
    """Give forecasts of the price 200 that miss it by so much a month ahead."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "model": model,
                    "origin": MONTHS - pd.DateOffset(months=ahead),
                    "horizon": ahead,
                    "month": MONTHS,
                    "forecast_clp_per_litre": 200.0 + error * ahead,
                    "lower_80_clp_per_litre": 190.0 + error * ahead,
                    "upper_80_clp_per_litre": 210.0 + error * ahead,
                    "lower_95_clp_per_litre": 180.0 + error * ahead,
                    "upper_95_clp_per_litre": 220.0 + error * ahead,
                    "actual_clp_per_litre": 200.0,
                }
            )
            for ahead in horizons
        ],
        ignore_index=True,
    )


BACKTEST = pd.concat(
    [forecasts("forecaster", error=1.0), forecasts("last_price", error=2.0)], ignore_index=True
)


def test_each_model_has_a_line_of_its_rmse():
    """The forecaster's first, and heaviest."""
    (axes,) = errors_by_horizon(BACKTEST).axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert list(lines) == ["forecaster", "last price"]
    assert lines["forecaster"].get_xydata().tolist() == [[1, 1], [6, 6], [12, 12]]
    assert lines["last price"].get_xydata().tolist() == [[1, 2], [6, 12], [12, 24]]
    assert lines["forecaster"].get_linewidth() > lines["last price"].get_linewidth()
    assert axes.get_ylim()[0] == 0


def test_every_model_of_many_can_be_told_apart():
    """More rivals than colours: the rest are dashed."""
    many = pd.concat([forecasts(f"model {n}", error=1.0 + n) for n in range(9)], ignore_index=True)
    (axes,) = errors_by_horizon(many).axes
    looks = {(line.get_color(), line.get_linestyle()) for line in axes.get_lines()}
    assert len(looks) == 9


def test_near_middle_and_far_forecasts_stand_beside_what_was_paid():
    """One panel each, the forecast with both intervals, and the price."""
    figure = forecasts_beside_prices(BACKTEST, model="forecaster")
    assert [axes.get_title("left") for axes in figure.axes] == [
        "forecast the month before",
        "forecast 6 months before",
        "forecast 12 months before",
    ]
    assert figure.get_suptitle() == "What the forecaster would have said, 2014-01 to 2015-12"
    for axes, ahead in zip(figure.axes, (1, 6, 12), strict=True):
        forecast, paid = (line.get_ydata() for line in axes.get_lines())
        np.testing.assert_array_equal(forecast, 200.0 + ahead)
        np.testing.assert_array_equal(paid, 200.0)
        assert [band.get_label() for band in axes.collections] == ["95 % interval", "80 % interval"]


@pytest.mark.parametrize("horizons", [(1,), (1, 2), (1, 2, 3)])
def test_short_horizons_have_a_panel_each(horizons: tuple[int, ...]):
    """No panel stands there twice."""
    table = forecasts("forecaster", error=1.0, horizons=horizons)
    panels = forecasts_beside_prices(table, model="forecaster").axes
    assert len(panels) == len({1, horizons[-1]})


def test_both_are_png_pictures():
    """As the UI and the store take them."""
    for picture in (
        charts.errors_by_horizon(BACKTEST),
        charts.forecasts_beside_prices(BACKTEST, model="last_price"),
    ):
        assert picture.startswith(b"\x89PNG")
