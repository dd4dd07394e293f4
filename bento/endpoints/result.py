"""The result of an endpoint, and the response that is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from bento.api.json_body import JsonBody
from bento.edge.context import current_request
from bento.edge.problems import invalid_request, problem
from bento.endpoints.operation import Endpoint
from bento.metrics import service_metrics
from bento.reloader import ModelReloader
from bento.served_models import NothingServedError, NotServedError
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.stored_model import StoredModel


@dataclass(frozen=True)
class Result:
    """The answer of a model, with the figures that are logged and counted.

    Attributes:
        body: The body of the response.
        stored: The model that answered.
        n_rows: Rows predicted, or months forecast or evaluated.
        n_rescaled_cells: Numbers that were brought to true units, where that is done.
    """

    body: BaseModel
    stored: StoredModel
    n_rows: int
    n_rescaled_cells: int | None = None


class UnanswerableRequestError(Exception):
    """A request that fits its schema asks for what the served model can't answer.

    Attributes:
        field: Where, as `observations[0].month`.
        detail: What is wrong, and what could be asked.
        status: 400, or 409 if another model is served than the one expected.
        accepted: The least and the largest number accepted, if the field holds one out of range.
    """

    def __init__(
        self,
        field: str,
        detail: str,
        *,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        accepted: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail
        self.status = status
        self.accepted = accepted

    @property
    def fault(self) -> dict[str, Any]:
        """The fault as one of the `errors` of problem details."""
        limits = dict(zip(("minimum", "maximum"), self.accepted or (), strict=False))
        return {"field": self.field, "detail": self.detail, **limits}


def respond(endpoint: Endpoint, request: Any, reloader: ModelReloader) -> Response:
    """Answer a request; an error that an endpoint may raise becomes problem details.

    Args:
        endpoint: The endpoint.
        request: The body, or the GET request.
        reloader: What holds the served models.
    """
    try:
        if endpoint.body:
            return _model_response(endpoint, request, reloader)
        found: BaseModel | Response = endpoint.handler(request, reloader)
        return found if isinstance(found, Response) else _json_response(found)
    except UnanswerableRequestError as error:
        return problem(error.status, str(error), errors=[error.fault])
    except (ModelStoreError, NotServedError, NothingServedError) as error:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error))


def _model_response(endpoint: Endpoint, body: JsonBody, reloader: ModelReloader) -> Response:
    if body.fault:
        return invalid_request(body.fault, form=body.form)
    result: Result = endpoint.handler(body, reloader.served)
    context = current_request()
    context.model_tag = result.stored.tag
    context.n_rows = result.n_rows
    context.n_rescaled_cells = result.n_rescaled_cells
    service_metrics().answered(
        endpoint.id,
        result.stored,
        n_rows=result.n_rows,
        n_rescaled_cells=result.n_rescaled_cells,
    )
    return _json_response(result.body, headers=_headers(result))


def _json_response(body: BaseModel, *, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)


def _headers(result: Result) -> dict[str, str]:
    headers = {"X-Model-Tag": result.stored.tag}
    if result.stored.synthetic:
        headers["X-Model-Data"] = "synthetic sample, not real prices"
    if result.n_rescaled_cells is not None:
        headers["X-Rescaled-Cells"] = str(result.n_rescaled_cells)
    return headers
