"""Training: the notebook's recipe, reproducible, and blind to what it must not see.

A small grid on made-up months keeps these tests quick; the last few train with the notebook's own
grid on the real files.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import SelectKBest, mutual_info_regression
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from spike_assets.models.lagged_prices import LAGGED_PRICE_NAMES, LaggedPrices
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.series.catalogue import FEATURE_NAMES
from spike_assets.sources.errors import DataError
from spike_assets.sources.location import DataLocation, read_clean
from spike_assets.sources.monthly_features import monthly_features
from spike_assets.training import regressors
from spike_assets.training.regressors import lagged_prices, train_model1, train_model2

SMALL_GRID = {
    "select__k": (3, 4),
    "polynomial__degree": (1, 2),
    "ridge__alpha": (1.0, 0.1),
}
PRICE = "price_clp_per_litre"
MONTHS_BEFORE = 6
"""Months by which the made-up price history is older than the made-up features."""

Train = Callable[[pd.DataFrame, pd.DataFrame], TrainedRegressor]
BOTH = pytest.mark.parametrize("train", [train_model1, train_model2])


def made_up(n_months: int = 36) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return features from 2014-01 on and a price history from 2013-07 on.

    The price wanders; PIB follows it loosely and the other series are noise, so that a model that
    may see last month's price keeps it.
    """
    rng = np.random.default_rng(0)
    price = 200 + np.cumsum(rng.normal(scale=6, size=MONTHS_BEFORE + n_months))
    months = pd.date_range("2013-07", periods=MONTHS_BEFORE + n_months, freq="MS", unit="us")
    history = pd.DataFrame({"month": months, PRICE: price})
    paid = history.iloc[MONTHS_BEFORE:].reset_index(drop=True)
    noise = pd.DataFrame(rng.normal(loc=10, size=(n_months, 48)), columns=list(FEATURE_NAMES))
    features = noise.assign(
        month=paid["month"],
        ano=paid["month"].dt.year.astype("float64"),
        mes=paid["month"].dt.month.astype("float64"),
        PIB=paid[PRICE] + rng.normal(scale=8, size=n_months),
        price_clp_per_litre=paid[PRICE],
    )
    return features[["month", *FEATURE_NAMES, PRICE]], history


def rows_of(features: pd.DataFrame) -> np.ndarray:
    return features[list(FEATURE_NAMES)].to_numpy()


def hold_out(n_months: int) -> tuple[np.ndarray, np.ndarray]:
    train, held_out = train_test_split(np.arange(n_months), test_size=0.2, random_state=42)
    return train, held_out


def notebook_pipeline(**parameters: float) -> Pipeline:
    """Write the notebook's recipe down once more."""
    information = partial(mutual_info_regression, random_state=42)
    return Pipeline(
        [
            ("scale", StandardScaler()),
            ("select", SelectKBest(information)),
            ("polynomial", PolynomialFeatures()),
            ("ridge", Ridge()),
        ]
    ).set_params(**parameters)


def columns_seen(train: Train, features: pd.DataFrame, history: pd.DataFrame) -> np.ndarray:
    """Work out with pandas what a model sees of each month."""
    if train is train_model2:
        return rows_of(features)
    before = history.set_index("month")[PRICE].shift(1)
    three = before.rolling(3)
    past = pd.DataFrame({"last": before, "mean": three.mean(), "deviation": three.std()})
    return np.column_stack([rows_of(features), past.loc[features["month"]].to_numpy()])


@pytest.fixture
def _small_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regressors, "GRID", SMALL_GRID)


