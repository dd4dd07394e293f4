"""`POST /forecast`: the coming months with their intervals, and past ones beside what came."""

from http import HTTPStatus

from bento.answer import Answer, UnanswerableRequestError
from bento.api.forecast import ForecastRequest, ForecastResponse
from bento.served_models import ServedForecaster, ServedModels
from spike_assets.models.errors import ObservationError, UnanswerableMonthError
from spike_assets.models.updated_forecast import Observation, UpdatedForecast, following_prices


def forecast(request: ForecastRequest, served: ServedModels) -> Answer:
    """Forecast what is asked for.

    Raises:
        UnanswerableRequestError: The observations don't follow from the known prices, a month can't
            be forecast, or another model is served than the one expected.
        NotServedError: No forecaster is promoted.
    """
    model = served.forecaster
    if request.model not in (model.name, model.tag):
        raise UnanswerableRequestError(
            "model",
            f"{request.model!r} is not served: {model.tag} is",
            status=HTTPStatus.CONFLICT,
        )
    outlook = _outlook(request, model)
    try:
        forecasts = request.chosen(outlook)
    except UnanswerableMonthError as error:
        at = request.months.index(error.month)
        raise UnanswerableRequestError(f"months[{at}]", str(error)) from None
    body = ForecastResponse.of(
        forecasts,
        outlook=outlook,
        levels=request.levels,
        tag=model.tag,
        synthetic=model.synthetic,
    )
    return Answer(body, model=model, n_rows=len(forecasts))


def _outlook(request: ForecastRequest, model: ServedForecaster) -> UpdatedForecast:
    if not request.observations:
        return model.outlook  # whose forecasts of the coming months are made already
    observed = [Observation(one.month, one.price_clp_per_litre) for one in request.observations]
    try:
        return UpdatedForecast(model.forecaster, following_prices(model.forecaster.data, observed))
    except ObservationError as error:
        raise UnanswerableRequestError(
            f"observations[{error.position}].{error.field}", str(error)
        ) from None
