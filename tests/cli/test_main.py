"""The command `spike-assets`, as people and scripts call it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from spike_assets.registry.model_store import ModelStore
from spike_assets.sample.sample import sample_files
from spike_assets.sources.sources import SOURCES

COMMAND = Path(sys.executable).parent / "spike-assets"


@pytest.fixture
def environment(isolated_environment, tmp_path: Path) -> dict[str, str]:
    return isolated_environment(tmp_path)


@pytest.fixture
def data_folder(data_folder: Path) -> Path:
    """A folder with the three files of the sample, `mine` in the folder that commands run in."""
    return data_folder.rename(data_folder.with_name("mine"))


def spike_assets(
    *arguments: str, environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_report_of_a_run_counts_each_repair_on_one_screen(sample_run):
    """A person reads the report: counts, and nothing that is meant for the UI."""
    assert re.search(r"impossible periods\s+1,", sample_run.printed)
    assert len(sample_run.printed.splitlines()) <= 45


@pytest.mark.parametrize(
    ("arguments", "mentioned"),
    [
        (["--help"], ["run", "data", "forecast", "backtest", "models", "plot"]),
        (["run", "--help"], ["--data", "SPIKE_DATA_DIR"]),
        (["data", "--help"], ["download"]),
        (["data", "download", "--help"], ["FOLDER", "SHA-256"]),
    ],
    ids=" ".join,
)
def test_help_tells_what_there_is(
    environment: dict[str, str], tmp_path: Path, *, arguments: list[str], mentioned: list[str]
) -> None:
    """Each command explains itself."""
    done = spike_assets(*arguments, environment=environment, folder=tmp_path)

    assert done.returncode == 0
    assert [word for word in mentioned if word not in done.stdout] == []


def test_version_is_that_of_the_package(environment: dict[str, str], tmp_path: Path) -> None:
    """The installed version can be asked."""
    done = spike_assets("--version", environment=environment, folder=tmp_path)

    assert done.stdout == f"spike-assets, version {version('spike-assets')}\n"


@pytest.mark.parametrize("named_by", ["option", "environment"])
def test_run_on_a_missing_folder_is_an_error_of_one_line(
    environment: dict[str, str], tmp_path: Path, named_by: str
) -> None:
    """There is no silent fallback to the sample, and nothing is written."""
    arguments = ["run"]
    if named_by == "option":
        arguments += ["--data", "nowhere"]
    else:
        environment["SPIKE_DATA_DIR"] = "nowhere"

    done = spike_assets(*arguments, environment=environment, folder=tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        "Error: nowhere: no such folder; expected one with precipitaciones.csv, precio_leche.csv, "
        "banco_central.csv\n"
    )
    assert done.stdout == ""
    assert not (tmp_path / "storage").exists()
    assert not (tmp_path / "bentoml").exists()


def test_run_on_a_damaged_file_names_it_and_keeps_what_is_promoted(
    sample_run, environment: dict[str, str], data_folder: Path, tmp_path: Path
) -> None:
    """Exit code 1, a line for the fault, and the models of the run before are served on."""
    shutil.copytree(sample_run.bentoml_home, tmp_path / "bentoml")
    (data_folder / "banco_central.csv").write_bytes(b"Periodo,PIB\n2014-01-01,7\n")
    store = ModelStore(tmp_path / "bentoml")
    files_before = {path: path.is_file() and path.read_bytes() for path in store.home.rglob("*")}

    done = spike_assets("run", "--data", "mine", environment=environment, folder=tmp_path)

    assert done.returncode == 1
    assert done.stdout == "Building the graph from mine\n"
    fault, promoted_before = done.stderr.splitlines()[-2:]
    assert fault.startswith(
        "raw_banco_central: mine/banco_central.csv: lacks 'Imacec_empalmado', 'Imacec_produccion_"
    )
    assert promoted_before == "Nothing was promoted; what was promoted before is still served."
    progress = done.stderr.splitlines()[:-2]
    assert [line for line in progress if not re.match(r"  (✓|✗) \w+", line)] == []
    assert "  ✗ raw_banco_central" in progress
    files = {path: path.is_file() and path.read_bytes() for path in store.home.rglob("*")}
    assert files == files_before
    assert set(store.load_promoted()) == {"model1", "model2", "forecaster"}


def test_download_to_a_folder_with_another_file_of_that_name_is_an_error(
    environment: dict[str, str], data_folder: Path, tmp_path: Path
) -> None:
    """Files of the user are named and left alone; nothing is asked for, so no network is needed."""
    done = spike_assets("data", "download", "mine", environment=environment, folder=tmp_path)

    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert all(str(data_folder / source.file_name) in line for source in SOURCES if source.url)
    assert "nothing was overwritten" in line
    assert {path.name: path.read_bytes() for path in data_folder.iterdir()} == sample_files()


def test_download_of_what_is_there_lists_it(
    real_data: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """The three paths, one a line, for scripts; files with the right hash are not fetched again."""
    shutil.copytree(real_data, tmp_path / "data")

    done = spike_assets("data", "download", environment=environment, folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "data/precipitaciones.csv\ndata/precio_leche.csv\ndata/banco_central.csv\n"
    )
