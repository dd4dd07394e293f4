"""The forecaster as assets: what it is given, what it would have said, itself, and its backtest."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from spike_assets import charts
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.gate import CHECK_SPECS, check_results, require_passed, run_gate
from spike_assets.defs.image_metadata import image_metadata
from spike_assets.defs.lineage import is_synthetic
from spike_assets.defs.resources import Compute
from spike_assets.defs.table_metadata import COMING_MONTHS, column_schema, table_metadata
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.price_series import HORIZON
from spike_assets.series.catalogue import MONTH, PRICE
from spike_assets.training import backtest as domain
from spike_assets.training.backtest import FORECASTER, Progress
from spike_assets.training.forecast_frame import ACTUAL, FORECAST, HORIZON_COLUMN, MODEL, ORIGIN
from spike_assets.training.forecast_inputs import DRIVER_SERIES, price_series
from spike_assets.training.forecast_inputs import forecast_inputs as forecast_inputs_table
from spike_assets.training.forecaster import train_forecaster
from spike_assets.training.metrics import POOLED, scores
from spike_assets.training.report import backtest_report

LOGGED_EVERY = 50
"""Origins between two lines of progress in the log."""


class BacktestWindow(dg.Config):
    """Which months are forecast in the backtest."""

    first_month: str = domain.FIRST_TARGET
    last_month: str = ""
    """Empty for the month of the last price."""
    horizon: int = HORIZON


@dg.asset(group_name="features", kinds={"pandas"}, metadata=column_schema([PRICE, *DRIVER_SERIES]))
def forecast_inputs(
    clean_precipitation: pd.DataFrame,
    clean_milk_price: pd.DataFrame,
    clean_banco_central: pd.DataFrame,
) -> dg.MaterializeResult[pd.DataFrame]:
    """Each month's price, beside the drivers as published by the first day of the month after."""
    with user_errors_as_failures():
        table = forecast_inputs_table(clean_precipitation, clean_milk_price, clean_banco_central)
    last_known = {
        f"last_month_with/{series.name}": f"{table.dropna(subset=series.name)[MONTH].max():%Y-%m}"
        for series in DRIVER_SERIES
    }
    return dg.MaterializeResult(value=table, metadata={**table_metadata(table), **last_known})


@dg.asset(group_name="evaluation", kinds={"scikitlearn"})
def forecast_history(
    context: dg.AssetExecutionContext, compute: Compute, forecast_inputs: pd.DataFrame
) -> dg.MaterializeResult[pd.DataFrame]:
    """What the forecaster would have said at each month since it had enough to learn from.

    Fitted anew at every origin on what was known there; a row for each origin and horizon, beside
    what came.
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
    """The forecaster and its rivals on past months, and whether it may go into service."""
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
    synthetic = is_synthetic(context, dg.AssetKey(forecaster.name))
    verdicts = run_gate(
        forecaster,
        inputs=forecast_inputs,
        history=forecast_history,
        backtest=table,
        synthetic=synthetic,
    )
    yield from check_results(verdicts)
    require_passed(verdicts)


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


def _logged(context: dg.AssetExecutionContext) -> Progress:
    def log(done: int, total: int) -> None:
        if done % LOGGED_EVERY == 0 or done == total:
            context.log.info(f"forecast from {done} of {total} origins")

    return log
