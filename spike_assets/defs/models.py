"""Assets of the models: the notebook's two regressors, and the forecaster."""

from typing import Any

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.image_metadata import image_metadata
from spike_assets.defs.resources import Compute
from spike_assets.defs.table_metadata import COMING_MONTHS
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import Scores, TrainedRegressor
from spike_assets.training import regressors
from spike_assets.training.forecast_frame import FORECAST
from spike_assets.training.forecast_inputs import price_series
from spike_assets.training.forecaster import train_forecaster


@dg.asset(group_name="models", kinds={"scikitlearn"})
def model1(
    compute: Compute, monthly_features: pd.DataFrame, clean_milk_price: pd.DataFrame
) -> dg.MaterializeResult[TrainedRegressor]:
    """The notebook's regressor on the 48 columns and the milk price's own past."""
    with user_errors_as_failures(), compute.workers():
        return _with_scores(regressors.train_model1(monthly_features, clean_milk_price))


@dg.asset(group_name="models", kinds={"scikitlearn"})
def model2(
    compute: Compute, monthly_features: pd.DataFrame, clean_milk_price: pd.DataFrame
) -> dg.MaterializeResult[TrainedRegressor]:
    """The notebook's regressor on the 48 columns, with nothing of the milk price."""
    with user_errors_as_failures(), compute.workers():
        return _with_scores(regressors.train_model2(monthly_features, clean_milk_price))


@dg.asset(group_name="models", kinds={"scikitlearn"})
def forecaster(
    forecast_inputs: pd.DataFrame, forecast_history: pd.DataFrame
) -> dg.MaterializeResult[TrainedForecaster]:
    """The forecaster of the coming twelve months, fitted on every month."""
    with user_errors_as_failures():
        trained = train_forecaster(price_series(forecast_inputs), forecast_history)
    return dg.MaterializeResult(
        value=trained,
        metadata={
            "first_month": str(trained.data.months[0]),
            "last_month": str(trained.data.months[-1]),
            **{f"next_month/{name}": value for name, value in trained.metrics.items()},
            COMING_MONTHS: _forecast_table(trained),
            "picture": image_metadata(
                charts.forecast_fan(trained), alt="forecast of coming months"
            ),
        },
    )


def _with_scores(regressor: TrainedRegressor) -> dg.MaterializeResult[TrainedRegressor]:
    return dg.MaterializeResult(
        value=regressor,
        metadata={
            "rows": len(regressor.months),
            "first_month": regressor.months[0],
            "last_month": regressor.months[-1],
            "selected_columns": list(regressor.selected_columns),
            "best_parameters": dict(regressor.parameters),
            "cross_validation_r2": regressor.cross_validation_r2,
            **_prefixed("holdout", regressor.holdout.regressor),
            **_prefixed("holdout_last_price", regressor.holdout.last_price),
            "observed_against_predicted": image_metadata(
                charts.observed_against_predicted(regressor), alt="observed against predicted"
            ),
        },
    )


def _prefixed(prefix: str, scores: Scores) -> dict[str, Any]:
    return {f"{prefix}/{name}": value for name, value in scores.as_dict().items()}


def _forecast_table(trained: TrainedForecaster) -> dg.TableMetadataValue:
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {
                    "month": one.month,
                    FORECAST: round(one.price_clp_per_litre, 2),
                    **{
                        f"interval_{level}": f"{low:.1f} to {high:.1f}"
                        for level, (low, high) in one.intervals.items()
                    },
                    **{
                        source: round(clp, 2)
                        for source, clp in one.contributions_clp_per_litre.items()
                    },
                }
            )
            for one in trained.forecast()
        ]
    )
