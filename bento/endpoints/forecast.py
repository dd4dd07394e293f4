"""`POST /forecast`: the coming months with their intervals, and past ones beside what came."""

from http import HTTPStatus

from bento.api.forecast import ForecastRequest, ForecastResponse
from bento.endpoints.operation import Endpoint
from bento.endpoints.result import Result, UnanswerableRequestError
from bento.served_models import ServedModels
from spike_assets.models.errors import ObservationError, UnanswerableMonthError
from spike_assets.models.updated_forecast import Observation, UpdatedForecast, following_prices


def forecast(request: ForecastRequest, served: ServedModels) -> Result:
    """Forecast what is asked for.

    Raises:
        UnanswerableRequestError: The observations don't follow from the known prices, a month can't
            be forecast, or another model is served than the one expected.
        NotServedError: No forecaster is promoted.
    """
    stored = served["forecaster"]
    if request.model not in (stored.model.name, stored.tag):
        raise UnanswerableRequestError(
            "model",
            f"{request.model!r} is not served: {stored.tag} is",
            status=HTTPStatus.CONFLICT,
        )
    updated = _updated(served.forecast, request)
    try:
        forecasts = request.chosen(updated)
    except UnanswerableMonthError as error:
        at = request.months.index(error.month)
        raise UnanswerableRequestError(f"months[{at}]", str(error)) from None
    body = ForecastResponse.of(
        forecasts,
        outlook=updated,
        levels=request.levels,
        tag=stored.tag,
        synthetic=stored.synthetic,
    )
    return Result(body, stored, n_rows=len(forecasts))


def _updated(forecast: UpdatedForecast, request: ForecastRequest) -> UpdatedForecast:
    if not request.observations:
        return forecast  # whose forecasts of the coming months are made already
    forecaster = forecast.forecaster
    observed = [Observation(one.month, one.price_clp_per_litre) for one in request.observations]
    try:
        return UpdatedForecast(forecaster, following_prices(forecaster.data, observed))
    except ObservationError as error:
        raise UnanswerableRequestError(
            f"observations[{error.position}].{error.field}", str(error), accepted=error.accepted
        ) from None


FORECAST = Endpoint(
    path="/forecast",
    id="forecast",
    tag="forecast",
    summary="Forecast the coming months",
    description=(
        "Prices in CLP per litre with intervals, and what each driver adds. Months that have "
        "a price already come back with the forecast made a month ahead of them and with what "
        "was paid."
    ),
    body=ForecastRequest,
    answer=ForecastResponse,
    errors=(HTTPStatus.CONFLICT,),
    handler=forecast,
)
