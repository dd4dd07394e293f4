"""The gate in the graph: what keeps a forecaster out, what that leaves behind, what lets it in."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from spike_assets.defs.deployment import promoted_models, registered_models
from spike_assets.defs.evaluation import backtest
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.resources import Compute
from spike_assets.models.forecast_features import last_row
from spike_assets.models.forecaster import TrainedForecaster, forecast_prices
from spike_assets.models.price_series import HORIZON, LEVELS, PriceSeries
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.registry.model_store import ModelStore
from spike_assets.series.catalogue import PRICE_CLP_PER_LITRE
from spike_assets.training.backtest import FORECASTER
from spike_assets.training.forecast_frame import ACTUAL, FORECAST, forecast_table, lower, upper
from spike_assets.training.forecaster import train_forecaster
from tests.support.forecast_case import fitted, made_up, tables
from tests.support.tiny_regressor import tiny_regressor
from tests.support.tiny_store import files_in, flip_a_byte, folder_of

MODELS = ("model1", "model2", "forecaster")
KINDS = {
    "forecaster": TrainedForecaster,
    "model1": TrainedRegressor,
    "model2": TrainedRegressor,
}
BEFORE_REGISTRATION = (
    *("clean_precipitation", "clean_banco_central", "forecast_inputs", "forecast_history"),
    *("forecaster", "model1", "model2", "backtest"),
)
FIRST_ORIGIN = 119
HOLDS = (0.9, 1.1)
MISSES = (1.02, 1.03)
CHECKS = (
    "beats_last_price",
    "is_no_worse_than_the_promoted_one",
    "covers_what_its_intervals_say",
    "forecasts_finite_positive_prices",
    "is_reproducible",
)
CLP = "clp_per_litre"


def told(*, too_high: float = 0.01, misses: Mapping[int, int] | None = None) -> pd.DataFrame:
    """Return a history of forecasts that were all off by the same share of what came.

    Those of the coming months are what the forecaster forecasts.

    Args:
        too_high: That share.
        misses: By level, of how many intervals one misses.
    """
    data = made_up()
    known = np.append(data.price_clp_per_litre, np.repeat(data.price_clp_per_litre[-1], HORIZON))
    forecasts = {
        origin: (1 + too_high) * known[origin + 1 : origin + 1 + HORIZON]
        for origin in range(FIRST_ORIGIN, len(data) - 1)
    } | {len(data) - 1: forecast_prices(fitted(), data, last_row(data))}
    table = forecast_table(FORECASTER, data, forecasts)
    came = table[ACTUAL].notna()
    for level, one_in in (misses or {80: 5, 95: 20}).items():
        missed = came & (came.cumsum() % one_in == 0)
        for end, held, off in zip((lower, upper), HOLDS, MISSES, strict=True):
            table[end(level)] = table[FORECAST] * np.where(missed, off, held)
    return table


@cache
def good() -> TrainedForecaster:
    return train_forecaster(made_up(), told())


def with_infinite_intervals() -> TrainedForecaster:
    return replace(good(), half_widths={level: np.repeat(np.inf, HORIZON) for level in LEVELS})


def trained_on_other_prices() -> TrainedForecaster:
    return train_forecaster(made_up(seed=1), told())


@dataclass
class Given:
    """The forecaster and the history that the gate gets to see."""

    forecaster: TrainedForecaster
    history: pd.DataFrame
    synthetic: bool = False


class Graph:
    """The end of the graph, from the backtest on; what comes before it is given.

    forecaster, forecast_history, … ─► backtest ─► registered_models ─► promoted_models
    """

    def __init__(self, instance: dg.DagsterInstance, storage: Path) -> None:
        self.given = Given(good(), told())
        self.storage = storage
        self.instance = instance
        data, clean = made_up(), tables(made_up(), macro_from=140)  # too few for the notebook
        values: Mapping[str, Callable[[], Any]] = {
            "clean_precipitation": lambda: clean.precipitation,
            "clean_banco_central": lambda: clean.banco_central,
            "forecast_inputs": lambda: inputs(data),
            "forecast_history": lambda: self.given.history,
            "forecaster": lambda: self.given.forecaster,
            "model1": lambda: tiny_regressor("model1"),
            "model2": lambda: tiny_regressor("model2"),
        }
        self._assets = [
            *(self._root(name, value) for name, value in values.items()),
            *(backtest, registered_models, promoted_models),
        ]

    def build(self, *names: str) -> dg.ExecuteInProcessResult:
        """Materialize assets, all if none is named."""
        return dg.materialize(
            self._assets,
            selection=names or None,
            instance=self.instance,
            resources={
                "compute": Compute(),
                "io_manager": AssetFiles(storage=str(self.storage)),
            },
            raise_on_error=False,
        )

    def _root(self, name: str, value: Callable[[], Any]) -> dg.AssetsDefinition:
        def root() -> dg.MaterializeResult[Any]:
            return dg.MaterializeResult(value=value(), metadata={"synthetic": self.given.synthetic})

        root.__annotations__["return"] = dg.MaterializeResult[KINDS.get(name, pd.DataFrame)]
        return dg.asset(name=name)(root)


def inputs(data: PriceSeries) -> pd.DataFrame:
    months = data.months.astype("datetime64[us]")
    return pd.DataFrame(
        {"month": months, PRICE_CLP_PER_LITRE: data.price_clp_per_litre, **data.drivers}
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "True")
    return ModelStore()


@pytest.fixture
def graph(instance: dg.DagsterInstance, store: ModelStore, tmp_path: Path) -> Graph:
    return Graph(instance, tmp_path / "storage")


def promote(store: ModelStore, forecaster: TrainedForecaster, *, synthetic: bool = False) -> str:
    """Serve a forecaster; give its tag."""
    tag = store.register(forecaster, data_versions={"prices": "a" * 64}, synthetic=synthetic)
    store.promote({"forecaster": tag}, reason="before")
    return tag


@cache
def nearly_perfect() -> TrainedForecaster:
    """Return one whose forecasts were a tenth as far off as those of `good`."""
    return train_forecaster(made_up(), told(too_high=0.001))


@cache
def hopeless() -> TrainedForecaster:
    """Return one that anything is better than."""
    return train_forecaster(made_up(), told(too_high=0.3))


def checks(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {
        one.check_name.removeprefix("forecaster_"): one
        for one in result.get_asset_check_evaluations()
    }


def passed(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {name: one.passed for name, one in checks(result).items()}


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """Return the UI's description of each step that failed."""
    return {
        str(event.step_key): str(event.step_failure_data.user_failure_data.description)
        for event in result.get_step_failure_events()
    }


