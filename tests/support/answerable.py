"""Bodies that fit the OpenAPI document, changed into ones that the served models can answer.

What a model knows is no part of the document: which months it can forecast, which prices can
follow its last one, what each column can hold. So months are moved to known ones, prices and cells
into their ranges. How many there are, in which order, and everything else stays as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.price_series import HORIZON
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.models.units import WITH_LOST_DECIMALS
from spike_assets.models.updated_forecast import largest_plausible_move
from spike_assets.registry.stored_model import StoredModel
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR

LOWEST_CLP_PER_LITRE, HIGHEST_CLP_PER_LITRE = 1.0, 2000.0
"""The prices that the document allows."""

MAX_FOLLOWING = 6
"""Months to evaluate after the last one: each of them is forecast anew, which takes a while."""


@dataclass(frozen=True)
class Answerable:
    """The requests that the served models can answer."""

    served: Mapping[str, StoredModel]

    def body(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change the body of a request to an endpoint."""
        changes = {"/predict": self._predict, "/forecast": self._forecast}
        return body | changes.get(path, self._evaluate)(body)

    def _predict(self, body: dict[str, Any]) -> dict[str, Any]:
        regressor = self._regressor(body.get("model", "model1"))
        return {"query": [_row(regressor, row) for row in body["query"]]}

    def _forecast(self, body: dict[str, Any]) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        n_observed = len(body.get("observations", []))
        if "observations" in body:
            changes["observations"] = self._following(body["observations"])
        if "months" in body:
            months = self._months(nearest=1, last=self._last + n_observed + HORIZON)
            changes["months"] = [str(months[_number(one) % len(months)]) for one in body["months"]]
        if "model" in body:
            # Two names are right, and which of them it is makes no difference to the answer.
            names = ("forecaster", self.served["forecaster"].tag)
            changes["model"] = names[len(body["model"]) % 2]
        return changes

    def _evaluate(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take months that follow for the first half, and known ones for the others."""
        actuals = body["actuals"]
        known = self._months(nearest=int(body.get("horizon", 1)), last=self._last)
        n_following = min((len(actuals) + 1) // 2, MAX_FOLLOWING)
        following = self._following(actuals[:n_following])
        before = [
            one | {"month": str(month)}
            for one, month in zip(actuals[n_following:], known, strict=False)
        ]
        return {"actuals": [*before, *following]}

    def _following(self, observed: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the months after the last one, and prices that move no more than they may."""
        prices = self._forecaster.data.price_clp_per_litre
        reach = 0.99 * largest_plausible_move(prices)
        price, found = float(prices[-1]), []
        for position, one in enumerate(observed, start=1):
            move = one["price_clp_per_litre"] / HIGHEST_CLP_PER_LITRE * 2 - 1
            price = float(
                np.clip(price * np.exp(reach * move), LOWEST_CLP_PER_LITRE, HIGHEST_CLP_PER_LITRE)
            )
            found.append({"month": str(self._last + position), "price_clp_per_litre": price})
        return found

    def _months(self, *, nearest: int, last: np.datetime64) -> np.ndarray:
        """Return the months that are forecast, newest first."""
        first = self._forecaster.history.origin[0] + nearest
        return np.arange(first, last + 1)[::-1]

    @property
    def _last(self) -> np.datetime64:
        return self._forecaster.data.months[-1]

    @property
    def _forecaster(self) -> TrainedForecaster:
        model = self.served["forecaster"].model
        assert isinstance(model, TrainedForecaster)
        return model

    def _regressor(self, name: str) -> TrainedRegressor:
        model = self.served[name].model
        assert isinstance(model, TrainedRegressor)
        return model


def _row(regressor: TrainedRegressor, row: dict[str, Any]) -> dict[str, Any]:
    """Bring a row's cells into the ranges, some of them at another power of ten."""
    ranges = zip(FEATURE_NAMES, regressor.ranges.lowest, regressor.ranges.highest, strict=True)
    cells = {
        name: _cell(
            row[name], float(lowest), float(highest), lost_decimals=name in WITH_LOST_DECIMALS
        )
        for name, lowest, highest in ranges
    }
    history = regressor.pipeline.named_steps.get("history")
    year = _known_year(row[YEAR], history) if history else row[YEAR]
    return cells | {YEAR: year, MONTH_OF_YEAR: row[MONTH_OF_YEAR]}


def _cell(value: float, lowest: float, highest: float, *, lost_decimals: bool) -> float:
    if lowest <= value <= highest:
        return value
    number = _number(value)
    inside = lowest + (highest - lowest) * (number % 99 + 0.5) / 99
    return inside * 10.0 ** (number % 13 - 4) if lost_decimals else inside


def _known_year(year: float, history: LaggedPrices) -> float:
    """Move a year to one of which every month can be looked up."""
    n_years = len(history.prices_clp_per_litre) // 12 - 2
    return history.first_year + 1 + int(year) % n_years


def _number(value: object) -> int:
    """Make a number of whatever was generated, the same in every run."""
    return int.from_bytes(repr(value).encode()[:64], "big")
