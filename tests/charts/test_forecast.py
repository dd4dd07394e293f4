"""The picture of the coming months."""

import numpy as np
import pytest

from spike_assets import charts
from spike_assets.charts.forecast import MONTHS_BEFORE, forecast_fan
from tests.forecast_case import made_up, trained


def test_fan_follows_what_was_paid():
    """The last seven years, and twelve months with two intervals around the forecast."""
    coming = trained().forecast()
    (axes,) = forecast_fan(trained()).axes
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(
        lines["paid"].get_ydata(), made_up().price_clp_per_litre[-MONTHS_BEFORE:]
    )
    np.testing.assert_array_equal(
        lines["forecast"].get_ydata(), [one.price_clp_per_litre for one in coming]
    )
    assert [band.get_label() for band in axes.collections] == ["95 % interval", "80 % interval"]


@pytest.mark.parametrize(("band", "level"), [(0, 95), (1, 80)])
def test_bands_are_the_intervals(band: int, level: int):
    """The wider one is drawn first, so that the narrower one lies on it."""
    (axes,) = forecast_fan(trained()).axes
    (outline,) = axes.collections[band].get_paths()
    drawn = set(np.round(outline.vertices[:, 1], 6))
    ends = {round(end, 6) for one in trained().forecast() for end in one.intervals[level]}
    assert ends <= drawn


def test_title_says_the_next_month():
    """The number that people look for."""
    nearest = trained().forecast(1)[0]
    assert forecast_fan(trained()).get_suptitle() == (
        f"Price of milk: {nearest.price_clp_per_litre:.1f} CLP per litre forecast for "
        f"{nearest.month}"
    )


def test_fan_is_a_png_picture():
    """As the UI takes it."""
    assert charts.forecast_fan(trained()).startswith(b"\x89PNG")
