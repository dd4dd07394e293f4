"""The pages for people: the analyst's at `/`, the API's at `/docs`, and the files they need.

Every address in them is relative, because a proxy may serve them under a path of its own.
"""

import mimetypes
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bento.cached_content import CachedContent

_PAGE = Path(__file__).parent / "page"
_DOCS = Path(__file__).parent / "docs"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",  # kept, and asked for again: a new version shows at once
}
"""The policy: nothing but our own files, and the pictures within the API page's style sheet."""

_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js")


def page_routes() -> list[Route]:
    """Return a route for each file, so that no path is ever built from a request."""
    page, docs = _PAGE / "index.html", _DOCS / "index.html"
    ours = [path for path in sorted([*_PAGE.rglob("*"), *_DOCS.rglob("*")]) if path.is_file()]
    return [
        _route("/", page, _with_preloads(page.read_text())),
        _route("/docs", docs),
        *(_route(f"/{_url(path)}", path) for path in ours if path not in (page, docs)),
        *(_route(f"/docs/{name}", _swagger_ui() / name) for name in _SWAGGER_UI),
    ]


def _route(url: str, path: Path, text: str | None = None) -> Route:
    content = path.read_bytes() if text is None else text.encode()
    file = CachedContent(content, mimetypes.guess_type(path)[0], _HEADERS)

    async def respond(request: Request) -> Response:  # starlette calls other functions in threads
        return file.respond(request)

    return Route(url, respond)


def _url(path: Path) -> str:
    return path.relative_to(_PAGE.parent).as_posix()


def _with_preloads(html: str) -> str:
    """Have every script loaded with the page, so that none waits until another asks for it."""
    scripts = sorted((_PAGE / "scripts").glob("*.js"))
    links = (f'<link rel="modulepreload" href="{_url(path)}">' for path in scripts)
    return html.replace("<!-- modulepreload -->", "\n  ".join(links))


def _swagger_ui() -> Path:
    """Find the API page's library in BentoML, whose own page loads a tracker from outside."""
    return Path(str(files("bentoml"))) / "_internal" / "server" / "static_content"
