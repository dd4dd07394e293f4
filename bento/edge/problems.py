"""Errors over HTTP, all of one form: problem documents (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
MAX_FAULTS = 20
"""Faults listed in one answer; a client that sends more has one mistake many times."""

MAX_FIELD_CHARACTERS = 200
"""Longer names of fields, which a client chose, are cut."""


class ProblemDetails(JSONResponse):
    """A response that holds a problem document."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Write the document in ASCII: what a client sent may hold what no encoding can."""
        return json.dumps(content, separators=(",", ":")).encode("ascii")


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> ProblemDetails:
    """Make a problem document.

    Args:
        status: The HTTP status.
        detail: What went wrong and what to do, for a person.
        errors: The faults, each with the `field` it is in and its `detail`.
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


def title(status: int) -> str:
    """Give the phrase of a status, or of its class if it is none that HTTP knows."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return HTTPStatus(status // 100 * 100).phrase


def invalid_request(error: ValidationError) -> ProblemDetails:
    """Say which fields of a request are wrong, and how."""
    faults = [
        {"field": _field(fault["loc"]), "detail": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    first = faults[0]
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return problem(
        HTTPStatus.BAD_REQUEST,
        f"{first['field']}: {first['detail']}{more}",
        errors=faults[:MAX_FAULTS],
    )


def _field(location: Sequence[int | str]) -> str:
    """Write `("query", 0, "ano")` as `query[0].ano`, and the whole of it as `body`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".")[:MAX_FIELD_CHARACTERS] or "body"
