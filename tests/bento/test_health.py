"""Health, readiness and metrics, with and without models to serve."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.support.watched_service import seconds_until

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = json.loads((ROOT / "examples" / "request.json").read_text())


@pytest.mark.parametrize(
    "path", ["/healthz", "/livez", "/readyz", "/metrics", "/docs.json", "/docs", "/"]
)
def test_service_with_models_answers(sample_service, path):
    """Everything that watches a service finds it well."""
    assert sample_service.client.get(path).status_code == 200


def test_metrics_count_requests(sample_service):
    """Prometheus reads how often /predict was asked."""
    sample_service.client.post("/predict", json=EXAMPLE)

    metrics = sample_service.client.get("/metrics").text

    assert 'endpoint="/predict"' in metrics


def test_second_service_on_the_same_home_leaves_the_metrics_of_the_first(
    sample_service, sample_run, start_service, tmp_path
):
    """Each counts in a folder of its own, which is removed with it."""
    sample_service.client.post("/predict", json=EXAMPLE)
    before = n_predictions(sample_service)

    with start_service(sample_run.environment, tmp_path, TMPDIR=str(tmp_path)) as second:
        assert n_predictions(second) == 0
        assert len(list(tmp_path.glob("spike-metrics-*"))) == 1

    assert n_predictions(sample_service) == before >= 1
    assert not list(tmp_path.glob("spike-metrics-*"))


def n_predictions(service):
    """Return how many predictions a service has counted."""
    line = re.search(
        r'bentoml_service_request_total{endpoint="/predict",http_response_code="200".*} (.+)',
        service.client.get("/metrics").text,
    )
    return float(line[1]) if line else None


def test_service_without_models_is_alive_not_ready_and_says_why(
    start_service, isolated_environment, tmp_path
):
    """Without a store it starts, and names the command that fixes it."""
    with start_service(isolated_environment(tmp_path), tmp_path) as service:
        alive = service.client.get("/livez")
        ready = service.client.get("/readyz")
        answer = service.client.post("/predict", json=EXAMPLE)

        assert alive.status_code == 200
        assert ready.status_code == 503
        assert "no model is promoted" in ready.text
        assert answer.status_code == 503
        assert "make run" in answer.json()["detail"]
        assert "Traceback" not in service.log


def test_service_that_started_too_early_answers_once_models_are_promoted(
    start_service, isolated_environment, sample_run, tmp_path
):
    """Whoever starts the service before training need not start it again."""
    environment = isolated_environment(tmp_path)
    with start_service(environment, tmp_path) as service:
        assert service.client.get("/readyz").status_code == 503

        shutil.copytree(sample_run.bentoml_home, environment["BENTOML_HOME"], dirs_exist_ok=True)

        seconds_until(lambda: service.client.get("/readyz").is_success)
        assert service.client.post("/predict", json=EXAMPLE).status_code == 200


def test_service_with_a_damaged_model_is_not_ready_and_says_which(
    start_service, isolated_environment, sample_run, tmp_path
):
    """A payload that is not the one registered is never served."""
    environment = isolated_environment(tmp_path)
    home = Path(environment["BENTOML_HOME"])
    shutil.copytree(sample_run.bentoml_home, home)
    payload = next(home.glob("models/model2/*/payload.skops"))
    payload.write_bytes(payload.read_bytes()[:-1] + b"?")

    with start_service(environment, tmp_path) as service:
        ready = service.client.get("/readyz")

        assert ready.status_code == 503
        assert f"model2:{payload.parent.name}" in ready.text
        assert "SHA-256" in ready.text
        assert "Traceback" not in service.log
