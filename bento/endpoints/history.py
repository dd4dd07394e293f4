"""`GET /history`: every price, and what was forecast for it."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from bento.api.history import HistoryResponse
from bento.cached_content import CachedContent
from bento.endpoints.operation import Endpoint
from bento.endpoints.result import UnanswerableRequestError
from bento.reloader import ModelReloader
from spike_assets.models.price_series import HORIZON


def history(request: Request, reloader: ModelReloader) -> Response:
    """Return the prices and the forecasts of one horizon, made once for each set of models.

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
    if horizon not in served.histories:
        stored = served["forecaster"]
        answer = HistoryResponse.of(
            served.forecast, horizon=int(horizon), tag=stored.tag, synthetic=stored.synthetic
        )
        content = answer.model_dump_json().encode()
        served.histories[horizon] = CachedContent(content, "application/json")
    return served.histories[horizon].respond(request)


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
