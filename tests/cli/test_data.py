"""The command `spike-assets data check`: what it prints, and its exit status."""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spike_assets.cli.main import main
from spike_assets.sample.sample import sample_files

RAIN, PRICE, BANCO_CENTRAL = "precipitaciones.csv", "precio_leche.csv", "banco_central.csv"
NAMES = (RAIN, PRICE, BANCO_CENTRAL)
SYNTHETIC = "Checking embedded sample (SYNTHETIC, not real prices)"


@pytest.fixture(autouse=True)
def _working_folder(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run where a folder `mine` has the sample's files, and no setting names it."""
    monkeypatch.chdir(data_folder.parent)
    monkeypatch.delenv("SPIKE_DATA_DIR", raising=False)
    data_folder.rename("mine")


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["data", "check", *arguments], prog_name="spike-assets")


def damage(name: str, old: bytes, new: bytes) -> None:
    path = Path("mine", name)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def test_sample_is_checked_where_there_is_no_folder() -> None:
    """It has dirt and no faults, and nothing is written."""
    done = check()

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == SYNTHETIC
    assert [line.split("  ")[0] for line in lines if line[0] != " "][1:-1] == [
        *NAMES,
        "fao_food_price_indices.csv",
        "monthly_features",
    ]
    assert "  impossible periods: 1" in lines
    assert "  repeated months: 2" in lines
    assert lines[-1] == "no blocking faults"
    assert len(lines) < 40
    assert [path.name for path in Path().iterdir()] == ["mine"]


def test_real_files_pass(real_data: Path) -> None:
    """Their dirt is counted, and repaired cell by cell."""
    done = check(str(real_data))

    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert {
        "  impossible periods: 1",
        "    line 91, column Periodo: '2020-13-01 00:00:00 UTC'; "
        "row left out: there is no such month",
        "  repeated months: 2",
        "  unreadable cells: 17",
        "    line 178, column Imacec_industria: 'a'; read as no number",
        "    and 14 more",
        "  restored decimals: 11,372",
        "    and 11,369 more",
        "monthly_features  76 months in common  2014-01 to 2020-04",
    } <= set(lines)
    assert lines[-1] == "no blocking faults"


def test_all_lists_every_cell(real_data: Path) -> None:
    """One line each, whatever its length, as nobody looks at a screen."""
    done = check(str(real_data), "--all")

    assert done.exit_code == 0
    rows = [line for line in done.stdout.splitlines() if line.startswith("    line ")]
    # The doubtful decimals are listed twice: with the restored ones, and by themselves.
    assert len(rows) == 1 + 2 + 17 + 11372 + 76 + 5
    assert " more\n" not in done.stdout


@pytest.mark.parametrize("named_by", ["setting", "name"])
def test_folder_is_named_as_in_other_commands(
    monkeypatch: pytest.MonkeyPatch, named_by: str
) -> None:
    """By SPIKE_DATA_DIR, or as `data/`."""
    if named_by == "setting":
        monkeypatch.setenv("SPIKE_DATA_DIR", "mine")
    else:
        Path("mine").rename("data")

    folder = "mine" if named_by == "setting" else "data"
    assert check().stdout.startswith(f"Checking {folder}\n")


def test_argument_wins_over_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option of now counts more than a setting of once."""
    monkeypatch.setenv("SPIKE_DATA_DIR", "nowhere")

    assert check("mine").exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["--json"]], ids=["screen", "json"])
def test_missing_folder_is_an_error_of_one_line(arguments: list[str]) -> None:
    """There is nothing to check, and no falling back to the sample."""
    done = check("nowhere", *arguments)

    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: nowhere: no such folder; expected one with {', '.join(NAMES)}\n"
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        (
            PRICE,
            b"1979,Feb,",
            b"1979,Foo,",
            "precio_leche.csv, line 3, column 'Mes': 'Foo'; expected one of Ene, Feb, ",
        ),
        (
            RAIN,
            b"date,Coquimbo,",
            b"date,Atacama,",
            "mine/precipitaciones.csv: lacks 'Coquimbo'; its header is 'date', 'Atacama', ",
        ),
        (
            BANCO_CENTRAL,
            b"-01 00:00:00 UTC,",
            b"-17 00:00:00 UTC,",
            "banco_central.csv, line 2, column 'Periodo': '2013-03-17 00:00:00 UTC'; expected ",
        ),
    ],
    ids=["month name", "missing column", "period"],
)
def test_damaged_file_is_told_and_the_others_are_checked(
    *, name: str, old: bytes, new: bytes, fault: str
) -> None:
    """Exit status 1; file, line, column and value stand under the file."""
    damage(name, old, new)

    done = check("mine")

    assert done.exit_code == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    starts = [line.split("  ")[0] for line in lines]
    assert lines[starts.index(name) + 1].startswith(f"  {fault}")
    others = [other for other in NAMES if other != name]
    assert all(" to " in lines[starts.index(other)] for other in others)
    assert "monthly_features" not in starts
    assert lines[-1] == "1 file has blocking faults"


def test_missing_file_is_a_fault_of_its_own() -> None:
    """The two that are there are checked."""
    Path("mine", PRICE).unlink()

    done = check("mine")

    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    at = lines.index(PRICE)
    assert lines[at + 1] == f"  mine/{PRICE}: no such file; expected a CSV file"
    assert "  impossible periods: 1" in lines
    assert lines[-1] == "1 file has blocking faults"


def test_json_counts_for_programs() -> None:
    """It parses, has a fault as text and every repair as a number, and the status is the same."""
    damage(PRICE, b"1979,Feb,", b"1979,Foo,")

    done = check("mine", "--json")

    assert done.exit_code == 1
    summary = json.loads(done.stdout)
    assert summary["blocking"] is True
    rain, price, banco_central, _ = summary["files"]
    assert rain == {
        "file": RAIN,
        "rows": 496,
        "first_month": "1979-01",
        "last_month": "2020-04",
        "sha256": hashlib.sha256(sample_files()[RAIN]).hexdigest(),
        "repairs": {"repeated_months": 0, "unusual_values": 0},
        "warnings": [],
        "fault": None,
    }
    assert (price["rows"], price["first_month"], price["repairs"]) == (506, None, {})
    assert price["fault"].startswith("precio_leche.csv, line 3, column 'Mes': 'Foo'; ")
    assert banco_central["repairs"]["impossible_periods"] == 1
    assert banco_central["repairs"]["repeated_months"] == 2


def test_json_of_usable_files_blocks_nothing(real_data: Path) -> None:
    """The join is an entry of its own, without a hash."""
    done = check(str(real_data), "--json")

    assert done.exit_code == 0
    summary = json.loads(done.stdout)
    assert summary["blocking"] is False
    assert summary["files"][2]["repairs"]["restored_decimals"] == 11372
    assert [one["warnings"] for one in summary["files"]] == [[], [], [], [], []]
    assert summary["files"][4] == {
        "file": "monthly_features",
        "rows": 76,
        "first_month": "2014-01",
        "last_month": "2020-04",
        "sha256": None,
        "repairs": {},
        "warnings": [],
        "fault": None,
    }


def test_help_explains_the_exit_status() -> None:
    """Scripts rely on it."""
    done = check("--help")

    assert done.stdout.startswith("Usage: spike-assets data check [OPTIONS] [DIR]\n")
    assert "exit status is 1" in " ".join(done.stdout.split())
