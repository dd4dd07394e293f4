"""A trained forecaster: what is served, what is said of it, and its form at rest.

The service loads this module, so it imports neither pandas nor the training code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.forecast_features import (
    COLUMNS,
    GROUP_OF,
    GROUPS,
    MONTHS_OF_PAST,
    forecast_features,
)
from spike_assets.models.price_series import DRIVERS, HORIZON, PriceSeries
from spike_assets.models.serialization import from_skops, to_skops
from spike_assets.models.shapley import group_contributions
from spike_assets.models.theta import Theta

if TYPE_CHECKING:
    from sklearn.compose import TransformedTargetRegressor


SEASONAL_DRIFT = "seasonal_drift"
"""The name of the member that is no regression."""

TREND = "trend"
"""What a forecast does when nothing is unusual: the average change, and half the trend."""

SOURCES = (*GROUPS, TREND)
"""What a forecast's change can come from."""


@dataclass(frozen=True)
class FittedLearner:
    """A regressor for some horizons.

    Attributes:
        learner: Name of the learner.
        horizons: What it forecasts, in the order of its outputs.
        names: The names of the columns that it sees.
        regressor: Takes rows of those columns to log changes.
    """

    learner: str
    horizons: tuple[int, ...]
    names: tuple[str, ...]
    regressor: "TransformedTargetRegressor"

    @property
    def columns(self) -> list[int]:
        """The positions of the columns that it sees."""
        return [COLUMNS.index(name) for name in self.names]

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give log changes, shape `(n_rows, n_horizons)`."""
        return np.asarray(self.regressor.predict(rows)).reshape(len(rows), len(self.horizons))


@dataclass(frozen=True)
class Forecaster:
    """The four forecasts, fitted on what was known at one origin."""

    learners: tuple[FittedLearner, ...]
    seasonal_drift: Theta

    def log_changes(self, data: PriceSeries) -> dict[str, NDArray[np.float64]]:
        """Forecast from the last price of the data.

        Returns:
            The log change to each of the next `HORIZON` months from that price, shape
            `(HORIZON,)`, by member: the learners and `SEASONAL_DRIFT`. Their mean is the forecast.
        """
        row = last_row(data)
        changes = {fitted.learner: np.empty(HORIZON) for fitted in self.learners}
        for fitted in self.learners:
            at = np.array(fitted.horizons) - 1
            changes[fitted.learner][at] = fitted.predict(row[None, fitted.columns])[0]
        drift = sum(self.seasonal_drift.parts(data.month_of_year).values())
        return changes | {SEASONAL_DRIFT: np.asarray(drift)}


def last_row(data: PriceSeries) -> NDArray[np.float64]:
    """Give the row of the last origin, shape `(len(COLUMNS),)`."""
    return np.asarray(forecast_features(data.since(len(data) - 1 - MONTHS_OF_PAST))[0])


TRUSTED_TYPES = ("sklearn.tree._tree.Tree",)
"""What a file may hold beyond the types that skops trusts by itself."""


@dataclass(frozen=True)
class MonthForecast:
    """What is forecast for a month.

    Attributes:
        month: As `2021-03`.
        horizon: Months after the last price.
        price_clp_per_litre: The forecast.
        intervals: By level in percent, lower and upper end, CLP per litre.
        contributions_clp_per_litre: What each of `forecaster.SOURCES` adds to the last price;
            together they make the forecast. Empty if nobody asked, as of past months.
    """

    month: str
    horizon: int
    price_clp_per_litre: float
    intervals: Mapping[int, tuple[float, float]]
    contributions_clp_per_litre: Mapping[str, float]

    @property
    def origin(self) -> str:
        """The month of the last price that was known."""
        return str(np.datetime64(self.month, "M") - self.horizon)


@dataclass(frozen=True)
class ForecastHistory:
    """The forecasts that would have been made at each past origin, as arrays of one length.

    Attributes:
        origin: Month of the last price known.
        horizon: Months ahead.
        forecast_clp_per_litre: What would have been forecast for the month that far ahead.
        lower_clp_per_litre: By level in percent, the interval's lower end; NaN if there was none.
        upper_clp_per_litre: Its upper end.
        actual_clp_per_litre: What came; NaN if it has not.
    """

    origin: NDArray[np.datetime64]
    horizon: NDArray[np.int64]
    forecast_clp_per_litre: NDArray[np.float64]
    lower_clp_per_litre: Mapping[int, NDArray[np.float64]]
    upper_clp_per_litre: Mapping[int, NDArray[np.float64]]
    actual_clp_per_litre: NDArray[np.float64]

    @property
    def month(self) -> NDArray[np.datetime64]:
        """The months that were forecast."""
        return self.origin + self.horizon


@dataclass(frozen=True)
class TrainedForecaster:
    """A forecaster fitted on every month, and how good it has been.

    Attributes:
        data: What it was fitted on.
        forecaster: The fitted members.
        half_widths: By level in percent, half the width of the interval in logs at each horizon,
            shape `(HORIZON,)`.
        history: What it would have forecast before.
        metrics: Next-month scores of that history, by name.
    """

    data: PriceSeries
    forecaster: Forecaster
    half_widths: Mapping[int, NDArray[np.float64]]
    history: ForecastHistory
    metrics: Mapping[str, float]
    name: str = "forecaster"

    def forecast(
        self,
        horizon: int = HORIZON,
        *,
        observations: NDArray[np.float64] | None = None,
        explained: bool = True,
    ) -> list[MonthForecast]:
        """Forecast the coming months.

        Args:
            horizon: How many, 1 to `HORIZON`.
            observations: Prices of the months since it was trained, CLP per litre, if any came:
                the forecast goes on from the last of them.
            explained: Whether contributions are wanted, which take most of the time.

        Raises:
            ValueError: The horizon is out of range.
        """
        if not 1 <= horizon <= HORIZON:
            raise ValueError(f"the horizon is {horizon}; expected 1 to {HORIZON} months")
        data = self.data if observations is None else self.data.followed_by(observations)
        contributions = self._contributions(data) if explained else {}
        last = float(data.price_clp_per_litre[-1])
        prices = self._prices(data)
        return [
            MonthForecast(
                month=str(data.months[-1] + at + 1),
                horizon=at + 1,
                price_clp_per_litre=float(prices[at]),
                intervals={
                    level: (
                        float(prices[at] * np.exp(-widths[at])),
                        float(prices[at] * np.exp(widths[at])),
                    )
                    for level, widths in self.half_widths.items()
                },
                contributions_clp_per_litre={
                    source: float(logs[at] * _clp_per_log(last, float(prices[at])))
                    for source, logs in contributions.items()
                },
            )
            for at in range(horizon)
        ]

    def example_prices(self) -> NDArray[np.float64]:
        """Forecast the coming months, shape `(HORIZON,)`."""
        return self._prices(self.data)

    def _prices(self, data: PriceSeries) -> NDArray[np.float64]:
        changes = np.mean(list(self.forecaster.log_changes(data).values()), axis=0)
        return np.asarray(data.price_clp_per_litre[-1] * np.exp(changes))

    def _contributions(self, data: PriceSeries) -> dict[str, NDArray[np.float64]]:
        """Share the log changes among what they come from, shape `(HORIZON,)` each."""
        row = last_row(data)
        totals = {source: np.zeros(HORIZON) for source in (*GROUPS, TREND)}
        for fitted in self.forecaster.learners:
            at = np.array(fitted.horizons) - 1
            groups = {
                group: [n for n, name in enumerate(fitted.names) if GROUP_OF[name] == group]
                for group in dict.fromkeys(GROUP_OF[name] for name in fitted.names)
            }
            reference = fitted.regressor.regressor_.named_steps["scale"].mean_
            shares = group_contributions(
                fitted.predict, row[fitted.columns], reference=reference, groups=groups
            )
            for group, share in shares.items():
                totals[group][at] += share
            totals[TREND][at] += fitted.predict(reference[None])[0]
        for source, share in self.forecaster.seasonal_drift.parts(data.month_of_year).items():
            totals[source] += share
        return {source: total / len(self._members) for source, total in totals.items()}

    @property
    def _members(self) -> list[str]:
        names = dict.fromkeys(fitted.learner for fitted in self.forecaster.learners)
        return [*names, SEASONAL_DRIFT]

    def facts(self) -> dict[str, Any]:
        """Say what is recorded of it: its months, drivers and metrics."""
        months = self.data.months
        return {
            "months": {"first": str(months[0]), "last": str(months[-1]), "count": len(months)},
            "members": self._members,
            "drivers": list(DRIVERS),
            "metrics": dict(self.metrics),
        }

    def to_bytes(self) -> bytes:
        """Give the forecaster's form at rest."""
        fields = {
            "data": _fields(self.data),
            "learners": [_fields(fitted) for fitted in self.forecaster.learners],
            "seasonal_drift": _fields(self.forecaster.seasonal_drift),
            "half_widths": dict(self.half_widths),
            "history": _fields(self.history),
            "metrics": dict(self.metrics),
        }
        return to_skops(fields)

    @classmethod
    def from_bytes(cls, content: bytes) -> "TrainedForecaster":
        """Read what `to_bytes` gave.

        Raises:
            UntrustedTypesFoundException: It holds a type that is not in `TRUSTED_TYPES`; nothing
                of it was run.
        """
        fields = from_skops(content, trusted=TRUSTED_TYPES)
        return cls(
            data=PriceSeries(**fields["data"]),
            forecaster=Forecaster(
                learners=tuple(FittedLearner(**fitted) for fitted in fields["learners"]),
                seasonal_drift=Theta(**fields["seasonal_drift"]),
            ),
            half_widths=fields["half_widths"],
            history=ForecastHistory(**fields["history"]),
            metrics=fields["metrics"],
        )


def _fields(value: Any) -> dict[str, Any]:
    """Give a dataclass's fields as they are; `asdict` would copy what is in them."""
    return {field.name: getattr(value, field.name) for field in fields_of(value)}


def _clp_per_log(last: float, price: float) -> float:
    """Give the CLP that one log is worth on the way from one price to the other.

    The logarithmic mean of the two: with it, shares of the log change are shares of the change in
    CLP, and add up to it (Ang 2004, the LMDI decomposition).
    """
    return last if price == last else (price - last) / float(np.log(price / last))
