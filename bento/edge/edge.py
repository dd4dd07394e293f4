"""The order in which a request is checked, passed on and answered."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from bento.edge.auth import ApiKeys, check_same_machine, client_network
from bento.edge.body import BodyReader, RequestBody, check_content_type
from bento.edge.context import RequestContext
from bento.edge.logs import log_access
from bento.edge.prediction_log import PredictionLog
from bento.edge.problems import (
    CLIENT_GONE,
    ClientGoneError,
    RejectedError,
    failure,
    problem,
    reason_for,
)
from bento.edge.rate import ConcurrencyLimit, RateLimit
from bento.edge.response import ResponseSender
from bento.edge.routes import check_route
from bento.settings import Settings

HEALTH_PATHS = frozenset({"/livez", "/healthz", "/readyz"})
"""Answered to everybody, without limits of rate and concurrency, and not logged."""

METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})

logger = logging.getLogger("spike_assets.edge")


class Edge:
    """The outermost ASGI application."""

    def __init__(
        self,
        app: Starlette,
        *,
        settings: Settings,
        public_paths: frozenset[str],
        on_rejected: Callable[[str], None],
        prediction_log: PredictionLog | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: The application; its routes determine what is found.
            settings: Keys and limits.
            public_paths: The paths of files, which need no API key and no slot.
            on_rejected: Called for every response of 400 or more, with a label of `problems`.
            prediction_log: Where answered requests are recorded.
        """
        self._app = app
        self._needs_key = bool(settings.api_keys)
        self._api_keys = ApiKeys(settings.api_keys)
        self._public_paths = public_paths
        self._on_rejected = on_rejected
        self._prediction_log = prediction_log
        self._rate = RateLimit(settings.rate_limit) if settings.rate_limit else None
        self._bodies = BodyReader(
            limit_bytes=settings.body_limit_bytes, timeout_s=settings.body_timeout_s
        )
        self._concurrency = ConcurrencyLimit(settings.concurrency_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or forward lifespan events."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._forward_lifespan(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})
            self._on_rejected(reason_for(HTTPStatus.FORBIDDEN))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request in any case, log it and count it."""
        context = RequestContext.from_scope(scope)
        body = RequestBody(receive, context.headers)
        response = ResponseSender(
            context,
            send,
            keeps_body=self._prediction_log is not None and context.method in METHODS_WITH_BODY,
            shows_reason=context.path in HEALTH_PATHS,
        )
        with context.bind():
            try:
                await self._check_and_forward(scope, context, body, response)
            except RejectedError as rejection:
                context.rejection = rejection.reason
                await _reject(rejection, body, response)
            except ClientGoneError:
                context.status = CLIENT_GONE
                context.stop_clock()
            except Exception:  # whatever it is, the client waits
                logger.exception("%s %s failed", context.method, context.path)
                if not response.has_started:
                    detail = failure(context.request_id)
                    await response.send(problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail))
        self._report(context)
        if response.is_held_open:
            await body.drain()
            await response.close()

    async def _check_and_forward(
        self, scope: Scope, context: RequestContext, body: RequestBody, response: ResponseSender
    ) -> None:
        """Pass a request on to the application, unless a check rejects it."""
        is_health = context.path in HEALTH_PATHS
        if not is_health:
            self._admit(context)
        check_route(self._app.router.routes, scope)
        content = b""
        receive: Receive = body.receive
        if context.method in METHODS_WITH_BODY:
            check_content_type(context.headers)
            content = await self._bodies.read(body)
            context.request_bytes = len(content)
            receive = body.replay(content)
        with ExitStack() as slot:
            if not is_health and context.path not in self._public_paths:
                slot.enter_context(self._concurrency)

            async def send(message: Message) -> None:
                slot.close()  # the answer is there, and its client may take time to read it
                await response.forward(message)

            await self._app(scope, receive, send)
        if not response.has_started:
            raise RuntimeError("The application sent no response")
        if self._prediction_log and content and context.model_tag and response.is_success:
            self._prediction_log.record(context, request=content, response=bytes(response.body))

    def _admit(self, context: RequestContext) -> None:
        """Authenticate and rate-limit the request."""
        if not self._needs_key:
            check_same_machine(context)
        key = self._api_keys.position_in(context.headers)
        if self._rate:
            self._rate.count(f"key {key}" if key is not None else client_network(context.client))
        if self._needs_key and key is None and context.path not in self._public_paths:
            raise RejectedError(
                HTTPStatus.UNAUTHORIZED,
                "Send an API key, as Authorization: Bearer KEY or as X-API-Key: KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _report(self, context: RequestContext) -> None:
        """Log a request that is over, and count it if it failed."""
        if context.path not in HEALTH_PATHS:
            log_access(context)
        if context.status >= HTTPStatus.BAD_REQUEST and context.status != CLIENT_GONE:
            self._on_rejected(context.rejection or reason_for(context.status))

    async def _forward_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward start and shutdown; the latter waits for the prediction log."""
        if not self._needs_key:
            logger.info(
                "Only this machine is answered, because SPIKE_API_KEY is not set. Set it behind a "
                "proxy: what a proxy on this machine forwards may look like this machine's own"
            )

        async def send_once_written(message: Message) -> None:
            if self._prediction_log and message["type"].startswith("lifespan.shutdown"):
                await asyncio.to_thread(self._prediction_log.close)
            await send(message)

        await self._app(scope, receive, send_once_written)


async def _reject(rejection: RejectedError, body: RequestBody, response: ResponseSender) -> None:
    """Send a rejection, which is held open while its client still sends."""
    if not body.is_over and (rejection.ends_connection or body.expects_continue):
        rejection.response.headers["Connection"] = "close"
    await response.send(rejection.response, hold_open=not body.is_over)
