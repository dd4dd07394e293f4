"""BentoML's service with our endpoints, the edge around it and the pages beside it."""

import atexit
import secrets
import shutil
import tempfile
from itertools import chain
from pathlib import Path
from typing import Any

import bentoml
from anyio import to_thread
from opentelemetry.util.http import ExcludeList
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bento.bentoml_internals import BentoMLContainer, Service, serve_within, server_context
from bento.connections import ConnectionLimits
from bento.edge.cors import with_cors
from bento.edge.edge import Edge
from bento.edge.logs import write_json_logs
from bento.edge.prediction_log import PredictionLog
from bento.endpoints.operation import Endpoint
from bento.endpoints.result import respond
from bento.metrics import service_metrics
from bento.openapi import openapi_document
from bento.pages import page_routes
from bento.server import end_with_parent, n_workers, take_over_start
from bento.settings import Settings

_METRICS_FOLDER = Path(tempfile.gettempdir()) / f"spike-metrics-{secrets.token_hex(8)}"
"""Made by BentoML in the process that starts the workers, and removed when that ends."""

atexit.register(shutil.rmtree, _METRICS_FOLDER, ignore_errors=True)


class GuardedService(Service):  # type: ignore[misc]
    """A service whose requests pass the edge before BentoML sees them.

    BentoML puts middleware of a service inside its own, which labels metrics with whatever path
    is asked for; so the edge goes around the whole application.

    The class that it is made of has its `operations`, which become BentoML's methods if they take
    a body, so that its clients have them, and routes if they don't.
    """

    def __attrs_post_init__(self) -> None:
        """Add the methods before BentoML looks for them, and take part in a start of the server."""
        for endpoint in self._endpoints():
            if endpoint.body:
                setattr(self.inner, endpoint.id, _api_method(endpoint))
        super().__attrs_post_init__()
        take_over_start()

    def __call__(self) -> Any:
        """Make the instance of a worker process, which keeps its methods.

        BentoML would look up a method's signature anew for every request.
        """
        instance = super().__call__()
        for name in self.apis:
            setattr(instance, name, getattr(instance, name))
        return instance

    @property
    def openapi_spec(self) -> dict[str, Any]:
        """The document that a Bento carries: ours, as BentoML's knows the methods alone."""
        return openapi_document(self.inner.operations, key_needed=False)

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """Make the application of a worker process."""
        settings = Settings.from_environment()
        write_json_logs()
        serve_within(ConnectionLimits(header_timeout_s=settings.body_timeout_s))
        end_with_parent()
        _trace_for_exporters_only()
        pages = page_routes()
        document = openapi_document(self.inner.operations, key_needed=bool(settings.api_keys))
        routes = [
            *pages,
            Route("/docs.json", JSONResponse(document), methods=["GET"]),
            *chain.from_iterable(_get_routes(one) for one in self._endpoints() if not one.body),
        ]
        self.mount_asgi_app(Starlette(routes=routes), path="/")
        edge = Edge(
            super().to_asgi(is_main),
            settings=settings,
            public_paths=frozenset(route.path for route in pages),
            on_rejected=service_metrics().refused,
            prediction_log=(
                PredictionLog(settings.prediction_log, worker=str(server_context.worker_index or 0))
                if settings.prediction_log
                else None
            ),
        )
        return with_cors(edge, settings.cors_origins)

    def inject_config(self) -> None:
        """Configure BentoML: its workers, no timeout, and metrics of this server's own.

        The timer of the timeout outlives its request by a minute: a thousand requests a second
        leave half a million objects, and looking through them for garbage lets all requests wait
        for a tenth of a second. A request can't be stopped by it anyway (bentoml/BentoML#5642), and
        is bounded by the size of a body.

        The workers share their metrics through files in one folder of BENTOML_HOME, which each
        start empties, whoever else serves from there.
        """
        super().inject_config()
        config = BentoMLContainer.config.services[self.name]
        config.traffic.timeout.set(None)
        if n_asked := n_workers():
            config.workers.set(n_asked)
        BentoMLContainer.prometheus_multiproc_dir.set(str(_METRICS_FOLDER))

    def _endpoints(self) -> list[Endpoint]:
        return [one for one in self.inner.operations if isinstance(one, Endpoint)]


def _api_method(endpoint: Endpoint) -> Any:
    async def method(self: Any, body: Any, /) -> Response:
        if endpoint.in_thread:
            return await to_thread.run_sync(respond, endpoint, body, self.reloader)
        return respond(endpoint, body, self.reloader)

    method.__name__, method.__doc__ = endpoint.id, endpoint.summary
    method.__annotations__["body"] = endpoint.body  # where BentoML reads what it takes
    return bentoml.api(route=endpoint.path, output_spec=endpoint.answer)(method)


def _get_routes(endpoint: Endpoint) -> list[Route]:
    async def answer(request: Request) -> Response:
        reloader = bentoml.get_current_service().reloader
        return await to_thread.run_sync(respond, endpoint, request, reloader)

    return [Route(path, answer) for path in endpoint.paths]


def _trace_for_exporters_only() -> None:
    """Make no spans where BentoML is not configured to send them anywhere.

    It makes them all the same, which takes a third of the time of a small request.
    """
    if BentoMLContainer.tracing.exporter_type.get() is None:
        every_url = ExcludeList(["."])
        BentoMLContainer.tracing_excluded_urls.set(every_url)
