"""Every picture: PNG files, drawn without a screen and without global state.

`backtest`, `forecast`, `regressor`, `rain`, `series` and `tables` draw figures, one subject each;
`style` is what makes them look alike, `arguments` refuses what the data does not have. Here each
becomes a function that takes the same arguments and gives a PNG. Charts take clean frames (`month`
and columns under their published names) or models, and read no files.
"""

import functools
import io
from collections.abc import Callable
from typing import ParamSpec

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from spike_assets.charts import backtest, forecast, rain, regressor, series, tables
from spike_assets.charts.arguments import ChartArgumentError

__all__ = [
    "ChartArgumentError",
    "before_and_after",
    "errors_by_horizon",
    "forecast_fan",
    "forecasts_beside_prices",
    "milk_price_history",
    "missing_months",
    "observed_against_predicted",
    "png",
    "rain_by_year",
    "rain_over_time",
    "regions_rain",
    "series_pair",
]

_Arguments = ParamSpec("_Arguments")


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG of 100 dots per inch."""
    picture = io.BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return picture.getvalue()


def _as_png(draw: Callable[_Arguments, Figure]) -> Callable[_Arguments, bytes]:
    @functools.wraps(draw)
    def drawn(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> bytes:
        return png(draw(*args, **kwargs))

    return drawn


observed_against_predicted = _as_png(regressor.observed_against_predicted)
forecast_fan = _as_png(forecast.forecast_fan)
errors_by_horizon = _as_png(backtest.errors_by_horizon)
forecasts_beside_prices = _as_png(backtest.forecasts_beside_prices)
rain_over_time = _as_png(rain.rain_over_time)
rain_by_year = _as_png(rain.rain_by_year)
regions_rain = _as_png(rain.regions_rain)
series_pair = _as_png(series.series_pair)
milk_price_history = _as_png(series.milk_price_history)
missing_months = _as_png(tables.missing_months)
before_and_after = _as_png(tables.before_and_after)
