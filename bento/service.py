"""The HTTP service: its endpoints, and the promoted models that answer.

`bentoml serve` starts it.
"""

import gc
from http import HTTPStatus

import bentoml
from starlette.exceptions import HTTPException

from bento.app import GuardedService
from bento.bento_models import IMAGE, PackedLabels, PackedModel, store_of
from bento.endpoints import evaluate, forecast, history, models, predict
from bento.endpoints.monitoring import MONITORING
from bento.metrics import service_metrics
from bento.reloader import ModelReloader
from bento.served_models import NothingServedError
from bento.settings import SettingError, Settings
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.synced_store import open_store

OPERATIONS = (
    forecast.FORECAST,
    evaluate.EVALUATE,
    history.HISTORY,
    predict.PREDICT,
    models.MODELS,
    models.MODEL,
    models.VERSION,
    *MONITORING,
)
"""All that can be asked, in the order of the OpenAPI document; the routes come from it as well."""


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

    operations = OPERATIONS

    # What a build packs into a Bento.
    model1 = PackedModel("model1")
    model2 = PackedModel("model2")
    forecaster = PackedModel("forecaster")

    def __init__(self) -> None:
        # The decorator made a service of the class.
        store = store_of(MilkPriceService.bento)  # type: ignore[attr-defined]
        self.reloader = ModelReloader(store, service_metrics())
        self.reloader.start()
        # What is loaded by now stays. Looking through it for garbage, as Python does every so many
        # requests, would let all that come meanwhile wait for a quarter of a second.
        gc.collect()
        gc.freeze()

    async def __is_ready__(self) -> bool:
        """Return whether models are served; if not, `/readyz` answers 503 with the reason."""
        try:
            _ = self.reloader.served
        except NothingServedError as error:
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, detail=str(error)) from None
        return True

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def check_settings() -> None:
        """Refuse to start with invalid settings, before there are workers to fail by them."""
        try:
            Settings.from_environment()
            open_store()
        except (ModelStoreError, SettingError) as error:
            raise SystemExit(str(error)) from None

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]
    def stop(self) -> None:
        """Stop looking for promoted models."""
        self.reloader.stop()
