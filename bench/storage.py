"""Storage of a run: asset tables, models, and events in PostgreSQL; and its growth.

    python -m bench.storage [DIR]

Trains on DIR, the folder with the real files, or on the embedded sample, with PostgreSQL as the
storage of Dagster: one of its own, which it starts and ends.
"""

import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dagster as dg
import sqlalchemy

from bench.section import Section
from bench.server import free_port
from bench.trained import Trained, trained
from spike_assets.registry.model_store import ModelStore
from spike_assets.training.report import markdown_table
from tests.deploy.postgres import programs, running_postgres

N_SETS = 300
N_EVENTS = 500

DAGSTER_YAML = """
storage:
  postgres:
    postgres_url: {url}
telemetry:
  enabled: false
"""


@dataclass(frozen=True)
class Storage:
    """Sizes in KiB, and times.

    Attributes:
        tables_kib: Asset tables and trained models between the steps.
        models_kib: One set of registered models.
        postgres_kib: What PostgreSQL grew by with one run.
        n_events: Rows of the event log of that run.
        events_per_second: Events that one process writes into PostgreSQL.
        list_ms: To look at every version when the store holds `N_SETS` sets.
        load_ms: To load and verify what is promoted then.
    """

    tables_kib: float
    models_kib: float
    postgres_kib: float
    n_events: int
    events_per_second: float
    list_ms: float
    load_ms: float


def main() -> None:
    """Measure and print."""
    print(section(measured(sys.argv[1] if len(sys.argv) > 1 else None)).text)


def measured(data: str | None) -> Storage:
    """Run the graph once on PostgreSQL, then fill the store and the event log."""
    its_programs = programs()
    if its_programs is None:
        raise RuntimeError("no PostgreSQL here: bench/install.sh installs one")
    with (
        running_postgres(its_programs, port=free_port()) as postgres,
        TemporaryDirectory() as home,
    ):
        url = postgres.url_with_password
        configuration = DAGSTER_YAML.format(url=url)
        (Path(home) / "dagster.yaml").write_text(configuration)
        with dg.DagsterInstance.from_config(home) as instance:
            empty_kib = _size_kib(url)  # the tables are there
            with trained(data, dagster_yaml=configuration) as run:
                postgres_kib = _size_kib(url) - empty_kib
                n_events = len(instance.all_logs(instance.get_runs(limit=1)[0].run_id))
                models_kib = _kib(run.folder / "bentoml" / "models")
                list_ms, load_ms = _with_many_sets(run)
                return Storage(
                    tables_kib=_kib(run.folder / "storage"),
                    models_kib=models_kib,
                    postgres_kib=postgres_kib,
                    n_events=n_events,
                    events_per_second=_events_per_second(instance),
                    list_ms=list_ms,
                    load_ms=load_ms,
                )


def section(storage: Storage) -> Section:
    """Describe the measurements."""
    rows = [
        ("asset tables and trained models", f"{storage.tables_kib:,.0f} KiB"),
        ("registered models, one set of three", f"{storage.models_kib:,.0f} KiB"),
        ("PostgreSQL, one run more", f"{storage.postgres_kib:,.0f} KiB"),
        ("events of a run", f"{storage.n_events:,}"),
        (
            "events that one process writes into PostgreSQL",
            f"{storage.events_per_second:,.0f} a second",
        ),
        (f"looking at every version of {N_SETS} sets", f"{storage.list_ms:,.0f} ms"),
        ("loading and verifying what is promoted among them", f"{storage.load_ms:,.0f} ms"),
    ]
    return Section(title="What a run leaves", text=markdown_table(("", ""), rows))


def _size_kib(url: str) -> float:
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        size = connection.execute(sqlalchemy.text("select pg_database_size(current_database())"))
        return float(size.scalar_one()) / 1024


def _kib(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1024


def _with_many_sets(run: Trained) -> tuple[float, float]:
    """Copy every version up to `N_SETS`; time listing all, and loading the promoted ones."""
    for folder in list((run.folder / "bentoml" / "models").glob("*/*")):
        if folder.is_dir():
            description = (folder / "model.yaml").read_text()
            for number in range(N_SETS - 1):
                copy = folder.with_name(f"{folder.name[:-4]}{number:04}")
                shutil.copytree(folder, copy)
                (copy / "model.yaml").write_text(description.replace(folder.name, copy.name))
    store = ModelStore(run.folder / "bentoml")
    start = time.perf_counter()
    n_versions = len(store.versions())
    listed = time.perf_counter()
    loaded = store.load_promoted()
    end = time.perf_counter()
    if n_versions != N_SETS * len(loaded):
        raise RuntimeError(f"{n_versions} versions were found; expected {N_SETS * len(loaded)}")
    return 1000 * (listed - start), 1000 * (end - listed)


def _events_per_second(instance: dg.DagsterInstance) -> float:
    run = instance.get_runs(limit=1)[0]
    start = time.perf_counter()
    for number in range(N_EVENTS):
        instance.report_engine_event(f"event {number}", run)
    return N_EVENTS / (time.perf_counter() - start)


if __name__ == "__main__":
    main()
