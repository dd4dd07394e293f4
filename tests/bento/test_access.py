"""Who may ask a real service, and what it says if it is set up wrongly."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEY, OTHER_KEY = "correct-horse-battery", "staple-of-another-client"
PUBLIC = ("/", "/docs", "/docs/docs.js", "/page/scripts/main.js", "/livez", "/readyz", "/healthz")
PROTECTED = ("/docs.json", "/history", "/metrics", "/models", "/models/model1", "/version")


@pytest.fixture(scope="module")
def service(sample_run, start_service, tmp_path_factory):
    """The service with two keys."""
    folder = tmp_path_factory.mktemp("with_keys")
    keys = f"{KEY}, {OTHER_KEY}"
    with start_service(sample_run.environment, folder, SPIKE_API_KEY=keys) as service:
        yield service


@pytest.mark.parametrize("path", PUBLIC)
def test_health_and_the_files_of_the_pages_need_no_key(service, path):
    """Whoever watches the service, and a browser before it has asked for the key."""
    assert service.client.get(path).status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_whatever_else_is_read_needs_a_key(service, path):
    """Data, models and figures."""
    refused = service.client.get(path)

    assert refused.status_code == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert service.client.get(path, headers={"X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize("path", ["/predict", "/forecast", "/evaluate", "/nope", "/schema.json"])
def test_whatever_is_asked_needs_a_key(service, path):
    """Without one nobody learns even what there is."""
    assert service.client.post(path, json={}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"bearer {OTHER_KEY}"},
        {"X-API-Key": OTHER_KEY},
    ],
)
def test_each_key_opens_the_service(service, headers):
    """In either header."""
    assert service.client.post("/forecast", json={}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY[:-1]}"},
        {"Authorization": f"Bearer {KEY}, {OTHER_KEY}"},
        {"Authorization": f"Basic {KEY}"},
        {"X-API-Key": ""},
        {"X-API-Key": f"{KEY}, {OTHER_KEY}"},
    ],
)
def test_anything_else_does_not(service, headers):
    """A part of a key, or all of them as one."""
    assert service.client.post("/forecast", json={}, headers=headers).status_code == 401


def test_document_says_that_a_key_is_needed(service, sample_service):
    """Where one is, and only there."""
    with_key = service.client.get("/docs.json", headers={"X-API-Key": KEY}).json()
    without = sample_service.client.get("/docs.json").json()

    assert with_key["paths"]["/forecast"]["post"]["security"] == [{"bearer": []}, {"api_key": []}]
    assert "security" not in with_key["paths"]["/livez"]["get"]
    assert "security" not in without["paths"]["/forecast"]["post"]


def test_keys_are_never_logged(service):
    """Neither those that are set nor those that are tried."""
    service.client.get("/models", headers={"X-API-Key": "tried-but-wrong-key"})

    assert KEY not in service.log
    assert "tried-but-wrong-key" not in service.log


def test_service_without_keys_says_that_it_answers_this_machine_only(sample_service):
    """In its log, where whoever exposes it looks first."""
    assert "SPIKE_API_KEY is not set" in sample_service.log
    assert "Set it behind a proxy" in sample_service.log


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SPIKE_API_KEY", "short"),
        ("SPIKE_RATE_LIMIT", "many"),
        ("SPIKE_BODY_LIMIT_BYTES", "8 MiB"),
        ("SPIKE_CONCURRENCY_LIMIT", "0"),
    ],
)
def test_service_with_a_wrong_setting_does_not_start_and_names_it(
    isolated_environment, tmp_path, free_port, variable, value
):
    """At once and in a sentence, not in the log of a worker that is started again and again."""
    environment = isolated_environment(tmp_path) | {
        variable: value,
        "BENTOML_PORT": str(free_port()),
    }

    done = subprocess.run(
        [Path(sys.executable).parent / "bentoml", "serve"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert f"{variable}: " in done.stderr
    assert "Traceback" not in done.stderr
