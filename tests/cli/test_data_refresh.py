"""The commands `spike-assets data refresh` and `data sources`, against a publisher on loopback."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from spike_assets.cli.main import main
from spike_assets.publishers import fao
from tests.support.publisher_server import Answer, PublisherServer

FILE = "fao_food_price_indices.csv"
LINK = b"<a href='/food_price_indices_data.csv'>CSV</a>"
API = "/series-precios/results"


def months_back(count: int) -> list[str]:
    """Return the months before this one, oldest first, as `2026-10`."""
    now = datetime.now(UTC).year * 12 + datetime.now(UTC).month - 1
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(now - count, now)]


def index_file(**values: float) -> bytes:
    rows = "".join(f"{month},,,{value},,,\n" for month, value in values.items())
    return f"FAO\n2014-2016=100\nDate,Food,Meat,Dairy,Cereals,Oils,Sugar\n{rows}".encode()


@pytest.fixture(autouse=True)
def _world(
    data_folder: Path, tmp_path: Path, publisher: PublisherServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ask the FAO only, which is here; the folder `data` has the sample's three files."""
    monkeypatch.chdir(tmp_path)
    for name in ("SPIKE_DATA_DIR", "SPIKE_STORAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPIKE_LIVE", "fao")
    monkeypatch.setenv("SPIKE_FAO_URL", publisher.url)
    (data_folder / FILE).unlink()
    publisher.answers[fao.PAGE] = Answer(LINK)


def publish(publisher: PublisherServer, **values: float) -> None:
    publisher.answers["/food_price_indices_data.csv"] = Answer(index_file(**values))


def run(command: str) -> Result:
    return CliRunner().invoke(main, ["data", command], prog_name="spike-assets")


def cells(result: Result, publisher: str = "FAO") -> list[str]:
    line, *_ = [line for line in result.stdout.splitlines() if line.strip().startswith(publisher)]
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_new_months_are_received_and_shown(publisher: PublisherServer):
    """The file is not there, so all of them are new; the publishers left out are named."""
    first, second, third = months_back(3)
    publish(publisher, **{first: 120.1, second: 121.2, third: 122.3})

    done = run("refresh")

    assert done.exit_code == 0, done.output
    assert cells(done) == ["FAO, food price index", "none", third, "3", "0", "0"]
    assert cells(done, "ODEPA") == ["ODEPA, milk price", "not asked: left out by SPIKE_LIVE"]
    assert len(list(Path("storage/received/answers").iterdir())) == 1


def test_revised_values_are_listed_with_before_and_now(publisher: PublisherServer):
    """The newest month before is that of the last refresh."""
    first, second, third = months_back(3)
    publish(publisher, **{first: 120.1, second: 121.2})
    run("refresh")
    publish(publisher, **{first: 120.1, second: 125.0, third: 122.3})

    done = run("refresh")

    assert cells(done) == ["FAO, food price index", second, third, "1", "1", "0"]
    assert (
        f"FAO, food price index, {second}, dairy_price_index: 121.2 before, 125 now"
        in done.stdout.splitlines()
    )


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Answer(status=404), "HTTP 404 Not Found"),
        (Answer(b"<html>Maintenance</html>"), "fao_food_price_indices.csv"),
    ],
)
def test_failed_publisher_is_an_exit_status_and_loses_nothing(
    publisher: PublisherServer, answer: Answer, cause: str
):
    """The answers received before are still the newest."""
    first, second = months_back(2)
    publish(publisher, **{first: 120.1, second: 121.2})
    run("refresh")
    publisher.answers["/food_price_indices_data.csv"] = answer

    done = run("refresh")

    assert done.exit_code == 1
    assert cells(done) == ["FAO, food price index", "failed"]
    assert cause in done.stdout
    assert cells(run("sources"))[-1] == second


def test_implausible_number_is_refused_with_its_place(publisher: PublisherServer):
    """A run would refuse it, and then the month before could not be forecast from either."""
    months = months_back(14)
    publish(publisher, **dict.fromkeys(months, 120.0) | {months[-1]: 12.0})

    done = run("refresh")

    assert done.exit_code == 1
    assert f"{FILE}, line 17, column 'Dairy': '12.0'; expected 24 to 600 index" in done.stdout
    assert not Path("storage/received").exists()


def test_sample_is_not_mixed_with_live_numbers(publisher: PublisherServer, data_folder: Path):
    """Without a folder there is nothing real to continue."""
    data_folder.rename("elsewhere")

    done = run("refresh")

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: live numbers continue the real files, and here is only")
    assert publisher.questions == []


def test_sources_show_who_is_asked_and_answers(publisher: PublisherServer):
    """The cause stands where one does not."""
    assert cells(run("sources")) == ["FAO, food price index", "yes", "yes", "never", "none"]
    publisher.answers[fao.PAGE] = Answer(status=403)
    assert cells(run("sources"))[2] == "no: HTTP 403 Forbidden"


def test_setting_that_is_invalid_is_one_line(monkeypatch: pytest.MonkeyPatch):
    """Before anybody is asked."""
    monkeypatch.setenv("SPIKE_LIVE", "foa")

    done = run("refresh")

    assert done.exit_code == 1
    assert done.stderr.startswith("Error: SPIKE_LIVE: 'foa' is not a publisher; expected some of ")


def test_milk_price_continues_the_file(publisher: PublisherServer, monkeypatch: pytest.MonkeyPatch):
    """The sample's prices end in 2021-02; ODEPA has the months after."""
    monkeypatch.setenv("SPIKE_LIVE", "odepa")
    monkeypatch.setenv("SPIKE_ODEPA_URL", publisher.url)
    publisher.answers[f"{API}/sub-sectores-by-tipo-mercado"] = Answer(
        json.dumps([{"sseCod": 18, "sseDes": "Lácteos"}]).encode()
    )
    publisher.answers[f"{API}/productos-by-sub-sector"] = Answer(
        json.dumps([{"id": 453, "producto": "Leche total país productor"}]).encode()
    )

    def prices(question) -> Answer:
        rows = []
        if question.body["periodoInicio"] == "01/01/2019":
            rows = [{"glosa": "Marzo", "ano3": "281,5"}, {"glosa": "Abril", "ano3": 290}]
        return Answer(json.dumps({"resultAvanceProducto": rows}).encode())

    publisher.answers[f"{API}/avance-por-productos"] = prices

    done = run("refresh")

    assert done.exit_code == 0, done.output
    assert cells(done, "ODEPA") == ["ODEPA, milk price", "2021-02", "2021-04", "2", "0", "0"]
