"""`POST /predict` of a real service, asked over HTTP."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from spike_assets.charts.notebook_numbers import all_digits
from spike_assets.registry.model_store import ModelStore
from spike_assets.sample.export_format import lose_decimal_point
from spike_assets.series.catalogue import FEATURE_NAMES, PIB

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = json.loads((ROOT / "examples" / "request.json").read_text())
ROW = EXAMPLE["query"][0]


def assert_soon(holds) -> None:
    """Wait for a line of the log, which is written a moment after the answer."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def without(name: str) -> dict:
    return {column: value for column, value in ROW.items() if column != name}


@pytest.mark.parametrize("name", ["model1", "model2"])
def test_answers_equal_the_stored_model_called_directly(sample_run, sample_service, name):
    """What was trained, saved and loaded predicts over HTTP what it predicts in this process."""
    features = pd.read_parquet(sample_run.storage / "monthly_features.parquet")
    rows = features[list(FEATURE_NAMES)]
    model = ModelStore(sample_run.bentoml_home).load_promoted()[name]

    answer = sample_service.client.post(
        "/predict", json={"query": rows.to_dict(orient="records"), "model": name}
    )

    assert answer.status_code == 200
    assert answer.json() == {"prediction": model.model.predict(rows.to_numpy()).tolist()}
    assert answer.headers["X-Model-Tag"] == model.tag


def test_answer_of_a_model_trained_on_the_sample_says_that_it_is_synthetic(sample_service):
    """Whoever reads only the answer still learns that it is not about real prices."""
    answer = sample_service.client.post("/predict", json=EXAMPLE)

    assert "synthetic" in answer.headers["X-Model-Data"]


def test_answer_of_a_model_trained_on_the_real_files_says_nothing_of_a_sample(real_service):
    """The warning about the sample stands only where it is due."""
    answer = real_service.client.post("/predict", json=EXAMPLE)

    assert answer.status_code == 200
    assert "X-Model-Data" not in answer.headers


def test_first_months_of_2014_come_back_near_what_was_paid(real_run, real_service):
    """model1 is within 20 CLP of January and February 2014; the seed's was 31 and 47 off."""
    features = pd.read_parquet(real_run.storage / "monthly_features.parquet")
    rows = features[list(FEATURE_NAMES)].head(2).to_dict(orient="records")

    prices = real_service.client.post("/predict", json={"query": rows}).json()["prediction"]

    assert prices == pytest.approx([213.02, 219.03], abs=20)


def test_model_is_model1_if_none_is_named_and_column_order_does_not_matter(sample_service):
    """Old clients name no model, and send the columns in an order of their own."""
    reversed_rows = [dict(reversed(row.items())) for row in EXAMPLE["query"]]

    named = sample_service.client.post("/predict", json={**EXAMPLE, "model": "model1"})
    unnamed = sample_service.client.post("/predict", json={"query": reversed_rows})

    assert unnamed.status_code == 200
    assert unnamed.json() == named.json()


def test_whole_numbers_written_as_decimals_are_the_same_year_and_month(sample_service):
    """A data frame turned to JSON often holds 2014.0."""
    row = {**ROW, "ano": float(ROW["ano"]), "mes": float(ROW["mes"])}

    answer = sample_service.client.post("/predict", json={"query": [row, ROW]})

    first, second = answer.json()["prediction"]
    assert first == second


