"""The OpenAPI document of the whole service, made from the models of `api`.

BentoML's own knows the three methods alone and another form of errors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import spike_assets
from bento.api.evaluate import EvaluateRequest, EvaluateResponse
from bento.api.forecast import ForecastRequest, ForecastResponse
from bento.api.history import HistoryResponse
from bento.api.models import ModelResponse, ModelsResponse, VersionResponse
from bento.api.predict import PredictRequest, PredictResponse
from bento.api.problem import Problem
from spike_assets.models.price_series import HORIZON
from spike_assets.registry.trained_model import KIND_OF

_REF = "#/components/schemas/{model}"

_OF_ANY = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""What any endpoint may answer, health apart."""

_OF_A_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)

_WHY = {
    HTTPStatus.BAD_REQUEST: "The request does not fit; the fields that don't are named.",
    HTTPStatus.UNAUTHORIZED: "A key is needed: `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
    HTTPStatus.FORBIDDEN: "No key is set, so that only this machine is answered.",
    HTTPStatus.REQUEST_TIMEOUT: "The body took too long to arrive.",
    HTTPStatus.CONFLICT: "Another model is served than the one expected.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is larger than the limit.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not `application/json`.",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests; `Retry-After` says when to come back.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of the service; its log has the request's id.",
    HTTPStatus.SERVICE_UNAVAILABLE: "No model is promoted yet, or the service is overloaded.",
}

_REQUEST_ID = {
    "X-Request-ID": {
        "description": "The id of the request, which the log has too; yours if you sent one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    }
}
_MODEL_HEADERS = {
    "X-Model-Tag": {
        "description": "The version that answered, as `name:version`.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9]+:[a-z0-9]+$"},
    },
    "X-Model-Data": {
        "description": "There if the model was trained on the embedded sample.",
        "schema": {"type": "string"},
    },
}
_RETRY_AFTER: Mapping[str, Any] = {
    "description": "Seconds to wait before asking again.",
    "schema": {"type": "integer", "minimum": 1},
}
_RESCALED_HEADER = {
    "X-Rescaled-Cells": {
        "description": "How many numbers were in the old digit convention, without decimal point.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    }
}

_ERROR_HEADERS: Mapping[HTTPStatus, Mapping[str, Any]] = {
    HTTPStatus.UNAUTHORIZED: {
        "WWW-Authenticate": {
            "description": "How to show a key.",
            "required": True,
            "schema": {"type": "string", "const": "Bearer"},
        }
    },
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": {**_RETRY_AFTER, "required": True}},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": _RETRY_AFTER},
}


@dataclass(frozen=True)
class _Operation:
    path: str
    method: str
    id: str
    tag: str
    summary: str
    description: str
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    parameters: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, Any] = field(default_factory=dict)
    errors: Sequence[HTTPStatus] = _OF_ANY
    public: bool = False


_OPERATIONS = (
    _Operation(
        "/forecast",
        "post",
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
        headers=_MODEL_HEADERS,
        errors=(*_OF_A_BODY, HTTPStatus.CONFLICT, *_OF_ANY),
    ),
    _Operation(
        "/evaluate",
        "post",
        id="evaluate",
        tag="forecast",
        summary="Hold the forecasts against actual prices",
        description="The errors of the served forecaster beside those of repeating the last price.",
        body=EvaluateRequest,
        answer=EvaluateResponse,
        headers=_MODEL_HEADERS,
        errors=(*_OF_A_BODY, *_OF_ANY),
    ),
    _Operation(
        "/history",
        "get",
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
        errors=(HTTPStatus.BAD_REQUEST, *_OF_ANY),
    ),
    _Operation(
        "/predict",
        "post",
        id="predict",
        tag="the notebook's models",
        summary="Predict prices from the 48 published columns",
        description=(
            "Numbers may be in the units of the columns or as the export wrote them, without "
            "decimal point."
        ),
        body=PredictRequest,
        answer=PredictResponse,
        headers=_MODEL_HEADERS | _RESCALED_HEADER,
        errors=(*_OF_A_BODY, *_OF_ANY),
    ),
    _Operation(
        "/models",
        "get",
        id="models",
        tag="models",
        summary="What is served, and every version there is",
        description="With scores, the months trained on, and when and why it was promoted.",
        answer=ModelsResponse,
    ),
    _Operation(
        "/models/{name}",
        "get",
        id="model",
        tag="models",
        summary="The versions of one model",
        description="With the promotions that brought one of them into service.",
        parameters=(
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "The model.",
                "schema": {"type": "string", "enum": list(KIND_OF)},
            },
        ),
        answer=ModelResponse,
        errors=(HTTPStatus.NOT_FOUND, *_OF_ANY),
    ),
    _Operation(
        "/version",
        "get",
        id="version",
        tag="models",
        summary="What answers",
        description="The service, its libraries and the models that it serves.",
        answer=VersionResponse,
    ),
    _Operation(
        "/livez",
        "get",
        id="livez",
        tag="operation",
        summary="Is the process alive",
        description="Needs no key.",
        errors=(),
        public=True,
    ),
    _Operation(
        "/readyz",
        "get",
        id="readyz",
        tag="operation",
        summary="Are there models to answer from",
        description="Needs no key. If not, 503 says what to do.",
        errors=(HTTPStatus.SERVICE_UNAVAILABLE,),
        public=True,
    ),
    _Operation(
        "/metrics",
        "get",
        id="metrics",
        tag="operation",
        summary="Figures for Prometheus",
        description="Of BentoML, and of the models: answers, refusals, swaps, ages in days.",
    ),
)


def openapi_document(*, key_needed: bool) -> dict[str, Any]:
    """Make the document.

    Args:
        key_needed: Whether the service asks for a key.
    """
    _, definitions = models_json_schema(
        [
            *((one.body, "validation") for one in _OPERATIONS if one.body),
            *((one.answer, "serialization") for one in _OPERATIONS if one.answer),
            (Problem, "serialization"),
        ],
        ref_template=_REF,
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in _OPERATIONS:
        described = _described(operation, key_needed=key_needed)
        paths.setdefault(operation.path, {})[operation.method] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The price of Chilean milk",
            "version": spike_assets.__version__,
            "description": (
                "What Chilean dairy farms are paid for a litre of milk: forecasts of the coming "
                "months with intervals, and predictions from published series. Errors are problem "
                "documents (RFC 9457)."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _described(operation: _Operation, *, key_needed: bool) -> dict[str, Any]:
    content = (
        {"application/json": {"schema": _reference(operation.answer)}}
        if operation.answer
        else {"text/plain": {"schema": {"type": "string"}}}
    )
    found: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": _REQUEST_ID | dict(operation.headers),
                "content": content,
            }
        }
        | {str(status.value): _error(status) for status in operation.errors},
    }
    if operation.parameters:
        found["parameters"] = list(operation.parameters)
    if operation.body:
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.body)}},
        }
    if key_needed and not operation.public:
        found["security"] = [{"bearer": []}, {"api_key": []}]
    return found


def _error(status: HTTPStatus) -> dict[str, Any]:
    return {
        "description": _WHY.get(status, status.phrase),
        "headers": {**_REQUEST_ID, **_ERROR_HEADERS.get(status, {})},
        "content": {"application/problem+json": {"schema": _reference(Problem)}},
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=model.__name__)}
