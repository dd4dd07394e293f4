"""BentoML's own client, asking a real service in the forms that the documents show."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bentoml
import pytest

from bento.api.evaluate import EvaluateRequest
from bento.api.example_row import EXAMPLE_ROW
from bento.api.forecast import ForecastRequest
from bento.api.json_body import JsonBody
from bento.api.predict import PredictRequest

API_PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", API_PAGE.read_text(), flags=re.DOTALL)

ACTUAL = {"month": "2020-12", "price_clp_per_litre": 290.0}
OBSERVATION = {"month": "2021-03", "price_clp_per_litre": 301.5}


@pytest.fixture(scope="module")
def client(sample_service) -> Iterator[bentoml.SyncHTTPClient]:
    with bentoml.SyncHTTPClient(str(sample_service.client.base_url)) as client:
        yield client


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [
        ("predict", PredictRequest, {"query": [EXAMPLE_ROW], "model": "model2"}),
        ("forecast", ForecastRequest, {"horizon": 3}),
        ("forecast", ForecastRequest, {"months": ["2020-12"], "levels": [80]}),
        ("forecast", ForecastRequest, {"horizon": 1, "observations": [OBSERVATION]}),
        ("forecast", ForecastRequest, {}),
        ("evaluate", EvaluateRequest, {"actuals": [ACTUAL], "horizon": 2}),
    ],
    ids=["predict", "horizon", "months", "observations", "all-defaults", "evaluate"],
)
def test_request_model_is_answered_as_the_body_that_it_stands_for(
    sample_service, client, name: str, kind: type[JsonBody], body: dict[str, Any]
):
    """A field that the client did not set is not sent: some defaults exclude each other."""
    over_http = sample_service.client.post(f"/{name}", json=body)

    assert over_http.status_code == 200
    assert getattr(client, name)(kind(**body)) == over_http.json()
    assert getattr(client, name)(body) == over_http.json()


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_python_of_the_document_works_as_pasted(sample_service, snippet: str):
    """Every snippet of docs/api.md, asking this service in place of the one on port 5000."""
    port_5000 = "http://127.0.0.1:5000"
    assert port_5000 in snippet
    names: dict[str, Any] = {}

    exec(snippet.replace(port_5000, str(sample_service.client.base_url)), names)  # noqa: S102

    assert len(names["answer"]["forecasts"]) == 6
