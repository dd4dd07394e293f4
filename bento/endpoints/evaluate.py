"""`POST /evaluate`: the forecasts beside the prices that a client knows."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bento.api.evaluate import EvaluateRequest, EvaluateResponse
from bento.endpoints.operation import Endpoint
from bento.endpoints.result import Result, UnanswerableRequestError
from bento.served_models import ServedModels
from spike_assets.models import evaluation
from spike_assets.models.errors import ObservationError, UnanswerableMonthError
from spike_assets.models.price_series import PriceSeries
from spike_assets.models.updated_forecast import (
    MAX_OBSERVATIONS,
    Observation,
    UpdatedForecast,
    following_prices,
)


def evaluate(request: EvaluateRequest, served: ServedModels) -> Result:
    """Evaluate the forecasts of the served model against actual prices.

    Raises:
        UnanswerableRequestError: A month is a duplicate, or can't be forecast from that far before
            it, or its price is implausible.
        NotServedError: No forecaster is promoted.
    """
    stored, forecaster = served["forecaster"], served.forecast.forecaster
    actuals = [Observation(one.month, one.price_clp_per_litre) for one in request.actuals]
    position = {actual.month: at for at, actual in enumerate(actuals)}
    for at, actual in enumerate(actuals):
        if position[actual.month] != at:
            raise UnanswerableRequestError(
                f"actuals[{position[actual.month]}].month", f"duplicate month {actual.month}"
            )
    try:
        unseen = _unseen_prices(forecaster.data, {one.month: one for one in actuals})
        updated = UpdatedForecast(forecaster, unseen)
        found = evaluation.evaluate(updated, actuals, horizon=request.horizon)
    except ObservationError as error:
        at = position[error.month]
        raise UnanswerableRequestError(
            f"actuals[{at}].{error.field}", str(error), accepted=error.accepted
        ) from None
    except UnanswerableMonthError as error:
        at = position[error.month]
        raise UnanswerableRequestError(f"actuals[{at}].month", str(error)) from None
    body = EvaluateResponse.of(
        found, horizon=request.horizon, tag=stored.tag, synthetic=stored.synthetic
    )
    return Result(body, stored, n_rows=len(actuals))


def _unseen_prices(data: PriceSeries, actuals: Mapping[str, Observation]) -> NDArray[np.float64]:
    """Return the actual prices that follow the known ones without a gap."""
    unseen = []
    for month in data.months[-1] + np.arange(1, MAX_OBSERVATIONS + 1):
        if str(month) not in actuals:
            break
        unseen.append(actuals[str(month)])
    return following_prices(data, unseen)


EVALUATE = Endpoint(
    path="/evaluate",
    id="evaluate",
    tag="forecast",
    summary="Hold the forecasts against actual prices",
    description="The errors of the served forecaster beside those of repeating the last price.",
    body=EvaluateRequest,
    answer=EvaluateResponse,
    handler=evaluate,
)
