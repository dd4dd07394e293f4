"""Effect of a table that breaks its contract on a run and on storage."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from spike_assets.definitions import defs
from spike_assets.defs import clean, raw
from spike_assets.defs.checks import Checked, contract_specs, validated
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.resources import DataFolder, ReceivedAnswers
from spike_assets.sources import milk_price

PRICE = "price_clp_per_litre"

BLOCKING = {
    "has_its_columns_and_types",
    "has_one_row_per_month",
    "has_every_month_in_order",
    "holds_plausible_values",
    "has_no_month_of_the_future",
}
WARNING = {"is_fresh", "looks_like_the_last_accepted_version"}
OF_THE_JOIN = {"has_enough_months_in_common"}
"""Blocks as well, of monthly_features alone."""

TABLES = (
    *("clean_precipitation", "clean_milk_price", "clean_banco_central", "clean_dairy_index"),
    "monthly_features",
)
CHECKS = {
    *(f"{table}_{sentence}" for table in TABLES for sentence in BLOCKING | WARNING),
    *(f"monthly_features_{sentence}" for sentence in OF_THE_JOIN),
}


def prices(*values: float, last: pd.Timestamp | str = "2021-02") -> pd.DataFrame:
    """Return a price table of as many months as there are values, to the last one."""
    months = pd.date_range(end=pd.Timestamp(last), periods=len(values), freq="MS", unit="us")
    return pd.DataFrame({"month": months, PRICE: list(values)})


def this_month() -> pd.Timestamp:
    return pd.Timestamp.now().to_period("M").start_time


GOOD = prices(213.02, 219.03, 227.45)


class Graph:
    """The price table of a test, held to its contract, and what is made from it.

    price ─► doubled
    """

    def __init__(self, instance: dg.DagsterInstance, storage: Path) -> None:
        self.table = GOOD
        self._instance = instance
        self._storage = storage

        @dg.asset(check_specs=contract_specs("price"), retry_policy=dg.RetryPolicy(max_retries=1))
        def price(context: dg.AssetExecutionContext) -> Checked:
            result = dg.MaterializeResult(value=self.table, metadata={"origin": "a test"})
            yield from validated(
                context, result, schema=milk_price.SOURCE.schema, name="prices.csv"
            )

        @dg.asset
        def doubled(price: pd.DataFrame) -> pd.DataFrame:
            return price.assign(**{PRICE: price[PRICE] * 2})

        self._assets = [price, doubled]

    def build(self, table: pd.DataFrame) -> dg.ExecuteInProcessResult:
        """Materialize both assets, from a table."""
        self.table = table
        return dg.materialize(
            self._assets,
            instance=self._instance,
            resources={
                "io_manager": AssetFiles(storage=str(self._storage)),
                "received": ReceivedAnswers(storage=str(self._storage)),
            },
            raise_on_error=False,
        )

    @property
    def stored(self) -> Mapping[str, bytes]:
        """The bytes of every file in storage."""
        return {path.name: path.read_bytes() for path in self._storage.glob("**/*.*")}


@pytest.fixture
def graph(instance: dg.DagsterInstance, tmp_path: Path) -> Graph:
    return Graph(instance, tmp_path / "storage")


def checks(
    result: dg.ExecuteInProcessResult, *, asset: str = "price"
) -> dict[str, dg.AssetCheckEvaluation]:
    """The checks that were evaluated, without the name of their asset."""
    return {
        one.check_name.removeprefix(f"{asset}_"): one
        for one in result.get_asset_check_evaluations()
    }


def passed(result: dg.ExecuteInProcessResult, *, asset: str = "price") -> dict[str, bool]:
    return {name: one.passed for name, one in checks(result, asset=asset).items()}


def figures(check: dg.AssetCheckEvaluation) -> dict[str, Any]:
    """The metadata of a check; rows of a table as cells in order."""
    return {
        key: [tuple(record.data.values()) for record in one.records]
        if isinstance(one, dg.TableMetadataValue)
        else one.value
        for key, one in check.metadata.items()
    }


def fault(result: dg.ExecuteInProcessResult) -> str:
    """Return the UI's description of the one step that failed."""
    (event,) = result.get_step_failure_events()
    assert event.step_key == "price"
    return str(event.step_failure_data.user_failure_data.description)


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]