@pytest.fixture(scope="module")
def trained() -> dict[Train, TrainedRegressor]:
    """Both models on the made-up months."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(regressors, "GRID", SMALL_GRID)
        return {train: train(*made_up()) for train in (train_model1, train_model2)}


@BOTH
def test_winner_is_that_of_the_notebooks_search(
    trained: dict[Train, TrainedRegressor], train: Train
):
    """Parameters, score and hold-out predictions are those of a plain `GridSearchCV`."""
    features, history = made_up()
    seen = columns_seen(train, features, history)
    prices = features[PRICE].to_numpy()
    training, _ = hold_out(len(features))
    search = GridSearchCV(notebook_pipeline(), SMALL_GRID, cv=3, scoring="r2")
    search.fit(seen[training], prices[training])

    assert trained[train].parameters == search.best_params_
    assert trained[train].cross_validation_r2 == pytest.approx(search.best_score_, rel=1e-12)
    np.testing.assert_allclose(
        trained[train].holdout.predicted_clp_per_litre, search.predict(seen), rtol=1e-12
    )


@BOTH
def test_model_is_the_winner_fitted_on_every_month(
    trained: dict[Train, TrainedRegressor], train: Train
):
    """The hold-out is for the scores; what predicts has learned from all months."""
    features, history = made_up()
    seen = columns_seen(train, features, history)
    winner = notebook_pipeline(**trained[train].parameters).fit(seen, features[PRICE])
    np.testing.assert_allclose(
        trained[train].predict(rows_of(features)), winner.predict(seen), rtol=1e-12
    )
    names = np.array([*FEATURE_NAMES, *LAGGED_PRICE_NAMES])[: seen.shape[1]]
    kept = names[winner.named_steps["select"].get_support()]
    assert trained[train].selected_columns == tuple(kept)


@BOTH
def test_hold_out_is_the_notebooks_fifth_of_the_months(
    trained: dict[Train, TrainedRegressor], train: Train
):
    """A model is scored on the same months as the notebook's, and so is the last price."""
    features, history = made_up()
    prices = features[PRICE].to_numpy()
    _, held_out = hold_out(len(features))
    holdout = trained[train].holdout
    last_price = history[PRICE].to_numpy()[MONTHS_BEFORE - 1 : -1]

    np.testing.assert_array_equal(np.flatnonzero(holdout.held_out), np.sort(held_out))
    np.testing.assert_array_equal(holdout.observed_clp_per_litre, prices)
    predicted = holdout.predicted_clp_per_litre
    assert holdout.regressor.r2 == r2_score(prices[held_out], predicted[held_out])
    assert holdout.last_price.r2 == r2_score(prices[held_out], last_price[held_out])
    assert holdout.last_price.mae_clp_per_litre == pytest.approx(
        np.abs(np.diff(history[PRICE]))[MONTHS_BEFORE - 1 :][held_out].mean(), rel=1e-12
    )


def test_models_are_named_and_say_their_months(trained: dict[Train, TrainedRegressor]):
    """Their names in the store and the service, and the months that they were trained on."""
    assert [trained[train].name for train in (train_model1, train_model2)] == ["model1", "model2"]
    for regressor in trained.values():
        assert regressor.months[:2] == ("2014-01", "2014-02")
        assert (regressor.months[-1], len(regressor.months)) == ("2016-12", 36)


@BOTH
@pytest.mark.usefixtures("_small_grid")
def test_same_input_twice_gives_the_same_model_to_the_bit(
    trained: dict[Train, TrainedRegressor], train: Train
):
    """Nothing random is left without a seed."""
    features, history = made_up()
    again = train(features, history)
    assert again.parameters == trained[train].parameters
    assert again.selected_columns == trained[train].selected_columns
    assert again.cross_validation_r2 == trained[train].cross_validation_r2
    rows = rows_of(features)
    assert again.predict(rows).tobytes() == trained[train].predict(rows).tobytes()
    assert (
        again.holdout.predicted_clp_per_litre.tobytes()
        == trained[train].holdout.predicted_clp_per_litre.tobytes()
    )


@BOTH
@pytest.mark.usefixtures("_small_grid")
def test_training_leaves_its_tables_as_they_were(train: Train):
    """The frames given don't show that a model was trained."""
    features, history = made_up()
    train(features, history)
    expected_features, expected_history = made_up()
    pd.testing.assert_frame_equal(features, expected_features)
    pd.testing.assert_frame_equal(history, expected_history)


@pytest.mark.usefixtures("_small_grid")
def test_prices_of_held_out_months_do_not_reach_the_scored_predictions(
    trained: dict[Train, TrainedRegressor],
):
    """Other prices in the held-out months leave the search and its predictions as they were."""
    features, history = made_up()
    _, held_out = hold_out(len(features))
    features.loc[held_out, PRICE] = 1e6
    poisoned = train_model2(features, history)
    expected = trained[train_model2]
    assert poisoned.parameters == expected.parameters
    assert poisoned.cross_validation_r2 == expected.cross_validation_r2
    assert (
        poisoned.holdout.predicted_clp_per_litre.tobytes()
        == expected.holdout.predicted_clp_per_litre.tobytes()
    )


@pytest.mark.usefixtures("_small_grid")
def test_model2_sees_nothing_of_the_price_history(trained: dict[Train, TrainedRegressor]):
    """Another history changes no bit of its predictions, only what it is compared with."""
    features, history = made_up()
    other = train_model2(features, history.assign(**{PRICE: history[PRICE] * 2}))
    expected = trained[train_model2]
    rows = rows_of(features)
    assert other.parameters == expected.parameters
    assert other.cross_validation_r2 == expected.cross_validation_r2
    assert other.predict(rows).tobytes() == expected.predict(rows).tobytes()
    assert other.holdout.regressor == expected.holdout.regressor
    assert other.holdout.last_price != expected.holdout.last_price
    assert not set(other.selected_columns) & set(LAGGED_PRICE_NAMES)


