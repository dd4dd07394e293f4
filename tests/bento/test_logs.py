"""What a real service leaves behind of a request: log lines, recorded predictions, metrics."""

import json
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = json.loads((ROOT / "examples" / "request.json").read_text())
OLD_CONVENTION = {
    "query": [{**EXAMPLE["query"][0], "PIB": round(EXAMPLE["query"][0]["PIB"] * 1e4)}]
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where this service logs."""
    return tmp_path_factory.mktemp("logged")


@pytest.fixture(scope="module")
def service(sample_run, start_service, folder):
    """A service of this module's own, so that its figures can be counted."""
    with start_service(sample_run.environment, folder) as service:
        yield service


def whole_lines(text: str) -> list[str]:
    """Leave out a last line that is being written."""
    return [line for line in text.splitlines(keepends=True) if line.endswith("\n")]


def found_soon(lines, *, request_id: str) -> dict:
    """Wait for the line of a request, which is written a moment after its answer."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for line in lines():
            if (found := json.loads(line)).get("request_id") == request_id:
                return found
        time.sleep(0.05)
    raise AssertionError(f"there is no line of {request_id}")


def logged(service, *, request_id: str) -> dict:
    return found_soon(lambda: whole_lines(service.log), request_id=request_id)


def recorded(folder: Path, *, request_id: str) -> dict:
    def lines() -> list[str]:
        files = (folder / "monitoring").glob("*.jsonl")
        return [line for file in files for line in whole_lines(file.read_text())]

    return found_soon(lines, request_id=request_id)


def figure(service, name: str, **labels: str) -> float:
    """Read a figure from /metrics; 0 if it is not there yet."""
    for line in service.client.get("/metrics").text.splitlines():
        if line.partition("{")[0].partition(" ")[0] == name and all(
            f'{label}="{value}"' in line for label, value in labels.items()
        ):
            return float(line.rpartition(" ")[2])
    return 0.0


def test_every_line_is_a_json_object(service):
    """One stream that a log shipper can read, from the first line of the command on."""
    service.client.get("/nope%0a{}")
    service.client.post("/predict", json=EXAMPLE)

    lines = [json.loads(line) for line in whole_lines(service.log)]

    assert "Starting production HTTP BentoServer" in lines[0]["message"]
    assert len(lines) > 1
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_prediction_is_logged_with_its_id_model_latency_and_rows(service):
    """Under the id that the client gave, and got back."""
    answer = service.client.post("/predict", json=EXAMPLE, headers={"X-Request-ID": "mine-1"})

    line = logged(service, request_id="mine-1")
    assert answer.headers["X-Request-ID"] == "mine-1"
    assert line["logger"] == "spike_assets.access"
    assert (line["method"], line["path"], line["status"]) == ("POST", "/predict", 200)
    assert line["model_tag"] == answer.headers["X-Model-Tag"]
    assert (line["n_rows"], line["n_rescaled_cells"]) == (2, 0)
    assert line["latency_ms"] > 0


def test_forecast_is_logged_with_its_months(service):
    """As a prediction is with its rows."""
    service.client.post("/forecast", json={"horizon": 5}, headers={"X-Request-ID": "mine-2"})

    line = logged(service, request_id="mine-2")
    assert line["n_rows"] == 5
    assert line["model_tag"].startswith("forecaster:")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/predict", EXAMPLE),
        ("/forecast", {"horizon": 2}),
        ("/evaluate", {"actuals": [{"month": "2020-12", "price_clp_per_litre": 290}]}),
    ],
)
def test_answer_is_recorded_with_its_inputs(service, folder, path, body):
    """The whole question and the whole answer, for monitoring the model later."""
    answer = service.client.post(path, json=body)

    found = recorded(folder, request_id=answer.headers["X-Request-ID"])

    assert found["path"] == path
    assert found["request"] == body
    assert found["response"] == answer.json()
    assert found["model_tag"] == answer.headers["X-Model-Tag"]


def test_refused_request_is_not_recorded(service, folder):
    """It says nothing about a model."""
    refused = service.client.post("/forecast", json={"horizon": 13})
    answered = service.client.post("/forecast", json={"horizon": 1})

    recorded(folder, request_id=answered.headers["X-Request-ID"])
    files = (folder / "monitoring").glob("*.jsonl")
    assert refused.headers["X-Request-ID"] not in "".join(file.read_text() for file in files)


def test_answers_and_rows_are_counted_by_model_and_tag(service):
    """Whoever watches sees which version answers how much."""
    tag = service.client.post("/predict", json=EXAMPLE).headers["X-Model-Tag"]
    labels = {"endpoint": "predict", "model": "model1", "tag": tag}
    before = figure(service, "spike_predictions_total", **labels)
    rows_before = figure(service, "spike_rows_per_request_sum", endpoint="predict")

    service.client.post("/predict", json=EXAMPLE)

    assert figure(service, "spike_predictions_total", **labels) == before + 1
    assert figure(service, "spike_rows_per_request_sum", endpoint="predict") == rows_before + 2


def test_rescaled_cells_are_counted(service):
    """So that it shows when the last client of the old convention is gone."""
    before = figure(service, "spike_rescaled_cells_total")

    answer = service.client.post("/predict", json=OLD_CONVENTION)

    assert answer.headers["X-Rescaled-Cells"] == "1"
    assert figure(service, "spike_rescaled_cells_total") == before + 1


@pytest.mark.parametrize(
    ("method", "path", "reason"),
    [
        ("POST", "/predict", "bad_request"),
        ("GET", "/nope", "not_found"),
        ("GET", "/predict", "method_not_allowed"),
    ],
)
def test_refusals_are_counted_by_reason(service, method, path, reason):
    """Whether by the edge or by an endpoint."""
    before = figure(service, "spike_refused_requests_total", reason=reason)

    service.client.request(method, path, json={})

    assert figure(service, "spike_refused_requests_total", reason=reason) == before + 1


def test_ages_are_in_days(service):
    """The sample ends in February 2021 for prices; the models were registered just now."""
    model_age_days = figure(service, "spike_model_age_days", model="forecaster")
    data_age_days = figure(service, "spike_data_age_days", model="forecaster")
    since_march_2021_days = (time.time() - 1_614_556_800) / 86_400

    assert 0 < model_age_days < 1
    assert data_age_days == pytest.approx(since_march_2021_days, abs=0.1)


def test_paths_that_are_not_there_make_no_labels(service):
    """Whoever asks for a million of them must not fill the memory."""
    for at in range(5):
        service.client.get(f"/made-up-{at}")
        service.client.get(f"/static_content/made-up-{at}")

    assert "made-up" not in service.client.get("/metrics").text


def test_second_service_with_the_same_folder_records_in_a_file_of_its_own(
    sample_run, start_service, service, folder, tmp_path
):
    """As two `bentoml serve` in one working directory do."""
    monitoring = folder / "monitoring"

    def file_with(request_id: str) -> Path:
        recorded(folder, request_id=request_id)
        (found,) = [one for one in monitoring.glob("*.jsonl") if request_id in one.read_text()]
        return found

    first = service.client.post("/forecast", json={"horizon": 1}).headers["X-Request-ID"]
    file_of_first = file_with(first)
    with start_service(
        sample_run.environment, tmp_path, SPIKE_PREDICTION_LOG=str(monitoring)
    ) as second:
        others = second.client.post("/forecast", json={"horizon": 2}).headers["X-Request-ID"]
        file_of_second = file_with(others)

    assert file_of_second == file_of_first.with_stem(f"{file_of_first.stem}-2")


def test_recording_can_be_switched_off(sample_run, start_service, tmp_path):
    """For whoever must not keep what is asked."""
    with start_service(sample_run.environment, tmp_path, SPIKE_PREDICTION_LOG="off") as service:
        service.client.post("/forecast", json={}).raise_for_status()

    assert not list(tmp_path.rglob("*.jsonl"))
