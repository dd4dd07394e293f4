"""The service and the registry: a store that may not be written, a model that is no regressor."""

from pathlib import Path

from spike_assets.registry.model_store import ModelStore
from spike_assets.series.catalogue import FEATURE_NAMES
from tests.support.disks import read_only
from tests.support.tiny_regressor import rows
from tests.support.tiny_store import promoted_pair

QUERY = dict(zip(FEATURE_NAMES, map(float, rows()[0]), strict=True)) | {"ano": 2014, "mes": 1}


def test_service_answers_from_a_read_only_store(start_service, isolated_environment, tmp_path):
    """A mounted volume that the service may not write is enough for it."""
    environment = isolated_environment(tmp_path)
    home = Path(environment["BENTOML_HOME"])
    tags = promoted_pair(ModelStore(home), "a")
    files = sorted(home.rglob("*"))

    with read_only(home), start_service(environment, tmp_path) as service:
        answer = service.client.post("/predict", json={"query": [QUERY], "model": "model2"})

        assert answer.status_code == 200, answer.text
        assert answer.headers["X-Model-Tag"] == tags["model2"]
        assert "Traceback" not in service.log

    assert sorted(home.rglob("*")) == files


def test_predict_offers_the_regressors_only(sample_service):
    """The forecaster is promoted beside them, and takes other questions."""
    answer = sample_service.client.post("/predict", json={"query": [QUERY], "model": "forecaster"})

    assert answer.status_code == 400
    assert "'model1' or 'model2'" in answer.json()["detail"]
