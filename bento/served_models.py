"""The promoted models as they are served: one set that answers, replaced by the next as a whole.

An endpoint takes the set once, so no answer mixes two versions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self, cast

import numpy as np

from bento.cached_content import CachedContent
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.models.updated_forecast import UpdatedForecast
from spike_assets.registry.errors import ModelRefusedError
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.stored_model import StoredModel

NO_OBSERVATIONS = np.empty(0)


class NothingServedError(Exception):
    """No set could be loaded yet; the message says why, and what to do."""


class NotServedError(Exception):
    """No model of a name is promoted; the message says what to do."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not promoted; run `make run`")


@dataclass(frozen=True)
class ServedModels:
    """A promoted set, loaded and verified.

    Attributes:
        models: By name.
        histories: Answers of `GET /history` that were made from it, by horizon; they end with it.
    """

    models: Mapping[str, StoredModel]
    histories: dict[str, CachedContent] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, store: ModelStore) -> Self:
        """Load what is promoted.

        Raises:
            ModelStoreError: Nothing is promoted, or it can't be verified.
        """
        models = store.load_promoted()
        for name, stored in models.items():
            if stored.model.name != name:
                raise ModelRefusedError(f"{stored.tag} is not a version of {name}")
        return cls(models)

    def __getitem__(self, name: str) -> StoredModel:
        """Return a model with its tag and metadata.

        Raises:
            NotServedError: None of that name is promoted.
        """
        if name not in self.models:
            raise NotServedError(name)
        return self.models[name]

    @property
    def tags(self) -> dict[str, str]:
        """The tag of each name."""
        return {name: stored.tag for name, stored in self.models.items()}

    @property
    def synthetic(self) -> bool:
        """True if any of them was trained on the embedded sample."""
        return any(stored.synthetic for stored in self.models.values())

    def regressor(self, name: str) -> TrainedRegressor:
        """Return a regressor.

        Raises:
            NotServedError: None of that name is promoted.
        """
        return cast(TrainedRegressor, self[name].model)

    @cached_property
    def forecast(self) -> UpdatedForecast:
        """The forecaster, with what it forecasts from the prices that it was trained on.

        Raises:
            NotServedError: None is promoted.
        """
        forecaster = cast(TrainedForecaster, self["forecaster"].model)
        return UpdatedForecast(forecaster, NO_OBSERVATIONS)

    def warm_up(self) -> None:
        """Compute what every answer needs: the first does not wait, and a fault shows now."""
        _ = self.synthetic
        if "forecaster" in self.models:
            _ = self.forecast.coming
