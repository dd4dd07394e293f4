"""Request and answer of `POST /predict`: the contract of the 48 columns.

Rows keep the published column names. Their numbers are in the units of the catalogue, or as the
export wrote them, without decimal point.
"""

from operator import attrgetter
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, create_model

from bento.api.example_row import EXAMPLE_ROW
from bento.api.json_body import FIRST_FAULTY, JsonBody
from spike_assets.series.catalogue import FEATURE_NAMES, FEATURES, MONTH_OF_YEAR, YEAR, Column

WHOLE_NUMBERS = {YEAR: (1900, 2200), MONTH_OF_YEAR: (1, 12)}
"""The columns that hold whole numbers, and their ranges."""


def _field(series: Column) -> Any:
    limits: dict[str, Any] = {}
    if series.name in WHOLE_NUMBERS:
        least, most = WHOLE_NUMBERS[series.name]
        limits = {"ge": least, "le": most, "multiple_of": 1}
    return Annotated[
        float,
        Field(
            description=f"{series.description} ({series.unit})",
            json_schema_extra={"example": EXAMPLE_ROW[series.name], "x-unit": series.unit},
            **limits,
        ),
    ]


_columns: dict[str, Any] = {series.name: (_field(series), ...) for series in FEATURES}

PredictRow = create_model(
    "PredictRow",
    __config__=ConfigDict(strict=True, extra="forbid", allow_inf_nan=False),
    __doc__="What was published of one month: all 48 columns, in any order.",
    **_columns,
)

_in_order = attrgetter(*FEATURE_NAMES)


class PredictRequest(JsonBody):
    """The months to predict, and the model to do it with."""

    model_config = ConfigDict(json_schema_extra={"example": {"query": [dict(EXAMPLE_ROW)]}})

    form: ClassVar[str] = '{"query": [{"Coquimbo": 0.185, ...}]}, an object of 48 columns a month'

    query: Annotated[
        list[PredictRow],  # type: ignore[valid-type]
        FIRST_FAULTY,
        Field(min_length=1, description="One row for each month asked for."),
    ]
    model: Annotated[
        Literal["model1", "model2"],
        Field(
            description=(
                "`model1` also looks up the milk price of the months before, by `ano` and `mes`, "
                "in the price history that it carries; `model2` needs no price history."
            )
        ),
    ] = "model1"

    def rows(self) -> NDArray[np.float64]:
        """Return the rows as an array of shape `(n_rows, 48)`, columns in the model's order."""
        return np.array([_in_order(row) for row in self.query], dtype=np.float64)


class PredictResponse(BaseModel):
    """The predicted prices."""

    prediction: Annotated[
        list[float],
        Field(description="CLP per litre, a number for each row of the query, in its order."),
    ]
