"""The trained regressor: its pipeline, the metadata of its training, and its serialization.

The service loads this module, so it imports neither pandas nor the training code.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from spike_assets.models.serialization import from_skops, to_skops
from spike_assets.models.units import InputRanges
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import PolynomialFeatures

    from spike_assets.models.lagged_prices import LaggedPrices


@dataclass(frozen=True)
class FittedPipeline:
    """The arrays of a fitted pipeline, for predictions without scikit-learn's checks.

    Attributes:
        history: Adds the prices of the months before, if the pipeline does.
        kept: Positions of the columns that are selected, shape `(k,)`.
        mean: Of each of those, same shape.
        scale: Its standard deviation, same shape.
        polynomial: Expands them.
        coefficients: One for each term.
        intercept: CLP per litre.
    """

    history: "LaggedPrices | None"
    kept: NDArray[np.int64]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    polynomial: "PolynomialFeatures"
    coefficients: NDArray[np.float64]
    intercept: float

    @classmethod
    def of(cls, pipeline: "Pipeline") -> Self:
        """Take a pipeline apart.

        Args:
            pipeline: Fitted: perhaps a price history, then scale, select, polynomial and ridge.
        """
        steps = pipeline.named_steps
        scale, ridge = steps["scale"], steps["ridge"]
        kept = steps["select"].get_support(indices=True)
        return cls(
            history=steps.get("history"),
            kept=kept,
            mean=scale.mean_[kept],
            scale=scale.scale_[kept],
            polynomial=steps["polynomial"],
            coefficients=ridge.coef_,
            intercept=float(ridge.intercept_),
        )

    def predict(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Predict as `Pipeline.predict` does.

        Args:
            rows: Finite numbers, shape `(n_rows, n_columns)`.

        Returns:
            CLP per litre, shape `(n_rows,)`.

        Raises:
            UnknownLaggedPricesError: The price history does not reach a row.
        """
        if self.history is not None:
            rows = self.history.transform(rows)
        terms = (rows[:, self.kept] - self.mean) / self.scale
        if self.polynomial.degree == 1:
            # Sums depend on how the terms lie in memory; scikit-learn's lie row by row.
            terms = np.ascontiguousarray(np.column_stack([np.ones(len(terms)), terms]))
        else:
            terms = self.polynomial.transform(terms)
        return np.asarray(terms @ self.coefficients + self.intercept)


TRUSTED_TYPES = (
    "functools.partial",
    "sklearn.feature_selection._mutual_info.mutual_info_regression",
    "spike_assets.models.lagged_prices.LaggedPrices",
)
"""Types that a file may contain beyond those that skops trusts by default."""

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
        """Return the scores by name."""
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
    """A regressor fitted on every month, with the results of its selection.

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
            UnknownLaggedPricesError: The model carries a price history that does not reach a row.
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
        """Return the metadata of a regressor: columns, months, parameters and scores."""
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
        """Serialize the regressor; `from_bytes` reads it."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        nested = {"ranges": asdict(self.ranges), "holdout": asdict(self.holdout)}
        return to_skops(fields | nested)

    @classmethod
    def from_bytes(cls, content: bytes) -> "TrainedRegressor":
        """Read a serialized regressor.

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
