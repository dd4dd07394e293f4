"""CORS: the web sites whose pages may call the service from a browser."""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

REQUEST_HEADERS = ("Authorization", "Content-Type", "X-API-Key", "X-Request-ID")
RESPONSE_HEADERS = (
    "Retry-After",
    "X-Model-Data",
    "X-Model-Tag",
    "X-Request-ID",
    "X-Rescaled-Cells",
)
"""The headers that a page may read on top of those that it always may."""


def with_cors(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """Allow pages of other web sites to call an application.

    Goes around the edge: browsers send the preflight request without an API key.

    Args:
        app: The application.
        origins: The sites, such as `https://example.org`; without any, the application is returned
            as it is.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST"],
        allow_headers=REQUEST_HEADERS,
        expose_headers=RESPONSE_HEADERS,
    )
