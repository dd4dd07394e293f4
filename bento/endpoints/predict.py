"""`POST /predict`: rows of the 48 columns to prices, by one of the notebook's regressors."""

from bento.api.predict import PredictRequest, PredictResponse
from bento.endpoints.operation import Endpoint
from bento.endpoints.result import Result, UnanswerableRequestError
from bento.served_models import ServedModels
from spike_assets.models.errors import OutOfRangeError, UnknownLaggedPricesError
from spike_assets.series.catalogue import YEAR


def predict(request: PredictRequest, served: ServedModels) -> Result:
    """Predict the price of every row.

    Raises:
        UnanswerableRequestError: A number is out of its column's range, or the prices before a
            month are unknown.
        NotServedError: The model is not promoted.
    """
    regressor = served.regressor(request.model)
    try:
        rows, n_rescaled_cells = regressor.ranges.in_true_units(request.rows())
        prices = regressor.predict(rows)
    except OutOfRangeError as error:
        raise UnanswerableRequestError(f"query[{error.row}].{error.column}", str(error)) from None
    except UnknownLaggedPricesError as error:
        raise UnanswerableRequestError(
            f"query[{error.row}].{YEAR}",
            f"{request.model} looks up the milk price of the three months before {error.month}, "
            f"which it does not know: it answers months from {error.first} to {error.last}. "
            "model2 needs no price history.",
        ) from None
    return Result(
        PredictResponse(prediction=prices.tolist()),
        served[request.model],
        n_rows=len(prices),
        n_rescaled_cells=n_rescaled_cells,
    )


PREDICT = Endpoint(
    path="/predict",
    id="predict",
    tag="the notebook's models",
    summary="Predict prices from the 48 published columns",
    description=(
        "Numbers may be in the units of the columns or as the export wrote them, without "
        "decimal point."
    ),
    body=PredictRequest,
    answer=PredictResponse,
    headers={
        "X-Rescaled-Cells": {
            "description": "How many numbers were in the old digit convention, "
            "without decimal point.",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        }
    },
    handler=predict,
    in_thread=False,
)
