"""Request and answer of `POST /evaluate`: actual prices, and the errors of the forecasts."""

from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from bento.api.fields import (
    Horizon,
    Interval,
    ModelTag,
    Month,
    PricedMonth,
    Synthetic,
    clp_per_litre,
    intervals,
)
from bento.api.forecast import MAX_MONTHS
from bento.api.json_body import FIRST_FAULTY, JsonBody
from spike_assets.models.evaluation import Evaluation, ForecastError
from spike_assets.models.price_series import LEVELS


class EvaluateRequest(JsonBody):
    """Months and what was paid in them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "actuals": [
                        {"month": "2020-11", "price_clp_per_litre": 295.0},
                        {"month": "2020-12", "price_clp_per_litre": 292.5},
                    ]
                }
            ]
        }
    )

    form: ClassVar[str] = '{"actuals": [{"month": "2020-11", "price_clp_per_litre": 295.0}]}'

    actuals: Annotated[
        list[PricedMonth],
        FIRST_FAULTY,
        Field(
            min_length=1,
            max_length=MAX_MONTHS,
            description=(
                "What was paid. Months after the last one that the model knows need those in "
                "between as well, in order: each is forecast from the prices before it."
            ),
        ),
    ]
    horizon: Annotated[Horizon, Field(description="Months ahead that each was forecast.")] = 1


class Errors(BaseModel):
    """How far forecasts were off."""

    rmse_clp_per_litre: Annotated[float, clp_per_litre("Root of the mean squared error")]
    mae_clp_per_litre: Annotated[float, clp_per_litre("Mean absolute error")]


class ForecasterErrors(Errors):
    """How far the forecaster was off, and how often its intervals held."""

    coverage_80: Annotated[
        float | None,
        Field(description="Share of the months that the 80 % interval held; null if none had one."),
    ]
    coverage_95: Annotated[float | None, Field(description="The same of the 95 % interval.")]


class ErrorOfMonth(BaseModel):
    """A month's forecast beside what was paid."""

    month: Month
    origin: Annotated[Month, Field(description="Month of the last price that was known.")]
    forecast_clp_per_litre: Annotated[float, clp_per_litre("The forecast, out of sample")]
    intervals: list[Interval]
    last_price_clp_per_litre: Annotated[float, clp_per_litre("The last price that was known")]
    actual_clp_per_litre: Annotated[float, clp_per_litre("What was paid")]
    error_clp_per_litre: Annotated[float, clp_per_litre("Paid less forecast")]

    @classmethod
    def of(cls, error: ForecastError) -> Self:
        """Describe one."""
        return cls(
            month=error.forecast.month,
            origin=error.forecast.origin,
            forecast_clp_per_litre=error.forecast.price_clp_per_litre,
            intervals=intervals(error.forecast.intervals, levels=LEVELS),
            last_price_clp_per_litre=error.last_price_clp_per_litre,
            actual_clp_per_litre=error.actual_clp_per_litre,
            error_clp_per_litre=error.error_clp_per_litre,
        )


class EvaluateResponse(BaseModel):
    """The errors of the forecaster beside those of repeating the last price."""

    model: ModelTag
    synthetic: Synthetic
    horizon: Horizon
    n_months: int
    forecaster: ForecasterErrors
    last_price: Errors
    skill_against_last_price: Annotated[
        float | None,
        Field(
            description=(
                "1 less the ratio of both RMSE: 1 is perfect, 0 is no better than repeating the "
                "last price; null if that was always right."
            )
        ),
    ]
    errors: Annotated[list[ErrorOfMonth], Field(description="Month by month, as they were sent.")]

    @classmethod
    def of(cls, found: Evaluation, *, horizon: int, tag: str, synthetic: bool) -> Self:
        """Describe an evaluation."""
        return cls(
            model=tag,
            synthetic=synthetic,
            horizon=horizon,
            n_months=len(found.errors),
            forecaster=ForecasterErrors(
                rmse_clp_per_litre=found.rmse_clp_per_litre,
                mae_clp_per_litre=found.mae_clp_per_litre,
                coverage_80=found.coverage(80),
                coverage_95=found.coverage(95),
            ),
            last_price=Errors(
                rmse_clp_per_litre=found.last_price_rmse_clp_per_litre,
                mae_clp_per_litre=found.last_price_mae_clp_per_litre,
            ),
            skill_against_last_price=found.skill_against_last_price,
            errors=[ErrorOfMonth.of(error) for error in found.errors],
        )
