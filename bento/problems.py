"""Errors over HTTP, all of one form: problem documents (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse

MOST_FAULTS = 20
"""Faults listed in one answer; a client that sends more has one mistake many times."""


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Make a problem document.

    Args:
        status: The HTTP status.
        detail: What went wrong and what to do, for a person.
        errors: The faults, each with the `field` it is in and its `detail`.
        headers: Response headers to add.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if errors:
        body["errors"] = list(errors)
    return JSONResponse(
        body, status_code=status, headers=headers, media_type="application/problem+json"
    )


def invalid_request(error: ValidationError) -> JSONResponse:
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
        errors=faults[:MOST_FAULTS],
    )


def _field(location: Sequence[int | str]) -> str:
    """Write `("query", 0, "ano")` as `query[0].ano`, and the whole of it as `body`."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "body"
