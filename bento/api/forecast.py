"""Request and answer of `POST /forecast`: coming months, and past ones beside their prices."""

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from bento.api.fields import (
    WHOLE_NUMBER,
    Horizon,
    Interval,
    ModelTag,
    Month,
    PricedMonth,
    Synthetic,
    clp_per_litre,
    intervals,
)
from bento.api.json_body import FIRST_FAULTY, JsonBody
from spike_assets.models.forecaster import MonthForecast
from spike_assets.models.price_series import HORIZON, LEVELS
from spike_assets.models.updated_forecast import MAX_OBSERVATIONS, UpdatedForecast

MAX_MONTHS = 600
"""Months in one request: fifty years, more than there are prices of."""


class ForecastRequest(JsonBody):
    """So many months ahead, or certain months; if neither is said, all that can be forecast."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"horizon": 6},
                {"months": ["2020-12", "2021-03"], "levels": [80]},
                {
                    "horizon": 3,
                    "observations": [{"month": "2021-03", "price_clp_per_litre": 301.5}],
                },
            ],
            "not": {"required": ["horizon", "months"]},
        }
    )

    form: ClassVar[str] = (
        '{"horizon": 6, "observations": [{"month": "2021-03", "price_clp_per_litre": 301.5}]} or '
        '{"months": ["2021-03"]}'
    )

    horizon: Horizon = HORIZON
    months: Annotated[
        list[Month],
        Field(
            default_factory=list,
            min_length=1,
            max_length=MAX_MONTHS,
            description=(
                "The months, instead of a horizon. One that has a price already comes back with "
                "the forecast made a month ahead of it, out of sample, and with what was paid."
            ),
        ),
    ]
    levels: Annotated[
        list[Annotated[Literal[80, 95], WHOLE_NUMBER]],
        Field(
            default_factory=lambda: list(LEVELS),
            min_length=1,
            max_length=len(LEVELS),
            description="The levels of the intervals, percent; all if left out.",
        ),
    ]
    model: Annotated[
        str,
        Field(
            max_length=128,
            description=(
                "`forecaster`, or the tag that is expected to answer; if that is not what is "
                "served, the answer is 409."
            ),
        ),
    ] = "forecaster"
    observations: Annotated[
        list[PricedMonth],
        FIRST_FAULTY,
        Field(
            default_factory=list,
            max_length=MAX_OBSERVATIONS,
            description=(
                "Prices that the model has not seen: those of the months after its last one, in "
                "order. They are used for this answer only."
            ),
        ),
    ]

    @model_validator(mode="after")
    def _asks_in_one_way(self) -> Self:
        if {"horizon", "months"} <= self.model_fields_set:
            raise PydanticCustomError("asks_twice", "Give horizon or months, not both")
        return self

    def chosen(self, outlook: UpdatedForecast) -> list[MonthForecast]:
        """Select the requested forecasts.

        Raises:
            UnanswerableMonthError: There is none of a month.
        """
        if self.months:
            # Each once, however often it is asked for: some take a tenth of a second.
            forecasts = {month: outlook.forecast(month) for month in dict.fromkeys(self.months)}
            return [forecasts[month] for month in self.months]
        return outlook.coming[: self.horizon]


class ForecastOfMonth(BaseModel):
    """What is, or was, forecast for a month."""

    month: Month
    origin: Annotated[Month, Field(description="Month of the last price that was known.")]
    horizon: Horizon
    price_clp_per_litre: Annotated[float, clp_per_litre("The forecast")]
    intervals: Annotated[
        list[Interval],
        Field(description="None in the first years, when too few errors were known."),
    ]
    contributions_clp_per_litre: Annotated[
        dict[str, float] | None,
        clp_per_litre(
            "What each driver adds to the last price; together they make the forecast; null of "
            "a past month"
        ),
    ]
    actual_clp_per_litre: Annotated[
        float | None, clp_per_litre("What was paid; null if the month has no price yet")
    ]

    @classmethod
    def of(
        cls, forecast: MonthForecast, *, outlook: UpdatedForecast, levels: Iterable[int]
    ) -> Self:
        """Describe a forecast, with what came if it has."""
        month = forecast.month
        return cls(
            month=month,
            origin=forecast.origin,
            horizon=forecast.horizon,
            price_clp_per_litre=forecast.price_clp_per_litre,
            intervals=intervals(forecast.intervals, levels=levels),
            contributions_clp_per_litre=dict(forecast.contributions_clp_per_litre) or None,
            actual_clp_per_litre=outlook.price(month) if outlook.has_price(month) else None,
        )


class ForecastResponse(BaseModel):
    """Forecasts, and what they go on from."""

    model: ModelTag
    synthetic: Synthetic
    last_observed_month: Annotated[
        Month, Field(description="The last month that has a price, observations included.")
    ]
    last_observed_price_clp_per_litre: Annotated[float, clp_per_litre("Its price")]
    forecasts: list[ForecastOfMonth]

    @classmethod
    def of(
        cls,
        forecasts: Sequence[MonthForecast],
        *,
        outlook: UpdatedForecast,
        levels: Iterable[int],
        tag: str,
        synthetic: bool,
    ) -> Self:
        """Describe forecasts, in their order."""
        last = str(outlook.last_month)
        return cls(
            model=tag,
            synthetic=synthetic,
            last_observed_month=last,
            last_observed_price_clp_per_litre=outlook.price(last),
            forecasts=[
                ForecastOfMonth.of(forecast, outlook=outlook, levels=levels)
                for forecast in forecasts
            ],
        )
