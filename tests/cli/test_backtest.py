"""The command `spike-assets backtest`: what it prints, where, and how it fails."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from spike_assets.cli.main import main
from spike_assets.models.price_series import PriceSeries
from spike_assets.sources.location import locate_data, read_clean
from spike_assets.training.baselines import RULES
from spike_assets.training.forecast_frame import forecast_table, targets_between
from spike_assets.training.forecast_inputs import forecast_inputs, price_series
from tests.support.cut_sample import cut_sample

COMMAND = Path(sys.executable).parent / "spike-assets"
MODELS = ["forecaster", "last_price", "seasonal_naive", "drift", "notebook"]
FIGURES = ["rmse", "mae", "mape", "mase", "coverage_80", "coverage_95", "n"]

Scores = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands run: no folder data/ and no setting that names one."""
    monkeypatch.chdir(tmp_path)
    for setting in ("SPIKE_DATA_DIR", "SPIKE_COMPUTE", "SPIKE_DASK_SCHEDULER"):
        monkeypatch.delenv(setting, raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prices of fourteen years: 47 origins, all before the notebook can begin."""
    return cut_sample(tmp_path_factory.mktemp("data") / "mine", first="2002-09", last="2016-06")


@pytest.fixture(scope="module")
def later_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prices of ten years: five origins, when the notebook has begun."""
    return cut_sample(tmp_path_factory.mktemp("data") / "later", first="2007-06", last="2017-10")


def backtest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["backtest", *map(str, arguments)], prog_name="spike-assets")


