"""Stored asset values: what is written is read back, and a killed writer leaves the old value."""

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import dagster as dg
import numpy as np
import pandas as pd
import pytest

from spike_assets.defs import clean, raw
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.resources import DataFolder, ReceivedAnswers
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.models.serialization import to_skops
from tests.support.child_processes import CHILDREN, PATIENCE_S, started_child
from tests.support.forecast_case import trained
from tests.support.s3_server import BUCKET, S3Server, s3_server_of_the_environment
from tests.support.tiny_regressor import rows, tiny_regressor

RAW = pd.DataFrame(
    {"Anio": ["2014", "2014"], "Precio_leche": ["205.1", ""]},
    index=pd.Index([2, 4], name="line"),
    dtype="str",
)
CLEAN = pd.DataFrame(
    {
        "month": pd.to_datetime(["2014-01-01", "2014-02-01"]),
        "price_clp_per_litre": [205.1, float("nan")],
        "tag": ["model1:x", "model2:y"],
        "count": [1, 2],
    }
)


@pytest.fixture(scope="module")
def server(free_port, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server_of_the_environment(free_port(), tmp_path_factory.mktemp("s3")) as server:
        yield server


def write(storage: str, name: str, value: Any) -> dict[str, Any]:
    """Store a value as an asset's; return the metadata that this adds."""
    context = dg.build_output_context(asset_key=dg.AssetKey(name))
    AssetFiles(storage=storage).handle_output(context, value)
    return {key: one.value for key, one in context.get_logged_metadata().items()}


def read(storage: str, name: str, *, kind: type = pd.DataFrame) -> Any:
    """Load what an asset has, as an input of this type."""
    context = dg.build_input_context(
        asset_key=dg.AssetKey(name), dagster_type=dg.PythonObjectDagsterType(kind)
    )
    return AssetFiles(storage=storage).load_input(context)


@pytest.mark.parametrize("table", [RAW, CLEAN], ids=["raw", "clean"])
@pytest.mark.parametrize(
    "place",
    ["a folder", "an address of a folder", "memory://tables", f"s3://{BUCKET}/tables", "s3://milk"],
)
@pytest.mark.usefixtures("server")
def test_table_comes_back_as_it_was(tmp_path: Path, table: pd.DataFrame, place: str) -> None:
    """Types, missing values, an index and its name survive, in a folder and at an fsspec URL."""
    storage = {
        "a folder": str(tmp_path / "not" / "there" / "yet"),
        "an address of a folder": f"file://{tmp_path}/tables",
    }.get(place, place)

    metadata = write(storage, "some_table", table)

    pd.testing.assert_frame_equal(read(storage, "some_table"), table, check_freq=False)
    assert metadata["path"].endswith("/some_table.parquet")
    assert metadata["size_bytes"] > 0
    if place == "a folder":
        assert metadata["size_bytes"] == (Path(storage) / "some_table.parquet").stat().st_size


@pytest.mark.parametrize("name", ["model1", "model2"])
def test_model_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    """A regressor is a skops file, and predicts the same to the last bit."""
    regressor = tiny_regressor(name)

    metadata = write(str(tmp_path), name, regressor)
    loaded = read(str(tmp_path), name, kind=TrainedRegressor)

    assert metadata["path"] == str(tmp_path / f"{name}.skops")
    assert loaded.predict(rows(seed=1)).tobytes() == regressor.predict(rows(seed=1)).tobytes()
    assert (loaded.months, loaded.parameters) == (regressor.months, regressor.parameters)


def test_forecaster_comes_back_as_it_was(tmp_path: Path) -> None:
    """It is a skops file too, and forecasts the same to the last bit, what moves it included."""
    forecaster = trained()

    metadata = write(str(tmp_path), "forecaster", forecaster)
    loaded = read(str(tmp_path), "forecaster", kind=TrainedForecaster)

    assert metadata["path"] == str(tmp_path / "forecaster.skops")
    assert loaded.forecast() == forecaster.forecast()
    assert loaded.metrics == forecaster.metrics


def test_value_is_replaced_and_another_asset_is_untouched(tmp_path: Path) -> None:
    """The second value is there alone, without a temporary file beside it."""
    write(str(tmp_path), "one", RAW)
    other = write(str(tmp_path), "other", RAW)

    write(str(tmp_path), "one", CLEAN)

    pd.testing.assert_frame_equal(read(str(tmp_path), "one"), CLEAN)
    pd.testing.assert_frame_equal(read(str(tmp_path), "other"), RAW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.parquet", "other.parquet"]
    assert other["path"] == str(tmp_path / "other.parquet")


@pytest.mark.parametrize(
    ("config", "environment", "folder"),
    [
        ("configured", "from_environment", "configured"),
        ("", "from_environment", "from_environment"),
        ("", "", "storage"),
        ("", None, "storage"),
        ("~/at_home", None, "at_home"),
        ("", "~/at_home", "at_home"),
    ],
)
def test_configuration_goes_before_environment_before_default(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    config: str,
    environment: str | None,
    folder: str,
) -> None:
    """Values are in `storage` unless `SPIKE_STORAGE` or the run's configuration says otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    if environment is None:
        monkeypatch.delenv("SPIKE_STORAGE", raising=False)
    else:
        monkeypatch.setenv("SPIKE_STORAGE", environment)

    write(config, "some_table", RAW)

    assert [path.name for path in tmp_path.iterdir()] == [folder]
    pd.testing.assert_frame_equal(read(config, "some_table"), RAW)


def test_value_goes_through_a_run(tmp_path: Path, instance: dg.DagsterInstance) -> None:
    """An asset is given what another one returned, and each materialization says where it is."""
    received = []

    @dg.asset
    def upstream() -> pd.DataFrame:
        return RAW

    @dg.asset
    def downstream(upstream: pd.DataFrame) -> dg.MaterializeResult[pd.DataFrame]:
        received.append(upstream)
        return dg.MaterializeResult(value=CLEAN)

    result = dg.materialize(
        [upstream, downstream],
        instance=instance,
        resources={"io_manager": AssetFiles(storage=str(tmp_path))},
    )

    pd.testing.assert_frame_equal(received[0], RAW)
    paths = [
        one.materialization.metadata["path"] for one in result.get_asset_materialization_events()
    ]
    assert [path.value for path in paths] == [
        str(tmp_path / "upstream.parquet"),
        str(tmp_path / "downstream.parquet"),
    ]


@pytest.mark.parametrize("place", ["a folder", "memory://empty", f"s3://{BUCKET}/empty"])
@pytest.mark.usefixtures("server")
def test_missing_value_is_a_failure_that_says_what_to_materialize(
    tmp_path: Path, instance: dg.DagsterInstance, place: str
) -> None:
    """It names the asset and the place, and is not tried again."""
    storage = str(tmp_path) if place == "a folder" else place

    @dg.asset
    def upstream() -> pd.DataFrame:
        return RAW

    @dg.asset(retry_policy=dg.RetryPolicy(max_retries=3))
    def downstream(upstream: pd.DataFrame) -> pd.DataFrame:
        return upstream

    result = dg.materialize(
        [upstream, downstream],
        selection=[downstream],
        instance=instance,
        resources={"io_manager": AssetFiles(storage=storage)},
        raise_on_error=False,
    )

    (failure,) = result.get_step_failure_events()
    assert failure.step_failure_data.user_failure_data.description == (
        f"upstream has no value in {storage} yet: materialize it first"
    )
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)


@pytest.fixture
def other_instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as other:
        yield other


CHANGED = (
    "the storage changed under this Dagster instance: {file} is not what it stored last. Run again "
    "(in the UI, materialize upstream first), and give each Dagster instance a SPIKE_STORAGE of "
    "its own"
)


class TwoInstances:
    """Two Dagster instances with one storage.

    Attributes:
        upstream: What the asset of this name returns at the moment.
        meddled: Run after it and before the next one, in the same run.
        received: What the next one was given.
    """

    def __init__(self, storage: str) -> None:
        self.upstream = RAW
        self.meddled: Callable[[], object] = list
        self.received: list[pd.DataFrame] = []
        self.storage = storage

        @dg.asset
        def upstream() -> pd.DataFrame:
            return self.upstream

        @dg.asset(deps=[upstream])
        def meddler() -> None:
            self.meddled()

        @dg.asset(deps=[meddler], retry_policy=dg.RetryPolicy(max_retries=3))
        def downstream(upstream: pd.DataFrame) -> None:
            self.received.append(upstream)

        self.assets = [upstream, meddler, downstream]

    def build(self, instance: dg.DagsterInstance, *names: str) -> dg.ExecuteInProcessResult:
        """Materialize assets, all if none is named."""
        return dg.materialize(
            self.assets,
            selection=names or None,
            instance=instance,
            resources={"io_manager": AssetFiles(storage=self.storage)},
            raise_on_error=False,
        )


EVERY_STORAGE = pytest.mark.parametrize(
    "place", ["a folder", "memory://shared", f"s3://{BUCKET}/shared"]
)


@EVERY_STORAGE
@pytest.mark.usefixtures("server")
def test_run_ends_when_another_instance_changes_what_it_stored(
    tmp_path: Path, instance: dg.DagsterInstance, other_instance: dg.DagsterInstance, place: str
) -> None:
    """It reads nothing of the other's, says so in one sentence, and is not tried again."""
    storage = str(tmp_path) if place == "a folder" else place
    two = TwoInstances(storage)

    def meddle() -> None:
        two.upstream = CLEAN
        assert two.build(other_instance, "upstream").success

    two.meddled = meddle
    result = two.build(instance)

    assert failures(result) == [CHANGED.format(file=f"{storage}/upstream.parquet")]
    assert not result.filter_events(lambda event: event.is_step_up_for_retry)
    assert two.received == []


def test_run_goes_on_when_another_instance_stores_the_same(
    tmp_path: Path, instance: dg.DagsterInstance, other_instance: dg.DagsterInstance
) -> None:
    """The same value is the same data, whoever wrote it."""
    two = TwoInstances(str(tmp_path))
    two.meddled = lambda: two.build(other_instance, "upstream")

    assert two.build(instance).success
    pd.testing.assert_frame_equal(two.received[0], RAW)


def test_later_run_of_a_part_reads_only_what_its_instance_stored(
    tmp_path: Path, instance: dg.DagsterInstance, other_instance: dg.DagsterInstance
) -> None:
    """Another instance or an editor changed it; materializing it again helps.

    `load_asset_value` is of no run, and reads what is there.
    """
    two = TwoInstances(str(tmp_path))
    file = tmp_path / "upstream.parquet"
    two.build(instance)
    two.upstream = CLEAN
    two.build(other_instance)
    received = len(two.received)

    for change in (list, lambda: CLEAN.tail(1).to_parquet(file)):
        change()
        assert failures(two.build(instance, "downstream")) == [CHANGED.format(file=file)]
    assert len(two.received) == received
    there = dg.Definitions(
        [two.assets[0]], resources={"io_manager": AssetFiles(storage=two.storage)}
    )
    assert len(there.load_asset_value("upstream", instance=instance)) == 1

    two.build(instance, "upstream")
    assert two.build(instance, "downstream").success
    pd.testing.assert_frame_equal(two.received[-1], CLEAN)


def test_value_without_a_record_in_the_instance_is_read(
    tmp_path: Path, instance: dg.DagsterInstance, other_instance: dg.DagsterInstance
) -> None:
    """It was never materialized there, or reported in the UI: registration refuses these."""
    two = TwoInstances(str(tmp_path))
    two.build(other_instance, "upstream")

    assert two.build(instance, "downstream").success
    instance.report_runless_asset_event(dg.AssetMaterialization("upstream"))
    assert two.build(instance, "downstream").success

    assert len(two.received) == 2


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    return [
        event.step_failure_data.user_failure_data.description
        for event in result.get_step_failure_events()
    ]


ON_S3 = AssetFiles(storage=f"s3://{BUCKET}/graph")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("clean_milk_price", b"PAR1 cut off"),
        ("forecaster", b"PK cut off"),
        ("forecaster", to_skops({"data": 1, "learners": []})),
    ],
    ids=["damaged-table", "damaged-model", "model-of-other-code"],
)
def test_unreadable_value_is_a_failure_that_says_what_to_materialize(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """One sentence with the file, the reason and what to do."""
    file = tmp_path / f"{name}{'.skops' if name == 'forecaster' else '.parquet'}"
    file.write_bytes(content)

    with pytest.raises(dg.Failure) as raised:
        read(str(tmp_path), name)

    says = rf"{re.escape(str(file))} can't be read by this version \(.+\): materialize {name} again"
    assert re.fullmatch(says, str(raised.value.description))


@pytest.mark.usefixtures("server")
def test_raw_tables_become_clean_ones_in_a_bucket(
    data_folder: Path, instance: dg.DagsterInstance
) -> None:
    """The clean ones are built by a run of their own, from what the first one left there."""
    assets = [
        *raw.RAW_ASSETS,
        *clean.CLEAN_ASSETS,
    ]
    resources = {
        "data": DataFolder(folder=str(data_folder)),
        "io_manager": ON_S3,
        "received": ReceivedAnswers(storage=ON_S3.storage),
    }
    for group in ("raw", "clean"):
        result = dg.materialize(
            assets,
            selection=dg.AssetSelection.groups(group),
            instance=instance,
            resources=resources,
        )

    for event in result.get_asset_materialization_events():
        metadata = event.materialization.metadata
        name = event.asset_key.to_user_string()
        assert metadata["path"].value == f"s3://{BUCKET}/graph/{name}.parquet"
        pd.testing.assert_frame_equal(
            read(f"s3://{BUCKET}/graph", name), result.asset_value(event.asset_key)
        )


@pytest.mark.parametrize("fault", ["no bucket", "no answer", "no URL"])
def test_storage_that_does_not_work_fails_the_step_in_words(
    instance: dg.DagsterInstance, server: S3Server, fault: str
) -> None:
    """Writing and reading say where and why, without a traceback; a retry may do better."""

    @dg.asset
    def upstream() -> pd.DataFrame:
        return RAW

    @dg.asset
    def downstream(upstream: pd.DataFrame) -> pd.DataFrame:
        return upstream

    def run(storage: str, asset: dg.AssetsDefinition) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            [upstream, downstream],
            selection=[asset],
            instance=instance,
            resources={"io_manager": AssetFiles(storage=storage)},
            raise_on_error=False,
        )

    storage, expected = {
        "no bucket": ("s3://nowhere", r"s3://nowhere/upstream\.parquet: refused with NoSuch.+"),
        "no answer": (
            f"s3://{BUCKET}/x",
            rf"s3://{BUCKET}/x/upstream\.parquet: no answer from {server.url} \(.+\)",
        ),
        "no URL": ("s3://", r"'s3:/*' is not what was expected, s3://bucket/prefix"),
    }[fault]
    if fault == "no answer":
        with server.away():
            results = [run(storage, upstream), run(storage, downstream)]
    else:
        results = [run(storage, upstream), run(storage, downstream)]

    for result in results:
        (failure,) = failures(result)
        assert re.fullmatch(expected, failure)


