"""From the three files to clean tables, as runs of the assets."""

import csv
import hashlib
import io
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from spike_assets.defs import clean, raw
from spike_assets.defs.failures import user_errors_as_failures
from spike_assets.defs.io_manager import AssetFiles
from spike_assets.defs.resources import DataFolder, ReceivedAnswers
from spike_assets.sample.sample import sample_files
from spike_assets.series.catalogue import PRICE_CLP_PER_LITRE, REGIONS
from spike_assets.sources.errors import DataError

FILES = {
    "raw_precipitation": "precipitaciones.csv",
    "raw_milk_price": "precio_leche.csv",
    "raw_banco_central": "banco_central.csv",
}
ASSETS = [*raw.RAW_ASSETS, *clean.CLEAN_ASSETS]

Build = Callable[..., dg.ExecuteInProcessResult]


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def build(data_folder: Path, storage: Path, instance: dg.DagsterInstance) -> Build:
    """A build of assets by name, from the test's own folder of data or from another."""

    def build(*names: str, folder: str | None = None) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            ASSETS,
            selection=list(names),
            instance=instance,
            resources={
                "data": DataFolder(folder=str(data_folder) if folder is None else folder),
                "io_manager": AssetFiles(storage=str(storage)),
                "received": ReceivedAnswers(storage=str(storage)),
            },
            raise_on_error=False,
        )

    return build


def of_file(stored: Path) -> dict[str, Any]:
    """Return what the I/O manager says of a stored file."""
    content = stored.read_bytes()
    return {
        "path": str(stored),
        "size_bytes": len(content),
        "stored_sha256": hashlib.sha256(content).hexdigest(),
    }


def metadata_of(result: dg.ExecuteInProcessResult, name: str) -> dict[str, Any]:
    (event,) = result.asset_materializations_for_node(name)
    return {key: one.value for key, one in event.metadata.items()}


def data_version_of(instance: dg.DagsterInstance, name: str) -> str | None:
    event = instance.get_latest_materialization_event(dg.AssetKey(name))
    return event and event.asset_materialization.tags["dagster/data_version"]


def faults(result: dg.ExecuteInProcessResult) -> Mapping[str, str]:
    """Return the steps that failed, and the UI's description of each."""
    return {
        event.step_key: event.step_failure_data.user_failure_data.description
        for event in result.get_step_failure_events()
    }


def warnings_in(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> list[str]:
    """Return the warnings that the UI shows in the run's log."""
    entries = instance.all_logs(result.run_id)
    return [entry.user_message for entry in entries if entry.level == logging.WARNING]


def replace_in(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert content.count(old) == 1
    path.write_bytes(content.replace(old, new))


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("raw_precipitation", 496, 9),
        ("raw_milk_price", 506, 3),
        ("raw_banco_central", 614, 85),
    ],
)
def test_raw_asset_is_the_file_as_it_stands(
    build: Build,
    instance: dg.DagsterInstance,
    data_folder: Path,
    storage: Path,
    *,
    name: str,
    rows: int,
    columns: int,
) -> None:
    """Its data version is the hash of the file, its cells are those of the file, as text."""
    path = data_folder / FILES[name]
    content = path.read_bytes()

    result = build(name)

    assert warnings_in(instance, result) == []
    sha256 = hashlib.sha256(content).hexdigest()
    assert data_version_of(instance, name) == sha256
    stored = storage / f"{name}.parquet"
    assert metadata_of(result, name) == {
        "source": str(path),
        "synthetic": False,
        "sha256": sha256,
        "dagster/row_count": rows,
        "columns": columns,
        **of_file(stored),
    }
    header, *cells = csv.reader(io.StringIO(content.decode(), newline=""))
    table = pd.read_parquet(stored)
    assert list(table.columns) == header
    assert table.to_numpy().tolist() == cells
    assert table.index.name == "line"
    assert table.index[0] == 2


