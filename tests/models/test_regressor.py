"""The trained regressor: what it predicts, and that all of it comes back from a file."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from spike_assets.models.errors import UnknownLaggedPricesError
from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.regressor import FittedPipeline, TrainedRegressor
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR
from spike_assets.training.regressors import notebook_pipeline
from tests.support.tiny_regressor import rows, tiny_regressor


@pytest.fixture(scope="module")
def regressor() -> TrainedRegressor:
    """A pipeline of every step that training uses, and a field of every kind."""
    return tiny_regressor("model1")


def test_predictions_are_those_of_the_pipeline(regressor: TrainedRegressor):
    """A price for each row."""
    predicted = regressor.predict(rows())
    assert predicted.shape == (12,)
    np.testing.assert_array_equal(predicted, regressor.pipeline.predict(rows()))


def test_month_out_of_the_price_history_is_refused(regressor: TrainedRegressor):
    """The error of the history comes through the pipeline as it is."""
    asked = rows()
    asked[5, FEATURE_NAMES.index(YEAR)] = 2030
    with pytest.raises(UnknownLaggedPricesError) as raised:
        regressor.predict(asked)
    assert (raised.value.row, raised.value.month) == (5, "2030-06")


def test_regressor_that_was_read_back_predicts_the_same_to_the_bit(regressor: TrainedRegressor):
    """Rest changes no digit of any prediction."""
    read = TrainedRegressor.from_bytes(regressor.to_bytes())
    assert read.predict(rows()).tobytes() == regressor.predict(rows()).tobytes()


def test_regressor_that_was_read_back_has_the_same_fields(regressor: TrainedRegressor):
    """All that is recorded of the regressor comes back with its types."""
    read = TrainedRegressor.from_bytes(regressor.to_bytes())
    assert replace(read, pipeline=None, ranges=None, holdout=None) == replace(
        regressor, pipeline=None, ranges=None, holdout=None
    )
    assert type(read.parameters["select__k"]) is int
    assert read.holdout.regressor == regressor.holdout.regressor
    assert read.holdout.last_price == regressor.holdout.last_price
    for part, name in (
        *(("holdout", f"{which}_clp_per_litre") for which in ("observed", "predicted")),
        *(("holdout", "held_out"), ("ranges", "lowest"), ("ranges", "highest")),
    ):
        array, expected = (getattr(getattr(one, part), name) for one in (read, regressor))
        np.testing.assert_array_equal(array, expected, strict=True)


DRAW = np.random.default_rng(0)
HISTORY = LaggedPrices(
    prices_clp_per_litre=DRAW.uniform(100, 300, size=120), first_year=2010, first_month=1
)


def months(n: int) -> np.ndarray:
    """Rows of all columns in months that the price history covers."""
    drawn = DRAW.normal(50, 20, size=(n, len(FEATURE_NAMES)))
    drawn[:, FEATURE_NAMES.index(YEAR)] = DRAW.integers(2011, 2020, size=n)
    drawn[:, FEATURE_NAMES.index(MONTH_OF_YEAR)] = DRAW.integers(1, 13, size=n)
    return drawn


def fitted(history: LaggedPrices | None, *, degree: int, k: int) -> Pipeline:
    """A candidate of the notebook's grid, fitted on random months."""
    pipeline = notebook_pipeline(history)
    pipeline.set_params(polynomial__degree=degree, select__k=k, ridge__alpha=0.1)
    return pipeline.fit(months(60), DRAW.uniform(100, 300, size=60))


@pytest.mark.parametrize("history", [None, HISTORY], ids=["columns alone", "with price history"])
@pytest.mark.parametrize("degree", [1, 2, 3, 5])
@pytest.mark.parametrize("n_rows", [1, 2, 300])
def test_fitted_pipeline_predicts_as_scikit_learn_does(
    history: LaggedPrices | None, degree: int, n_rows: int
) -> None:
    """To the last bit."""
    pipeline, asked = fitted(history, degree=degree, k=4), months(n_rows)

    assert FittedPipeline.of(pipeline).predict(asked).tolist() == pipeline.predict(asked).tolist()


def test_rows_are_left_as_they_are() -> None:
    """The caller's array is not the place to calculate in."""
    pipeline, asked = fitted(HISTORY, degree=1, k=6), months(3)
    before = asked.copy()

    FittedPipeline.of(pipeline).predict(asked)

    assert (asked == before).all()
