"""A serialized regressor: all of it comes back, and nothing unexpected is read."""

import os
import pickle
import zipfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.feature_selection import SelectKBest, mutual_info_regression
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from skops.io.exceptions import UntrustedTypesFoundException

from spike_assets.models.errors import UnknownLaggedPricesError
from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.regressor import FittedPipeline, Holdout, Scores, TrainedRegressor
from spike_assets.models.units import InputRanges
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH_OF_YEAR, YEAR
from spike_assets.training.regressors import notebook_pipeline

N_MONTHS = 24


def feature_rows() -> np.ndarray:
    rows = np.random.default_rng(0).normal(size=(N_MONTHS, len(FEATURE_NAMES)))
    rows[:, FEATURE_NAMES.index("ano")] = 2014 + np.arange(N_MONTHS) // 12
    rows[:, FEATURE_NAMES.index("mes")] = 1 + np.arange(N_MONTHS) % 12
    return rows


@pytest.fixture(scope="module")
def regressor() -> TrainedRegressor:
    """A pipeline of every step that training uses, and a field of every kind."""
    prices = 200 + np.arange(N_MONTHS + 3) ** 1.5  # from October 2013
    pipeline = Pipeline(
        [
            ("history", LaggedPrices(prices, first_year=2013, first_month=10)),
            ("scale", StandardScaler()),
            ("select", SelectKBest(partial(mutual_info_regression, random_state=42), k=3)),
            ("polynomial", PolynomialFeatures(degree=2)),
            ("ridge", Ridge(alpha=0.5)),
        ]
    ).fit(feature_rows(), prices[3:])
    return TrainedRegressor(
        name="model1",
        pipeline=pipeline,
        parameters={"polynomial__degree": 2, "ridge__alpha": 0.5, "select__k": 3},
        cross_validation_r2=0.875,
        selected_columns=("ano", "PIB", "previous_price_clp_per_litre"),
        months=tuple(f"{2014 + at // 12}-{at % 12 + 1:02}" for at in range(N_MONTHS)),
        ranges=InputRanges(lowest=np.arange(48) / 7, highest=np.arange(48) / 3 + 0.1),
        holdout=Holdout(
            regressor=Scores(r2=0.75, rmse_clp_per_litre=8.5, mae_clp_per_litre=6.25),
            last_price=Scores(r2=0.5, rmse_clp_per_litre=9.5, mae_clp_per_litre=7.25),
            observed_clp_per_litre=prices[3:],
            predicted_clp_per_litre=prices[3:] + 0.1,
            held_out=np.arange(N_MONTHS) % 5 == 0,
        ),
    )


class Trap:
    """An object that leaves a trace when it is put together again from a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = str(trace)

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["trace"]).touch()

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.trace,)


def test_predictions_are_those_of_the_pipeline(regressor: TrainedRegressor):
    """A price for each row."""
    predicted = regressor.predict(feature_rows())
    assert predicted.shape == (N_MONTHS,)
    np.testing.assert_array_equal(predicted, regressor.pipeline.predict(feature_rows()))


def test_month_out_of_the_price_history_is_refused(regressor: TrainedRegressor):
    """The error of the history comes through the pipeline as it is."""
    rows = feature_rows()
    rows[5, FEATURE_NAMES.index("ano")] = 2030
    with pytest.raises(UnknownLaggedPricesError) as raised:
        regressor.predict(rows)
    assert (raised.value.row, raised.value.month) == (5, "2030-06")


def test_regressor_that_was_read_back_predicts_the_same_to_the_bit(regressor: TrainedRegressor):
    """Rest changes no digit of any prediction."""
    read = TrainedRegressor.from_bytes(regressor.to_bytes())
    assert read.predict(feature_rows()).tobytes() == regressor.predict(feature_rows()).tobytes()


def test_regressor_that_was_read_back_has_the_same_fields(regressor: TrainedRegressor):
    """What is said of the regressor comes back with its types."""
    read = TrainedRegressor.from_bytes(regressor.to_bytes())
    assert replace(read, pipeline=None, ranges=None, holdout=None) == replace(
        regressor, pipeline=None, ranges=None, holdout=None
    )
    assert type(read.parameters["select__k"]) is int
    assert read.holdout.regressor == regressor.holdout.regressor
    assert read.holdout.last_price == regressor.holdout.last_price
    for name in ("observed_clp_per_litre", "predicted_clp_per_litre", "held_out"):
        array, expected = getattr(read.holdout, name), getattr(regressor.holdout, name)
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == expected.dtype
    for name in ("lowest", "highest"):
        array, expected = getattr(read.ranges, name), getattr(regressor.ranges, name)
        np.testing.assert_array_equal(array, expected)
        assert array.dtype == expected.dtype


@pytest.mark.parametrize(
    "smuggle",
    [
        Trap,
        lambda trace: partial(os.mkdir, str(trace)),
        lambda trace: Pipeline([("trap", Trap(trace))]),
    ],
    ids=["object", "function-in-a-trusted-partial", "step-of-the-pipeline"],
)
def test_payload_with_an_untrusted_type_is_refused_and_not_run(
    regressor: TrainedRegressor, tmp_path: Path, smuggle: type[Trap]
):
    """Only the types that training makes are put together; a file with another one is not read."""
    trace = tmp_path / "trace"
    smuggled = skops.io.dumps({"name": "model1", "pipeline": smuggle(trace)})
    with pytest.raises(UntrustedTypesFoundException):
        TrainedRegressor.from_bytes(smuggled)
    assert not trace.exists()


def test_pickle_is_refused_and_not_run(tmp_path: Path):
    """Read as a pickle, these bytes would make a folder."""
    trace = tmp_path / "trace"
    with pytest.raises(zipfile.BadZipFile):
        TrainedRegressor.from_bytes(pickle.dumps(Trap(trace)))
    assert not trace.exists()


@pytest.mark.parametrize("kept", [0, 100, -1])
def test_part_of_a_payload_is_refused(regressor: TrainedRegressor, kept: int):
    """A file that was cut off is no regressor."""
    with pytest.raises(zipfile.BadZipFile):
        TrainedRegressor.from_bytes(regressor.to_bytes()[:kept])


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
def test_fitted_pipeline_predicts_as_scikit_learn_does(
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
