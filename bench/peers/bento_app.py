"""The same model in the smallest Bento that serves it well: an async method and NumPy."""

import os
import pickle
from pathlib import Path
from typing import Any

import bentoml
import numpy as np

from spike_assets.series.catalogue import FEATURE_NAMES


@bentoml.service(http={"host": "127.0.0.1"}, logging={"access": {"enabled": False}})
class Milk:
    """A service with one endpoint, which predicts."""

    def __init__(self) -> None:
        content = Path(os.environ["MODEL"]).read_bytes()
        self.model = pickle.loads(content)

    @bentoml.api
    async def predict(self, query: list[dict[str, float]]) -> dict[str, Any]:
        """Predict the price of every row."""
        rows = np.array([[row[name] for name in FEATURE_NAMES] for row in query])
        return {"prediction": self.model.predict(rows).tolist()}
