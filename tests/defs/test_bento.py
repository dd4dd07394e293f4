"""The asset `bento`: what it builds, what it says of it, and how it fails."""

import re
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from spike_assets.defs.deployment import bento
from spike_assets.registry.model_store import ModelStore
from tests.support.swap_case import registered_set


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    """A store with a space in its name, as some home folders have."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "bento ml"))
    return ModelStore()


def materialized(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize([bento], instance=instance, raise_on_error=False)


def test_bento_is_built_of_what_is_promoted(store: ModelStore, instance) -> None:
    """By exact tags; not of what was registered since."""
    promoted = store.promote(registered_set(store, seed=0), reason="test")
    registered_set(store, seed=1)

    result = materialized(instance)

    (event,) = result.asset_materializations_for_node("bento")
    said: dict[str, Any] = {name: value.value for name, value in event.metadata.items()}
    folder = store.home / "bentos" / said["bento"].replace(":", "/")
    (service,) = yaml.safe_load((folder / "bento.yaml").read_text())["services"]
    assert {model["tag"] for model in service["models"]} == {*promoted.values()}
    assert {name: said[name] for name in promoted} == promoted
    assert (said["store"], said["synthetic"]) == (str(store.home), False)
    assert said["size_bytes"] > 500_000
    assert (
        f"BENTOML_HOME='{store.home}' bentoml containerize {said['bento']}\n"
        in (said["containerize"])
    )
    assert re.search(rf"^\$ docker run .* {said['bento']}$", said["containerize"], re.MULTILINE)


def test_nothing_promoted_is_said_in_words(store: ModelStore, instance) -> None:
    """The step fails with the message alone, and is not tried again."""
    result = materialized(instance)

    failure = result.failure_data_for_node("bento")
    assert failure.user_failure_data.description == (
        f"no model is promoted in the BentoML store {store.home}; run `make run` to train, "
        "register and promote the models"
    )
    assert not list((store.home / "bentos").iterdir())
