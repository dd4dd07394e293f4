"""`GET /history`: every price, and what was forecast for it."""

from http import HTTPStatus

from starlette.requests import Request

from bento.api.history import HistoryResponse
from bento.endpoints.operation import Endpoint
from bento.endpoints.result import UnanswerableRequestError
from bento.reloader import ModelReloader
from spike_assets.models.price_series import HORIZON


def history(request: Request, reloader: ModelReloader) -> HistoryResponse:
    """Return the prices and the forecasts of one horizon.

    Raises:
        UnanswerableRequestError: The horizon is out of range.
        NotServedError: No forecaster is promoted.
    """
    horizon = request.query_params.get("horizon", "1")
    if horizon not in map(str, range(1, HORIZON + 1)):
        raise UnanswerableRequestError(
            "horizon", f"{horizon!r} is not a whole number from 1 to {HORIZON}"
        )
    served = reloader.served
    stored = served["forecaster"]
    return HistoryResponse.of(
        served.forecast, horizon=int(horizon), tag=stored.tag, synthetic=stored.synthetic
    )


HISTORY = Endpoint(
    path="/history",
    id="history",
    tag="forecast",
    summary="Every price, and what was forecast for it",
    description="The forecasts are out of sample: each was made from what was known then.",
    parameters=(
        {
            "name": "horizon",
            "in": "query",
            "description": "Months ahead that each was forecast.",
            "schema": {"type": "integer", "minimum": 1, "maximum": HORIZON, "default": 1},
        },
    ),
    answer=HistoryResponse,
    errors=(HTTPStatus.BAD_REQUEST,),
    handler=history,
)
