"""The job `train` run in this process: what it reports, and what a finished run leaves behind."""

import hashlib
from pathlib import Path

import dagster as dg
import pytest

from spike_assets.cli.local_run import run_train
from spike_assets.registry.model_store import ModelStore
from spike_assets.sample.sample import sample_files

REGRESSORS = ("model1", "model2")
MODELS = (*REGRESSORS, "forecaster")
RAW = {"raw_precipitation", "raw_milk_price", "raw_banco_central", "raw_dairy_index"}
FAO = "fao_food_price_indices.csv"
TABLES = (
    "raw_precipitation",
    "raw_milk_price",
    "raw_banco_central",
    "raw_dairy_index",
    "clean_precipitation",
    "clean_milk_price",
    "clean_banco_central",
    "clean_dairy_index",
    "monthly_features",
    "forecast_inputs",
    "forecast_history",
    "backtest",
    "registered_models",
    "promoted_models",
)


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a run in this process puts everything, on an instance that it forgets."""
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    for setting in ("SPIKE_DATA_DIR", "SPIKE_COMPUTE", "SPIKE_DASK_SCHEDULER"):
        monkeypatch.delenv(setting, raising=False)
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    monkeypatch.setenv("SPIKE_STORAGE", str(tmp_path / "storage"))
    return tmp_path / "storage"


def test_fault_in_the_data_is_reported_by_its_step_in_plain_words(
    data_folder: Path, storage: Path
) -> None:
    """Other files are read and cleaned all the same; nothing that needs the bad one is built."""
    path = data_folder / "precio_leche.csv"
    path.write_bytes(path.read_bytes().replace(b"1979,Feb,", b"1979,Fbe,"))

    outcome = run_train(data_folder=str(data_folder))

    assert outcome.faults == {
        "clean_milk_price": (
            "precio_leche.csv, line 3, column 'Mes': 'Fbe'; expected one of Ene, Feb, Mar, Abr, "
            "May, Jun, Jul, Ago, Sep, Oct, Nov, Dic"
        )
    }
    assert set(outcome.metadata) == {
        "raw_precipitation",
        "raw_milk_price",
        "raw_banco_central",
        "raw_dairy_index",
        "clean_precipitation",
        "clean_banco_central",
        "clean_dairy_index",
    }
    assert outcome.metadata["raw_milk_price"]["source"] == str(path)
    assert outcome.metadata["clean_precipitation"]["last_month"] == "2020-04"
    assert {path.stem for path in storage.iterdir()} == set(outcome.metadata)


def test_every_fault_is_reported(data_folder: Path, storage: Path) -> None:
    """Two bad files are two faults of one run, not of two."""
    for name in ("precio_leche.csv", "banco_central.csv"):
        (data_folder / name).write_bytes(b"")

    outcome = run_train(data_folder=str(data_folder))

    assert {step: reason.partition(";")[0] for step, reason in outcome.faults.items()} == {
        "raw_milk_price": f"{data_folder}/precio_leche.csv: is empty",
        "raw_banco_central": f"{data_folder}/banco_central.csv: is empty",
    }
    assert set(outcome.metadata) == {
        "raw_precipitation",
        "raw_dairy_index",
        "clean_precipitation",
        "clean_dairy_index",
    }


def test_fault_of_another_kind_is_reported_by_its_cause(data_folder: Path, storage: Path) -> None:
    """Not by the error in which Dagster wraps it."""
    storage.write_text("a file where the folder should be")

    outcome = run_train(data_folder=str(data_folder))

    assert outcome.metadata == {}
    assert set(outcome.faults) == RAW
    for reason in outcome.faults.values():
        assert reason.startswith("FileExistsError: ")
        assert str(storage) in reason


def test_folder_is_left_to_the_environment_if_none_is_given(
    data_folder: Path, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SPIKE_DATA_DIR` is then read; one that is missing is a fault of every raw file."""
    monkeypatch.setenv("SPIKE_DATA_DIR", str(data_folder / "nowhere"))

    outcome = run_train(data_folder=None)

    assert set(outcome.faults) == RAW
    for reason in outcome.faults.values():
        assert reason.startswith(f"{data_folder}/nowhere: no such folder; expected one with ")
    assert not storage.exists()


