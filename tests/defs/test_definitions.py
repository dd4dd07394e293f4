"""The graph as Dagster sees it: its assets, what they are made from, and how it is loaded."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pandas as pd
import pytest

from spike_assets.definitions import defs
from spike_assets.defs.jobs import train

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent

INPUTS = {
    "raw_precipitation": set(),
    "raw_milk_price": set(),
    "raw_banco_central": set(),
    "raw_dairy_index": set(),
    "live_odepa": set(),
    "live_fao": set(),
    "clean_precipitation": {"raw_precipitation"},
    "clean_milk_price": {"raw_milk_price", "live_odepa"},
    "clean_banco_central": {"raw_banco_central"},
    "clean_dairy_index": {"raw_dairy_index", "live_fao"},
    "monthly_features": {"clean_precipitation", "clean_milk_price", "clean_banco_central"},
    "model1": {"monthly_features", "clean_milk_price"},
    "model2": {"monthly_features", "clean_milk_price"},
    "forecast_inputs": {
        "clean_precipitation",
        "clean_milk_price",
        "clean_banco_central",
        "clean_dairy_index",
    },
    "forecast_history": {"forecast_inputs"},
    "forecaster": {"forecast_inputs", "forecast_history"},
    "backtest": {
        "forecaster",
        "forecast_inputs",
        "forecast_history",
        "clean_precipitation",
        "clean_banco_central",
    },
    "registered_models": {
        "model1",
        "model2",
        "forecaster",
        "backtest",
    },
    "promoted_models": {"registered_models"},
    "bento": {"promoted_models"},
}

GROUPS = {
    "raw": {"raw_precipitation", "raw_milk_price", "raw_banco_central", "raw_dairy_index"},
    "live": {"live_odepa", "live_fao"},
    "clean": {
        "clean_precipitation",
        "clean_milk_price",
        "clean_banco_central",
        "clean_dairy_index",
    },
    "features": {"monthly_features", "forecast_inputs"},
    "models": {"model1", "model2", "forecaster"},
    "evaluation": {"forecast_history", "backtest"},
    "serving": {"registered_models", "promoted_models", "bento"},
}

KINDS = {
    "raw": {"csv"},
    "live": {"http"},
    "clean": {"pandas"},
    "features": {"pandas"},
    "models": {"scikitlearn"},
    "evaluation": {"scikitlearn"},
    "serving": {"bentoml"},
}


def specs() -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def test_graph_has_these_assets_and_edges() -> None:
    """Nothing is built, or built from something else, without this table saying so."""
    edges = {
        name: {dep.asset_key.to_user_string() for dep in spec.deps}
        for name, spec in specs().items()
    }

    assert edges == INPUTS


def test_assets_are_in_the_groups_of_their_layers() -> None:
    """The UI shows a group a layer."""
    groups: dict[str | None, set[str]] = {}
    for name, spec in specs().items():
        groups.setdefault(spec.group_name, set()).add(name)

    assert groups == GROUPS


@pytest.mark.parametrize("name", INPUTS)
def test_asset_says_what_it_is_and_what_it_is_made_with(name: str) -> None:
    """The UI shows a description and a kind for each."""
    spec = specs()[name]

    assert len(spec.description or "") > 40
    assert spec.kinds == KINDS[str(spec.group_name)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("raw_precipitation", "millimetres"),
        ("raw_milk_price", "nominal CLP without VAT"),
        ("raw_banco_central", "Banco Central de Chile"),
        ("raw_dairy_index", "world market prices"),
    ],
)
def test_raw_asset_is_described_by_its_source(name: str, words: str) -> None:
    """Origin and unit of a file stand where its asset is looked at."""
    assert words in str(specs()[name].description)


@pytest.mark.parametrize(
    "name",
    [
        "clean_precipitation",
        "clean_milk_price",
        "clean_banco_central",
        "clean_dairy_index",
        "monthly_features",
        "forecast_inputs",
    ],
)
def test_columns_that_are_announced_are_those_that_come(sample_run, name: str) -> None:
    """The stored table keeps what the UI says of it before a run, unit and type included."""
    schema: dg.TableSchema = specs()[name].metadata["dagster/column_schema"]
    table = pd.read_parquet(sample_run.storage / f"{name}.parquet")

    assert {column.name for column in schema.columns} == set(table.columns)
    for column in schema.columns:
        assert str(table[column.name].dtype).startswith(column.type)
        assert column.name == "month" or str(column.description).endswith(")")


def test_job_train_builds_all_but_the_bento_and_asks_nobody() -> None:
    """An image is built when somebody wants one; a run can be repeated without the network."""
    job = defs.resolve_job_def(train.name)

    assert train.name == "train"
    selected = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
    assert selected == INPUTS.keys() - {"bento"} - GROUPS["live"]


def test_job_refresh_asks_the_publishers() -> None:
    """And makes nothing else."""
    job = defs.resolve_job_def("refresh")

    selected = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
    assert selected == GROUPS["live"]


@pytest.mark.parametrize(
    ("run_config", "n_processes"), [({}, 0), ({"execution": {"config": {"processes": 2}}}, 2)]
)
def test_steps_go_in_one_process_or_in_as_many_as_a_run_asks_for(
    run_config: dict, n_processes: int, isolated_environment, tmp_path: Path
) -> None:
    """Starting a process a step would take longer than nearly every step."""
    environment = isolated_environment(tmp_path)
    select = ["-m", "spike_assets.definitions", "--select", "raw_milk_price,raw_precipitation"]
    config = ["--config-json", json.dumps(run_config)]
    subprocess.run(
        [BIN / "dagster", "asset", "materialize", *select, *config],
        env=environment,
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        [run] = instance.get_runs()
        started = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_WORKER_STARTED)
    assert run.status is dg.DagsterRunStatus.SUCCESS
    assert len(started) == n_processes


def test_every_check_that_blocks_is_made_before_anything_is_registered() -> None:
    """Dagster holds back what comes after an asset whose blocking check failed."""
    graph = defs.resolve_asset_graph()
    before_registration = dg.AssetSelection.assets("registered_models").upstream().resolve(graph)

    blocking = {key.asset_key for key in graph.asset_check_keys if graph.get(key).blocking}

    assert blocking <= before_registration - {dg.AssetKey("registered_models")}
    assert {key.to_user_string() for key in blocking} == {
        "clean_precipitation",
        "clean_milk_price",
        "clean_banco_central",
        "clean_dairy_index",
        "monthly_features",
        "backtest",
    }


def test_run_can_be_given_another_folder_storage_and_place_to_compute() -> None:
    """The launchpad of the UI takes them as run configuration."""
    resources = {
        "compute": {"config": {"compute": "dask", "scheduler": "tcp://cluster:8786"}},
        "data": {"config": {"folder": "elsewhere"}},
        "io_manager": {"config": {"storage": "s3://bucket/folder"}},
        "received": {"config": {"storage": "s3://bucket/folder"}},
    }

    resolved = dg.validate_run_config(defs.resolve_job_def("train"), {"resources": resources})

    assert resolved["resources"] == resources


def test_run_needs_no_configuration() -> None:
    """Folder, storage and the place to compute are then left to the environment."""
    resolved = dg.validate_run_config(defs.resolve_job_def("train"))

    assert resolved["resources"] == {
        "compute": {"config": {"compute": "", "scheduler": ""}},
        "data": {"config": {"folder": ""}},
        "io_manager": {"config": {"storage": ""}},
        "received": {"config": {"storage": ""}},
    }


@pytest.mark.parametrize(
    "run_config",
    [
        {"resources": {"data": {"config": {"foldr": "elsewhere"}}}},
        {"resources": {"io_manager": {"config": {"storage": 3}}}},
        {"resources": {"compute": {"config": {"compute": "dusk"}}}},
        {"loggers": {"progres": {}}},
    ],
)
def test_run_configuration_with_a_slip_is_refused(run_config: dict) -> None:
    """A name that nothing reads is an error before the run, not a run on other data."""
    with pytest.raises(dg.DagsterInvalidConfigError):
        dg.validate_run_config(defs.resolve_job_def("train"), run_config)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["dg", "check", "defs"], "All definitions loaded successfully"),
        (
            ["dagster", "definitions", "validate", "-w", "workspace.yaml"],
            "Validation successful for code location spike_assets",
        ),
    ],
    ids=["dg", "workspace.yaml"],
)
def test_definitions_load_from_the_root_of_the_repository(
    isolated_environment, tmp_path: Path, *, command: list[str], says: str
) -> None:
    """By dg's configuration in pyproject.toml and by workspace.yaml, with nothing to warn of."""
    done = subprocess.run(
        [BIN / command[0], *command[1:]],
        cwd=ROOT,
        env=isolated_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout + done.stderr
    assert says in printed
    # Dagster warns of its own command, whatever is loaded: dg is to take its place.
    warnings = [line for line in printed.splitlines() if "warning" in line.lower()]
    assert [line for line in warnings if "SupersessionWarning" not in line] == []
    assert command[0] != "dg" or warnings == []


def test_scaffolded_asset_is_in_the_graph(isolated_environment, tmp_path: Path) -> None:
    """`dg scaffold defs` and a reload are all that a new asset takes: there is no list of them."""
    project = tmp_path / "project"
    shutil.copytree(ROOT / "spike_assets", project / "spike_assets")
    shutil.copy(ROOT / "pyproject.toml", project)
    environment = isolated_environment(tmp_path) | {"PYTHONPATH": str(project)}
    commands = (
        ["dg", "scaffold", "defs", "dagster.asset", "stray_asset.py"],
        ["dg", "list", "defs", "--json"],
    )

    for command in commands:
        done = subprocess.run(
            [BIN / command[0], *command[1:]],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    assert '"stray_asset"' in done.stdout


def test_asset_value_is_loaded_without_a_type(sample_run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table and a model are loaded by key alone, as Dagster documents it."""
    monkeypatch.setenv("SPIKE_STORAGE", str(sample_run.storage))

    with dg.DagsterInstance.ephemeral() as instance:
        table = defs.load_asset_value("clean_banco_central", instance=instance)
        model = defs.load_asset_value("forecaster", instance=instance)

    assert len(table) > 500
    assert model.name == "forecaster"
