"""What many tests need: the real files if they are there, and a finished run of the graph."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
REAL_DATA_FOLDERS = (ROOT / "data", ROOT.parent / "shared" / "data")


@dataclass(frozen=True)
class FinishedRun:
    """A run of `spike-assets run` in a world of its own."""

    environment: Mapping[str, str]
    storage: Path
    bentoml_home: Path
    dagster_home: Path
    printed: str


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with the three real files, from `make data`."""
    for folder in REAL_DATA_FOLDERS:
        if (folder / "precio_leche.csv").exists():
            return folder
    pytest.skip("the real files are not here: make data downloads them")


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The whole graph, built from the embedded sample by the command that people use."""
    return _run(tmp_path_factory.mktemp("sample_run"))


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> FinishedRun:
    """The whole graph, built from the real files by the command that people use."""
    return _run(tmp_path_factory.mktemp("real_run"), "--data", str(real_data))


def _run(folder: Path, *arguments: str) -> FinishedRun:
    environment = _isolated_environment(folder)
    done = subprocess.run(
        [BIN / "spike-assets", "run", *arguments],
        env=environment,
        cwd=folder,  # where there is no folder data/
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return FinishedRun(
        environment=environment,
        storage=folder / "storage",
        bentoml_home=folder / "bentoml",
        dagster_home=folder / "dagster",
        printed=done.stdout,
    )


@pytest.fixture
def isolated_environment():
    """What makes an environment in which commands touch nothing outside a folder."""
    return _isolated_environment


def _isolated_environment(folder: Path) -> dict[str, str]:
    """Give an environment in which the project's commands touch nothing outside a folder."""
    dagster_home = folder / "dagster"
    dagster_home.mkdir(exist_ok=True)
    (dagster_home / "dagster.yaml").write_bytes((ROOT / ".dagster" / "dagster.yaml").read_bytes())
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SPIKE_")}
    return inherited | {
        "HOME": str(folder),
        "SPIKE_STORAGE": str(folder / "storage"),
        "BENTOML_HOME": str(folder / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
        "DAGSTER_HOME": str(dagster_home),
    }
