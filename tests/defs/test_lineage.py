"""Which raw files an asset was made from, through small chains of assets that really ran."""

from collections.abc import Mapping

import dagster as dg
import pytest

from spike_assets.defs.lineage import RawOrigin, is_synthetic, raw_origins


class Files:
    """The raw files of a test: the hash and the origin that the roots give at the moment."""

    def __init__(self) -> None:
        self.rain = RawOrigin(sha256="a" * 64, synthetic=False)
        self.price = RawOrigin(sha256="b" * 64, synthetic=True)


class Graph:
    """The graph in small, and the question asked in it, as `registered_models` asks it.

    rain ─► clean_rain ──► features ─► model ─► question
    price ─► clean_price ──┴──────────┘
    """

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.files = Files()
        self._instance = instance
        self._answer: Mapping[str, RawOrigin] = {}
        self._synthetic: bool | None = None

        @dg.asset
        def rain() -> dg.MaterializeResult[None]:
            return _root(self.files.rain)

        @dg.asset
        def price() -> dg.MaterializeResult[None]:
            return _root(self.files.price)

        @dg.asset(deps=[rain])
        def clean_rain() -> None: ...

        @dg.asset(deps=[price])
        def clean_price() -> None: ...

        @dg.asset(deps=[clean_rain, clean_price])
        def features() -> None: ...

        @dg.asset(deps=[features, clean_price])
        def model() -> None: ...

        @dg.asset(deps=[model])
        def question(context: dg.AssetExecutionContext) -> None:
            self._answer = raw_origins(context, dg.AssetKey("model"))
            self._synthetic = is_synthetic(context, dg.AssetKey("model"))

        self._assets = [rain, price, clean_rain, clean_price, features, model, question]

    def build(self, *names: str) -> None:
        """Materialize assets, one run each."""
        for name in names:
            dg.materialize(self._assets, selection=[name], instance=self._instance)

    def build_all(self) -> None:
        """Materialize everything but the question, in one run."""
        dg.materialize(self._assets[:-1], instance=self._instance)

    def ask(self) -> Mapping[str, RawOrigin]:
        """Ask for the origins of the model.

        Raises:
            Failure: As it was raised in the step.
        """
        dg.materialize(self._assets, selection=["question"], instance=self._instance)
        return self._answer

    def is_synthetic(self) -> bool | None:
        """Ask whether the model is synthetic."""
        self.ask()
        return self._synthetic


def _root(origin: RawOrigin) -> dg.MaterializeResult[None]:
    return dg.MaterializeResult(
        data_version=dg.DataVersion(origin.sha256), metadata={"synthetic": origin.synthetic}
    )


@pytest.fixture
def graph(instance: dg.DagsterInstance) -> Graph:
    return Graph(instance)


def test_raw_files_are_found_through_every_layer(graph: Graph) -> None:
    """The hashes and the origin of both files, whichever way they came into the model."""
    graph.build_all()

    assert graph.ask() == {
        "rain": RawOrigin(sha256="a" * 64, synthetic=False),
        "price": RawOrigin(sha256="b" * 64, synthetic=True),
    }


def test_assets_built_in_runs_of_their_own_are_followed_too(graph: Graph) -> None:
    """Dagster's record counts, not that it was one run."""
    graph.build("rain", "price", "clean_rain", "clean_price", "features", "model")

    assert graph.ask() == {"rain": graph.files.rain, "price": graph.files.price}


def test_new_files_are_found_once_everything_was_built_again(graph: Graph) -> None:
    """The origins are those of the latest materialization."""
    graph.build_all()
    graph.files.price = RawOrigin(sha256="c" * 64, synthetic=False)
    graph.build_all()

    assert graph.ask()["price"] == RawOrigin(sha256="c" * 64, synthetic=False)


def test_file_that_was_read_again_unchanged_is_no_obstacle(graph: Graph) -> None:
    """The same hash is the same data."""
    graph.build_all()
    graph.build("rain")

    assert graph.ask() == {"rain": graph.files.rain, "price": graph.files.price}


@pytest.mark.parametrize(
    ("rain", "price", "synthetic"),
    [(False, False, False), (True, False, True), (False, True, True), (True, True, True)],
)
def test_one_synthetic_file_makes_what_it_went_into_synthetic(
    graph: Graph, *, rain: bool, price: bool, synthetic: bool
) -> None:
    """Whichever it is; and only real ones make it real."""
    graph.files.rain = RawOrigin(sha256="a" * 64, synthetic=rain)
    graph.files.price = RawOrigin(sha256="b" * 64, synthetic=price)
    graph.build_all()

    assert graph.is_synthetic() is synthetic


@pytest.mark.parametrize(
    ("again", "older", "newer"),
    [
        (["price"], "clean_price", "price"),
        (["features"], "model", "features"),
        (["clean_rain"], "features", "clean_rain"),
        (["price", "clean_price", "model"], "features", "clean_price"),
    ],
    ids=["two-layers-up", "one-layer-up", "in-between", "by-one-way-of-two"],
)
def test_input_that_was_materialized_again_is_a_failure(
    graph: Graph, *, again: list[str], older: str, newer: str
) -> None:
    """The model's origin is gone; the failure names both assets and what to do."""
    graph.build_all()
    graph.files.price = RawOrigin(sha256="c" * 64, synthetic=False)
    graph.build(*again)

    with pytest.raises(dg.Failure) as failure:
        graph.ask()

    assert failure.value.description == (
        f"{older} is older than its input {newer}: materialize {older} again"
    )
    assert failure.value.allow_retries is False


@pytest.mark.parametrize("home", [None, "/other instance"])
def test_asset_that_was_never_materialized_is_a_failure_that_names_the_instance(
    graph: Graph, monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    """Its value may well be there: another instance has the record of it."""
    if home:
        monkeypatch.setenv("DAGSTER_HOME", home)
    else:
        monkeypatch.delenv("DAGSTER_HOME", raising=False)

    with pytest.raises(dg.Failure) as failure:
        graph.ask()

    assert failure.value.description == (
        f"model was never materialized on this Dagster instance (DAGSTER_HOME is {home or 'unset'})"
        ": set DAGSTER_HOME to the instance that its value comes from, or materialize it"
    )
    assert failure.value.allow_retries is False


@pytest.mark.parametrize("name", ["price", "clean_price", "model"])
def test_reported_materialization_is_a_failure_that_says_what_to_materialize(
    graph: Graph, instance: dg.DagsterInstance, name: str
) -> None:
    """*Report materialization* in the UI says nothing of what the asset was made from."""
    graph.build_all()
    instance.report_runless_asset_event(dg.AssetMaterialization(name))

    with pytest.raises(dg.Failure) as failure:
        graph.ask()

    assert failure.value.description == (
        f"the latest materialization of {name} was reported, not run, so what it was made from is "
        f"unknown: materialize {name}"
    )
    assert failure.value.allow_retries is False