@pytest.fixture(scope="module")
def wide(data: Path) -> Scores:
    """Half a year ahead over two years and a half, as JSON."""
    window = ["--from", "2014-01", "--to", "2016-06", "--horizon", "6"]
    done = backtest("--data", data, *window, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def late(
    later_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> subprocess.CompletedProcess[str]:
    """Two months by a real process, as JSON."""
    arguments = ["--from", "2017-09", "--to", "2017-10", "--horizon", "2", "--json"]
    return subprocess.run(
        [COMMAND, "backtest", "--data", later_data, *arguments],
        cwd=tmp_path_factory.mktemp("late"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def prices(folder: Path) -> PriceSeries:
    tables = read_clean(locate_data(str(folder)))
    return price_series(forecast_inputs(tables))


def refused(*arguments: str | Path, exit_code: int) -> str:
    """Run a command that has to fail; give the line that says why."""
    done = backtest(*arguments)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert "Traceback" not in done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert done.stderr.endswith(f"{line}\n")
    return line


def test_json_has_each_model_and_horizon_with_its_figures(wide: Scores) -> None:
    """The names and their order are what programs go by; horizons are text, as JSON has it."""
    assert list(wide) == MODELS
    for by_horizon in wide.values():
        assert list(by_horizon) == ["1", "2", "3", "4", "5", "6"]
        for figures in by_horizon.values():
            assert list(figures) == FIGURES


def test_figures_are_numbers_where_there_are_any(wide: Scores) -> None:
    """Every month is forecast at every horizon, but by the notebook, which has not begun."""
    for model in MODELS[:-1]:
        for horizon, figures in wide[model].items():
            assert figures["n"] == 30 if horizon == "1" else figures["n"] <= 30
            assert type(figures["n"]) is int
            assert all(type(figures[name]) is float for name in FIGURES[:-1])
            assert 0 < figures["mae"] <= figures["rmse"]
            assert 0 <= figures["coverage_80"] <= figures["coverage_95"] <= 1


def test_model_that_could_not_forecast_any_month_has_nulls(wide: Scores) -> None:
    """So that a program finds every key, and no NaN, which is not JSON."""
    nothing = dict.fromkeys(FIGURES[:-1]) | {"n": 0}
    assert wide["notebook"] == dict.fromkeys(("1", "2", "3", "4", "5", "6"), nothing)


@pytest.mark.parametrize("horizon", [1, 4, 6])
def test_figures_of_repeating_the_last_price_are_those_worked_out_by_hand(
    data: Path, wide: Scores, horizon: int
) -> None:
    """From the prices of the file alone: errors in CLP per litre, `mape` in percent."""
    known = prices(data)
    paid = known.price_clp_per_litre
    first = int((np.datetime64("2014-01") - known.months[0]).astype(int))
    targets = range(max(first, 119 + horizon), len(paid))
    errors = np.array([paid[at] - paid[at - horizon] for at in targets])
    known_then = (paid[: at - horizon + 1] for at in targets)
    usual = [np.abs(then[12:] - then[:-12]).mean() for then in known_then]

    found = wide["last_price"][str(horizon)]

    assert found["n"] == len(errors)
    assert found["rmse"] == pytest.approx(math.sqrt((errors**2).mean()), rel=1e-12)
    assert found["mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-12)
    assert found["mape"] == pytest.approx(
        100 * np.abs(errors / paid[list(targets)]).mean(), rel=1e-12
    )
    assert found["mase"] == pytest.approx((np.abs(errors) / usual).mean(), rel=1e-12)


@pytest.mark.parametrize("model", list(RULES))
def test_coverages_are_the_shares_of_months_that_the_intervals_hold(
    data: Path, wide: Scores, model: str
) -> None:
    """Of those months that have an interval; at two levels that are told apart."""
    known = prices(data)
    forecasts = {at: RULES[model](known.until(at)) for at in range(119, len(known) - 1)}
    table = targets_between(
        forecast_table(model, known, forecasts), first="2014-01", last="2016-06", horizon=1
    )
    for level in (80, 95):
        low, high = (table[f"{end}_{level}_clp_per_litre"] for end in ("lower", "upper"))
        held = table["actual_clp_per_litre"].between(low, high)[low.notna()]
        assert wide[model]["1"][f"coverage_{level}"] == held.mean()
    assert len({wide[name]["1"]["coverage_80"] for name in MODELS[:-1]}) > 1


def test_standard_output_of_a_process_is_json_and_nothing_else(
    late: subprocess.CompletedProcess[str],
) -> None:
    """Its progress goes to standard error, and is no traceback."""
    assert late.returncode == 0, late.stderr
    assert list(json.loads(late.stdout)) == MODELS
    assert re.sub(r"[\s\d/:.━╸╺-]|forecasting", "", late.stderr) == ""


def test_window_and_horizon_are_honoured(late: subprocess.CompletedProcess[str]) -> None:
    """Two months, one and two months before; the notebook has begun by then."""
    found: Scores = json.loads(late.stdout)
    for model in MODELS:
        assert {horizon: one["n"] for horizon, one in found[model].items()} == {"1": 2, "2": 2}
        assert found[model]["2"]["rmse"] > 0


def test_coverage_is_null_where_no_month_has_an_interval(
    late: subprocess.CompletedProcess[str],
) -> None:
    """Five origins have not erred often enough to say how sure they are."""
    for by_horizon in json.loads(late.stdout).values():
        for figures in by_horizon.values():
            assert (figures["coverage_80"], figures["coverage_95"]) == (None, None)


@pytest.fixture(scope="module")
def table(later_data: Path) -> list[str]:
    """The lines that are printed for people, of one month."""
    done = backtest("--data", later_data, "--from", "2017-10", "--horizon", "1")
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def test_without_json_a_table_is_printed(table: list[str], later_data: Path) -> None:
    """Where the data is from, which months, and rows of each model; pooled ones say all."""
    first, *rows = table
    assert first == f"{later_data}, 2017-10 to 2017-10, errors in CLP per litre"
    assert [row.split()[0] for row in rows if re.match(r" *[a-z]", row)][1] == "forecaster"
    assert sum(" all " in row for row in rows) == len(MODELS)
    assert "nan" not in "".join(rows)


def test_figures_of_the_table_are_never_cut(table: list[str]) -> None:
    """15.1… is no number, and coverages that are left out are not asked for again."""
    text = "\n".join(table)
    assert "…" not in text
    assert "95 % holds" in text


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--from", "2014-13", "'2014-13' does not match the format '%Y-%m'"),
        ("--from", "soon", "'soon' does not match the format '%Y-%m'"),
        ("--to", "2016", "'2016' does not match the format '%Y-%m'"),
        ("--to", "2016-06-01", "'2016-06-01' does not match the format '%Y-%m'"),
        ("--horizon", "0", "0 is not in the range 1<=x<=12"),
        ("--horizon", "13", "13 is not in the range 1<=x<=12"),
        ("--horizon", "x", "'x' is not a valid integer range"),
    ],
)
def test_option_with_a_slip_is_named(data: Path, option: str, value: str, says: str) -> None:
    """Before any data is read."""
    line = refused("--data", data, option, value, exit_code=2)

    assert line == f"Error: Invalid value for '{option}': {says}."


@pytest.mark.parametrize(
    ("window", "months"),
    [
        (["--from", "2016-06", "--to", "2016-05"], "2016-06 to 2016-05"),
        (["--from", "2030-01"], "2030-01 to 2016-06"),
        (["--from", "1990-01", "--to", "1990-12"], "1990-01 to 1990-12"),
        (["--from", "2003-01", "--to", "2012-08"], "2003-01 to 2012-08"),
    ],
    ids=["backwards", "after-the-prices", "before-them", "too-soon-after-the-first"],
)
def test_window_in_which_nothing_can_be_forecast_says_what_could(
    data: Path, window: list[str], months: str
) -> None:
    """The months that have prices, and how many must come before."""
    line = refused("--data", data, *window, "--json", exit_code=1)

    assert line == (
        f"Error: no month from {months} can be scored: there are prices from 2002-09 to 2016-06, "
        "and a forecast needs 120 before it"
    )


def test_folder_that_is_missing_is_named() -> None:
    """There is no silent fallback to the sample."""
    assert refused("--data", "nowhere", exit_code=1) == (
        "Error: nowhere: no such folder; expected one with precipitaciones.csv, precio_leche.csv, "
        "banco_central.csv"
    )


def test_file_that_cannot_be_read_is_named_with_its_line(data: Path, tmp_path: Path) -> None:
    """As `data check` says it."""
    folder = cut_sample(tmp_path / "bad", first="2002-09", last="2016-06")
    path = folder / "precio_leche.csv"
    path.write_bytes(path.read_bytes().replace(b"2002,Oct,", b"2002,Okt,"))

    line = refused("--data", folder, exit_code=1)

    assert line.startswith("Error: precio_leche.csv, line 3, column 'Mes': 'Okt'; expected one of")


def test_cluster_that_is_none_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is computed on this machine instead."""
    monkeypatch.setenv("SPIKE_COMPUTE", "dask")
    monkeypatch.setenv("SPIKE_DASK_SCHEDULER", "cluster")

    line = refused("--data", data, exit_code=1)

    assert line.startswith("Error: the Dask scheduler's address 'cluster' can't be used: ")


def test_too_few_prices_are_told(tmp_path: Path) -> None:
    """Their number, and the number that it takes."""
    folder = cut_sample(tmp_path / "few", first="2011-06", last="2021-02")

    assert refused("--data", folder, exit_code=1) == (
        "Error: 117 months have a milk price; forecasting needs 122"
    )