@dataclass(frozen=True)
class Fault:
    """Something that a check is there for.

    Attributes:
        given: The forecaster and history with this fault, and no other.
        figures: What the check shows.
        reason: What it says; a regular expression.
    """

    given: Callable[[], Given]
    figures: set[str]
    reason: str


FAULTS = {
    "beats_last_price": Fault(
        lambda: Given(good(), told(too_high=0.05)),
        {f"rmse_{CLP}", f"rmse_of_last_price_{CLP}"},
        r"RMSE 13\.47 against 10\.59 of the last price \(\+27\.2%; at most -15%\)",
    ),
    "is_no_worse_than_the_promoted_one": Fault(
        lambda: Given(good(), told()),
        {f"rmse_{CLP}", f"rmse_of_promoted_{CLP}", "months"},
        r"RMSE 2\.69 against 0\.27 of the promoted one on 30 months \(\+900\.0%; at most \+2%\)",
    ),
    "covers_what_its_intervals_say": Fault(
        lambda: Given(good(), told(misses={80: 2, 95: 20})),
        {"coverage_80", "coverage_95"},
        r"the 80 % interval holds 30\.3% \(from 70% to 90%\), "
        r"the 95 % interval holds 92\.1% \(from 88% to 100%\)",
    ),
    "forecasts_finite_positive_prices": Fault(
        lambda: Given(with_infinite_intervals(), told()),
        {f"lowest_{CLP}", f"highest_{CLP}"},
        r"from 0\.00 to inf CLP per litre",
    ),
    "is_reproducible": Fault(
        lambda: Given(trained_on_other_prices(), told()),
        {f"largest_difference_{CLP}"},
        r"fitted again, the forecasts differ by \d\S+ CLP per litre at most",
    ),
}
REFUSED = (
    r"the forecaster does not pass its gate and is not registered; what was promoted goes on "
    r"serving\. "
)


