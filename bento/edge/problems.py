"""HTTP errors, all in one form: problem details (RFC 9457); and requests that the edge rejects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 20
"""Faults listed in one response; a client that sends more has one mistake many times."""

MAX_UNKNOWN_NAMES = 3
"""More names that an object must not have are counted, not listed: they are no typing errors."""

MAX_FIELD_CHARACTERS = 200
"""Longer names of fields, which a client chose, are cut."""

REASONS: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_error",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
    HTTPStatus.GATEWAY_TIMEOUT: "too_slow",
}
"""The label of each status in metrics. Another 4xx is a `bad_request`, another 5xx an
`internal_error`."""

OVERLOADED = "overloaded"
"""The label of a 503 for load, rather than for a missing model."""

CLIENT_GONE = 499
"""The status logged when the client left before it had sent its request; nginx's number."""


class ProblemDetails(JSONResponse):
    """A response that holds problem details."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Serialize in ASCII: text of a client may hold what no encoding can."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class RejectedError(Exception):
    """The edge answers a request itself, with problem details."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
        ends_connection: bool = False,
    ) -> None:
        super().__init__(detail)
        self.reason = reason or reason_for(status)
        self.response = problem(status, detail, headers=headers)
        self.ends_connection = ends_connection
        """True if the client should stop sending, so that its next request needs a connection."""


class ClientGoneError(Exception):
    """The client closed the connection before it had sent its request."""


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> ProblemDetails:
    """Make a response of problem details.

    Args:
        status: The HTTP status.
        detail: What went wrong and what to do, for a person.
        errors: The faults, each with the `field` it is in and its `detail`; of a number out of
            range also the `minimum` or the `maximum` that is accepted.
        headers: Response headers to add.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title(status),
        "status": int(status),
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return ProblemDetails(body, status_code=status, headers=headers)


def failure(request_id: str) -> str:
    """Return the detail of an error that only the log describes."""
    return f"The service failed; details are in the log under request id {request_id}"


def invalid_request(error: ValidationError, *, form: str) -> ProblemDetails:
    """Make the response that lists the invalid fields of a request.

    Args:
        error: The faults that were found.
        form: What to send, for a client that sent another structure.
    """
    found = error.errors(include_url=False, include_input=False)
    groups = _grouped(found)
    faults = [_fault(group) for group in groups[:MAX_FAULTS]]
    n_others = len(found) - len(groups[0])
    more = f" (and {n_others} more)" if n_others else ""
    instead = f". Send {form}" if _has_other_structure(found) else ""
    return problem(
        HTTPStatus.BAD_REQUEST,
        f"{faults[0]['field']}: {faults[0]['detail']}{more}{instead}",
        errors=faults,
    )


def reason_for(status: int) -> str:
    """Return the label of a status of 400 or more."""
    other = "bad_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "internal_error"
    return REASONS.get(status, other)


def title(status: int) -> str:
    """Return the phrase of a status, or of its class if HTTP does not define it."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return HTTPStatus(status // 100 * 100).phrase


def _grouped(found: Iterable[ErrorDetails]) -> list[list[ErrorDetails]]:
    """Group the unknown names of an object, if they are many; any other fault stays alone."""
    groups = []
    for (is_unknown, _), group in groupby(
        found, key=lambda fault: (_is_unknown_name(fault), fault["loc"][:-1])
    ):
        faults = list(group)
        is_listed = not is_unknown or len(faults) <= MAX_UNKNOWN_NAMES
        groups += [[fault] for fault in faults] if is_listed else [faults]
    return groups


def _fault(group: Sequence[ErrorDetails]) -> dict[str, Any]:
    first = group[0]
    if len(group) == 1:
        limits = _limits(first.get("ctx", {}))
        return {"field": _field(first["loc"]), "detail": first["msg"], **limits}
    name = str(first["loc"][-1])[:MAX_FIELD_CHARACTERS]
    return {
        "field": _field(first["loc"][:-1]),
        "detail": f"{len(group)} names are not allowed, the first {name!r}",
    }


def _has_other_structure(found: Sequence[ErrorDetails]) -> bool:
    """Return whether a body is not built as expected, rather than wrong in a value or two."""
    n_unknown = sum(_is_unknown_name(fault) and len(fault["loc"]) == 1 for fault in found)
    return n_unknown > MAX_UNKNOWN_NAMES or any(
        fault["type"] in {"model_type", "list_type"}
        or (fault["type"] == "missing" and len(fault["loc"]) == 1)
        for fault in found
    )


def _is_unknown_name(fault: ErrorDetails) -> bool:
    return fault["type"] == "extra_forbidden"


def _limits(context: Mapping[str, Any]) -> dict[str, float]:
    """Return the limit that a number breaks, under the name that JSON Schema has for it."""
    names = {"ge": "minimum", "le": "maximum"}
    return {name: context[limit] for limit, name in names.items() if limit in context}


def _field(location: Sequence[int | str]) -> str:
    """Write `("query", 0, "ano")` as `query[0].ano`, and the whole of it as `body`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".")[:MAX_FIELD_CHARACTERS] or "body"