def announced() -> dict[str, dg.AssetCheckSpec]:
    specs = [spec for asset in defs.resolve_asset_graph().assets_defs for spec in asset.check_specs]
    # Those of the backtest judge a forecaster, not a table: see test_gate.
    return {spec.name: spec for spec in specs if spec.asset_key != dg.AssetKey("backtest")}


def test_the_monthly_tables_have_these_checks() -> None:
    """Alerts and bookmarks go by name."""
    assert set(announced()) == CHECKS


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_check_is_a_sentence_about_its_asset_and_blocks_if_training_must_not_see_the_fault(
    name: str,
) -> None:
    """The name goes on from the asset's; the description is a sentence of its own."""
    spec = announced()[name]
    asset = spec.asset_key.to_user_string()

    assert name.startswith(f"{asset}_")
    assert spec.blocking == (name.removeprefix(f"{asset}_") in BLOCKING | OF_THE_JOIN)
    assert str(spec.description)[0].isupper()
    assert str(spec.description).endswith(".")
    assert " " in str(spec.description)


def test_good_table_passes_what_blocks_and_is_stored(graph: Graph) -> None:
    """A warning is told and stops nothing."""
    result = graph.build(GOOD)

    assert result.success
    assert passed(result) == dict.fromkeys(BLOCKING | WARNING, True) | {"is_fresh": False}
    assert materialized(result) == ["price", "doubled"]
    assert set(graph.stored) == {"price.parquet", "doubled.parquet"}


def test_good_table_keeps_its_own_metadata_beside_the_profile(graph: Graph) -> None:
    """The profile is what the next version is compared with."""
    (event,) = graph.build(GOOD).asset_materializations_for_node("price")

    assert event.metadata["origin"].value == "a test"
    assert event.metadata["profile"].value == {
        PRICE: {"median": 219.03, "spread": pytest.approx(7.215)}
    }


@pytest.mark.parametrize(
    ("table", "sentence", "rows", "description"),
    [
        pytest.param(
            GOOD.assign(**{PRICE: [213.02, 219030.0, -1.0]}),
            "holds_plausible_values",
            [
                ("2021-01", PRICE, "219030.0", "1 to 2000 CLP per litre"),
                ("2021-02", PRICE, "-1.0", "1 to 2000 CLP per litre"),
            ],
            "holds_plausible_values (2): "
            "2021-01 price_clp_per_litre 219030.0, expected 1 to 2000 CLP per litre",
            id="value",
        ),
        pytest.param(
            GOOD.drop(index=1).reset_index(drop=True),
            "has_every_month_in_order",
            [("2021-02", "month", "2021-02-01", "has_every_month_in_order")],
            "has_every_month_in_order (1): "
            "2021-02 month 2021-02-01, expected has_every_month_in_order",
            id="gap",
        ),
        pytest.param(
            GOOD.assign(month=GOOD["month"] + pd.Timedelta(days=14)),
            "has_one_row_per_month",
            [
                (f"{day:%Y-%m}", "month", f"{day:%Y-%m-%d}", "has_one_row_per_month")
                for day in GOOD["month"] + pd.Timedelta(days=14)
            ],
            "has_one_row_per_month (3): 2020-12 month 2020-12-15, expected has_one_row_per_month",
            id="day",
        ),
        pytest.param(
            GOOD.assign(**{PRICE: [213, 219, 227]}),
            "has_its_columns_and_types",
            [("", PRICE, "int64", "dtype('float64')")],
            "has_its_columns_and_types (1): price_clp_per_litre int64, expected dtype('float64')",
            id="type",
        ),
    ],
)
def test_table_that_breaks_its_contract_fails_a_check_and_the_step_and_is_not_stored(
    graph: Graph,
    *,
    table: pd.DataFrame,
    sentence: str,
    rows: list[tuple[str, ...]],
    description: str,
) -> None:
    """The fault is shown where it is looked for, and the value of the run before stays."""
    assert graph.build(GOOD).success
    before = graph.stored

    result = graph.build(table)

    failed = {name: one for name, one in checks(result).items() if not one.passed}
    assert list(failed) == [sentence]
    assert failed[sentence].severity == dg.AssetCheckSeverity.ERROR
    assert failed[sentence].blocking
    assert figures(failed[sentence]) == {"violations": len(rows), "first": rows}
    assert fault(result) == f"prices.csv breaks its contract: {description}"
    assert materialized(result) == []
    assert graph.stored == before


