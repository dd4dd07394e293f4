"""Routes of the wrapped application: only what one of them answers is let through."""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

from bento.edge.problems import RejectedError


def check_route(routes: Iterable[BaseRoute], scope: Scope) -> None:
    """Let through a request that a route answers.

    Any other path would become a label of its own in BentoML's metrics. So of mounted applications
    only those count that have routes to look at; a folder of files has none.

    Raises:
        RejectedError: No route has this path, or none of those that have it has this method.
    """
    path = scope["path"]
    allowed: set[str] = set()
    # A pattern's end also matches before a line end, so `/predict%0A` would be another `/predict`.
    if path.isascii() and path.isprintable() and _is_answered(routes, scope, allowed):
        return
    if not allowed:
        raise RejectedError(HTTPStatus.NOT_FOUND, "Not found")
    methods = ", ".join(sorted(allowed))
    raise RejectedError(
        HTTPStatus.METHOD_NOT_ALLOWED,
        f"Method not allowed; this path allows {methods}",
        headers={"Allow": methods},
    )


def _is_answered(routes: Iterable[BaseRoute], scope: Scope, allowed: set[str]) -> bool:
    """Look for a route, gathering the methods of those that have the path."""
    for route in routes:
        match, child_scope = route.matches(scope)
        if match is Match.NONE:
            continue
        if isinstance(route, Mount):
            inner = {**scope, **child_scope}
            if isinstance(route.app, Starlette) and _is_answered(route.routes, inner, allowed):
                return True
            if match is Match.FULL:
                return False  # it would be asked, whatever stands behind it
        elif match is Match.FULL:
            return True
        elif isinstance(route, Route):
            allowed |= route.methods or set()
    return False