def test_place_that_is_not_there_is_a_fault_of_what_is_computed_there(
    data_folder: Path, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not computed on this machine instead; what needs no such place is built."""
    monkeypatch.setenv("SPIKE_COMPUTE", "dask")

    outcome = run_train(data_folder=str(data_folder))

    assert outcome.faults == dict.fromkeys(
        ("model1", "model2", "forecast_history"),
        "SPIKE_COMPUTE=dask needs the scheduler's address in SPIKE_DASK_SCHEDULER, "
        "as tcp://host:8786",
    )
    assert {"monthly_features", "forecast_inputs"} <= set(outcome.metadata)


@pytest.fixture(scope="module")
def recorded(sample_run):
    """The events that the Dagster instance of a finished run recorded, by asset."""
    with dg.DagsterInstance.from_config(str(sample_run.dagster_home)) as instance:
        yield {
            key.to_user_string(): instance.get_latest_materialization_event(key)
            for key in instance.all_asset_keys()
        }


def metadata_of(recorded, name: str) -> dict:
    metadata = recorded[name].asset_materialization.metadata
    return {key: one.value for key, one in metadata.items()}


def test_run_is_recorded_in_the_instance_of_dagster_home(recorded) -> None:
    """`make dev` shows all fifteen assets, of one run."""
    assert set(recorded) == {*TABLES, *MODELS}
    assert len({event.run_id for event in recorded.values()}) == 1


def test_run_stores_every_value(sample_run) -> None:
    """A file an asset, and no temporary file is left."""
    assert {path.name for path in sample_run.storage.iterdir()} == {
        *(f"{name}.parquet" for name in TABLES),
        *(f"{name}.skops" for name in MODELS),
    }


@pytest.mark.parametrize("name", REGRESSORS)
def test_model_says_how_good_it_is(recorded, name: str) -> None:
    """Months, columns, parameters and scores stand beside the picture of the hold-out."""
    metadata = metadata_of(recorded, name)

    scores = ("r2", "rmse_clp_per_litre", "mae_clp_per_litre")
    assert set(metadata) == {
        *("rows", "first_month", "last_month", "selected_columns", "best_parameters"),
        *("cross_validation_r2", "observed_against_predicted"),
        *("path", "size_bytes", "stored_sha256"),
        *(f"{kind}/{score}" for kind in ("holdout", "holdout_last_price") for score in scores),
    }
    assert (metadata["first_month"], metadata["last_month"]) == ("2014-01", "2020-04")
    assert metadata["rows"] == 76
    assert set(metadata["best_parameters"]) == {"select__k", "polynomial__degree", "ridge__alpha"}
    assert len(metadata["selected_columns"]) == metadata["best_parameters"]["select__k"]
    assert 0 < metadata["holdout/mae_clp_per_litre"] <= metadata["holdout/rmse_clp_per_litre"]
    picture = metadata["observed_against_predicted"]
    assert picture.startswith("![observed against predicted](data:image/png;base64,iVBORw0KGgo")


def test_forecaster_says_what_it_forecasts_and_how_good_it_is(recorded) -> None:
    """Twelve months with intervals and what moves them, the scores of the months before, a fan."""
    metadata = metadata_of(recorded, "forecaster")

    assert (metadata["first_month"], metadata["last_month"]) == ("1979-01", "2021-02")
    coming = [record.data for record in metadata["coming_months"].records]
    assert [month["month"] for month in coming] == [
        *(f"2021-{month:02}" for month in range(3, 13)),
        "2022-01",
        "2022-02",
    ]
    assert metadata["next_month/months"] == 86
    assert metadata["next_month/skill_against_last_price"] > 0.15
    assert metadata["picture"].startswith("![forecast of coming months](data:image/png;base64,iVBO")


def test_backtest_scores_each_month_since_2014(recorded) -> None:
    """The forecaster and the rules on all 86, the notebook once it has enough to learn from."""
    metadata = metadata_of(recorded, "backtest")

    expected = dict.fromkeys(("forecaster", "last_price", "seasonal_naive", "drift"), 86)
    expected |= {"notebook": 55}
    assert {model: metadata[f"next_month/{model}/n"] for model in expected} == expected


def test_features_say_what_they_cover(recorded) -> None:
    """Rows, months and the level of the price are seen at a glance."""
    metadata = metadata_of(recorded, "monthly_features")

    assert metadata["dagster/row_count"] == 76
    assert metadata["columns"] == 50
    assert (metadata["first_month"], metadata["last_month"]) == ("2014-01", "2020-04")
    assert 150 < metadata["price_mean_clp_per_litre"] < 350
    assert 0 < metadata["price_standard_deviation_clp_per_litre"] < 100


def test_promoted_models_are_the_registered_ones(sample_run, recorded) -> None:
    """The tags in both assets' metadata, in the alias file and in the report are the same."""
    promoted = ModelStore(sample_run.bentoml_home).promoted()

    assert set(promoted) == set(MODELS)
    for name in ("registered_models", "promoted_models"):
        metadata = metadata_of(recorded, name)
        assert {model: metadata[model] for model in MODELS} == promoted
        assert metadata["store"] == str(sample_run.bentoml_home)
    for tag in promoted.values():
        assert tag in sample_run.printed


def test_all_models_were_promoted_at_once(sample_run, recorded) -> None:
    """One line of the history, which names the run; so no reader ever saw a part of them."""
    (line,) = ModelStore(sample_run.bentoml_home).promotions()

    assert set(line.promoted) == set(MODELS)
    assert line.reason == f"run {recorded['promoted_models'].run_id}"


def test_every_registered_model_has_its_picture(sample_run) -> None:
    """Who lists the versions finds how each did."""
    versions = ModelStore(sample_run.bentoml_home).versions()

    pictures = {one.name: (one.folder / "backtest.png").read_bytes() for one in versions}
    assert set(pictures) == set(MODELS)
    assert {picture[:4] for picture in pictures.values()} == {b"\x89PNG"}
    assert len(set(pictures.values())) == len(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_promoted_model_says_which_files_it_was_trained_on(sample_run, name: str) -> None:
    """The hashes of its files, found back through the graph, and that they are synthetic."""
    model = ModelStore(sample_run.bentoml_home).load_promoted()[name]

    sha256 = {file: hashlib.sha256(content).hexdigest() for file, content in sample_files().items()}
    assert model.metadata["data_versions"] == {
        "raw_precipitation": sha256["precipitaciones.csv"],
        "raw_milk_price": sha256["precio_leche.csv"],
        "raw_banco_central": sha256["banco_central.csv"],
        **({"raw_dairy_index": sha256[FAO]} if name == "forecaster" else {}),
    }
    assert model.synthetic is True


@pytest.mark.parametrize("name", REGRESSORS)
def test_stored_scores_are_those_that_the_asset_shows(sample_run, recorded, name: str) -> None:
    """Who asks the store and who asks Dagster hear the same."""
    metrics = ModelStore(sample_run.bentoml_home).load_promoted()[name].metadata["metrics"]
    shown = metadata_of(recorded, name)

    assert metrics["cross_validation_r2"] == shown["cross_validation_r2"]
    for kind in ("holdout", "holdout_last_price"):
        assert metrics[kind] == {
            score: shown[f"{kind}/{score}"]
            for score in ("r2", "rmse_clp_per_litre", "mae_clp_per_litre")
        }


def test_stored_scores_of_the_forecaster_are_those_that_the_asset_shows(
    sample_run, recorded
) -> None:
    """To the last digit, as the backtest has them too."""
    stored = ModelStore(sample_run.bentoml_home).load_promoted()["forecaster"].metadata
    shown = metadata_of(recorded, "forecaster")
    backtest = metadata_of(recorded, "backtest")

    assert {f"next_month/{name}": value for name, value in stored["metrics"].items()} == {
        name: value for name, value in shown.items() if name.startswith("next_month/")
    }
    for score in ("rmse_clp_per_litre", "mae_clp_per_litre"):
        assert stored["metrics"][score] == backtest[f"next_month/forecaster/{score}"]


def test_report_says_that_the_data_was_synthetic(sample_run) -> None:
    """Before the run and after it, so that nobody takes the scores for real ones."""
    first_line, rest = sample_run.printed.split("\n", 1)

    assert first_line.startswith("Building the graph from embedded sample (SYNTHETIC")
    assert "SYNTHETIC DATA" in rest


def test_run_on_real_files_is_not_called_synthetic(real_run) -> None:
    """Neither the report nor the models that are served then carry the warning."""
    assert "SYNTHETIC" not in real_run.printed
    models = ModelStore(real_run.bentoml_home).load_promoted()
    assert {name: model.synthetic for name, model in models.items()} == dict.fromkeys(MODELS, False)