def test_first_table_that_breaks_its_contract_leaves_no_file(graph: Graph) -> None:
    """There is nothing that a later run of the next asset alone could read."""
    assert not graph.build(GOOD.assign(**{PRICE: 0.0})).success

    assert graph.stored == {}


def test_table_that_breaks_its_contract_is_not_made_again(graph: Graph) -> None:
    """It would be the same, so the asset's right to another try is not used."""
    result = graph.build(GOOD.assign(**{PRICE: 0.0}))

    assert result.filter_events(lambda event: event.is_step_up_for_retry) == []


def test_every_sentence_that_is_broken_is_told(graph: Graph) -> None:
    """Two faults are mended in one go."""
    table = GOOD.drop(index=1).reset_index(drop=True).assign(**{PRICE: [0.0, 227.45]})

    result = graph.build(table)

    assert passed(result) == {
        "has_its_columns_and_types": True,
        "has_one_row_per_month": True,
        "has_every_month_in_order": False,
        "holds_plausible_values": False,
    }
    assert fault(result) == (
        "prices.csv breaks its contract: has_every_month_in_order (1): "
        "2021-02 month 2021-02-01, expected has_every_month_in_order; "
        "holds_plausible_values (1): "
        "2020-12 price_clp_per_litre 0.0, expected 1 to 2000 CLP per litre"
    )


def test_no_more_than_ten_rows_are_shown_and_all_are_counted(graph: Graph) -> None:
    """A thousand wrong cells are no use on a screen."""
    (check,) = [one for one in checks(graph.build(prices(*[0.0] * 25))).values() if not one.passed]

    shown = figures(check)
    assert shown["violations"] == 25
    assert [row[0] for row in shown["first"]] == [
        f"{month:%Y-%m}" for month in prices(*[0.0] * 25)["month"].head(10)
    ]


def test_month_of_the_future_blocks(graph: Graph) -> None:
    """No price is known before it is paid."""
    assert graph.build(GOOD).success
    before = graph.stored
    next_month = this_month() + pd.DateOffset(months=1)

    result = graph.build(prices(213.02, 219.03, last=next_month))

    assert not passed(result)["has_no_month_of_the_future"]
    assert figures(checks(result)["has_no_month_of_the_future"]) == {
        "last_month": f"{next_month:%Y-%m}"
    }
    assert fault(result) == (
        f"prices.csv reaches into the future: its last month is {next_month:%Y-%m}, and the "
        f"current month is {this_month():%Y-%m}"
    )
    assert materialized(result) == []
    assert graph.stored == before


@pytest.mark.parametrize(("age_months", "fresh"), [(0, True), (4, True), (5, False)])
def test_table_is_fresh_for_four_months(graph: Graph, *, age_months: int, fresh: bool) -> None:
    """Beyond them it is a warning, and the run goes on."""
    last = this_month() - pd.DateOffset(months=age_months)

    result = graph.build(prices(213.02, 219.03, last=last))

    check = checks(result)["is_fresh"]
    assert check.passed == fresh
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert figures(check) == {"last_month": f"{last:%Y-%m}", "age_months": age_months}
    assert result.success
    assert materialized(result) == ["price", "doubled"]


