"""`POST /predict`: rows of the 48 columns to prices, by one of the notebook's regressors."""

from bento.answer import Answer, UnanswerableRequestError
from bento.api.predict import PredictRequest, PredictResponse
from bento.served_models import ServedModels
from spike_assets.models.errors import OutOfRangeError, UnknownLaggedPricesError
from spike_assets.series.catalogue import YEAR


def predict(request: PredictRequest, served: ServedModels) -> Answer:
    """Predict the price of every row.

    Raises:
        UnanswerableRequestError: A number is out of its column's range, or the prices before a
            month are unknown.
        NotServedError: The model is not promoted.
    """
    model = served.regressor(request.model)
    try:
        rows, n_rescaled_cells = model.regressor.ranges.in_true_units(request.rows())
        prices = model.regressor.predict(rows)
    except OutOfRangeError as error:
        raise UnanswerableRequestError(f"query[{error.row}].{error.column}", str(error)) from None
    except UnknownLaggedPricesError as error:
        raise UnanswerableRequestError(
            f"query[{error.row}].{YEAR}",
            f"{model.name} looks up the milk price of the three months before {error.month}, "
            f"which it does not know: it answers months from {error.first} to {error.last}. "
            "model2 needs no price history.",
        ) from None
    return Answer(
        PredictResponse(prediction=prices.tolist()),
        model=model,
        n_rows=len(prices),
        n_rescaled_cells=n_rescaled_cells,
    )