def refusal(name: str) -> str:
    return f"{REFUSED}{name.replace('_', ' ')}: {FAULTS[name].reason}"


def test_each_check_has_a_fault_here() -> None:
    """A new check comes with a forecaster that fails it."""
    assert tuple(FAULTS) == CHECKS
    assert [spec.name for spec in backtest.check_specs] == [f"forecaster_{name}" for name in CHECKS]


def test_checks_of_the_gate_block_and_say_what_they_check() -> None:
    """Later assets wait for all five; each has a sentence of its own."""
    specs = list(backtest.check_specs)

    assert all(spec.blocking for spec in specs)
    assert len({spec.description for spec in specs}) == len(CHECKS)
    assert all(str(spec.description).endswith(".") for spec in specs)


@pytest.mark.parametrize("name", CHECKS)
def test_forecaster_that_fails_a_check_is_not_registered(
    graph: Graph, store: ModelStore, name: str
) -> None:
    """The check shows figures and reason, the step says the same, and the store is as it was."""
    promote(store, nearly_perfect() if "promoted" in name else hopeless())
    before = files_in(store.home)
    graph.given = FAULTS[name].given()

    result = graph.build()

    assert passed(result) == {check: check != name for check in CHECKS}
    check = checks(result)[name]
    assert check.severity == dg.AssetCheckSeverity.ERROR
    assert check.blocking
    assert re.fullmatch(FAULTS[name].reason, str(check.description))
    assert set(check.metadata) == FAULTS[name].figures
    assert all(isinstance(one.value, float) for one in check.metadata.values())
    ((step, reason),) = failures(result).items()
    assert step == "backtest"
    assert re.fullmatch(refusal(name), reason)
    assert {"registered_models", "promoted_models"}.isdisjoint(materialized(result))
    assert files_in(store.home) == before
    if name != "is_reproducible":  # see the next test
        assert_refused_alone(graph, store, name)


def assert_refused_alone(graph: Graph, store: ModelStore, name: str) -> None:
    """Materialize what comes after the backtest: nobody gets round the checks by a click."""
    before = files_in(store.home)

    result = graph.build("registered_models", "promoted_models")

    assert list(failures(result)) == ["registered_models"]
    assert re.fullmatch(refusal(name), failures(result)["registered_models"])
    assert result.filter_events(lambda event: event.is_step_up_for_retry) == []
    assert materialized(result) == []
    assert files_in(store.home) == before


def test_forecaster_that_is_not_reproducible_is_not_registered_alone(
    graph: Graph, store: ModelStore
) -> None:
    """The backtest said that it is not what its inputs give."""
    graph.given = FAULTS["is_reproducible"].given()
    graph.build(*BEFORE_REGISTRATION)

    assert_refused_alone(graph, store, "is_reproducible")


def test_forecaster_that_is_newer_than_its_backtest_is_not_registered(
    graph: Graph, store: ModelStore
) -> None:
    """Another one was judged."""
    graph.build()
    before = store.promoted()
    graph.given = Given(trained_on_other_prices(), told())
    graph.build("forecaster")

    result = graph.build("registered_models", "promoted_models")

    assert "backtest" in failures(result)["registered_models"]
    assert store.promoted() == before


