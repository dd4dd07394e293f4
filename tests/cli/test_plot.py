"""The commands `spike-assets plot …`: the file they write, what they print, how they fail."""

import io
from pathlib import Path

import matplotlib.image
import pytest
from click.testing import CliRunner, Result
from matplotlib.figure import Figure

from spike_assets.cli import plot as plot_command
from spike_assets.cli.plot import plot

SYNTHETIC = "Drawn from the embedded sample (SYNTHETIC, not real prices)"


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where commands run: no folder data/ and no setting that names one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPIKE_DATA_DIR", raising=False)
    return tmp_path


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures of which commands made a PNG."""
    kept: list[Figure] = []
    png = plot_command.png

    def keeping(figure: Figure) -> bytes:
        kept.append(figure)
        return png(figure)

    monkeypatch.setattr(plot_command, "png", keeping)
    return kept


def run(*arguments: str) -> Result:
    return CliRunner().invoke(plot, arguments)


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, decoded."""
    pixels = matplotlib.image.imread(io.BytesIO(path.read_bytes()), format="png")
    return pixels.shape[1], pixels.shape[0]


@pytest.mark.parametrize(
    ("arguments", "file_name"),
    [
        (["rain", "--region", "Los_Rios", "--from", "2010-01", "--to", "2015-12"], "rain.png"),
        (["rain-by-year", "--region", "Maule", "--year", "2010"], "rain-by-year.png"),
        (["pib", "PIB", "PIB_Mineria", "--from", "2014-01"], "pib.png"),
        (["price"], "price.png"),
        (["missing"], "missing.png"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_without_data_the_sample_is_drawn_and_says_so(
    empty_folder: Path, figures: list[Figure], arguments: list[str], file_name: str
) -> None:
    """The path on stdout for scripts, the warning on stderr and in the picture, nothing else."""
    done = run(*arguments)

    assert done.exit_code == 0, done.output
    assert done.stdout == f"{file_name}\n"
    assert done.stderr == f"{SYNTHETIC}\n"
    assert [path.name for path in empty_folder.iterdir()] == [file_name]
    assert size(empty_folder / file_name)[0] == 1100
    (figure,) = figures
    assert figure.get_suptitle().endswith(f"\n{SYNTHETIC}")


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (
            ["rain", "--region", "Los_Rios", "--from", "2010-01", "--to", "2015-12"],
            "Rain in Los Rios, 2010-01 to 2015-12",
        ),
        (["rain", "--region", "Coquimbo"], "Rain in Coquimbo, 1979-01 to 2020-04"),
        (["rain-by-year", "--region", "Maule"], "Rain in Maule by year"),
        (
            ["pib", "PIB", "PIB_Mineria", "--from", "2014-01", "--to", "2019-12"],
            "PIB and PIB_Mineria, 2014-01 to 2019-12",
        ),
        (["pib", "Mineria", "Imacec_minero"], "PIB_Mineria and Imacec_minero, 1996-01 to 2020-10"),
        (
            ["price"],
            "Price of milk paid to dairy farms, nominal, without VAT, 1979-01 to 2021-02",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_real_files_are_drawn_as_they_were_asked_for(
    real_data: Path, figures: list[Figure], arguments: list[str], title: str
) -> None:
    """Nothing says synthetic, and no warning is printed."""
    done = run(*arguments, "--data", str(real_data), "-o", "chart.png")

    assert done.exit_code == 0, done.output
    assert (done.stdout, done.stderr) == ("chart.png\n", "")
    assert size(Path("chart.png"))[0] == 1100
    (figure,) = figures
    assert figure.get_suptitle() == title


def test_years_that_were_named_are_drawn(real_data: Path, figures: list[Figure]) -> None:
    """The option may be repeated; other years count in the mean alone."""
    years = ["--year", "2011", "--year", "1997"]

    run("rain-by-year", "--region", "Maule", *years, "--data", str(real_data))

    (figure,) = figures
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == ["1997", "2011", "mean of 1979 to 2020"]


def test_map_of_missing_months_covers_all_files(real_data: Path, figures: list[Figure]) -> None:
    """Rain, price and macroeconomic series, over all months that one of them has."""
    run("missing", "--data", str(real_data))

    (figure,) = figures
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert {"Coquimbo", "price_clp_per_litre", "PIB", "Imacec_minero", "dairy_price_index"} <= set(
        names
    )
    assert figure.get_suptitle().startswith("Months with a value, 1970-01 to 2026-03: ")


def test_setting_names_the_folder_as_well(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SPIKE_DATA_DIR means the same to all commands."""
    monkeypatch.setenv("SPIKE_DATA_DIR", str(real_data))

    assert run("price").stderr == ""


def test_option_wins_over_the_setting(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An option of now counts more than a setting of once."""
    monkeypatch.setenv("SPIKE_DATA_DIR", "nowhere")

    assert run("price", "--data", str(real_data)).exit_code == 0


def test_only_the_file_that_is_drawn_is_read(real_data: Path, tmp_path: Path) -> None:
    """A fault in another file is no reason not to see this one."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("precipitaciones.csv", "precio_leche.csv"):
        (folder / name).write_bytes((real_data / name).read_bytes())
    (folder / "banco_central.csv").write_bytes(b"broken")

    assert run("rain", "--region", "Maule", "--data", "mine").exit_code == 0
    assert run("pib", "PIB", "Mineria", "--data", "mine").exit_code == 1


def test_file_that_is_there_is_kept_unless_forced() -> None:
    """The message says both ways out."""
    path = Path("price.png")
    path.write_bytes(b"mine")

    refused = run("price")
    kept = path.read_bytes()
    forced = run("price", "--force")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == (
        "Error: price.png: is there already; --force overwrites it, -o names another file\n"
    )
    assert kept == b"mine"
    assert forced.exit_code == 0
    assert size(path) == (1100, 600)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["rain", "--region", "Los_Rio"],
            "--region: 'Los_Rio' is not among the 8 columns: Coquimbo, Valparaiso, "
            "Metropolitana_de_Santiago, Libertador_Gral__Bernardo_O_Higgins, Maule, Biobio, "
            "La_Araucania, Los_Rios; did you mean Los_Rios?",
        ),
        (
            ["rain", "--region", "Maule", "--from", "2010"],
            "--from: '2010' is not a month; expected YYYY-MM",
        ),
        (
            ["rain", "--region", "Maule", "--from", "2010-01", "--to", "2009-12"],
            "--to: 2009-12 is before the first month, 2010-01",
        ),
        (
            ["rain", "--region", "Maule", "--to", "2021-01"],
            "--to: 2021-01 is not in the data; there are 1979-01 to 2020-04",
        ),
        (
            ["rain-by-year", "--region", "Maule", "--year", "2021"],
            "--year: 2021 not in the data; there are 1979 to 2020",
        ),
        (
            ["pib", "PIB", "Mineria", "--from", "2012-12"],
            "--from: 2012-12 is not in the data; there are 2013-01 to 2020-09",
        ),
        (
            ["price", "-o", "price.jpg"],
            "price.jpg: would hold a PNG; expected a name ending in .png",
        ),
        (
            ["price", "-o", "nowhere/price.png"],
            "nowhere/price.png: can't be written (No such file or directory)",
        ),
        (
            ["price", "--data", "nowhere"],
            "nowhere: no such folder; expected one with precipitaciones.csv, precio_leche.csv, "
            "banco_central.csv",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_fault_is_one_line_and_leaves_no_file(
    empty_folder: Path, arguments: list[str], message: str
) -> None:
    """Exit code 1, no traceback, and the option is called as it was typed."""
    done = run(*arguments)

    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert (done.stdout, done.stderr) == ("", f"Error: {message}\n")
    assert list(empty_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("first", "second", "argument"), [("Minera", "PIB", "FIRST"), ("PIB", "Minera", "SECOND")]
)
def test_unknown_series_suggests_a_close_one(first: str, second: str, argument: str) -> None:
    """Also without the prefix, and it says which of the two it was."""
    done = run("pib", first, second)

    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {argument}: 'Minera' is not among the ")
    assert line.endswith("; did you mean PIB_Mineria?")


def test_damaged_file_is_named_with_its_line(real_data: Path, tmp_path: Path) -> None:
    """The same message as in the graph, without a traceback."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for path in real_data.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "precio_leche.csv").write_bytes(b"Anio,Mes,Precio_leche\n2014,Foo,200\n")

    done = run("price", "--data", "mine")

    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: precio_leche.csv, line 2, column 'Mes': 'Foo'; expected ")


def test_help_lists_the_pictures() -> None:
    """Each command explains itself in a line."""
    done = run("--help")

    assert done.exit_code == 0
    for command in ("missing", "pib", "price", "rain", "rain-by-year"):
        assert f"  {command} " in done.stdout
