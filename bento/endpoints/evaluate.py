"""`POST /evaluate`: what was paid, as a client knows it, beside what was forecast."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bento.answer import Answer, UnanswerableRequestError
from bento.api.evaluate import EvaluateRequest, EvaluateResponse
from bento.served_models import ServedModels
from spike_assets.models.errors import ObservationError, UnanswerableMonthError
from spike_assets.models.evaluation import evaluate as hold_against
from spike_assets.models.price_series import PriceSeries
from spike_assets.models.updated_forecast import (
    MAX_OBSERVATIONS,
    Observation,
    UpdatedForecast,
    following_prices,
)


def evaluate(request: EvaluateRequest, served: ServedModels) -> Answer:
    """Hold the forecasts of the served model against what was paid.

    Raises:
        UnanswerableRequestError: A month is there twice, or can't be forecast from that far before
            it, or its price can't be.
        NotServedError: No forecaster is promoted.
    """
    model = served.forecaster
    actuals = [Observation(one.month, one.price_clp_per_litre) for one in request.actuals]
    position = {actual.month: at for at, actual in enumerate(actuals)}
    for at, actual in enumerate(actuals):
        if position[actual.month] != at:
            raise UnanswerableRequestError(
                f"actuals[{position[actual.month]}].month", f"{actual.month} is there twice"
            )
    try:
        unseen = _unseen_prices(model.forecaster.data, {one.month: one for one in actuals})
        found = hold_against(
            UpdatedForecast(model.forecaster, unseen), actuals, horizon=request.horizon
        )
    except ObservationError as error:
        at = position[error.month]
        raise UnanswerableRequestError(f"actuals[{at}].{error.field}", str(error)) from None
    except UnanswerableMonthError as error:
        at = position[error.month]
        raise UnanswerableRequestError(f"actuals[{at}].month", str(error)) from None
    body = EvaluateResponse.of(
        found, horizon=request.horizon, tag=model.tag, synthetic=model.synthetic
    )
    return Answer(body, model=model, n_rows=len(actuals))


def _unseen_prices(data: PriceSeries, actuals: Mapping[str, Observation]) -> NDArray[np.float64]:
    """Take the actual prices that go on from the known ones, as far as they do."""
    unseen = []
    for month in data.months[-1] + np.arange(1, MAX_OBSERVATIONS + 1):
        if str(month) not in actuals:
            break
        unseen.append(actuals[str(month)])
    return following_prices(data, unseen)