@pytest.mark.parametrize("changed", ["model1", "forecaster", "backtest"])
def test_what_another_instance_stored_is_not_registered(
    graph: Graph, store: ModelStore, changed: str
) -> None:
    """It would carry the names of data that it was not trained on."""
    graph.build(*BEFORE_REGISTRATION)
    with dg.DagsterInstance.ephemeral() as other:
        graph_of_other = Graph(other, graph.storage)
        graph_of_other.given = Given(trained_on_other_prices(), told(too_high=0.02), synthetic=True)
        graph_of_other.build(*BEFORE_REGISTRATION if changed == "backtest" else [changed])

    result = graph.build("registered_models", "promoted_models")

    ((step, reason),) = failures(result).items()
    assert step == "registered_models"
    assert reason.startswith(f"the storage changed under this Dagster instance: {graph.storage}/")
    assert store.versions() == []


def test_set_that_another_instance_registered_is_not_promoted(
    graph: Graph, store: ModelStore
) -> None:
    """The run promotes its own set or none."""
    graph.build(*BEFORE_REGISTRATION, "registered_models")
    with dg.DagsterInstance.ephemeral() as other:
        Graph(other, graph.storage).build(*BEFORE_REGISTRATION, "registered_models")

    result = graph.build("promoted_models")

    assert failures(result)["promoted_models"].startswith(
        "the storage changed under this Dagster instance: "
    )
    assert store.promoted() == {}


def test_every_fault_is_told_at_once_and_the_backtest_is_kept(graph: Graph) -> None:
    """Two reasons are two reasons; table, report and pictures are there to be looked at."""
    graph.given = Given(with_infinite_intervals(), told(too_high=0.05))

    result = graph.build(*BEFORE_REGISTRATION)

    assert "beats last price: RMSE 13.47" in failures(result)["backtest"]
    assert "forecasts finite positive prices: from 0.00 to inf" in failures(result)["backtest"]
    (event,) = result.asset_materializations_for_node("backtest")
    assert {"report", "errors_by_horizon", "forecasts"} <= set(event.metadata)
    assert (graph.storage / "backtest.parquet").exists()


def test_forecaster_that_passes_is_promoted_with_the_regressors_in_one_line(
    graph: Graph, store: ModelStore
) -> None:
    """Three versions with pictures and origins, and one line that names the run."""
    promote(store, hopeless())

    result = graph.build()

    assert result.success
    assert passed(result) == dict.fromkeys(CHECKS, True)
    _, line = store.promotions_file.read_text().splitlines()
    assert json.loads(line)["reason"] == f"run {result.run_id}"
    tags = json.loads(line)["promoted"]
    assert sorted(tags) == sorted(MODELS)
    served = store.load_promoted()
    assert {name: one.tag for name, one in served.items()} == tags
    for name in MODELS:
        assert set(served[name].metadata["data_versions"]) == {name}  # the roots of this graph
        picture = folder_of(store, tags[name]) / "backtest.png"
        assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert served["forecaster"].model.forecast() == good().forecast()
    for name in ("registered_models", "promoted_models"):
        (event,) = result.asset_materializations_for_node(name)
        assert {model: event.metadata[model].value for model in MODELS} == tags
        table = pd.read_parquet(graph.storage / f"{name}.parquet")
        assert dict(table.itertuples(index=False)) == tags


def test_same_forecaster_again_is_no_worse_than_itself(graph: Graph, store: ModelStore) -> None:
    """A run on the same files goes through as often as one likes."""
    assert graph.build().success

    result = graph.build("backtest")

    assert result.success
    check = checks(result)["is_no_worse_than_the_promoted_one"]
    assert check.metadata["months"].value == 30
    assert check.metadata[f"rmse_{CLP}"].value == check.metadata[f"rmse_of_promoted_{CLP}"].value


