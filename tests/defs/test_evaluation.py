"""The forecaster's assets on seventeen years of the sample: what they make, and what they say."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from spike_assets.defs.evaluation import backtest, forecast_history
from spike_assets.defs.features import forecast_inputs
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.models import forecaster
from spike_assets.defs.resources import Compute
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.member import SOURCES
from spike_assets.sources.location import DataLocation, read_clean
from spike_assets.training.forecast_inputs import forecast_inputs as put_together
from spike_assets.training.scores import scores

FIRST, LAST = "2000-10", "2017-09"
"""204 months: 85 origins, and months from which the notebook can forecast too."""

RULES = ("last_price", "seasonal_naive", "drift")
PICTURES = {
    "forecaster": {"picture": "forecast of coming months"},
    "backtest": {"errors_by_horizon": "errors by horizon", "forecasts": "month by month"},
}

Tables = Mapping[str, pd.DataFrame]


class Graph:
    """The four assets, on clean tables that are given, with what they left in storage."""

    def __init__(self, tables: Tables, *, instance: dg.DagsterInstance, storage: Path) -> None:
        self.tables = tables
        self.storage = storage
        self.instance = instance

        def given(name: str) -> dg.AssetsDefinition:
            @dg.asset(name=f"clean_{name}")
            def clean() -> dg.MaterializeResult[pd.DataFrame]:
                return dg.MaterializeResult(value=tables[name], metadata={"synthetic": True})

            return clean

        self._assets = [
            *map(given, tables),
            forecast_inputs,
            forecast_history,
            forecaster,
            backtest,
        ]
        self.result = self._built(None, {})

    def backtest(self, **window: Any) -> dg.ExecuteInProcessResult:
        """Materialize the backtest anew, of another window."""
        return self._built(["backtest"], {"ops": {"backtest": {"config": window}}})

    def _built(
        self, names: list[str] | None, run_config: dict[str, Any]
    ) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            self._assets,
            selection=names,
            instance=self.instance,
            resources={
                "compute": Compute(),
                "io_manager": AssetFiles(storage=str(self.storage)),
            },
            run_config=run_config,
            raise_on_error=False,
        )

    def metadata(self, name: str) -> dict[str, Any]:
        """Return the metadata of an asset in the first run."""
        (event,) = self.result.asset_materializations_for_node(name)
        return {key: one.value for key, one in event.metadata.items()}

    def table(self, name: str) -> pd.DataFrame:
        """The table that is in storage now."""
        return pd.read_parquet(self.storage / f"{name}.parquet")

    def trained(self) -> TrainedForecaster:
        """The forecaster that is in storage."""
        return TrainedForecaster.from_bytes((self.storage / "forecaster.skops").read_bytes())


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """The four assets, materialized once for all tests here."""
    tables = read_clean(DataLocation(folder=None))
    prices = tables["milk_price"]
    within = prices["month"].between(FIRST, LAST)
    cut = {**tables, "milk_price": prices[within].reset_index(drop=True)}
    folder = tmp_path_factory.mktemp("forecasting")
    with pytest.MonkeyPatch.context() as patched, dg.DagsterInstance.ephemeral() as instance:
        patched.setenv("BENTOML_HOME", str(folder / "bentoml"))
        yield Graph(cut, instance=instance, storage=folder / "storage")


def test_assets_are_built_from_clean_tables_alone(graph: Graph) -> None:
    """A file each; the gate finds nothing to object to, and no model store is made."""
    assert graph.result.success
    assert {path.name for path in graph.storage.iterdir()} == {
        *("clean_precipitation.parquet", "clean_milk_price.parquet", "clean_banco_central.parquet"),
        "clean_dairy_index.parquet",
        *("forecast_inputs.parquet", "forecast_history.parquet", "backtest.parquet"),
        "forecaster.skops",
    }
    checks = graph.result.get_asset_check_evaluations()
    assert [check.passed for check in checks] == [True] * 5
    assert not (graph.storage.parent / "bentoml").exists()


def test_inputs_are_the_tables_put_together(graph: Graph) -> None:
    """The asset adds nothing to the domain's table but what it says of it."""
    tables = graph.tables
    expected = put_together(tables)

    pd.testing.assert_frame_equal(graph.table("forecast_inputs"), expected, check_freq=False)
    metadata = graph.metadata("forecast_inputs")
    assert (metadata["first_month"], metadata["last_month"]) == (FIRST, LAST)
    assert metadata["dagster/row_count"] == 204
    assert {name: metadata[f"last_month_with/{name}"] for name in ("rain", "world_price")} == {
        "rain": LAST,
        "world_price": LAST,
    }


