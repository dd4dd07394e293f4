"""The trained forecaster: the mean of its members, their intervals, and its serialization.

The service loads this module, so it imports neither pandas nor the training code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.forecast_features import last_row
from spike_assets.models.member import SOURCES, FittedLearner, FittedRegressor, Member
from spike_assets.models.price_series import HORIZON, PriceSeries
from spike_assets.models.serialization import from_skops, to_skops
from spike_assets.models.theta import Theta


@dataclass(frozen=True)
class MonthForecast:
    """The forecast of a month.

    Attributes:
        month: As `2021-03`.
        horizon: Months after the last price.
        price_clp_per_litre: The forecast.
        intervals: By level in percent, lower and upper end, CLP per litre.
        contributions_clp_per_litre: What each of `member.SOURCES` adds to the last price;
            together they make the forecast. Empty if not asked for, and of past months.
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
    """A forecaster fitted on every month, with its past forecasts and their scores.

    Attributes:
        data: Prices and drivers that it was fitted on.
        members: The fitted models; the forecast is the mean of their log changes.
        half_widths: By level in percent, half the width of the interval in logs at each horizon,
            shape `(HORIZON,)`.
        history: Its forecasts from past origins.
        metrics: Next-month scores of that history, by name.
    """

    data: PriceSeries
    members: tuple[Member, ...]
    half_widths: Mapping[int, NDArray[np.float64]]
    history: ForecastHistory
    metrics: Mapping[str, float]

    @property
    def name(self) -> str:
        """The model's name in the store."""
        return "forecaster"

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
        row = last_row(data)
        contributions = self._contributions(data, row) if explained else {}
        last = float(data.price_clp_per_litre[-1])
        prices = forecast_prices(self.members, data, row)
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
        return forecast_prices(self.members, self.data, last_row(self.data))

    def _contributions(
        self, data: PriceSeries, row: NDArray[np.float64]
    ) -> dict[str, NDArray[np.float64]]:
        """Average the members' log changes by source, shape `(HORIZON,)` each."""
        totals = {source: np.zeros(HORIZON) for source in SOURCES}
        for member in self.members:
            for source, share in member.log_changes_by_source(data, row).items():
                totals[source] += share
        return {source: total / len(self.members) for source, total in totals.items()}

    def facts(self) -> dict[str, Any]:
        """Return the metadata of a forecaster: months, members, drivers and metrics."""
        months = self.data.months
        return {
            "months": {"first": str(months[0]), "last": str(months[-1]), "count": len(months)},
            "members": [member.name for member in self.members],
            "drivers": list(self.data.drivers),
            "metrics": dict(self.metrics),
        }

    def to_bytes(self) -> bytes:
        """Serialize the forecaster; `from_bytes` reads it."""
        return to_skops({field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def from_bytes(cls, content: bytes) -> "TrainedForecaster":
        """Read a serialized forecaster.

        Raises:
            TypeError: Its fields are those of other code.
            UntrustedTypesFoundException: It holds a type that is not in `TRUSTED_TYPES`; nothing
                of it was run.
        """
        return cls(**from_skops(content, trusted=TRUSTED_TYPES))


TRUSTED_TYPES = (
    *(
        f"{kind.__module__}.{kind.__name__}"
        for kind in (FittedLearner, FittedRegressor, ForecastHistory, PriceSeries, Theta)
    ),
)
"""Types that a file may contain beyond those that skops trusts by default."""


def forecast_prices(
    members: Sequence[Member], data: PriceSeries, row: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Forecast from the last price of the data by the mean of the members' log changes.

    Args:
        members: The fitted models.
        data: What is known.
        row: The features of its last origin, as `last_row` computes them.

    Returns:
        CLP per litre, shape `(HORIZON,)`.
    """
    changes = np.mean([member.log_changes(data, row) for member in members], axis=0)
    return np.asarray(data.price_clp_per_litre[-1] * np.exp(changes))


def _clp_per_log(last: float, price: float) -> float:
    """Return the CLP that one log is worth on the way from one price to the other.

    The logarithmic mean of the two: with it, shares of the log change are shares of the change in
    CLP, and add up to it (Ang 2004, the LMDI decomposition).
    """
    return last if price == last else (price - last) / float(np.log(price / last))