@pytest.mark.parametrize("synthetic", [False, True])
def test_promoted_forecaster_is_compared_with_only_if_it_is_of_the_same_kind_of_data(
    graph: Graph, store: ModelStore, *, synthetic: bool
) -> None:
    """Scores on the sample say nothing of the real prices, nor the other way."""
    name = "is_no_worse_than_the_promoted_one"
    graph.given.synthetic = synthetic
    promote(store, nearly_perfect(), synthetic=not synthetic)

    beside_other_data = graph.build()
    promote(store, nearly_perfect(), synthetic=synthetic)
    beside_its_like = graph.build("backtest")

    assert beside_other_data.success
    assert checks(beside_other_data)[name].description == "no promoted one to compare with"
    assert not passed(beside_its_like)[name]


def test_run_on_the_sample_leaves_promoted_real_models(graph: Graph, store: ModelStore) -> None:
    """It registers, and both the log and the metadata say why it did not promote, and how to."""
    assert graph.build().success
    real = store.promoted()
    graph.given.synthetic = True

    result = graph.build()

    assert result.success
    assert store.promoted() == real
    (event,) = result.asset_materializations_for_node("registered_models")
    new = {name: event.metadata[name].value for name in MODELS}
    assert {store.load(tag).synthetic for tag in new.values()} == {True}
    (event,) = result.asset_materializations_for_node("promoted_models")
    assert {name: event.metadata[name].value for name in MODELS} == real
    why = str(event.metadata["not_promoted"].value)
    assert why.startswith("models of the synthetic sample do not replace real ones by themselves")
    assert all(tag in why for tag in (*real.values(), *new.values()))
    assert f"Not promoted: {why}" in warnings_in(graph, result)
    table = pd.read_parquet(graph.storage / "promoted_models.parquet")
    assert dict(table.itertuples(index=False)) == real


def warnings_in(graph: Graph, result: dg.ExecuteInProcessResult) -> list[str]:
    return [
        entry.user_message
        for entry in graph.instance.all_logs(result.run_id)
        if entry.level == logging.WARNING
    ]


@pytest.mark.parametrize(("before", "after"), [(True, True), (True, False), (False, False)])
def test_run_promotes_where_nothing_real_is_lost(
    graph: Graph, store: ModelStore, *, before: bool, after: bool
) -> None:
    """On an empty store, over models of the sample, and real ones over real ones."""
    for graph.given.synthetic in (before, after):
        result = graph.build()

        assert result.success
        (event,) = result.asset_materializations_for_node("registered_models")
        assert {name: event.metadata[name].value for name in MODELS} == store.promoted()
        (event,) = result.asset_materializations_for_node("promoted_models")
        assert "not_promoted" not in event.metadata


def damage(store: ModelStore, tag: str) -> None:
    flip_a_byte(folder_of(store, tag))


def remove(store: ModelStore, tag: str) -> None:
    folder_of(store, tag).rename(store.home / "elsewhere")


def write_with_other_libraries(store: ModelStore, tag: str) -> None:
    file = folder_of(store, tag) / "model.yaml"
    text = file.read_text()
    assert "scikit-learn: " in text
    file.write_text(re.sub(r"scikit-learn: \S+", "scikit-learn: 0.1.2", text))


def damage_the_history(store: ModelStore, tag: str) -> None:
    store.promotions_file.write_text("half a li")


@pytest.mark.parametrize("happen", [damage, remove, write_with_other_libraries, damage_the_history])
def test_promoted_forecaster_that_cannot_be_read_is_no_obstacle(
    graph: Graph, store: ModelStore, happen: Callable[[ModelStore, str], None]
) -> None:
    """A new one is the way out, so it must not be kept out, however good the old one was."""
    old = promote(store, nearly_perfect())
    happen(store, old)

    result = graph.build(*BEFORE_REGISTRATION)

    assert result.success
    assert checks(result)["is_no_worse_than_the_promoted_one"].description == (
        "no promoted one to compare with"
    )
