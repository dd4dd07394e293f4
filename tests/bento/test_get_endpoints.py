"""What a real service answers to GET: history, models, versions, pages."""

import gzip
import json
import re
from pathlib import Path

import pandas as pd
import pytest

import spike_assets
from bento.api.models import VersionLine
from spike_assets.registry.model_store import ModelStore
from tests.support.tiny_store import folder_of, pretend_written_with, registered

PAGE = Path(__file__).parents[2] / "bento" / "page"


@pytest.fixture
def get(real_service):
    """What asks the service, and gives its answer."""

    def get(path: str):
        answer = real_service.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


@pytest.mark.parametrize("horizon", [1, 12])
def test_history_is_that_of_the_run(get, real_run, horizon):
    """Every price, and every forecast of that horizon with its intervals."""
    prices = pd.read_parquet(real_run.storage / "clean_milk_price.parquet")
    made = pd.read_parquet(real_run.storage / "forecast_history.parquet")
    made = made[(made["horizon"] == horizon) & made["actual_clp_per_litre"].notna()]

    found = get(f"/history?horizon={horizon}")["months"]

    assert [(one["month"], one["price_clp_per_litre"]) for one in found] == [
        (f"{row.month:%Y-%m}", row.price_clp_per_litre) for row in prices.itertuples()
    ]
    assert {
        one["month"]: one["forecast_clp_per_litre"]
        for one in found
        if one["forecast_clp_per_litre"] is not None
    } == {f"{row.month:%Y-%m}": row.forecast_clp_per_litre for row in made.itertuples()}
    last = made.iloc[-1]
    assert found[-1]["intervals"] == [
        {
            "level": level,
            "lower_clp_per_litre": last[f"lower_{level}_clp_per_litre"],
            "upper_clp_per_litre": last[f"upper_{level}_clp_per_litre"],
        }
        for level in (80, 95)
    ]


def test_history_is_a_month_ahead_if_nothing_is_said(get):
    """As the page shows it."""
    assert get("/history") == get("/history?horizon=1")


@pytest.mark.parametrize("horizon", ["0", "13", "-1", "1.0", "one", "", "٣"])
def test_history_of_no_horizon_is_a_400(real_service, horizon):
    """Whatever stands there."""
    answer = real_service.client.get("/history", params={"horizon": horizon})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "horizon"


def test_models_are_those_of_the_store(get, real_run):
    """Promoted since when and why, with months and scores."""
    store = ModelStore(real_run.bentoml_home)
    promotion = store.promotions()[-1]

    found = get("/models")

    assert found["promoted"]["models"] == store.promoted()
    assert found["promoted"]["reason"] == promotion.reason
    assert {one["tag"] for one in found["versions"]} == {one.tag for one in store.versions()}
    forecaster = next(one for one in found["versions"] if one["name"] == "forecaster")
    assert forecaster["served"] is True
    assert forecaster["served_because"] == promotion.reason
    assert forecaster["synthetic"] is False
    assert forecaster["months"] == {"first": "1979-01", "last": "2021-02", "count": 506}
    assert forecaster["metrics"]["months"] == 86
    assert forecaster["damage"] is None


@pytest.mark.parametrize("name", ["model1", "model2", "forecaster"])
def test_model_has_its_versions_and_promotions(get, name):
    """The same as in the list of all."""
    everything = get("/models")

    found = get(f"/models/{name}")

    assert found["served"] == everything["promoted"]["models"][name]
    assert found["versions"] == [one for one in everything["versions"] if one["name"] == name]
    assert found["promotions"] == [everything["promoted"]]


@pytest.mark.parametrize("name", ["model9", "MODEL1", "model1/", "..%2Fmodel1", ""])
def test_model_of_no_such_name_is_a_404(real_service, name):
    """A path is never made of what is asked for."""
    answer = real_service.client.get(f"/models/{name}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_version_says_what_answers(get, real_run):
    """The service, its libraries, the tags."""
    found = get("/version")

    assert found["version"] == spike_assets.__version__
    assert found["bento"] is None
    assert found["libraries"]["scikit-learn"].startswith("1.9.")
    assert found["models"] == ModelStore(real_run.bentoml_home).promoted()
    assert found["synthetic"] is False


def test_sample_is_called_synthetic(sample_service):
    """Wherever models are described."""
    client = sample_service.client

    assert client.get("/version").json()["synthetic"] is True
    assert client.get("/history").json()["synthetic"] is True
    assert all(one["synthetic"] for one in client.get("/models").json()["versions"])


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/docs/swagger-ui-bundle.js", "/page/scripts/main.js"]
)
def test_pages_come_compressed_and_are_not_sent_twice(real_service, path):
    """A phone loads each file once."""
    client = real_service.client
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as compressed:
        raw = b"".join(compressed.iter_raw())
    again = client.get(path, headers={"If-None-Match": plain.headers["ETag"]})

    assert plain.status_code == compressed.status_code == 200
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(raw) == plain.content
    assert again.status_code == 304
    assert again.content == b""
    assert "script-src 'self'; style-src 'self';" in plain.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("accept_encoding", "is_compressed"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("notgzip", False),
        ("", False),
    ],
)
def test_compression_is_negotiated(sample_service, accept_encoding, is_compressed):
    """By the name of the coding and its weight."""
    answer = sample_service.client.get("/", headers={"Accept-Encoding": accept_encoding})

    assert (answer.headers.get("Content-Encoding") == "gzip") is is_compressed


def test_pages_load_nothing_from_elsewhere(real_service):
    """No content delivery network, no tracker."""
    for path in ("/", "/docs"):
        assert "//" not in real_service.client.get(path).text.replace("<!doctype", "")


def test_page_loads_every_script_and_style_at_once(real_service):
    """None waits for another one to ask for it."""
    page = real_service.client.get("/").text
    linked = re.findall(r'(?:href|src)="page/((?:scripts|styles)/[^"]+)"', page)

    files = [*(PAGE / "scripts").glob("*.js"), *(PAGE / "styles").glob("*.css")]
    assert set(linked) == {path.relative_to(PAGE).as_posix() for path in files}


def test_whole_document_is_json_that_names_every_path(real_service):
    """One document for all that can be asked."""
    document = json.loads(real_service.client.get("/docs.json").content)

    assert set(document["paths"]) == {
        "/evaluate",
        "/forecast",
        "/history",
        "/livez",
        "/metrics",
        "/models",
        "/models/{name}",
        "/predict",
        "/readyz",
        "/version",
    }


def test_version_of_another_minor_release_is_listed_with_why_it_is_not_served(tmp_path):
    """The same sentence as in `spike-assets models list`."""
    store = ModelStore(tmp_path)
    tag = registered(store, "model1")
    pretend_written_with(folder_of(store, tag), library="skops", other="0.1.2")

    line = VersionLine.of(store.version(tag))

    assert line.damage.startswith("was written with skops 0.1.2, and ")
