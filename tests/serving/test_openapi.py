"""The OpenAPI document of a real service."""

from spike_assets.catalogue import FEATURES


def test_document_shows_the_48_columns_with_their_units(sample_service):
    """An analyst learns from the document what each column holds."""
    document = sample_service.client.get("/docs.json").json()

    columns = document["components"]["schemas"]["PredictRow"]["properties"]

    assert {name: column["x-unit"] for name, column in columns.items()} == {
        series.name: series.unit for series in FEATURES
    }
    assert len(columns) == 48


def test_example_of_the_document_works_as_pasted(sample_service):
    """The body shown for POST /predict is answered."""
    document = sample_service.client.get("/docs.json").json()

    example = document["components"]["schemas"]["PredictRequest"]["example"]
    answer = sample_service.client.post("/predict", json=example)

    assert answer.status_code == 200
    assert len(answer.json()["prediction"]) == len(example["query"])
