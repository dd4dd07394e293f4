"""The command `spike-assets forecast`: what it prints of the promoted forecaster, how it fails."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spike_assets.cli.main import main
from spike_assets.models.forecaster import TrainedForecaster
from spike_assets.registry.model_store import ModelStore
from tests.support.forecast_case import trained
from tests.support.tiny_store import flip_a_byte, folder_of

COMMAND = Path(sys.executable).parent / "spike-assets"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """An empty store, which the command uses."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bentoml"))
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "True")
    return ModelStore()


@pytest.fixture
def sample_store(sample_run, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """The store of a finished run on the sample; it is only read."""
    monkeypatch.setenv("BENTOML_HOME", str(sample_run.bentoml_home))
    return ModelStore()


def promoted(store: ModelStore, *, synthetic: bool = False) -> str:
    tag = store.register(trained(), data_versions={"prices": "a" * 64}, synthetic=synthetic)
    store.promote({"forecaster": tag}, reason="test")
    return tag


def forecast(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["forecast", *arguments], prog_name="spike-assets")


def printed(*arguments: str) -> str:
    done = forecast(*arguments)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    return done.stdout


def refused(*arguments: str) -> str:
    done = forecast(*arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def as_json(forecaster: TrainedForecaster, n_months: int) -> list[dict]:
    return [
        {
            "month": one.month,
            "price_clp_per_litre": one.price_clp_per_litre,
            "intervals": {
                str(level): {"lower_clp_per_litre": low, "upper_clp_per_litre": high}
                for level, (low, high) in one.intervals.items()
            },
            "contributions_clp_per_litre": dict(one.contributions_clp_per_litre),
        }
        for one in forecaster.forecast(n_months)
    ]


def test_json_is_the_stored_forecasters_own_forecast_to_the_last_digit(
    sample_store: ModelStore,
) -> None:
    """A model that was trained, registered and loaded says the same here as in Python."""
    stored = sample_store.load_promoted()["forecaster"]

    found = json.loads(printed("--json"))

    assert found == {
        "model": stored.tag,
        "synthetic": True,
        "last_month": "2021-02",
        "last_price_clp_per_litre": 277.23,
        "forecast": as_json(stored.model, 12),
    }


def test_forecast_is_the_one_that_the_run_stored(sample_run, sample_store: ModelStore) -> None:
    """The asset's value and the registered version are one forecaster."""
    asset = TrainedForecaster.from_bytes((sample_run.storage / "forecaster.skops").read_bytes())

    assert json.loads(printed("--json", "--months", "3"))["forecast"] == as_json(asset, 3)


def test_process_prints_pure_json(sample_run, tmp_path: Path) -> None:
    """Nothing on standard error, and nothing written beside the store."""
    done = subprocess.run(
        [COMMAND, "forecast", "--months", "2", "--json"],
        env=sample_run.environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert [one["month"] for one in json.loads(done.stdout)["forecast"]] == ["2021-03", "2021-04"]
    assert list(tmp_path.iterdir()) == []


def test_table_has_a_row_for_each_month(store: ModelStore) -> None:
    """Price and intervals to a tenth, and the three that move it most, largest first."""
    tag = promoted(store)
    forecaster = trained()

    lines = printed("--months", "2").splitlines()

    last = forecaster.data.price_clp_per_litre[-1]
    assert lines[0] == (
        f"Price of milk in CLP per litre; the last one known is {last:.2f}, of 2016-06 ({tag})"
    )
    text = " ".join(" ".join(lines).split())
    for one in forecaster.forecast(2):
        low, high = one.intervals[80]
        lowest, highest = one.intervals[95]
        ranked = sorted(one.contributions_clp_per_litre.items(), key=lambda item: -abs(item[1]))
        name, clp = ranked[0]
        assert (
            f"{one.month} {one.price_clp_per_litre:.1f} {low:.1f} to {high:.1f} "
            f"{lowest:.1f} to {highest:.1f} {name.replace('_', ' ')} {clp:+.1f}"
        ) in text
    assert "2016-09" not in text


@pytest.mark.parametrize("synthetic", [False, True])
def test_synthetic_forecaster_is_called_so(store: ModelStore, *, synthetic: bool) -> None:
    """In the table and in the JSON; one of real prices is not."""
    promoted(store, synthetic=synthetic)

    assert ("SYNTHETIC DATA" in printed()) is synthetic
    assert json.loads(printed("--json"))["synthetic"] is synthetic


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_nothing_promoted_is_one_line_that_says_what_to_do(
    store: ModelStore, arguments: list[str]
) -> None:
    """And looking makes no store."""
    assert refused(*arguments) == (
        f"Error: no forecaster is promoted in the BentoML store {store.home}; run `make run` to "
        "train, register and promote one"
    )
    assert not store.home.exists()


def test_forecaster_that_is_only_registered_is_not_taken(store: ModelStore) -> None:
    """The promoted one is served, not the newest."""
    tag = promoted(store)
    store.register(
        trained(data=trained().data.until(150)), data_versions={"prices": "b"}, synthetic=False
    )

    assert json.loads(printed("--json"))["model"] == tag


def test_damaged_forecaster_is_refused(store: ModelStore) -> None:
    """It is named, and nothing is forecast."""
    tag = promoted(store)
    flip_a_byte(folder_of(store, tag))

    line = refused()

    assert line.startswith(f"Error: {tag} is not the file that was registered")


def test_forecaster_that_is_gone_is_refused(store: ModelStore) -> None:
    """Somebody deleted it with BentoML's own command."""
    tag = promoted(store)
    shutil.rmtree(folder_of(store, tag))

    assert refused() == f"Error: {tag} is not in the store {store.home}"


def test_forecaster_with_an_unreadable_record_is_refused_in_one_line(store: ModelStore) -> None:
    """As the commands `models …` say it."""
    tag = promoted(store)
    (folder_of(store, tag) / "model.yaml").write_text("{ half a record")

    assert refused().startswith(f"Error: {tag} can't be read from")


@pytest.mark.parametrize("months", ["0", "13", "soon"])
def test_horizon_that_is_not_forecast_is_refused(store: ModelStore, months: str) -> None:
    """Twelve months are what it learned."""
    done = forecast("--months", months)

    assert (done.exit_code, done.stdout) == (2, "")
    assert "Invalid value for '--months'" in done.stderr.splitlines()[-1]
