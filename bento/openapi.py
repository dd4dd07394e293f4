"""The OpenAPI document of the whole service, assembled from the operations of the endpoints.

BentoML's own knows the three methods alone and another form of errors.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import spike_assets
from bento.api.fields import Problem
from bento.endpoints.operation import Operation

_REF = "#/components/schemas/{model}"

_OF_ANY = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""Errors of every operation that is not public."""

_OF_A_BODY = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
"""More errors of every operation with a body."""

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


def openapi_document(operations: Sequence[Operation], *, key_needed: bool) -> dict[str, Any]:
    """Assemble the document.

    Args:
        operations: The operations, in its order.
        key_needed: Whether the service asks for a key.
    """
    _, definitions = models_json_schema(
        [
            *((one.body, "validation") for one in operations if one.body),
            *((one.answer, "serialization") for one in operations if one.answer),
            (Problem, "serialization"),
        ],
        ref_template=_REF,
    )
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        method = "post" if operation.body else "get"
        paths.setdefault(operation.path, {})[method] = _described(operation, key_needed=key_needed)
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
        "servers": [{"url": "."}],  # beside this document, whatever path a proxy puts before
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _described(operation: Operation, *, key_needed: bool) -> dict[str, Any]:
    headers = _MODEL_HEADERS if operation.body else {}
    errors = (
        *(_OF_A_BODY if operation.body else ()),
        *operation.errors,
        *(() if operation.public else _OF_ANY),
    )
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
                "headers": _REQUEST_ID | headers | dict(operation.headers),
                "content": content,
            }
        }
        | {str(status.value): _error(status) for status in errors},
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
