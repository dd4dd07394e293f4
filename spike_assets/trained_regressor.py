"""A trained regressor: what is served, what is said of it, and its form at rest.

The service loads this module, so it imports neither pandas nor the training code.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spike_assets.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR
from spike_assets.fitted_pipeline import FittedPipeline
from spike_assets.input_units import InputRanges
from spike_assets.skops_file import from_skops, to_skops

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

TRUSTED_TYPES = (
    "functools.partial",
    "sklearn.feature_selection._mutual_info.mutual_info_regression",
    "spike_assets.price_history.PriceHistory",
)
"""What a file may hold beyond the types that skops trusts by itself."""

_YEAR_AT = FEATURE_NAMES.index(YEAR)
_MONTH_AT = FEATURE_NAMES.index(MONTH_OF_YEAR)


@dataclass(frozen=True)
class Scores:
    """Errors of a set of predictions.

    Attributes:
        r2: Coefficient of determination; 1 is perfect, 0 is no better than the mean.
        rmse_clp_per_litre: Root of the mean squared error.
        mae_clp_per_litre: Mean absolute error.
    """

    r2: float
    rmse_clp_per_litre: float
    mae_clp_per_litre: float

    def as_dict(self) -> dict[str, float]:
        """Give the scores by name."""
        return asdict(self)


@dataclass(frozen=True)
class Holdout:
    """The notebook's evaluation: a fifth of the months, held out at random.

    Attributes:
        regressor: Scores on the held-out months, trained without them.
        last_price: Scores of repeating last month's price on the same months.
        observed_clp_per_litre: Every month's price, shape `(n_months,)`.
        predicted_clp_per_litre: The predictions of the regressor trained without the hold-out.
        held_out: Which months were held out.
    """

    regressor: Scores
    last_price: Scores
    observed_clp_per_litre: NDArray[np.float64]
    predicted_clp_per_litre: NDArray[np.float64]
    held_out: NDArray[np.bool_]


@dataclass(frozen=True)
class TrainedRegressor:
    """A regressor fitted on every month, and how its choice came about.

    Attributes:
        name: `model1` or `model2`.
        pipeline: Takes rows of `FEATURE_NAMES` to prices.
        parameters: The candidate of the grid with the best score.
        cross_validation_r2: That score: mean R² over the folds.
        selected_columns: The columns that the pipeline keeps.
        months: Months trained on, as `2014-01`.
        ranges: What a request may hold.
        holdout: The notebook's evaluation.
    """

    name: str
    pipeline: "Pipeline"
    parameters: Mapping[str, float]
    cross_validation_r2: float
    selected_columns: tuple[str, ...]
    months: tuple[str, ...]
    ranges: InputRanges
    holdout: Holdout

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict the price of each row.

        Args:
            rows: Rows of `FEATURE_NAMES` in true units, shape `(n_rows, 48)`.

        Returns:
            CLP per litre, shape `(n_rows,)`.

        Raises:
            UnknownPriceHistoryError: The model carries a price history that does not reach a row.
        """
        return self._fitted_pipeline.predict(rows)

    @cached_property
    def _fitted_pipeline(self) -> FittedPipeline:
        return FittedPipeline.of(self.pipeline)

    def example_prices(self) -> NDArray[np.float64]:
        """Predict a row in the middle of its ranges, in the last month that it was trained on."""
        row = (self.ranges.lowest + self.ranges.highest) / 2
        row[[_YEAR_AT, _MONTH_AT]] = [int(part) for part in self.months[-1].split("-")]
        return self.predict(row[None])

    def facts(self) -> dict[str, Any]:
        """Say what is recorded of it: columns, months, parameters and scores."""
        return {
            "feature_columns": list(FEATURE_NAMES),
            "selected_columns": list(self.selected_columns),
            "months": {
                "first": self.months[0],
                "last": self.months[-1],
                "count": len(self.months),
            },
            "parameters": dict(self.parameters),
            "metrics": {
                "cross_validation_r2": self.cross_validation_r2,
                "holdout": self.holdout.regressor.as_dict(),
                "holdout_last_price": self.holdout.last_price.as_dict(),
            },
        }

    def to_bytes(self) -> bytes:
        """Give the regressor's form at rest."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        nested = {"ranges": asdict(self.ranges), "holdout": asdict(self.holdout)}
        return to_skops(fields | nested)

    @classmethod
    def from_bytes(cls, content: bytes) -> "TrainedRegressor":
        """Read what `to_bytes` gave.

        Raises:
            UntrustedTypesFoundException: It holds a type that is not in `TRUSTED_TYPES`; nothing
                of it was run.
        """
        fields = from_skops(content, trusted=TRUSTED_TYPES)
        ranges = InputRanges(**fields.pop("ranges"))
        holdout = fields.pop("holdout")
        regressor, last_price = holdout.pop("regressor"), holdout.pop("last_price")
        return cls(
            **fields,
            ranges=ranges,
            holdout=Holdout(
                regressor=Scores(**regressor), last_price=Scores(**last_price), **holdout
            ),
        )
