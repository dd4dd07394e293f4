"""Answer of `GET /history`: every price, beside what was forecast for it."""

from typing import Annotated, Self

from pydantic import BaseModel

from bento.api.fields import Horizon, Interval, ModelTag, Month, Synthetic, clp_per_litre, intervals
from spike_assets.models.errors import UnanswerableMonthError
from spike_assets.models.price_series import LEVELS
from spike_assets.models.updated_forecast import UpdatedForecast


class MonthOfHistory(BaseModel):
    """A month that has its price."""

    month: Month
    price_clp_per_litre: Annotated[float, clp_per_litre("What was paid")]
    forecast_clp_per_litre: Annotated[
        float | None, clp_per_litre("What was forecast, out of sample; null in the first years")
    ]
    intervals: list[Interval]


class HistoryResponse(BaseModel):
    """Every month that has a price, oldest first."""

    model: ModelTag
    synthetic: Synthetic
    horizon: Horizon
    months: list[MonthOfHistory]

    @classmethod
    def of(cls, outlook: UpdatedForecast, *, horizon: int, tag: str, synthetic: bool) -> Self:
        """Describe the prices, and the forecasts made so many months ahead."""
        return cls(
            model=tag,
            synthetic=synthetic,
            horizon=horizon,
            months=[_month(outlook, str(month), horizon=horizon) for month in outlook.known.months],
        )


def _month(outlook: UpdatedForecast, month: str, *, horizon: int) -> MonthOfHistory:
    try:
        forecast = outlook.forecast_ahead(month, horizon=horizon)
    except UnanswerableMonthError:
        made, its_intervals = None, []
    else:
        made = forecast.price_clp_per_litre
        its_intervals = intervals(forecast.intervals, levels=LEVELS)
    return MonthOfHistory(
        month=month,
        price_clp_per_litre=outlook.price(month),
        forecast_clp_per_litre=made,
        intervals=its_intervals,
    )
