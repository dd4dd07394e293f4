"""The picture of the coming months: what it shows, and that it is one."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from spike_assets import charts
from spike_assets.charts.forecast import forecast_fan
from tests.support.forecast_case import made_up, trained
from tests.support.pictures import assert_picture, line


@pytest.fixture(scope="module")
def figure() -> Figure:
    return forecast_fan(trained())


def days(*months: str) -> list[float]:
    """Return where on the axis months are."""
    return np.array(months, dtype="datetime64[M]").astype("datetime64[D]").astype(float).tolist()


def test_picture_is_a_png_of_1100_by_500():
    """It fits a dialog, and is neither blank nor too large for metadata."""
    assert_picture(charts.forecast_fan(trained()), size=(1100, 500))


def test_same_forecaster_gives_the_same_picture():
    """Nothing of an earlier picture is left over in the next."""
    assert charts.forecast_fan(trained()) == charts.forecast_fan(trained())


def test_title_is_the_next_months_price(figure: Figure):
    """The number that most people came for."""
    price = trained().forecast()[0].price_clp_per_litre
    assert figure.get_suptitle() == f"Price of milk: {price:.1f} CLP per litre forecast for 2016-07"


def test_forecast_is_drawn_at_each_coming_month(figure: Figure):
    """Twelve points, over the turn of the year."""
    coming = trained().forecast()
    assert line(figure.axes[0], "forecast") == [
        [day, one.price_clp_per_litre]
        for day, one in zip(days(*(one.month for one in coming)), coming, strict=True)
    ]


@pytest.mark.parametrize("level", [80, 95])
def test_interval_is_drawn_from_its_lower_to_its_upper_end(figure: Figure, level: int):
    """The wider one lies below the narrower, which stays visible."""
    (axes,) = figure.axes
    labels = [area.get_label() for area in axes.collections]
    assert labels == ["95 % interval", "80 % interval"]
    area = axes.collections[labels.index(f"{level} % interval")]
    ((vertices,),) = (path.to_polygons() for path in area.get_paths())

    for day, one in zip(
        days(*(one.month for one in trained().forecast())), trained().forecast(), strict=True
    ):
        at = vertices[:, 0] == day
        low, high = one.intervals[level]
        assert vertices[at, 1].min() == pytest.approx(low)
        assert vertices[at, 1].max() == pytest.approx(high)


def test_seven_years_of_prices_are_drawn_before_it(figure: Figure):
    """Prices that were paid, to the last known one."""
    paid = line(figure.axes[0], "paid")
    assert len(paid) == 84
    assert paid[-1] == [days("2016-06")[0], made_up().price_clp_per_litre[-1]]
    assert paid[0] == [days("2009-07")[0], made_up().price_clp_per_litre[-84]]


def test_next_month_forecasts_of_the_past_are_drawn_beside_the_prices(figure: Figure):
    """Those a month ahead only, and of months that have come: of two origins one."""
    history = trained().history
    assert line(figure.axes[0], "forecast the month before") == [
        [days("2016-06")[0], history.forecast_clp_per_litre[0]]
    ]
