"""BentoML's service with the edge around it and the pages beside it."""

from typing import Any

from _bentoml_sdk.service import Service
from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.context import server_context  # tells the workers of a service apart
from opentelemetry.util.http import ExcludeList
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bento.edge.cors import with_cors
from bento.edge.edge import Edge
from bento.edge.logs import write_json_logs
from bento.edge.prediction_log import PredictionLog
from bento.endpoints.views import view_routes
from bento.metrics import service_metrics
from bento.openapi import openapi_document
from bento.pages import page_routes
from bento.settings import Settings


class GuardedService(Service):  # type: ignore[misc]
    """A service whose requests pass the edge before BentoML sees them.

    BentoML puts middleware of a service inside its own, which labels metrics with whatever path
    is asked for; so the edge goes around the whole application.
    """

    @property
    def openapi_spec(self) -> dict[str, Any]:
        """The document that a Bento carries: ours, as BentoML's knows the methods alone."""
        return openapi_document(key_needed=False)

    def to_asgi(self, is_main: bool = True) -> ASGIApp:
        """Make the application of a worker process."""
        settings = Settings.from_environment()
        write_json_logs()
        _trace_for_exporters_only()
        pages = page_routes()
        views = view_routes(key_needed=bool(settings.api_keys))
        self.mount_asgi_app(Starlette(routes=[*pages, *views]), path="/")
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
        """Do without BentoML's timeout, whose timer outlives the request that it was set for.

        It stays for a minute: a thousand requests a second leave half a million objects, and
        looking through them for garbage lets all requests wait for a tenth of a second. What is
        worked on can't be stopped by it anyway (bentoml/BentoML#5642), and is bounded by the size
        of a body.
        """
        super().inject_config()
        BentoMLContainer.config.services[self.name].traffic.timeout.set(None)


def _trace_for_exporters_only() -> None:
    """Make no spans where BentoML is not configured to send them anywhere.

    It makes them all the same, which takes a third of the time of a small request.
    """
    if BentoMLContainer.tracing.exporter_type.get() is None:
        every_url = ExcludeList(["."])
        BentoMLContainer.tracing_excluded_urls.set(every_url)
