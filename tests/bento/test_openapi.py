"""The OpenAPI document of a real service."""

from importlib import import_module
from pkgutil import iter_modules

import pytest

from bento import endpoints
from bento.endpoints.operation import Endpoint
from bento.service import OPERATIONS, MilkPriceService
from spike_assets.series.catalogue import FEATURES


@pytest.fixture(scope="module")
def document(sample_service) -> dict:
    """The document."""
    return sample_service.client.get("/docs.json").json()


def test_no_endpoint_is_forgotten():
    """One that its module declares and the service does not list has no route."""
    names = [module.name for module in iter_modules(endpoints.__path__, "bento.endpoints.")]
    declared = {
        one.id
        for name in names
        for one in vars(import_module(name)).values()
        if isinstance(one, Endpoint)
    }

    assert declared == {one.id for one in OPERATIONS if isinstance(one, Endpoint)}


def test_every_method_of_bentoml_is_an_operation():
    """One that is added to the class itself would not be in the document."""
    assert set(MilkPriceService.apis) == {one.id for one in OPERATIONS if one.body}


def test_document_shows_the_48_columns_with_their_units(document):
    """An analyst learns from the document what each column holds."""
    columns = document["components"]["schemas"]["PredictRow"]["properties"]

    assert {name: column["x-unit"] for name, column in columns.items()} == {
        series.name: series.unit for series in FEATURES
    }
    assert len(columns) == 48


@pytest.mark.parametrize("name", ["PredictRequest", "ForecastRequest", "EvaluateRequest"])
def test_examples_of_the_document_work_as_pasted(sample_service, document, name):
    """Every body that is shown is answered."""
    path = {"PredictRequest": "/predict", "ForecastRequest": "/forecast"}.get(name, "/evaluate")
    schema = document["components"]["schemas"][name]
    examples = schema.get("examples") or [schema["example"]]

    for example in examples:
        answer = sample_service.client.post(path, json=example)
        assert answer.status_code == 200, answer.text


def test_every_number_that_is_a_price_says_its_unit(document):
    """Whoever reads one field only knows what it is in."""
    for schema in document["components"]["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            if name.endswith("_clp_per_litre"):
                assert field["x-unit"] == "CLP per litre"
                assert "CLP per litre" in field["description"]


def test_every_error_is_a_problem_document(document):
    """One form, wherever something goes wrong."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert answer["content"] == {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    }
