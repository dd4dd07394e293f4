"""The promoted models as they are served: one set that answers, exchanged for the next as a whole.

Whoever answers a request takes the set once, so no answer mixes two versions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.models.updated_forecast import UpdatedForecast
from spike_assets.registry.errors import ModelRefusedError, ModelStoreError
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import Promotion
from spike_assets.registry.stored_model import StoredModel

NO_OBSERVATIONS = np.empty(0)


class NothingServedError(Exception):
    """No set could be loaded yet; the message says why, and what to do."""


class NotServedError(Exception):
    """No model of a name is promoted; the message says what to do."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not promoted; run `make run`")


@dataclass(frozen=True)
class ServedModel:
    """A model that answers, and what an answer says of it.

    Attributes:
        name: Its name.
        tag: Its version.
        synthetic: Whether it was trained on the embedded sample.
    """

    name: str
    tag: str
    synthetic: bool


@dataclass(frozen=True)
class ServedRegressor(ServedModel):
    """A regressor that answers."""

    regressor: TrainedRegressor


@dataclass(frozen=True)
class ServedForecaster(ServedModel):
    """A forecaster that answers.

    Attributes:
        forecaster: The model.
        outlook: What it says to those who observed nothing since it was trained.
    """

    forecaster: TrainedForecaster
    outlook: UpdatedForecast


@dataclass(frozen=True)
class ServedModels:
    """A promoted set, loaded and verified.

    Attributes:
        promotion: The line of the history by which it came into service.
        models: By name.
    """

    promotion: Promotion
    models: Mapping[str, StoredModel]

    @classmethod
    def load(cls, store: ModelStore) -> Self:
        """Load what is promoted.

        Raises:
            ModelStoreError: Nothing is promoted, or it can't be verified.
        """
        models = store.load_promoted()
        for name, stored in models.items():
            if stored.model.name != name:
                raise ModelRefusedError(f"{stored.tag} is no version of {name}")
        tags = {name: stored.tag for name, stored in models.items()}
        for promotion in reversed(store.promotions()):
            if promotion.promoted == tags:  # not always the last: another may have come since
                return cls(promotion, models)
        raise ModelStoreError(f"{store.promotions_file} was replaced while its models were loaded")

    @property
    def tags(self) -> dict[str, str]:
        """The tag of each name."""
        return {name: stored.tag for name, stored in self.models.items()}

    @property
    def synthetic(self) -> bool:
        """Whether any of them was trained on the embedded sample."""
        return any(stored.synthetic for stored in self.models.values())

    def regressor(self, name: str) -> ServedRegressor:
        """Give a regressor.

        Raises:
            NotServedError: None of that name is promoted.
        """
        stored = self.models.get(name)
        if stored is None or not isinstance(stored.model, TrainedRegressor):
            raise NotServedError(name)
        return ServedRegressor(name, stored.tag, stored.synthetic, stored.model)

    @cached_property
    def forecaster(self) -> ServedForecaster:
        """The forecaster.

        Raises:
            NotServedError: None is promoted.
        """
        stored = self.models.get("forecaster")
        if stored is None or not isinstance(stored.model, TrainedForecaster):
            raise NotServedError("forecaster")
        return ServedForecaster(
            "forecaster",
            stored.tag,
            stored.synthetic,
            stored.model,
            UpdatedForecast(stored.model, NO_OBSERVATIONS),
        )

    def warm_up(self) -> None:
        """Make what every answer needs, so that the first does not wait for it."""
        _ = self.synthetic
        if "forecaster" in self.models:
            _ = self.forecaster.outlook.coming
