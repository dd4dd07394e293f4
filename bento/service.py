"""The HTTP service: `POST /predict`, answered by the promoted models."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

import bentoml
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from bento.api_models import PredictRequest, PredictResponse
from bento.problems import invalid_request, problem
from spike_assets.catalogue import YEAR
from spike_assets.input_units import OutOfRangeError
from spike_assets.price_history import UnknownPriceHistoryError
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.stored_model import StoredModel
from spike_assets.trained_regressor import TrainedRegressor

logger = logging.getLogger("bentoml.service.spike_assets")


@bentoml.service(
    name="spike-assets",
    # Loopback unless BENTOML_HOST says otherwise; the port is the one that clients know.
    http={"host": "127.0.0.1", "port": 5000},
    workers=1,
)
class MilkPriceService:
    """What Chilean dairy farms are paid for a litre of milk, predicted from published series."""

    def __init__(self) -> None:
        self._store = ModelStore()
        self._models: Mapping[str, StoredModel] = {}
        self._not_ready_because = ""
        self._load()

    @bentoml.api(route="/predict", output_spec=PredictResponse)  # type: ignore[untyped-decorator]
    async def predict(self, request: PredictRequest, /) -> Response:
        """Predict the price of milk for months of which the 48 columns were published.

        Numbers may be in true units or in the old digit convention, without decimal point. The
        response headers name the version that answered, say how many cells were rescaled, and
        say so if the model was trained on the embedded synthetic sample.
        """
        if request.fault:
            return invalid_request(request.fault)
        stored = self._ready_models().get(request.model)
        if stored is None or not isinstance(stored.model, TrainedRegressor):
            return problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                self._not_ready_because or f"{request.model} is not promoted; run `make run`",
            )
        try:
            rows, n_rescaled = stored.model.ranges.in_true_units(request.rows())
            prices = stored.model.predict(rows)
        except OutOfRangeError as error:
            return _invalid(f"query[{error.row}].{error.column}", str(error))
        except UnknownPriceHistoryError as error:
            return _unknown_history(error, name=request.model)
        return JSONResponse(
            {"prediction": prices.tolist()},
            headers=_headers(stored) | {"X-Rescaled-Cells": str(n_rescaled)},
        )

    async def __is_ready__(self) -> bool:
        """Say whether models are loaded; if not, `/readyz` answers 503 with the reason."""
        if not self._ready_models():
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, detail=self._not_ready_because)
        return True

    def _ready_models(self) -> Mapping[str, StoredModel]:
        """Give the models, after one more look at the store if there were none so far."""
        if not self._models:
            self._load()
        return self._models

    def _load(self) -> None:
        try:
            self._models = self._store.load_promoted()
        except ModelStoreError as error:
            if str(error) != self._not_ready_because:
                logger.warning("Not ready: %s", error)
            self._not_ready_because = str(error)
            return
        self._not_ready_because = ""
        for model in self._models.values():
            origin = " (trained on the SYNTHETIC sample)" if model.synthetic else ""
            logger.info("Serving %s%s", model.tag, origin)


def _headers(model: StoredModel) -> dict[str, str]:
    headers = {"X-Model-Tag": model.tag}
    if model.synthetic:
        headers["X-Model-Data"] = "synthetic sample, not real prices"
    return headers


def _unknown_history(error: UnknownPriceHistoryError, *, name: str) -> Response:
    return _invalid(
        f"query[{error.row}].{YEAR}",
        f"{name} looks up the milk price of the three months before {error.month}, which it does "
        f"not know: it answers months from {error.first} to {error.last}. "
        "model2 needs no price history.",
    )


def _invalid(field: str, detail: str) -> Response:
    return problem(
        HTTPStatus.BAD_REQUEST,
        f"{field}: {detail}",
        errors=[{"field": field, "detail": detail}],
    )
