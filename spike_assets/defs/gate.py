"""The gate as asset checks, and the same gate once more where models are registered."""

from collections.abc import Iterator, Sequence

import dagster as dg
import pandas as pd

from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.models.forecaster import ForecastHistory, TrainedForecaster
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.synced_store import open_store
from spike_assets.training import gate
from spike_assets.training.backtest import FORECASTER
from spike_assets.training.forecast_inputs import price_series
from spike_assets.training.forecaster import train_forecaster

CHECK_SPECS = [
    dg.AssetCheckSpec(f"forecaster_{name}", asset="backtest", description=meaning, blocking=True)
    for name, meaning in gate.SENTENCES.items()
]


def run_gate(
    candidate: TrainedForecaster,
    *,
    inputs: pd.DataFrame,
    history: pd.DataFrame,
    backtest: pd.DataFrame,
    synthetic: bool,
) -> list[gate.Verdict]:
    """Judge a forecaster, beside the one that is promoted if they can be compared.

    Args:
        candidate: The forecaster.
        inputs: What it was trained on; it is trained on it again, and read back.
        history: What it would have forecast.
        backtest: Its backtest.
        synthetic: Whether it was trained on the embedded sample.
    """
    again = train_forecaster(price_series(inputs), history)
    return gate.verdicts(
        candidate,
        TrainedForecaster.from_bytes(again.to_bytes()),
        backtest=backtest,
        promoted=_promoted_history(synthetic=synthetic),
    )


def check_results(verdicts: Sequence[gate.Verdict]) -> Iterator[dg.AssetCheckResult]:
    """Show verdicts as the results of the checks."""
    for verdict in verdicts:
        yield dg.AssetCheckResult(
            check_name=f"forecaster_{verdict.name}",
            passed=bool(verdict.passed),
            description=verdict.reason,
            metadata={name: float(figure) for name, figure in verdict.figures.items()},
        )


def require_passed(verdicts: Sequence[gate.Verdict]) -> None:
    """Stop what would put a forecaster into service that does not pass.

    Raises:
        Failure: It does not; nothing is registered.
    """
    failed = [f"{one.name.replace('_', ' ')}: {one.reason}" for one in verdicts if not one.passed]
    if failed:
        raise dg.Failure(
            "the forecaster does not pass its gate and is not registered; what was promoted goes "
            "on serving. " + "; ".join(failed),
            allow_retries=False,
        )


def _promoted_history(*, synthetic: bool) -> ForecastHistory | None:
    """Give what the promoted forecaster would have said; None if there is nothing to compare.

    A forecaster that can't be read any more is no reason to keep a new one out, and one that was
    trained on other prices, real or synthetic, says nothing about these.
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
