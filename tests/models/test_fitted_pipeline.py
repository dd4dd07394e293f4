"""The short way through a fitted pipeline."""

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from spike_assets.models.errors import UnknownLaggedPricesError
from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.regressor import FittedPipeline
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR
from spike_assets.training.regressors import notebook_pipeline

DRAW = np.random.default_rng(0)
HISTORY = LaggedPrices(
    prices_clp_per_litre=DRAW.uniform(100, 300, size=120), first_year=2010, first_month=1
)


def months(n: int) -> np.ndarray:
    """Rows of all columns in months that the price history covers."""
    rows = DRAW.normal(50, 20, size=(n, len(FEATURE_NAMES)))
    rows[:, FEATURE_NAMES.index(YEAR)] = DRAW.integers(2011, 2020, size=n)
    rows[:, FEATURE_NAMES.index(MONTH_OF_YEAR)] = DRAW.integers(1, 13, size=n)
    return rows


def fitted(history: LaggedPrices | None, *, degree: int, k: int) -> Pipeline:
    """A candidate of the notebook's grid, fitted on random months."""
    pipeline = notebook_pipeline(history)
    pipeline.set_params(polynomial__degree=degree, select__k=k, ridge__alpha=0.1)
    return pipeline.fit(months(60), DRAW.uniform(100, 300, size=60))


@pytest.mark.parametrize("history", [None, HISTORY], ids=["columns alone", "with price history"])
@pytest.mark.parametrize("degree", [1, 2, 3, 5])
@pytest.mark.parametrize("n_rows", [1, 2, 300])
def test_predictions_are_those_of_the_pipeline(
    history: LaggedPrices | None, degree: int, n_rows: int
) -> None:
    """To the last bit."""
    pipeline = fitted(history, degree=degree, k=4)
    rows = months(n_rows)

    assert FittedPipeline.of(pipeline).predict(rows).tolist() == pipeline.predict(rows).tolist()


def test_rows_are_left_as_they_are() -> None:
    """The caller's array is not the place to calculate in."""
    pipeline = fitted(HISTORY, degree=1, k=6)
    rows = months(3)
    before = rows.copy()

    FittedPipeline.of(pipeline).predict(rows)

    assert (rows == before).all()


def test_unknown_month_is_refused_as_by_the_pipeline() -> None:
    """The price history says which row it is."""
    pipeline = fitted(HISTORY, degree=1, k=6)
    rows = months(3)
    rows[1, FEATURE_NAMES.index(YEAR)] = 2040

    with pytest.raises(UnknownLaggedPricesError, match="row 1"):
        FittedPipeline.of(pipeline).predict(rows)
