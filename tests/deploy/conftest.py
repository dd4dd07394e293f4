"""The sources of the images, and the Dagster instance of theirs on a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.deploy.postgres import Postgres, programs, running_postgres

ROOT = Path(__file__).parents[2]

STOPS_WITHIN_S = 15
"""The longest stop of the service: requests in progress, the prediction log, and the processes."""


@pytest.fixture(scope="session")
def deploy() -> Path:
    """The folder that images are described in."""
    return ROOT / "deploy"


@pytest.fixture(scope="session")
def postgres(free_port) -> Iterator[Postgres]:
    """A PostgreSQL with a database and a user `dagster`, whose password is in a passfile."""
    its_programs = programs()
    if its_programs is None:
        pytest.skip("no PostgreSQL here: tests/deploy/install.sh installs one")
    with running_postgres(its_programs, port=free_port()) as server:
        yield server


@pytest.fixture
def home(deploy, postgres, tmp_path, monkeypatch) -> Path:
    """A DAGSTER_HOME with deploy's dagster.yaml, and the environment that it asks for."""
    shutil.copy(deploy / "pipeline" / "dagster.yaml", tmp_path)
    passfile = tmp_path / "pgpass"
    passfile.write_text(postgres.passfile_line)
    passfile.chmod(0o600)
    monkeypatch.syspath_prepend(deploy / "pipeline")  # where its run launcher is
    monkeypatch.setenv("DAGSTER_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv("DAGSTER_POSTGRES_URL", postgres.url)
    monkeypatch.setenv("PGPASSFILE", str(passfile))
    return tmp_path


@pytest.fixture
def instance(home) -> Iterator[dg.DagsterInstance]:
    """The instance of the containers."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance
