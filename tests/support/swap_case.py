"""Sets of models whose answers tell them apart, and questions that are asked of each in turn."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bento.api.evaluate import EvaluateRequest
from bento.api.forecast import ForecastRequest
from bento.api.predict import PredictRequest
from bento.endpoints.evaluate import evaluate
from bento.endpoints.forecast import forecast
from bento.endpoints.predict import predict
from bento.served_models import ServedModels
from spike_assets.models.price_series import HORIZON
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.stored_model import StoredModel
from spike_assets.series.catalogue import FEATURE_NAMES
from tests.support.forecast_case import made_up, trained
from tests.support.tiny_regressor import rows, tiny_regressor

LOAD_GENERATOR = Path(__file__).parent / "load_generator.py"

_QUERY = [dict(zip(FEATURE_NAMES, row, strict=True)) for row in rows(seed=99).tolist()]
_COMING = [str(month) for month in made_up().months[-1] + np.arange(1, HORIZON + 1)]
_OBSERVED = {"month": _COMING[0], "price_clp_per_litre": float(made_up().price_clp_per_litre[-1])}


@dataclass(frozen=True)
class Question:
    """A request, and the model that answers it."""

    name: str
    path: str
    body: Mapping[str, Any]


QUESTIONS = (
    Question("model1", "/predict", {"query": _QUERY[:1]}),
    Question("forecaster", "/forecast", {}),
    Question("model2", "/predict", {"query": _QUERY[:1], "model": "model2"}),
    Question("model1", "/predict", {"query": 10 * _QUERY}),
    Question("forecaster", "/forecast", {"observations": [_OBSERVED], "months": _COMING[:3]}),
    Question("forecaster", "/evaluate", {"actuals": [_OBSERVED]}),
)
"""A small one to each model, and some that take a while, so that models are exchanged meanwhile."""

_ENDPOINTS = {
    "/predict": (PredictRequest, predict),
    "/forecast": (ForecastRequest, forecast),
    "/evaluate": (EvaluateRequest, evaluate),
}


@dataclass(frozen=True)
class LoadAnswer:
    """An answer that the load generator got; status 0 if there was none."""

    connection: int
    question: int
    sent_s: float
    answered_s: float
    status: int
    tag: str | None
    body: str

    @property
    def name(self) -> str:
        """The model that was asked."""
        return QUESTIONS[self.question].name


def registered_set(store: ModelStore, *, seed: int) -> dict[str, str]:
    """Register a version of each model that answers otherwise than those of other seeds."""
    models = [
        tiny_regressor("model1", seed=seed),
        tiny_regressor("model2", seed=seed),
        trained(data=made_up(seed=seed)),
    ]
    return {
        model.name: store.register(model, data_versions={"raw_milk_price": "a"}, synthetic=False)
        for model in models
    }


def answer_of(stored: StoredModel, question: Question) -> str:
    """Answer in this process, with no other model in reach."""
    request, endpoint = _ENDPOINTS[question.path]
    alone = ServedModels(models={question.name: stored})
    return endpoint(request.model_validate(question.body), alone).body.model_dump_json()


@contextmanager
def constant_load(url: str, folder: Path) -> Iterator[list[LoadAnswer]]:
    """Ask from another process while the block runs; the answers are there after it."""
    questions, answers = folder / "questions.json", folder / "answers.jsonl"
    questions.write_text(json.dumps([{"path": q.path, "body": q.body} for q in QUESTIONS]))
    found: list[LoadAnswer] = []
    with subprocess.Popen(
        [sys.executable, LOAD_GENERATOR, url, questions, answers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as generator:
        assert generator.stdout.readline() == "asking\n"
        try:
            yield found
        finally:
            generator.communicate(timeout=60)
    assert generator.returncode == 0
    found += [LoadAnswer(**json.loads(line)) for line in answers.read_text().splitlines()]
