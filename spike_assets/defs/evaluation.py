"""Assets of the evaluation: the forecasts from past origins, the backtest and its gate."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.gate import CHECK_SPECS, check_results, promoted_history, require_passed
from spike_assets.defs.image_metadata import image_metadata
from spike_assets.defs.lineage import is_synthetic
from spike_assets.defs.resources import Compute
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.price_series import HORIZON
from spike_assets.training import backtest as domain
from spike_assets.training.backtest import FORECASTER, Progress
from spike_assets.training.forecast_frame import ACTUAL, HORIZON_COLUMN, MODEL, ORIGIN
from spike_assets.training.forecast_inputs import price_series
from spike_assets.training.gate import run_checks
from spike_assets.training.report import backtest_report
from spike_assets.training.scores import POOLED, scores

LOGGED_EVERY = 50
"""Origins between two lines of progress in the log."""


class BacktestWindow(dg.Config):
    """Which months are forecast in the backtest."""

    first_month: str = domain.FIRST_TARGET
    last_month: str = ""
    """Empty for the month of the last price."""
    horizon: int = HORIZON


@dg.asset(group_name="evaluation", kinds={"scikitlearn"})
def forecast_history(
    context: dg.AssetExecutionContext, compute: Compute, forecast_inputs: pd.DataFrame
) -> dg.MaterializeResult[pd.DataFrame]:
    """The forecaster's forecasts from every past origin, beside what came.

    It is fitted anew at each origin on what was known there; one row per origin and horizon.
    """
    data = price_series(forecast_inputs)
    with user_errors_as_failures(), compute.workers():
        table = domain.forecast_history(data, progress=_logged(context))
    return dg.MaterializeResult(
        value=table,
        metadata={
            "dagster/row_count": len(table),
            "origins": table[ORIGIN].nunique(),
            "first_origin": f"{table[ORIGIN].min():%Y-%m}",
            "last_origin": f"{table[ORIGIN].max():%Y-%m}",
            "months_that_came_true": int(table[ACTUAL].notna().sum()),
        },
    )


@dg.asset(group_name="evaluation", kinds={"scikitlearn"}, check_specs=CHECK_SPECS)
def backtest(  # noqa: PLR0917 (each input of an asset is an argument)
    context: dg.AssetExecutionContext,
    config: BacktestWindow,
    compute: Compute,
    forecaster: TrainedForecaster,
    forecast_inputs: pd.DataFrame,
    forecast_history: pd.DataFrame,
    clean_precipitation: pd.DataFrame,
    clean_banco_central: pd.DataFrame,
) -> Iterator[dg.AssetCheckResult | dg.MaterializeResult[pd.DataFrame]]:
    """The forecaster and its baselines on past months, with the checks of the gate."""
    data = price_series(forecast_inputs)
    with user_errors_as_failures(), compute.workers():
        table = domain.backtest(
            data,
            clean_precipitation,
            clean_banco_central,
            first=config.first_month,
            last=config.last_month or None,
            horizon=config.horizon,
            history=forecast_history,
        )
    found = scores(table).set_index([MODEL, HORIZON_COLUMN])
    yield dg.MaterializeResult(
        value=table,
        metadata={
            "dagster/row_count": len(table),
            **{
                f"next_month/{model}/{name}": float(found.loc[(model, 1), name])
                for model in found.index.get_level_values(MODEL).unique()
                for name in ("n", "rmse_clp_per_litre", "mae_clp_per_litre")
            },
            **{
                f"pooled/{FORECASTER}/{name}": float(value)
                for name, value in found.loc[(FORECASTER, POOLED)].dropna().items()
            },
            "report": dg.MetadataValue.md(backtest_report(table)),
            "errors_by_horizon": image_metadata(
                charts.errors_by_horizon(table), alt="errors by horizon"
            ),
            "forecasts": image_metadata(
                charts.forecasts_beside_prices(table, model=FORECASTER), alt="month by month"
            ),
        },
    )
    results = run_checks(
        forecaster,
        backtest=table,
        history=forecast_history,
        promoted=promoted_history(synthetic=is_synthetic(context, dg.AssetKey(FORECASTER))),
    )
    yield from check_results(results)
    require_passed({one.name: one.reason for one in results if not one.passed})


def _logged(context: dg.AssetExecutionContext) -> Progress:
    def log(done: int, total: int) -> None:
        if done % LOGGED_EVERY == 0 or done == total:
            context.log.info(f"forecast from {done} of {total} origins")

    return log
