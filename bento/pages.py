"""The pages for people: the analyst's at `/`, the API's at `/docs`, and the files they need."""

from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from starlette.routing import Route

from bento.static_files import StaticFile

_PAGE = Path(__file__).parent / "page"
_DOCS = Path(__file__).parent / "docs"

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No script but ours; styles may stand in the document, as both chart and API page write them."""

_SWAGGER_UI = ("swagger-ui.css", "swagger-ui-bundle.js")


def page_routes() -> list[Route]:
    """Make a route for each file, so that no path is ever built from a request."""
    return [
        _route("/", _PAGE / "index.html"),
        *(
            _route(f"/page/{path.relative_to(_PAGE).as_posix()}", path)
            for path in sorted(_PAGE.rglob("*"))
            if path.is_file() and path != _PAGE / "index.html"
        ),
        _route("/page/plotly.min.js", _plotly()),
        _route("/docs", _DOCS / "index.html"),
        _route("/docs/docs.js", _DOCS / "docs.js"),
        *(_route(f"/docs/{name}", _swagger_ui() / name) for name in _SWAGGER_UI),
    ]


def _route(path: str, file: Path) -> Route:
    return Route(path, StaticFile(file, headers={"Content-Security-Policy": _PAGE_POLICY}).respond)


def _plotly() -> Path:
    """Find the chart library in its package, which takes seconds to import and is not imported."""
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("plotly, whose package the page's chart library comes in")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def _swagger_ui() -> Path:
    """Find the API page's library in BentoML, whose own page loads a tracker from outside."""
    return Path(str(files("bentoml"))) / "_internal" / "server" / "static_content"