def test_sample_says_that_it_is_synthetic(
    build: Build,
    instance: dg.DagsterInstance,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With no folder named and no `data` here: both in the metadata and in the log of the run."""
    monkeypatch.delenv("SPIKE_DATA_DIR", raising=False)
    monkeypatch.chdir(tmp_path / "data")

    result = build("raw_milk_price", folder="")

    metadata = metadata_of(result, "raw_milk_price")

    assert metadata["synthetic"] is True
    assert metadata["source"].startswith("precio_leche.csv of the embedded sample (SYNTHETIC")
    assert metadata["sha256"] == hashlib.sha256(sample_files()["precio_leche.csv"]).hexdigest()
    assert warnings_in(instance, result) == [
        "precio_leche.csv: read from the embedded sample (SYNTHETIC, not real prices)"
    ]


def test_folder_may_be_named_by_the_environment(
    build: Build, tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SPIKE_DATA_DIR` is read where the configuration names no folder, and only there."""
    other = shutil.copytree(data_folder, tmp_path / "other")
    monkeypatch.setenv("SPIKE_DATA_DIR", str(other))

    sources = [
        metadata_of(build("raw_milk_price", folder=folder), "raw_milk_price")["source"]
        for folder in ("", str(data_folder))
    ]

    assert sources == [str(folder / "precio_leche.csv") for folder in (other, data_folder)]


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


LATIN_1 = "Año,Mes,Precio_leche\n2014,Ene,205\n".encode("latin-1")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (Path.unlink, "{folder}: lacks precio_leche.csv; expected precipitaciones.csv, precio_"),
        (make_a_folder, "{file}: is a directory; expected a CSV file"),
        (b"", "{file}: is empty; expected a header with 'Anio', 'Mes', 'Precio_leche'"),
        (b"Anio,Mes,Precio_leche\n", "{file}: has a header and no rows"),
        (
            b"Anio,Mes,Price\n2014,Ene,205\n",
            "{file}: lacks 'Precio_leche'; its header is 'Anio', 'Mes', 'Price'",
        ),
        (
            b"Anio,Mes,Precio_leche\n2014,Ene\n",
            "{file}, line 2: 2 cells where the header has 3",
        ),
        (LATIN_1, "{file}: byte 1 is not UTF-8; expected a CSV file in UTF-8"),
    ],
    ids=["missing", "a-folder", "empty", "no-rows", "other-columns", "torn-row", "latin-1"],
)
def test_file_that_cannot_be_read_stops_the_step_and_overwrites_nothing(
    build: Build,
    instance: dg.DagsterInstance,
    data_folder: Path,
    storage: Path,
    *,
    damage: Callable[[Path], object] | bytes,
    message: str,
) -> None:
    """The failure names the file and what was expected; the table of the run before stays."""
    names = ("raw_milk_price", "clean_milk_price")
    assert build(*names).success
    before = {path.name: path.read_bytes() for path in storage.iterdir()}
    versions = [data_version_of(instance, name) for name in names]
    file = data_folder / "precio_leche.csv"
    if isinstance(damage, bytes):
        file.write_bytes(damage)
    else:
        damage(file)

    result = build(*names)

    assert not result.success
    ((step, description),) = faults(result).items()
    assert step == "raw_milk_price"
    assert description.startswith(message.format(folder=data_folder, file=file))
    assert {path.name: path.read_bytes() for path in storage.iterdir()} == before
    assert [data_version_of(instance, name) for name in names] == versions


def test_first_run_on_an_unreadable_file_stores_nothing(
    build: Build, data_folder: Path, storage: Path
) -> None:
    """No empty table is left that a later run could take for data."""
    (data_folder / "precio_leche.csv").write_bytes(b"")

    assert not build("raw_milk_price", "clean_milk_price").success

    assert not storage.exists()


@pytest.mark.parametrize(
    ("source", "old", "new", "message"),
    [
        (
            "milk_price",
            b"1979,Feb,",
            b"1979,Fbe,",
            "precio_leche.csv, line 3, column 'Mes': 'Fbe'; expected one of Ene, Feb, Mar",
        ),
        (
            "milk_price",
            b"1979,Feb,",
            b"1979,Feb,~",
            "precio_leche.csv, line 3, column 'Precio_leche': '~",
        ),
        ("precipitation", b"\n2000-01-01,", b"\n2000-01-32,", "precipitaciones.csv, line "),
        (
            "banco_central",
            b"\n2014-01-01 00:00:00 UTC,",
            b"\nJanuary 2014,",
            "banco_central.csv, line ",
        ),
    ],
    ids=["month", "price", "date", "period"],
)
def test_cell_that_cannot_be_read_stops_the_cleaning_and_overwrites_nothing(
    build: Build,
    data_folder: Path,
    storage: Path,
    *,
    source: str,
    old: bytes,
    new: bytes,
    message: str,
) -> None:
    """The failure names file, line, column and value; the clean table of the run before stays."""
    names = (f"raw_{source}", f"clean_{source}")
    build(*names)
    before = (storage / f"clean_{source}.parquet").read_bytes()
    replace_in(data_folder / FILES[names[0]], old, new)

    result = build(*names)

    ((step, description),) = faults(result).items()
    assert step == f"clean_{source}"
    assert description.startswith(message)
    assert "; expected " in description
    assert (storage / f"clean_{source}.parquet").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "picture", "series", "n_rows", "last_month"),
    [
        ("clean_precipitation", "rain_by_region", REGIONS, 496, "2020-04"),
        ("clean_milk_price", "price_history", [PRICE_CLP_PER_LITRE], 506, "2021-02"),
    ],
)
def test_clean_asset_says_its_months_and_repairs(
    build: Build,
    storage: Path,
    *,
    name: str,
    picture: str,
    series: Sequence[str],
    n_rows: int,
    last_month: str,
) -> None:
    """A repair that was not needed is counted too: 0 is a finding. Beside it stands a picture."""
    result = build(name.replace("clean", "raw"), name)

    stored = storage / f"{name}.parquet"
    said = metadata_of(result, name)
    assert said.pop(picture).startswith(f"![{picture.replace('_', ' ')}](data:image/png;base64,")
    assert set(said.pop("profile")) == set(series)
    assert said == {
        "dagster/row_count": n_rows,
        "columns": 1 + len(series),
        "first_month": "1979-01",
        "last_month": last_month,
        "months_left_out": 0,
        "repairs/repeated_months": 0,
        "repairs/unusual_values": 0,
        **of_file(stored),
    }


