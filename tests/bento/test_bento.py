"""The Bento: built without a network and without Dagster, of the promoted models and no others."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from bentoml import Bento
from bentoml.exceptions import BentoMLException
from pathspec import PathSpec

from bento.bento_models import UV, PackedLabels, PackedStore, store_of
from bento.served_models import ServedModels
from bento.service import MilkPriceService
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.trained_model import KIND_OF
from tests.conftest import RunningServer
from tests.support.bento_case import ROOT, bentoml_build, built_tag
from tests.support.swap_case import QUESTIONS, answer_of, registered_set
from tests.support.tiny_store import flip_a_byte, folder_of, promoted_pair


@dataclass(frozen=True)
class Built:
    """A Bento in its store, where other models were promoted after it was built."""

    environment: Mapping[str, str]
    store: ModelStore
    tag: str
    packed: Mapping[str, str]
    promoted_later: Mapping[str, str]

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.store.home / "bentos" / self.tag.replace(":", "/")

    @property
    def description(self) -> dict[str, Any]:
        """What `bentoml get` prints."""
        return yaml.safe_load((self.folder / "bento.yaml").read_text())


@pytest.fixture(scope="module")
def built(tmp_path_factory, isolated_environment) -> Built:
    """A Bento that is older than what is promoted."""
    environment = isolated_environment(tmp_path_factory.mktemp("bento"))
    store = ModelStore(Path(environment["BENTOML_HOME"]))
    packed = store.promote(registered_set(store, seed=0), reason="first")
    tag = built_tag(environment)
    later = store.promote(registered_set(store, seed=1), reason="second")
    return Built(environment, store, tag, packed, later)


def test_bento_holds_what_bentofile_includes_and_nothing_else(built):
    """No training code and no data is in it."""
    included = yaml.safe_load((ROOT / "bentofile.yaml").read_text())["include"]
    spec = PathSpec.from_lines("gitwildmatch", included)
    files = {str(file.relative_to(built.folder / "src")) for file in _files(built.folder / "src")}

    assert {"bento/service.py", "spike_assets/registry/model_store.py"} <= files
    assert {file for file in files if not spec.match_file(file)} == {"bentofile.yaml"}
    assert not [file for file in files if "defs" in file or "sources" in file]


def test_bento_installs_no_dagster(built):
    """The packages of the Bento are those for serving, each at an exact version."""
    requirements = (built.folder / "env" / "python" / "requirements.txt").read_text()

    assert "scikit-learn==" in requirements
    assert "--hash=sha256:" in requirements
    assert "dagster" not in requirements
    assert "://" not in requirements


def test_bento_names_service_models_and_labels(built):
    """Each model by its exact tag, and whether they were trained on the sample."""
    (service,) = built.description["services"]

    assert built.description["service"] == "bento.service:MilkPriceService"
    assert {model["tag"] for model in service["models"]} == {*built.packed.values()}
    assert built.description["labels"] == {"project": "spike-assets", "data": "files"}


def test_bento_of_the_same_models_is_the_same(built, tmp_path):
    """Two builds differ by their version and the time."""
    home = tmp_path / "bentoml"
    shutil.copytree(built.store.home, home)
    ModelStore(home).promote(built.packed, reason="back")
    tag = built_tag({**built.environment, "BENTOML_HOME": str(home)})
    again = home / "bentos" / tag.replace(":", "/")

    assert _contents(again) == _contents(built.folder)
    description = yaml.safe_load((again / "bento.yaml").read_text())
    own = {"version": built.description["version"]}
    assert description | own | _times(built.description) == built.description


def test_image_is_small_and_holds_what_a_read_only_one_needs(built):
    """No compiler; uv as locked; an address that a published port reaches."""
    dockerfile = (built.folder / "env" / "docker" / "Dockerfile").read_text()

    assert "FROM python:3.11-slim" in dockerfile
    assert "build-essential" not in dockerfile
    assert "ENV BENTOML_HOST=$BENTOML_HOST" in dockerfile
    assert f"{UV} \\" in (ROOT / "requirements" / "pipeline.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def bento_service(built, running_server, free_port, tmp_path_factory) -> Iterator[RunningServer]:
    """The Bento, served out of the store that it was built in."""
    port = free_port()
    with running_server(
        ["bentoml", "serve", built.tag],
        environment={
            **built.environment,
            "BENTOML_PORT": str(port),
            "SPIKE_PREDICTION_LOG": "off",
        },
        port=port,
        health_path="/readyz",
        log_file=tmp_path_factory.mktemp("bento_service") / "log",
    ) as service:
        yield service


def test_served_bento_answers_by_the_models_that_it_was_built_of(built, bento_service):
    """Those promoted later are not served, though they are the latest in the same store."""
    for question in QUESTIONS:
        answer = bento_service.client.post(question.path, json=question.body)

        assert answer.headers["X-Model-Tag"] == built.packed[question.name]
        assert answer.text == answer_of(built.store.load(built.packed[question.name]), question)
    shown = bento_service.client.get("/version").json()
    assert (shown["bento"], shown["models"]) == (built.tag, built.packed)


def test_served_bento_says_that_its_models_were_packed(built, bento_service):
    """And since when: its history is its build."""
    shown = bento_service.client.get("/models").json()

    assert shown["promoted"]["models"] == built.packed
    assert shown["promoted"]["reason"] == f"packed into {built.tag}"
    assert {one["tag"] for one in shown["versions"] if one["served"]} == {*built.packed.values()}


def test_bento_with_its_models_needs_no_store(built, tmp_path, monkeypatch):
    """As it is in an image, or exported."""
    exported = tmp_path / "exported"
    shutil.copytree(built.folder, exported)
    for tag in built.packed.values():
        folder = exported / "models" / tag.replace(":", "/")
        shutil.copytree(folder_of(built.store, tag), folder)
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path / "nothing"))

    store = store_of(Bento.from_path(exported))

    assert ServedModels.load(store).tags == built.packed
    assert {version.tag for version in store.versions()} == {*built.packed.values()}
    assert not (tmp_path / "nothing").exists()


def test_service_without_a_bento_answers_from_the_store(built, monkeypatch):
    """What is promoted there, now and later."""
    monkeypatch.setenv("BENTOML_HOME", str(built.store.home))

    store = store_of(None)

    assert not isinstance(store, PackedStore)
    assert store.promoted() == built.promoted_later


def test_service_asks_for_every_model():
    """The next kind of model will not be forgotten."""
    assert {model.tag.name for model in MilkPriceService.models} == {*KIND_OF}


def test_build_with_nothing_promoted_says_so_and_builds_nothing(isolated_environment, tmp_path):
    """In words, and with nothing left behind."""
    environment = isolated_environment(tmp_path)
    home = Path(environment["BENTOML_HOME"])

    done = bentoml_build(environment)

    assert done.returncode != 0
    assert f"no model is promoted in the BentoML store {home}; run `make run`" in done.stderr
    assert "Traceback" not in done.stderr
    assert not [*(home / "bentos").iterdir(), *(home / "tmp").iterdir()]


def _only_a_pair(store: ModelStore) -> str:
    promoted_pair(store, "a")
    return f"forecaster not promoted in the BentoML store {store.home}"


def _damaged(store: ModelStore) -> str:
    tags = promoted_pair(store, "a")
    flip_a_byte(folder_of(store, tags["model2"]))
    return f"{tags['model2']} is not the file that was registered"


@pytest.mark.parametrize("promote", [_only_a_pair, _damaged])
def test_build_without_every_model_is_refused(promote, tmp_path, monkeypatch):
    """At the first thing that it asks, which are the labels."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    words = promote(ModelStore())

    with pytest.raises(BentoMLException, match=re.escape(words)):
        dict(PackedLabels())


def test_service_imports_nothing_of_training():
    """Nor scikit-learn before it reads a model: the process that starts the workers never does."""
    code = "import bento.service, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    training = {"dagster", "matplotlib", "spike_assets.training.regressors", "spike_assets.sources"}
    learning = {"pandas", "scipy", "sklearn", "skops"}
    assert not (training | learning) & set(done.stdout.split())


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _contents(folder: Path) -> dict[str, bytes]:
    files = {str(file.relative_to(folder)): file.read_bytes() for file in _files(folder)}
    del files["bento.yaml"]
    return files


def _times(description: Mapping[str, Any]) -> dict[str, Any]:
    return {"creation_time": description["creation_time"]}