def big_table(seed: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(100_000, 4))
    return pd.DataFrame(values, columns=list("abcd"))


def write_for_ever(storage: str, started: Event) -> None:
    tables = big_table(1), big_table(2)
    while True:
        for table in tables:
            write(storage, "big", table)
            started.set()


def test_writer_that_is_killed_at_any_moment_leaves_a_whole_value(tmp_path: Path) -> None:
    """Eight writers of 3 MB killed at various moments: one of their two tables, whole."""
    storage = str(tmp_path)
    write(storage, "other", RAW)
    tables = big_table(1), big_table(2)
    for milliseconds in range(0, 80, 10):  # writing takes about 50
        started = CHILDREN.Event()
        writer = started_child(write_for_ever, storage, started)
        assert started.wait(PATIENCE_S)
        writer.join(milliseconds / 1000)
        writer.kill()
        writer.join(PATIENCE_S)
        assert writer.exitcode == -signal.SIGKILL

        found = read(storage, "big")
        assert any(found.equals(table) for table in tables)
    pd.testing.assert_frame_equal(read(storage, "other"), RAW)


def write_and_die(storage: str, event: str) -> None:
    def die(happening: str, arguments: tuple[Any, ...]) -> None:
        if happening == event and "some_table" in str(arguments[0]):
            os.kill(os.getpid(), signal.SIGKILL)

    write(storage, "warm-up", CLEAN)
    sys.addaudithook(die)
    write(storage, "some_table", CLEAN)


@pytest.mark.parametrize("event", ["open", "os.rename"])
def test_writer_that_dies_before_the_rename_leaves_the_old_value(
    tmp_path: Path, event: str
) -> None:
    """Neither an empty temporary file nor a full one is ever taken for the value."""
    write(str(tmp_path), "some_table", RAW)
    writer = started_child(write_and_die, str(tmp_path), event)
    writer.join(PATIENCE_S)
    assert writer.exitcode == -signal.SIGKILL

    pd.testing.assert_frame_equal(read(str(tmp_path), "some_table"), RAW)
    write(str(tmp_path), "some_table", CLEAN)
    pd.testing.assert_frame_equal(read(str(tmp_path), "some_table"), CLEAN)