def test_last_month_of_a_driver_is_told_where_it_ends_early(graph: Graph) -> None:
    """Rain that was last published a year ago is seen at a glance."""
    rain = graph.tables["precipitation"]
    ended = rain[rain["month"] <= "2015-12"]

    result = forecast_inputs(**graph.tables | {"precipitation": ended})

    months = result.value.dropna(subset="rain")["month"]
    assert result.metadata["last_month_with/rain"] == f"{months.max():%Y-%m}"
    assert months.max() < pd.Timestamp("2016-06-01")
    assert result.metadata["last_month_with/world_price"] == LAST


def test_history_has_a_row_for_each_origin_and_horizon(graph: Graph) -> None:
    """From the first origin with ten years before it to the month of the last price."""
    table = graph.table("forecast_history")

    assert len(table) == 85 * 12
    assert not table.duplicated(["origin", "horizon"]).any()
    of_file = {"path", "size_bytes", "stored_sha256"}
    metadata = graph.metadata("forecast_history")
    assert {key: metadata[key] for key in set(metadata) - of_file} == {
        "dagster/row_count": 1020,
        "origins": 85,
        "first_origin": "2010-09",
        "last_origin": LAST,
        "months_that_came_true": 1020 - 78,
    }
    assert table["actual_clp_per_litre"].notna().sum() == 1020 - 78


def test_history_says_in_the_log_how_far_it_is(graph: Graph) -> None:
    """It takes a minute on all the prices, so every fifty origins have a line, and the last."""
    lines = [
        event.user_message
        for event in graph.instance.all_logs(graph.result.run_id)
        if event.step_key == "forecast_history" and event.user_message.startswith("forecast from")
    ]

    assert lines == ["forecast from 50 of 85 origins", "forecast from 85 of 85 origins"]


def test_forecaster_tells_the_coming_months(graph: Graph) -> None:
    """Twelve rows; the figures are the model's own, rounded."""
    metadata = graph.metadata("forecaster")
    rows = [record.data for record in metadata["coming_months"].records]

    assert (metadata["first_month"], metadata["last_month"]) == (FIRST, LAST)
    forecasts = graph.trained().forecast()
    assert [row["month"] for row in rows] == [
        *("2017-10", "2017-11", "2017-12"),
        *(f"2018-{month:02}" for month in range(1, 10)),
    ]
    for row, one in zip(rows, forecasts, strict=True):
        low, high = one.intervals[80]
        assert row["forecast_clp_per_litre"] == round(one.price_clp_per_litre, 2)
        assert row["interval_80"] == f"{low:.1f} to {high:.1f}"
        assert row["interval_95"].split(" to ")[0] == f"{one.intervals[95][0]:.1f}"
        assert {source: row[source] for source in SOURCES} == {
            source: round(clp, 2) for source, clp in one.contributions_clp_per_litre.items()
        }


def test_forecaster_carries_the_scores_of_its_history(graph: Graph) -> None:
    """Of each month since 2014, the same as the backtest finds."""
    metadata, of_backtest = graph.metadata("forecaster"), graph.metadata("backtest")

    assert metadata["next_month/months"] == of_backtest["next_month/forecaster/n"] == 45
    for score in ("rmse_clp_per_litre", "mae_clp_per_litre"):
        assert metadata[f"next_month/{score}"] == of_backtest[f"next_month/forecaster/{score}"]


@pytest.mark.parametrize(
    ("asset", "key", "alt"),
    [(asset, key, alt) for asset, shown in PICTURES.items() for key, alt in shown.items()],
)
def test_picture_is_a_png_in_markdown(graph: Graph, asset: str, key: str, alt: str) -> None:
    """The UI shows it in a dialog, and reads out what it is."""
    start = f"![{alt}](data:image/png;base64,"
    text = graph.metadata(asset)[key]

    assert text.startswith(start)
    assert text.endswith(")")
    content = base64.b64decode(text.removeprefix(start)[:-1], validate=True)
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert content.endswith(b"IEND\xaeB`\x82")


def test_backtest_shows_the_scores_of_its_table(graph: Graph) -> None:
    """Next month for each model, everything pooled for the forecaster; as plain numbers."""
    metadata, table = graph.metadata("backtest"), graph.table("backtest")
    found = scores(table).set_index(["model", "horizon"])

    assert metadata["dagster/row_count"] == len(table)
    for model in ("forecaster", *RULES, "notebook"):
        for score in ("n", "rmse_clp_per_litre", "mae_clp_per_litre"):
            figure = metadata[f"next_month/{model}/{score}"]
            assert type(figure) is float
            assert figure == found.loc[(model, 1), score]
    assert {name for name in metadata if name.startswith("pooled/")} == {
        f"pooled/forecaster/{name}" for name in found.columns
    }
    assert metadata["pooled/forecaster/coverage_80"] == found.loc[("forecaster", 0), "coverage_80"]


