"""The notebook's two regressors and their grid search.

Scale, keep the k columns with the most mutual information about the price, expand them to
polynomials, fit a ridge. `model1` sees the 48 published columns and the milk price's own past;
`model2` sees the 48 columns and nothing of the milk price.

Both are scored on the notebook's hold-out: a fifth of the months, drawn at random. That is a
score to compare with the notebook, not an honest one: the months around a held-out month are in
training. So repeating last month's price is scored on the same months beside it.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.feature_selection import SelectKBest, mutual_info_regression
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from spike_assets.models.errors import UnknownLaggedPricesError
from spike_assets.models.lagged_prices import LAGGED_PRICE_NAMES, LaggedPrices
from spike_assets.models.regressor import Holdout, TrainedRegressor
from spike_assets.models.units import InputRanges
from spike_assets.series.catalogue import FEATURE_NAMES, MONTH, PRICE_CLP_PER_LITRE
from spike_assets.sources.errors import DataError
from spike_assets.sources.milk_price import MilkPriceTable
from spike_assets.sources.schemas import FeaturesTable
from spike_assets.training import grid_search
from spike_assets.training.scores import score

GRID: Mapping[str, tuple[float, ...]] = {
    grid_search.K: (3, 4, 5, 6, 7, 10),
    grid_search.DEGREE: (1, 2, 3, 5, 7),
    grid_search.ALPHA: (1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01),
}
"""The notebook's grid: 210 candidates."""

FOLDS = 3
HOLDOUT_SHARE = 0.2
SEED = 42
"""The notebook's seed, for its hold-out and for the noise that mutual information adds."""

MONTHS_NEEDED = 30
"""Each fold of the hold-out's training months must hold more months than columns kept."""


def require_trainable(features: FeaturesTable, milk_price: MilkPriceTable) -> None:
    """Require that the regressors can be trained, before anything is fitted.

    Args:
        features: As `monthly_features` gives them.
        milk_price: `month` and `price_clp_per_litre`, every month.

    Raises:
        DataError: The months in common are too few, or the prices before one of them are unknown.
    """
    if len(features) < MONTHS_NEEDED:
        raise DataError(
            f"{len(features)} months have rain, price and macroeconomic series together; expected "
            f"at least {MONTHS_NEEDED}"
        )
    try:
        lagged_prices(milk_price).transform(features[list(FEATURE_NAMES)].to_numpy())
    except UnknownLaggedPricesError as error:
        raise DataError(str(error)) from None


def train_model1(features: FeaturesTable, milk_price: MilkPriceTable) -> TrainedRegressor:
    """Train the regressor that knows the milk price's own past.

    Args:
        features: As `monthly_features` gives them.
        milk_price: `month` and `price_clp_per_litre`, every month; carried by the model.
    """
    return _train("model1", features, milk_price=milk_price, sees_prices=True)


def train_model2(features: FeaturesTable, milk_price: MilkPriceTable) -> TrainedRegressor:
    """Train the regressor that knows nothing of the milk price.

    Args:
        features: As `monthly_features` gives them.
        milk_price: `month` and `price_clp_per_litre`; for scoring last month's price only.
    """
    return _train("model2", features, milk_price=milk_price, sees_prices=False)


def _train(
    name: str, features: FeaturesTable, *, milk_price: MilkPriceTable, sees_prices: bool
) -> TrainedRegressor:
    require_trainable(features, milk_price)
    history = lagged_prices(milk_price)
    rows = features[list(FEATURE_NAMES)].to_numpy()
    last_prices = history.transform(rows)[:, len(FEATURE_NAMES)]
    prices = features[PRICE_CLP_PER_LITRE].to_numpy()
    positions = np.arange(len(rows))
    train, held_out = train_test_split(positions, test_size=HOLDOUT_SHARE, random_state=SEED)

    seen_history = history if sees_prices else None
    search = search_grid(rows[train], prices[train], history=seen_history)
    winner = notebook_pipeline(seen_history).set_params(**search.best_parameters)
    predicted = clone(winner).fit(rows[train], prices[train]).predict(rows)
    pipeline = winner.fit(rows, prices)

    seen = (*FEATURE_NAMES, *LAGGED_PRICE_NAMES) if sees_prices else FEATURE_NAMES
    return TrainedRegressor(
        name=name,
        pipeline=pipeline,
        parameters=search.best_parameters,
        cross_validation_r2=search.best_r2,
        selected_columns=tuple(
            seen[at] for at in pipeline.named_steps["select"].get_support(indices=True)
        ),
        months=tuple(features[MONTH].dt.strftime("%Y-%m")),
        ranges=InputRanges.around(rows),
        holdout=Holdout(
            regressor=score(prices[held_out], predicted[held_out]),
            last_price=score(prices[held_out], last_prices[held_out]),
            observed_clp_per_litre=prices,
            predicted_clp_per_litre=predicted,
            held_out=np.isin(positions, held_out),
        ),
    )


def search_grid(
    rows: NDArray[np.float64], prices: NDArray[np.float64], *, history: LaggedPrices | None
) -> grid_search.GridSearch:
    """Score every candidate of the notebook's grid.

    Args:
        rows: Rows of `FEATURE_NAMES`, shape `(n_months, 48)`.
        prices: CLP per litre, shape `(n_months,)`.
        history: The price history that the regressor sees, if it sees one.
    """
    pipeline = notebook_pipeline(history)
    return grid_search.search_grid(pipeline, GRID, rows, prices, folds=FOLDS)


def lagged_prices(milk_price: MilkPriceTable) -> LaggedPrices:
    """Make the pipeline step that looks up past prices.

    Args:
        milk_price: `month` and `price_clp_per_litre`, sorted, every month.
    """
    first = milk_price[MONTH].iloc[0]
    return LaggedPrices(
        prices_clp_per_litre=milk_price[PRICE_CLP_PER_LITRE].to_numpy(),
        first_year=int(first.year),
        first_month=int(first.month),
    )


def notebook_pipeline(history: LaggedPrices | None) -> Pipeline:
    """Make the notebook's pipeline, unfitted; a candidate of `GRID` sets the rest.

    Args:
        history: The price history that it sees, if it sees one.
    """
    information = partial(mutual_info_regression, random_state=SEED)
    return Pipeline(
        [
            *([("history", history)] if history else []),
            ("scale", StandardScaler()),
            ("select", SelectKBest(information)),
            ("polynomial", PolynomialFeatures()),
            ("ridge", Ridge()),
        ]
    )
