"""`GET /models`, `/models/{name}` and `/version`: what is served, and what could be."""

from http import HTTPStatus

import bentoml
from starlette.requests import Request

import spike_assets
from bento.api.models import (
    ModelResponse,
    ModelsResponse,
    PromotionLine,
    VersionLine,
    VersionResponse,
)
from bento.endpoints.operation import Endpoint
from bento.reloader import ModelReloader
from spike_assets.registry.metadata import RECORDED_LIBRARIES, installed_version
from spike_assets.registry.promotions import Promotion
from spike_assets.registry.trained_model import KIND_OF


def models(_: Request, reloader: ModelReloader) -> ModelsResponse:
    """List every version in the store."""
    promotions = reloader.store.promotions()
    return ModelsResponse(
        promoted=PromotionLine.of(promotions[-1]) if promotions else None,
        versions=[VersionLine.of(version) for version in reloader.store.versions()],
    )


def model(request: Request, reloader: ModelReloader) -> ModelResponse:
    """List the versions of one model, and the promotions that changed it."""
    store = reloader.store
    name = request.scope["path"].rpartition("/")[2]
    return ModelResponse(
        name=name,
        served=store.promoted().get(name),
        versions=[VersionLine.of(one) for one in store.versions() if one.name == name],
        promotions=[PromotionLine.of(line) for line in _changes(store.promotions(), name)],
    )


def _changes(promotions: list[Promotion], name: str) -> list[Promotion]:
    """Return the promotions that put another version of a model into service, newest first."""
    before = [None, *(line.promoted.get(name) for line in promotions)]
    return [
        line
        for line, tag in zip(promotions, before, strict=False)
        if line.promoted.get(name) not in (None, tag)
    ][::-1]


def version(_: Request, reloader: ModelReloader) -> VersionResponse:
    """Describe the service, its libraries and the models that it serves."""
    bento = bentoml.get_current_service().bento_service.bento
    served = reloader.served_or_none
    return VersionResponse(
        version=spike_assets.__version__,
        bento=str(bento.tag) if bento else None,
        libraries={name: installed_version(name) for name in RECORDED_LIBRARIES},
        models=served.tags if served else {},
        synthetic=served.synthetic if served else None,
    )


MODELS = Endpoint(
    path="/models",
    id="models",
    tag="models",
    summary="What is served, and every version there is",
    description="With scores, the months trained on, and when and why it was promoted.",
    answer=ModelsResponse,
    handler=models,
)

MODEL = Endpoint(
    path="/models/{name}",
    names=tuple(KIND_OF),
    id="model",
    tag="models",
    summary="The versions of one model",
    description="With the promotions that brought one of them into service.",
    parameters=(
        {
            "name": "name",
            "in": "path",
            "required": True,
            "description": "The model.",
            "schema": {"type": "string", "enum": list(KIND_OF)},
        },
    ),
    answer=ModelResponse,
    errors=(HTTPStatus.NOT_FOUND,),
    handler=model,
)

VERSION = Endpoint(
    path="/version",
    id="version",
    tag="models",
    summary="What answers",
    description="The service, its libraries and the models that it serves.",
    answer=VersionResponse,
    handler=version,
)