@pytest.mark.parametrize(
    ("body", "field", "fault"),
    [
        ({"query": [ROW], "model": "model9"}, "model", "'model1' or 'model2'"),
        ({"query": [ROW], "modell": "model1"}, "modell", "Extra inputs"),
        ({"query": []}, "query", "at least 1 item"),
        ({"query": ROW}, "query", "valid array"),
        ({}, "query", "required"),
        ({"query": [without("Biobio")]}, "query[0].Biobio", "required"),
        ({"query": [ROW, {**ROW, "Atacama": 1}]}, "query[1].Atacama", "Extra inputs"),
        ({"query": [{**ROW, "PIB": "102.796.218"}]}, "query[0].PIB", "valid number"),
        ({"query": [{**ROW, "PIB": None}]}, "query[0].PIB", "valid number"),
        ({"query": [{**ROW, "PIB": True}]}, "query[0].PIB", "valid number"),
        ({"query": [{**ROW, "mes": 13}]}, "query[0].mes", "less than or equal to 12"),
        ({"query": [{**ROW, "mes": 1.5}]}, "query[0].mes", "multiple of 1"),
        ({"query": [7]}, "query[0]", "an object"),
        ([ROW], "body", "object"),
    ],
)
def test_faulty_body_is_a_400_that_names_the_field_and_the_fault(
    sample_service, body, field, fault
):
    """A client's mistake is answered with what to mend, in one form."""
    answer = sample_service.client.post("/predict", json=body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert problem["errors"][0]["field"] == field
    assert fault in problem["errors"][0]["detail"]
    assert problem["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/predict", ROW),
        ("/predict", [ROW]),
        ("/predict", {"query": ROW}),
        ("/forecast", ROW),
        ("/forecast", ["2021-03"]),
        ("/evaluate", [{"month": "2021-02", "price_clp_per_litre": 290.5}]),
        ("/evaluate", {"2021-02": 290.5}),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_body_of_another_structure_is_answered_with_one_that_works(sample_service, path, body):
    """Whoever sends a flat row or a bare list learns what to send in place of it."""
    answer = sample_service.client.post(path, json=body)

    assert answer.status_code == 400
    problem = answer.json()
    assert len(problem["errors"]) <= 2
    instead = problem["detail"].partition(". Send ")[2]
    if path == "/predict":
        assert instead == '{"query": [{"Coquimbo": 0.185, ...}]}, an object of 48 columns a month'
    else:
        works = json.JSONDecoder().raw_decode(instead)[0]
        assert sample_service.client.post(path, json=works).status_code == 200


@pytest.mark.parametrize(
    "text",
    [b"", b"nope", b'{"query": [', b"\xff\xfe", b'{"query": [[[[[[', b"[" * 100_000],
    ids=["empty", "word", "cut off", "not UTF-8", "open brackets", "deep"],
)
def test_body_that_is_no_json_is_a_400(sample_service, text):
    """Bytes of any kind get a problem document."""
    answer = sample_service.client.post(
        "/predict", content=text, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] in {"body", "query"}


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_that_are_not_finite_are_a_400_naming_the_column(sample_service, literal):
    """No model is asked about NaN or infinity."""
    text = json.dumps({"query": [ROW]}).replace(f'"PIB": {ROW["PIB"]}', f'"PIB": {literal}')
    assert literal in text

    answer = sample_service.client.post(
        "/predict", content=text, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "query[0].PIB"


def test_month_of_unknown_price_history_is_a_400_with_the_range_that_can_be_answered(
    sample_service,
):
    """model1 says which months it knows the past of, and that model2 needs none."""
    query = [ROW, {**ROW, "ano": 2031}]

    refused = sample_service.client.post("/predict", json={"query": query})
    answered = sample_service.client.post("/predict", json={"query": query, "model": "model2"})

    assert refused.status_code == 400
    detail = refused.json()["detail"]
    assert detail.startswith("query[1].ano: ")
    assert "1979-04 to 2021-03" in detail
    assert "model2 needs no price history" in detail
    assert answered.status_code == 200


@pytest.mark.parametrize(
    ("column", "value", "range_said"),
    [
        ("PIB", 3 * ROW["PIB"], "at any power of ten"),
        ("PIB", 0, "at any power of ten"),
        ("Imacec_minero", -100, "at any power of ten"),
        ("Biobio", 2500, "0 to 2000"),
        ("Biobio", -1, "0 to 2000"),
    ],
)
def test_number_out_of_its_columns_range_is_a_400_with_the_range(
    sample_service, column, value, range_said
):
    """No model is asked about a month that can't be."""
    answer = sample_service.client.post("/predict", json={"query": [ROW, {**ROW, column: value}]})

    assert answer.status_code == 400
    fault = answer.json()["errors"][0]
    assert fault["field"] == f"query[1].{column}"
    assert range_said in fault["detail"]


def test_rows_in_the_old_digit_convention_are_answered_as_those_in_true_units(
    sample_run, sample_service
):
    """Clients that send the digits without the decimal point work unchanged, and learn of it."""
    features = pd.read_parquet(sample_run.storage / "monthly_features.parquet")
    row = features[list(FEATURE_NAMES)].iloc[0].to_dict()
    digits = {
        name: all_digits(lose_decimal_point(value)) if name in PIB else value
        for name, value in row.items()
    }

    true_units = sample_service.client.post("/predict", json={"query": [row], "model": "model2"})
    old = sample_service.client.post("/predict", json={"query": [digits], "model": "model2"})

    assert true_units.headers["X-Rescaled-Cells"] == "0"
    assert int(old.headers["X-Rescaled-Cells"]) == sum(row[name] != digits[name] for name in PIB)
    assert old.json()["prediction"] == pytest.approx(true_units.json()["prediction"], rel=1e-9)


def test_no_fault_of_a_client_leaves_a_traceback_in_the_log(sample_service):
    """The log is for faults of the service."""
    for content in (b"nope", b"{}", json.dumps({"query": [{**ROW, "ano": 2031}]}).encode()):
        answer = sample_service.client.post(
            "/predict", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 400

    request_id = answer.headers["X-Request-ID"]
    assert_soon(lambda: request_id in sample_service.log)
    assert "Traceback" not in sample_service.log


def test_example_client_prints_a_price_for_each_row(sample_service):
    """examples/predict.py works as the README says."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "predict.py", str(sample_service.client.base_url)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["2014-01", "2014-02"]
    assert all(line.endswith("CLP per litre") for line in lines[:2])
    assert lines[2].startswith("answered by model1:")


def test_example_client_without_a_service_says_how_to_start_it():
    """The first mistake of a newcomer is answered in a sentence."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "predict.py", "http://127.0.0.1:9"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "make serve" in done.stderr
    assert "Traceback" not in done.stderr