@pytest.mark.usefixtures("_small_grid")
def test_model1_sees_prices_of_months_before_the_first_that_it_is_trained_on(
    trained: dict[Train, TrainedRegressor],
):
    """The three prices before the first month count; a fourth is out of sight."""
    features, history = made_up()
    rows = rows_of(features)
    expected = trained[train_model1].predict(rows)
    assert set(trained[train_model1].selected_columns) & set(LAGGED_PRICE_NAMES)

    for months_before, changes in ((4, False), (1, True)):
        other_history = history.copy()
        other_history.loc[MONTHS_BEFORE - months_before, PRICE] += 50
        predicted = train_model1(features, other_history).predict(rows)
        assert (predicted.tobytes() != expected.tobytes()) is changes


@BOTH
@pytest.mark.usefixtures("_small_grid")
def test_too_few_months_are_refused(train: Train):
    """With fewer, a fold would hold hardly more months than columns are kept."""
    with pytest.raises(DataError) as raised:
        train(*made_up(29))
    assert str(raised.value) == (
        "29 months have rain, price and macroeconomic series together; expected at least 30"
    )


@pytest.mark.usefixtures("_small_grid")
@pytest.mark.parametrize("train", [train_model1, train_model2])
def test_price_history_that_begins_too_late_is_refused(train: Train):
    """The first months of the table need prices of the three months before them."""
    features, milk_price = made_up()
    late = milk_price[milk_price["month"] >= features["month"].iloc[0]].reset_index(drop=True)
    with pytest.raises(DataError, match=r"the milk price before .* is not known"):
        train(features, late)


def test_as_many_months_as_needed_are_accepted():
    """The limit itself is enough, for the largest number of columns that the grid keeps."""
    regressor = train_model1(*made_up(30))
    assert len(regressor.months) == 30
    assert regressor.holdout.held_out.sum() == 6


def test_price_history_begins_with_the_first_month_of_the_table():
    """It carries every price, and the month from which to count."""
    months = pd.to_datetime(["2013-11-01", "2013-12-01", "2014-01-01"])
    history = lagged_prices(pd.DataFrame({"month": months, PRICE: [210.0, 211.5, 213.02]}))
    assert type(history) is LaggedPrices
    assert history.prices_clp_per_litre.tolist() == [210.0, 211.5, 213.02]
    assert (history.first_year, history.first_month) == (2013, 11)


@pytest.fixture(scope="module")
def real_tables(real_data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The monthly features and the price history of the real files."""
    tables = read_clean(DataLocation(real_data))
    prices = tables["milk_price"]
    return monthly_features(tables["precipitation"], prices, tables["banco_central"]), prices


@pytest.fixture(scope="module")
def real_models(
    real_tables: tuple[pd.DataFrame, pd.DataFrame],
) -> dict[Train, TrainedRegressor]:
    """Both models, chosen from the notebook's whole grid."""
    return {train: train(*real_tables) for train in (train_model1, train_model2)}


def test_grid_is_the_notebooks():
    """210 candidates, on three folds."""
    assert regressors.GRID == {
        "select__k": (3, 4, 5, 6, 7, 10),
        "polynomial__degree": (1, 2, 3, 5, 7),
        "ridge__alpha": (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01),
    }
    assert regressors.FOLDS == 3


@pytest.mark.parametrize(("train", "least_r2"), [(train_model1, 0.85), (train_model2, 0.55)])
def test_real_models_are_as_good_as_the_notebooks(
    real_models: dict[Train, TrainedRegressor], train: Train, least_r2: float
):
    """The R² on the notebook's hold-out of the 76 months.

    For model2 the notebook itself had 0.758 there, on numbers with misplaced decimal points; on
    the restored ones it is 0.618. These 16 months flattered the misread numbers: over 20 other
    random hold-outs the mean R² rises from 0.444 to 0.698.
    """
    holdout = real_models[train].holdout
    assert holdout.regressor.r2 >= least_r2
    assert holdout.held_out.sum() == 16
    assert holdout.last_price.r2 == pytest.approx(0.888, abs=0.0005)


def test_first_real_months_are_predicted_within_20_clp(
    real_tables: tuple[pd.DataFrame, pd.DataFrame], real_models: dict[Train, TrainedRegressor]
):
    """January and February 2014 cost 213.02 and 219.03."""
    features, _ = real_tables
    predicted = real_models[train_model1].predict(rows_of(features)[:2])
    np.testing.assert_allclose(predicted, [213.02, 219.03], rtol=0, atol=20)
