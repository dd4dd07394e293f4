"""What is asked with GET: the history, the models, the API's document."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version

import bentoml
from anyio import to_thread
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import spike_assets
from bento.answer import UnanswerableRequestError
from bento.api.history import HistoryResponse
from bento.api.models import (
    ModelResponse,
    ModelsResponse,
    PromotionLine,
    VersionLine,
    VersionResponse,
)
from bento.endpoints.error_answers import ANSWERED_ERRORS, error_answer
from bento.openapi import openapi_document
from bento.served_models import ServedModels
from spike_assets.models.price_series import HORIZON
from spike_assets.registry.metadata import RECORDED_LIBRARIES
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import Promotion
from spike_assets.registry.trained_model import KIND_OF

View = Callable[[Request], BaseModel]


def view_routes(*, key_needed: bool) -> list[Route]:
    """Make the routes.

    Args:
        key_needed: Whether the service asks for a key; the document says so.
    """
    document = openapi_document(key_needed=key_needed)

    async def docs_json(_: Request) -> Response:
        return JSONResponse(document)

    return [
        Route("/docs.json", docs_json),
        Route("/history", _answered(_history)),
        Route("/models", _answered(_models)),
        # A route a name: what names there are is no secret, and any other path is answered 404
        # before it could become a label of BentoML's metrics.
        *(Route(f"/models/{name}", _answered(_model_view(name))) for name in KIND_OF),
        Route("/version", _answered(_version)),
    ]


def _answered(view: View) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            found = await to_thread.run_sync(view, request)
        except ANSWERED_ERRORS as error:
            return error_answer(error)
        return Response(found.model_dump_json(), media_type="application/json")

    return respond


def _history(request: Request) -> HistoryResponse:
    asked = request.query_params.get("horizon", "1")
    if asked not in map(str, range(1, HORIZON + 1)):
        raise UnanswerableRequestError(
            "horizon", f"{asked!r} is no number of months: 1 to {HORIZON}"
        )
    model = _served().forecaster
    return HistoryResponse.of(
        model.outlook, horizon=int(asked), tag=model.tag, synthetic=model.synthetic
    )


def _models(_: Request) -> ModelsResponse:
    store = _store()
    history = store.promotions()
    return ModelsResponse(
        promoted=PromotionLine.of(history[-1]) if history else None,
        versions=[VersionLine.of(version) for version in store.versions()],
    )


def _model_view(name: str) -> View:
    def view(_: Request) -> ModelResponse:
        store = _store()
        return ModelResponse(
            name=name,  # type: ignore[arg-type]
            served=store.promoted().get(name),
            versions=[VersionLine.of(one) for one in store.versions() if one.name == name],
            promotions=[PromotionLine.of(line) for line in _changes(store.promotions(), name)],
        )

    return view


def _changes(history: list[Promotion], name: str) -> list[Promotion]:
    """Find the lines that put another version of a model into service, newest first."""
    before = [None, *(line.promoted.get(name) for line in history)]
    return [
        line
        for line, tag in zip(history, before, strict=False)
        if line.promoted.get(name) not in (None, tag)
    ][::-1]


def _version(_: Request) -> VersionResponse:
    service = bentoml.get_current_service()
    served = service.hot_swap.served_or_none
    bento = service.bento_service.bento
    return VersionResponse(
        version=spike_assets.__version__,
        bento=str(bento.tag) if bento else None,
        libraries={name: version(name) for name in RECORDED_LIBRARIES},
        models=served.tags if served else {},
        synthetic=served.synthetic if served else None,
    )


def _served() -> ServedModels:
    served: ServedModels = bentoml.get_current_service().hot_swap.served
    return served


def _store() -> ModelStore:
    store: ModelStore = bentoml.get_current_service().store
    return store
