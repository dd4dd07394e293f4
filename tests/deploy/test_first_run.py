"""The one run that nobody asks for."""

import importlib

import dagster as dg
import pytest

from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import PromotionLog

RUN_ID = "11111111-2222-3333-4444-555555555555"


class Webserver:
    """Launches nothing, and keeps count."""

    def __init__(self) -> None:
        self.launched: list[str] = []

    def launch(self, job: str) -> str:
        self.launched.append(job)
        return RUN_ID


@pytest.fixture
def train_first(deploy, monkeypatch):
    monkeypatch.syspath_prepend(deploy / "pipeline")
    return importlib.import_module("first_run").train_first


def test_trains_when_nothing_was_ever_promoted(train_first, tmp_path):
    """An empty store is what a first start finds."""
    webserver = Webserver()
    with dg.DagsterInstance.ephemeral() as instance:
        said = train_first(ModelStore(tmp_path), instance, webserver.launch)

    assert webserver.launched == ["train"]
    assert RUN_ID in said


def test_does_nothing_once_models_were_promoted(train_first, tmp_path):
    """Later starts go on with what there is, rolled back or not."""
    store, webserver = ModelStore(tmp_path), Webserver()
    store.promotions_file.parent.mkdir()
    PromotionLog(store.promotions_file).add(
        "promote", reason="test", promoted={"model1": "model1:abc"}
    )
    with dg.DagsterInstance.ephemeral() as instance:
        train_first(store, instance, webserver.launch)

    assert not webserver.launched


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED])
def test_leaves_an_unfinished_run_to_end(train_first, tmp_path, status):
    """Everything was stopped and started again during the first run."""
    webserver = Webserver()
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(dg.DagsterRun(job_name="train", run_id=RUN_ID, status=status))
        said = train_first(ModelStore(tmp_path), instance, webserver.launch)

    assert not webserver.launched
    assert RUN_ID in said


def test_trains_again_after_a_first_run_that_failed(train_first, tmp_path):
    """Nothing is served yet, and the reason may be mended."""
    webserver = Webserver()
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(
            dg.DagsterRun(job_name="train", run_id=RUN_ID, status=dg.DagsterRunStatus.FAILURE)
        )
        train_first(ModelStore(tmp_path), instance, webserver.launch)

    assert webserver.launched == ["train"]