def test_backtest_has_every_month_since_2014(graph: Graph) -> None:
    """At each horizon all 45 months by the forecaster and the rules; fewer by the notebook."""
    counts = graph.table("backtest").groupby(["model", "horizon"]).size().unstack()

    assert (counts.loc[["forecaster", *RULES]] == 45).all(axis=None)
    assert 0 < counts.loc["notebook"].max() < 45
    assert graph.table("backtest")["month"].agg(["min", "max"]).tolist() == [
        pd.Timestamp("2014-01-01"),
        pd.Timestamp(LAST),
    ]


def test_backtest_takes_the_forecasters_history_as_it_is(graph: Graph) -> None:
    """Forecasts are not made a second time, and not differently."""
    history = graph.table("forecast_history")
    ours = graph.table("backtest").query("model == 'forecaster'")
    same = history.merge(ours[["origin", "horizon"]], on=["origin", "horizon"], validate="1:1")

    np.testing.assert_array_equal(same["forecast_clp_per_litre"], ours["forecast_clp_per_litre"])


def test_report_of_the_backtest_is_markdown(graph: Graph) -> None:
    """Headings, and tables of as many cells in each row."""
    report = graph.metadata("backtest")["report"]

    headings = [line for line in report.splitlines() if line.startswith("#")]
    assert headings == [
        "### Next month",
        "### RMSE by months ahead",
        "### Significance",
        "### Intervals",
    ]
    assert "Every month from 2014-01 to 2017-09" in report
    for block in report.split("\n\n"):
        if block.startswith("|"):
            assert len({line.count("|") for line in block.splitlines()}) == 1


def test_window_can_be_chosen(graph: Graph) -> None:
    """The launchpad takes first and last month and the horizon; nothing else is forecast."""
    result = graph.backtest(first_month="2015-03", last_month="2016-02", horizon=2)

    (event,) = result.asset_materializations_for_node("backtest")
    table = graph.table("backtest")
    assert event.metadata["dagster/row_count"].value == len(table)
    assert table["month"].agg(["min", "max"]).tolist() == [
        pd.Timestamp("2015-03-01"),
        pd.Timestamp("2016-02-01"),
    ]
    counts = table.groupby(["model", "horizon"]).size().unstack()
    assert counts.columns.tolist() == [1, 2]
    assert (counts.loc[["forecaster", *RULES]] == 12).all(axis=None)
    assert event.metadata["next_month/forecaster/n"].value == 12
    assert "Every month from 2015-03 to 2016-02" in event.metadata["report"].value


@pytest.mark.parametrize(
    ("window", "says"),
    [
        pytest.param(
            {"first_month": "2016-01", "last_month": "2015-01"},
            "no month from 2016-01 to 2015-01 can be scored",
            id="ends-before-it-begins",
        ),
        pytest.param(
            {"first_month": "2030-01"},
            "there are prices from 2000-10 to 2017-09",
            id="after-the-last-price",
        ),
        pytest.param(
            {"first_month": "2001-01", "last_month": "2002-01"},
            "a forecast needs 120 before it",
            id="too-early",
        ),
        pytest.param({"first_month": "2014-13"}, "2014-13", id="no-month"),
        pytest.param({"last_month": "soon"}, "soon", id="no-month-at-all"),
        pytest.param({"horizon": 0}, "horizon", id="horizon-too-short"),
        pytest.param({"horizon": 13}, "horizon", id="horizon-too-long"),
    ],
)
def test_wrong_window_is_a_clear_failure(graph: Graph, window: dict[str, Any], says: str) -> None:
    """In words, before anything is replaced."""
    before = (graph.storage / "backtest.parquet").read_bytes()

    assert says in fault(graph, window)

    assert (graph.storage / "backtest.parquet").read_bytes() == before


def fault(graph: Graph, window: dict[str, Any]) -> str:
    """Return what the UI says of a wrong window, in the launchpad or of the step."""
    try:
        (failure,) = graph.backtest(**window).get_step_failure_events()
    except dg.DagsterInvalidConfigError as error:
        return str(error)
    assert failure.step_failure_data.user_failure_data is not None
    return str(failure.step_failure_data.user_failure_data.description)


@pytest.mark.parametrize("n_months", [121, 155])
def test_too_few_prices_are_a_clear_failure_before_any_fit(
    graph: Graph, instance: dg.DagsterInstance, n_months: int
) -> None:
    """The step tells how many there are, and what they are too few for."""
    prices = graph.tables["milk_price"].tail(n_months).reset_index(drop=True)
    few = {**graph.tables, "milk_price": prices}

    result = Graph(few, instance=instance, storage=graph.storage.parent / str(n_months)).result

    (failure,) = result.get_step_failure_events()
    assert failure.step_key == "forecast_inputs"
    first, last = (f"{prices['month'].iloc[at]:%Y-%m}" for at in (0, -1))
    assert failure.step_failure_data.user_failure_data.description == (
        f"{n_months} months have a milk price, {first} to {last}; a run needs 156: 120 before the "
        "first forecast, and 24 forecasts of 12 months ahead that have come true"
    )
