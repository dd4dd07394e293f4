"""Fields that requests and answers share: months, prices, intervals, the model, errors."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from spike_assets.models.price_series import HORIZON
from spike_assets.series.catalogue import PLAUSIBLE, PRICE_CLP_PER_LITRE

_PRICE = PLAUSIBLE[PRICE_CLP_PER_LITRE]


def clp_per_litre(description: str) -> Any:
    """Describe a field that holds a price, or a part or an error of one."""
    return Field(
        description=f"{description} (CLP per litre).",
        json_schema_extra={"x-unit": "CLP per litre"},
    )


Month = Annotated[
    str,
    Field(
        pattern="^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$",
        description="A month, as `2021-03`.",
        examples=["2021-03"],
    ),
]

ObservedPrice = Annotated[
    float,
    clp_per_litre("What producers were paid, without VAT"),
    Field(ge=_PRICE.lowest, le=_PRICE.highest),
]


def _whole(number: Any) -> Any:
    """Take 8.0 for 8: to JSON they are one number, and a data frame writes the former."""
    is_whole = isinstance(number, float) and number.is_integer()
    return int(number) if is_whole else number


WHOLE_NUMBER = BeforeValidator(_whole)

Horizon = Annotated[
    int,
    Field(ge=1, le=HORIZON, description="Months ahead.", json_schema_extra={"x-unit": "months"}),
    WHOLE_NUMBER,
]

ModelTag = Annotated[
    str,
    Field(
        description="The version that answered, as `name:version`.",
        examples=["forecaster:7etu2ehhbo7d2ax4"],
    ),
]

Synthetic = Annotated[
    bool, Field(description="Whether it was trained on the embedded sample, not on real prices.")
]


class PricedMonth(BaseModel):
    """What was paid in a month."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    month: Month
    price_clp_per_litre: ObservedPrice


class Interval(BaseModel):
    """Where the price should be, in so many of a hundred months."""

    level: Annotated[int, Field(description="Percent of months that the interval should hold.")]
    lower_clp_per_litre: Annotated[float, clp_per_litre("Its lower end")]
    upper_clp_per_litre: Annotated[float, clp_per_litre("Its upper end")]


def intervals(
    by_level: Mapping[int, tuple[float, float]], *, levels: Iterable[int]
) -> list[Interval]:
    """Return the intervals of some levels, as far as there are any."""
    return [
        Interval(level=level, lower_clp_per_litre=low, upper_clp_per_litre=high)
        for level, (low, high) in by_level.items()
        if level in levels
    ]


_Limit = float | SkipJsonSchema[None]


class FieldFault(BaseModel):
    """A field of the request and what is wrong with it."""

    field: Annotated[str, Field(description="As `query[0].mes`; `body` for the whole of it.")]
    detail: str
    minimum: _Limit = Field(
        default_factory=lambda: None,
        description="The least number accepted, there if the one that was sent is out of range.",
    )
    maximum: _Limit = Field(
        default_factory=lambda: None, description="The largest number accepted, likewise."
    )


class Problem(BaseModel):
    """What went wrong and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Bad Request",
                "status": 400,
                "detail": "query[0].mes: Input should be less than or equal to 12",
                "errors": [
                    {
                        "field": "query[0].mes",
                        "detail": "Input should be less than or equal to 12",
                        "maximum": 12,
                    }
                ],
            }
        }
    )

    type: str
    title: Annotated[str, Field(description="The phrase of the status.")]
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Annotated[str, Field(description="What went wrong and what to do, for a person.")]
    errors: Annotated[
        list[FieldFault], Field(default_factory=list, description="The faults, field by field.")
    ]
