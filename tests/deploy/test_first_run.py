"""The one run that nobody asks for."""

import importlib

import dagster as dg
import pytest

from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.promotions import PromotionLog

RUN_ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def first_run(deploy, monkeypatch, tmp_path):
    """A start on a store: the jobs that it launches, and the line that it prints."""
    monkeypatch.syspath_prepend(deploy / "pipeline")
    train_first = importlib.import_module("first_run").train_first

    def start(*runs: dg.DagsterRun) -> tuple[list[str], str]:
        launched: list[str] = []

        def launch(job: str) -> str:
            launched.append(job)
            return RUN_ID

        with dg.DagsterInstance.ephemeral() as instance:
            for run in runs:
                instance.add_run(run)
            said = train_first(ModelStore(tmp_path), instance, launch)
        return launched, said

    return start


def test_trains_when_nothing_was_ever_promoted(first_run):
    """An empty store is what a first start finds."""
    launched, said = first_run()

    assert launched == ["train"]
    assert RUN_ID in said


def test_does_nothing_once_models_were_promoted(first_run, tmp_path):
    """Later starts go on with what there is, rolled back or not."""
    store = ModelStore(tmp_path)
    store.promotions_file.parent.mkdir()
    PromotionLog(store.promotions_file).add(
        "promote", reason="test", promoted={"model1": "model1:abc"}
    )

    assert first_run()[0] == []


@pytest.mark.parametrize(
    ("status", "launches"),
    [
        # Everything was stopped and started again during the first run: it is left to end.
        (dg.DagsterRunStatus.NOT_STARTED, []),
        (dg.DagsterRunStatus.STARTED, []),
        # Nothing is served yet, and the reason may be mended.
        (dg.DagsterRunStatus.FAILURE, ["train"]),
    ],
)
def test_trains_again_only_after_a_first_run_that_failed(first_run, status, launches):
    """The run that it leaves alone or launches is named."""
    launched, said = first_run(dg.DagsterRun(job_name="train", run_id=RUN_ID, status=status))

    assert launched == launches
    assert RUN_ID in said