def test_repairs_are_listed_in_the_metadata(build: Build) -> None:
    """Line, column, value and what was done, for as many cells as a person reads."""
    metadata = metadata_of(build("raw_banco_central", "clean_banco_central"), "clean_banco_central")

    lists = {
        key: [dict(record.data) for record in value.records]
        for key, value in metadata.items()
        if key.startswith("listed/") and key != "listed/decimals_by_series"
    }
    assert {key: len(rows) for key, rows in lists.items()} == {
        "listed/impossible_periods": 1,
        "listed/repeated_months": 2,
        "listed/unreadable_cells": 10,
        "listed/restored_decimals": 10,
        "listed/doubtful_decimals": 10,
        "listed/dates_for_numbers": 7,
    }
    (impossible,) = lists["listed/impossible_periods"]
    assert impossible == {
        "line": "91",
        "column": "Periodo",
        "value": "2020-13-01 00:00:00 UTC",
        "done": "row left out: there is no such month",
    }
    by_series = [record.data for record in metadata["listed/decimals_by_series"].records]
    assert sum(int(one["restored"]) for one in by_series) == metadata["repairs/restored_decimals"]


def test_repairs_of_the_macroeconomic_series_are_counted(build: Build, data_folder: Path) -> None:
    """One row or cell more that needs a repair is one more in the metadata."""
    names = ("raw_banco_central", "clean_banco_central")
    path = data_folder / "banco_central.csv"
    header, *rows = csv.reader(io.StringIO(path.read_text(), newline=""))
    unreadable = {
        (row[0], column)
        for row in rows
        for column, cell in zip(header, row, strict=True)
        if cell == "a"
    }
    first = metadata_of(build(*names), names[1])

    old = next(row for row in rows if row[0].startswith("1990-05"))
    old[header.index("PIB")] = "a"
    rows.append(old)
    rows.append(["2014-00-01 00:00:00 UTC", *old[1:]])
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    second = metadata_of(build(*names), names[1])

    assert first["repairs/impossible_periods"] == 1
    assert first["repairs/repeated_months"] == 2
    assert first["repairs/unreadable_cells"] == len(unreadable) > 0
    assert first["repairs/restored_decimals"] > 10_000
    assert 0 < first["repairs/doubtful_decimals"] < 200
    repairs = [key for key in first if key.startswith("repairs/") and type(first[key]) is int]
    assert {key: second[key] - first[key] for key in repairs} == {
        "repairs/impossible_periods": 1,
        "repairs/repeated_months": 1,
        "repairs/unreadable_cells": 1,
        "repairs/restored_decimals": 0,
        "repairs/doubtful_decimals": 0,
        "repairs/dates_for_numbers": 0,
        "repairs/unusual_values": 0,
    }
    assert first["months_left_out"] == 0
    assert second["dagster/row_count"] == first["dagster/row_count"] == 611


def test_data_error_becomes_a_failure_that_is_not_tried_again() -> None:
    """The data stays as it is until someone mends it, so trying again is waste."""
    with pytest.raises(dg.Failure) as failure, user_errors_as_failures():
        raise DataError("prices.csv: is empty")

    assert failure.value.description == "prices.csv: is empty"
    assert failure.value.allow_retries is False
    assert isinstance(failure.value.__cause__, DataError)


def test_other_error_stays_what_it_is() -> None:
    """A fault in the code keeps its traceback."""
    with pytest.raises(ZeroDivisionError), user_errors_as_failures():
        raise ZeroDivisionError
