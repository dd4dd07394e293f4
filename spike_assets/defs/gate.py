"""The gate as asset checks of `backtest`, and as the condition for registering its forecaster."""

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.lineage import raw_origins
from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.synced_store import open_store
from spike_assets.training.backtest import FORECASTER
from spike_assets.training.gate import CHECK_DESCRIPTIONS, CheckResult

BACKTEST = dg.AssetKey("backtest")

PREFIX = "forecaster_"

CHECK_SPECS = [
    dg.AssetCheckSpec(f"{PREFIX}{name}", asset=BACKTEST, description=meaning, blocking=True)
    for name, meaning in CHECK_DESCRIPTIONS.items()
]


def check_results(results: Sequence[CheckResult]) -> Iterator[dg.AssetCheckResult]:
    """Convert the results of the gate to Dagster's."""
    for result in results:
        yield dg.AssetCheckResult(
            check_name=f"{PREFIX}{result.name}",
            passed=bool(result.passed),
            description=result.reason,
            metadata={name: float(figure) for name, figure in result.figures.items()},
        )


def require_passed(failed: Mapping[str, str]) -> None:
    """Stop the run if a check of the gate failed.

    Args:
        failed: The reason of each check that failed, by name.

    Raises:
        Failure: There is one; nothing is registered.
    """
    if failed:
        reasons = "; ".join(f"{name.replace('_', ' ')}: {why}" for name, why in failed.items())
        raise dg.Failure(
            "the forecaster does not pass its gate and is not registered; what was promoted goes "
            f"on serving. {reasons}",
            allow_retries=False,
        )


def require_passed_backtest(context: dg.AssetExecutionContext) -> None:
    """Require that the latest backtest is of the current forecaster and passed its checks.

    The checks hold back what comes after `backtest` in the same run. An asset that is materialized
    on its own comes without them, and so reads their stored results.

    Raises:
        Failure: A check failed or has no result, or an input is newer than the backtest.
    """
    raw_origins(context, BACKTEST)
    materialized = context.instance.get_latest_materialization_event(BACKTEST)
    failed = {}
    for name, spec in zip(CHECK_DESCRIPTIONS, CHECK_SPECS, strict=True):
        record = context.instance.get_latest_asset_check_evaluation_record(spec.key)
        evaluation = record and record.evaluation
        if not (materialized and record and evaluation and record.run_id == materialized.run_id):
            failed[name] = "no result; materialize backtest again"
        elif not evaluation.passed:
            failed[name] = str(evaluation.description)
    require_passed(failed)


def promoted_history(*, synthetic: bool) -> ForecastHistory | None:
    """Load the past forecasts of the promoted forecaster; None if they can't be compared.

    A forecaster that can't be read any more does not keep a new one out. One that was trained on
    other prices, real or synthetic, says nothing about these.
    """
    with user_errors_as_failures():
        store = open_store()
        store.pull(everything=True)
    try:
        tag = store.promoted().get(FORECASTER)
        stored = store.load(tag) if tag else None
    except ModelStoreError:
        return None
    if stored is None or stored.synthetic != synthetic:
        return None
    return stored.model.history if isinstance(stored.model, TrainedForecaster) else None
