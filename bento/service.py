"""The HTTP service: predictions, forecasts and evaluations, by the promoted models.

`bentoml serve` starts it. What is asked with GET is in `views` and `pages`, what any request has to
pass first in `edge`.
"""

import gc
from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import bentoml
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.responses import Response

from bento.answer import Answer
from bento.api.evaluate import EvaluateRequest, EvaluateResponse
from bento.api.forecast import ForecastRequest, ForecastResponse
from bento.api.json_body import JsonBody
from bento.api.predict import PredictRequest, PredictResponse
from bento.edge.context import current_request
from bento.edge.problems import invalid_request
from bento.endpoints.error_answers import ANSWERED_ERRORS, error_answer
from bento.endpoints.evaluate import evaluate
from bento.endpoints.forecast import forecast
from bento.endpoints.predict import predict
from bento.following import Following
from bento.guarded_service import GuardedService
from bento.hot_swap import HotSwap
from bento.image import IMAGE
from bento.metrics import service_metrics
from bento.packed_models import PackedLabels, PromotedModel, store_of
from bento.served_models import NothingServedError, ServedModels
from bento.settings import SettingError, Settings
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.synced_store import open_store

Body = TypeVar("Body", bound=JsonBody)


@bentoml.service(
    name="spike-assets",
    # Loopback unless BENTOML_HOST says otherwise; the port is the one that clients know.
    http={"host": "127.0.0.1", "port": 5000},
    logging={"access": {"enabled": False}},  # the edge logs, refused requests as well
    image=IMAGE,
    labels=PackedLabels(),
    service_class=GuardedService,
    workers=1,
)
class MilkPriceService:
    """What Chilean dairy farms are paid for a litre of milk: what comes, and how sure that is."""

    # What a build packs into a Bento.
    model1 = PromotedModel("model1")
    model2 = PromotedModel("model2")
    forecaster = PromotedModel("forecaster")

    def __init__(self) -> None:
        for name in ("predict", "forecast", "evaluate"):
            # BentoML would look up the method's signature anew for every request.
            setattr(self, name, getattr(self, name))
        # The decorator made a service of the class.
        self.store = store_of(MilkPriceService.bento)  # type: ignore[attr-defined]
        self.following = Following(self.store, service_metrics())
        self.following.start()
        self.hot_swap = HotSwap(self.store, service_metrics())
        self.hot_swap.start()
        # What is loaded by now stays. Looking through it for garbage, as Python does every so many
        # requests, would let all that come meanwhile wait for a quarter of a second.
        gc.collect()
        gc.freeze()

    @bentoml.api(route="/predict", output_spec=PredictResponse)  # type: ignore[untyped-decorator]
    async def predict(self, request: PredictRequest, /) -> Response:
        """Predict the price of milk for months of which the 48 columns were published."""
        return self._answer(request, predict)

    @bentoml.api(route="/forecast", output_spec=ForecastResponse)  # type: ignore[untyped-decorator]
    async def forecast(self, request: ForecastRequest, /) -> Response:
        """Forecast the price of the coming months, with intervals and what moves it."""
        return await to_thread.run_sync(self._answer, request, forecast)

    @bentoml.api(route="/evaluate", output_spec=EvaluateResponse)  # type: ignore[untyped-decorator]
    async def evaluate(self, request: EvaluateRequest, /) -> Response:
        """Hold the forecasts against actual prices, beside repeating the last price."""
        return await to_thread.run_sync(self._answer, request, evaluate)

    async def __is_ready__(self) -> bool:
        """Say whether models are served; if not, `/readyz` answers 503 with the reason."""
        try:
            _ = self.hot_swap.served
        except NothingServedError as error:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, detail=str(error)) from None
        return True

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def check_settings() -> None:
        """Refuse to start with settings that can't be, before there are workers to fail by them."""
        try:
            Settings.from_environment()
            open_store()
        except (ModelStoreError, SettingError) as error:
            raise SystemExit(str(error)) from None

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def stop(self) -> None:
        """Stop looking for promoted models."""
        self.following.stop()
        self.hot_swap.stop()

    def _answer(self, request: Body, endpoint: Callable[[Body, ServedModels], Answer]) -> Response:
        if request.fault:
            return invalid_request(request.fault)
        try:
            answer = endpoint(request, self.hot_swap.served)
        except ANSWERED_ERRORS as error:
            return error_answer(error)
        context = current_request()
        context.model_tag = answer.model.tag
        context.n_rows = answer.n_rows
        context.n_rescaled_cells = answer.n_rescaled_cells
        service_metrics().answered(answer, endpoint=endpoint.__name__)
        return Response(
            answer.body.model_dump_json(),
            media_type="application/json",
            headers=_headers(answer),
        )


def _headers(answer: Answer) -> dict[str, str]:
    headers = {"X-Model-Tag": answer.model.tag}
    if answer.model.synthetic:
        headers["X-Model-Data"] = "synthetic sample, not real prices"
    if answer.n_rescaled_cells is not None:
        headers["X-Rescaled-Cells"] = str(answer.n_rescaled_cells)
    return headers
