"""The order in which a request is checked, passed on and answered."""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.types import Message, Receive, Scope, Send

from bento.edge.access_log import CLIENT_GONE, log_access
from bento.edge.app_errors import failure
from bento.edge.body import BodyReader
from bento.edge.clients import is_loopback, is_loopback_name, network
from bento.edge.concurrency import ConcurrencyLimit
from bento.edge.content import check_content
from bento.edge.credentials import ApiKeys
from bento.edge.exchange import RequestContext, answering, begun
from bento.edge.headers import RequestHeaders, by_name
from bento.edge.incoming import RequestBody
from bento.edge.prediction_log import PredictionLog
from bento.edge.problems import problem
from bento.edge.rate import RateLimit
from bento.edge.refusals import ClientGoneError, RejectedError, reason_for
from bento.edge.reply import ResponseSender
from bento.edge.routes import check_route
from bento.settings import Settings

HEALTH_PATHS = frozenset({"/livez", "/healthz", "/readyz"})
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
        on_refused: Callable[[str], None],
        health_paths: frozenset[str] = HEALTH_PATHS,
        prediction_log: PredictionLog | None = None,
    ) -> None:
        """Stand around an application.

        Args:
            app: The application; its routes say what is found.
            settings: Keys and limits.
            public_paths: What needs no API key where keys are set.
            on_refused: Is told of every answer of 400 or more, by a word of `refusals`.
            health_paths: What is answered whoever asks and however often, and not logged.
            prediction_log: Where answered questions are recorded.
        """
        self._app = app
        self._needs_key = bool(settings.api_keys)
        self._api_keys = ApiKeys(settings.api_keys)
        self._public_paths = public_paths
        self._on_refused = on_refused
        self._health_paths = health_paths
        self._prediction_log = prediction_log
        self._rate = RateLimit(settings.rate_limit) if settings.rate_limit else None
        self._bodies = BodyReader(
            limit_bytes=settings.body_limit_bytes, timeout_s=settings.body_timeout_s
        )
        self._places = ConcurrencyLimit(settings.concurrency_limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or go along with the start and the end of the server."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})
            self._on_refused(reason_for(HTTPStatus.FORBIDDEN))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = by_name(scope["headers"])
        exchange = begun(scope, headers)
        reply = ResponseSender(
            exchange,
            send,
            keeps_body=self._prediction_log is not None and exchange.method in METHODS_WITH_BODY,
            tells_reason=exchange.path in self._health_paths,
        )
        incoming = RequestBody(receive, headers)
        refusal: RejectedError | None = None
        with answering(exchange):
            try:
                await self._ask(scope, incoming, headers, exchange, reply)
                if not reply.is_begun:
                    raise RuntimeError("The application gave no answer")
            except RejectedError as error:
                refusal = error
                await _refuse(error, incoming, reply)
            except ClientGoneError:
                exchange.status = CLIENT_GONE
                exchange.stop_the_clock()
            except Exception:  # whatever it is, the client waits
                logger.exception("%s %s failed", exchange.method, exchange.path)
                if not reply.is_begun:
                    status = HTTPStatus.INTERNAL_SERVER_ERROR
                    await reply.send(problem(status, failure(exchange.request_id)))
        self._conclude(exchange, refusal)
        if refusal and not incoming.is_over:
            await incoming.drain()
            await reply.close()

    async def _ask(
        self,
        scope: Scope,
        incoming: RequestBody,
        headers: RequestHeaders,
        exchange: RequestContext,
        reply: ResponseSender,
    ) -> None:
        """Pass a request on to the application, if nothing speaks against it."""
        is_health = exchange.path in self._health_paths
        if not is_health:
            self._admit(exchange, headers)
        check_route(self._app.router.routes, scope)
        body = b""
        receive: Receive = incoming.receive
        if exchange.method in METHODS_WITH_BODY:
            check_content(headers)
            body = await self._bodies.read(incoming, headers)
            exchange.request_bytes = len(body)
            receive = incoming.replay(body)
        if is_health:
            await self._app(scope, receive, reply.forward)
            return
        with self._places:
            await self._app(scope, receive, reply.forward)
        if self._prediction_log and body and exchange.model_tag and reply.is_success:
            self._prediction_log.record(exchange, request=body, response=bytes(reply.body))

    def _admit(self, exchange: RequestContext, headers: RequestHeaders) -> None:
        """Let in who may ask, as often as he may."""
        if not self._needs_key and not _is_of_this_machine(exchange, headers):
            raise RejectedError(
                HTTPStatus.FORBIDDEN,
                "Only this machine is answered, because SPIKE_API_KEY is not set. "
                "Set it to one or more keys, and send one of them with each request",
            )
        key = self._api_keys.shown_in(headers)
        if self._rate:
            self._rate.count(f"key {key}" if key is not None else network(exchange.client))
        if self._needs_key and key is None and exchange.path not in self._public_paths:
            raise RejectedError(
                HTTPStatus.UNAUTHORIZED,
                "Send an API key, as Authorization: Bearer KEY or as X-API-Key: KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _conclude(self, exchange: RequestContext, refusal: RejectedError | None) -> None:
        """Say what came of a request."""
        if exchange.path not in self._health_paths:
            log_access(exchange)
        if exchange.status >= HTTPStatus.BAD_REQUEST and exchange.status != CLIENT_GONE:
            self._on_refused(refusal.reason if refusal else reason_for(exchange.status))

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the start and the end, which waits for the prediction log."""
        if not self._needs_key:
            logger.info("Only this machine is answered, because SPIKE_API_KEY is not set")

        async def send_once_written(message: Message) -> None:
            if self._prediction_log and message["type"].startswith("lifespan.shutdown"):
                await asyncio.to_thread(self._prediction_log.close)
            await send(message)

        await self._app(scope, receive, send_once_written)


def _is_of_this_machine(exchange: RequestContext, headers: RequestHeaders) -> bool:
    hosts = headers.get(b"host", ())
    return is_loopback(exchange.client) and all(
        is_loopback_name(host.decode("latin-1")) for host in hosts
    )


async def _refuse(refusal: RejectedError, incoming: RequestBody, reply: ResponseSender) -> None:
    """Send a refusal, which stays open as long as its client is to be heard out."""
    document = refusal.document()
    if not incoming.is_over and (refusal.ends_connection or incoming.waits_for_leave):
        document.headers["Connection"] = "close"
    await reply.send(document, stays_open=not incoming.is_over)