def test_data_of_2021_is_not_fresh(graph: Graph) -> None:
    """The published files end there."""
    assert not passed(graph.build(GOOD))["is_fresh"]


def test_same_table_again_looks_like_the_last_version(graph: Graph) -> None:
    """And so does one with a month more."""
    graph.build(GOOD)

    for table in (GOOD, prices(213.02, 219.03, 227.45, 222.0, last="2021-03")):
        assert passed(graph.build(table))["looks_like_the_last_accepted_version"]


def test_table_of_another_size_warns_with_the_figures_and_goes_on(graph: Graph) -> None:
    """It may be right, and a person can see what moved."""
    graph.build(GOOD)

    result = graph.build(GOOD.assign(**{PRICE: [21.0, 22.0, 24.0]}))

    check = checks(result)["looks_like_the_last_accepted_version"]
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    assert figures(check)["violations"] == 1
    ((column, before, after, spread),) = figures(check)["first"]
    assert (column, before, after) == (PRICE, "219.03", "22.0")
    assert float(spread) == pytest.approx(7.215)
    assert materialized(result) == ["price", "doubled"]


def test_version_that_was_accepted_with_a_warning_is_the_next_one_to_compare_with(
    graph: Graph,
) -> None:
    """It warns once."""
    moved = GOOD.assign(**{PRICE: [21.0, 22.0, 24.0]})
    graph.build(GOOD)

    seen = [passed(graph.build(moved))["looks_like_the_last_accepted_version"] for _ in range(2)]

    assert seen == [False, True]


@pytest.mark.parametrize(
    "refused",
    [
        prices(21.0, 22.0, 0.0),
        prices(21.0, 22.0, 24.0, last=this_month() + pd.DateOffset(months=1)),
    ],
    ids=["contract", "future"],
)
def test_version_that_was_refused_is_not_compared_with(graph: Graph, refused: pd.DataFrame) -> None:
    """Whatever came between, the last version that was stored is the one."""
    graph.build(GOOD)
    assert not graph.build(refused).success

    like_the_good = graph.build(GOOD)
    assert not graph.build(refused).success
    like_the_refused = graph.build(prices(21.0, 22.0, 24.0))

    assert passed(like_the_good)["looks_like_the_last_accepted_version"]
    assert not passed(like_the_refused)["looks_like_the_last_accepted_version"]


def test_version_that_was_stored_before_there_were_profiles_warns_of_nothing(
    graph: Graph, instance: dg.DagsterInstance
) -> None:
    """A first run after an upgrade compares with nothing."""
    instance.report_runless_asset_event(dg.AssetMaterialization("price"))

    assert passed(graph.build(GOOD))["looks_like_the_last_accepted_version"]


def test_clean_table_of_the_sample_passes_what_blocks(
    instance: dg.DagsterInstance, data_folder: Path, tmp_path: Path
) -> None:
    """The asset itself is held to its contract; another price of milk is a warning."""

    def build() -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [raw.raw_asset(milk_price.SOURCE), clean.clean_asset(milk_price.SOURCE)],
            instance=instance,
            resources={
                "data": DataFolder(folder=str(data_folder)),
                "io_manager": AssetFiles(storage=str(tmp_path / "storage")),
                "received": ReceivedAnswers(storage=str(tmp_path / "storage")),
            },
        )

    first = passed(build(), asset="clean_milk_price")
    path = data_folder / "precio_leche.csv"
    header, *lines = path.read_text().splitlines()
    tripled = [
        f"{year},{month},{float(price) * 3:.2f}"
        for year, month, price in (line.split(",") for line in lines)
    ]
    path.write_text("\n".join([header, *tripled]))
    second = passed(build(), asset="clean_milk_price")

    assert first == dict.fromkeys(BLOCKING | WARNING, True) | {"is_fresh": False}
    assert second == first | {"looks_like_the_last_accepted_version": False}
