"""The model store: what goes in comes out, and no crash or rival leaves half a model in it."""

import hashlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import bentoml
import numpy as np
import pytest
from bentoml._internal.models import ModelStore as BentoModelStore

from spike_assets.catalogue import FEATURE_NAMES
from spike_assets.model_store import (
    ModelRefusedError,
    ModelStore,
    ModelStoreError,
    NothingPromotedError,
)
from spike_assets.trained_regressor import TrainedRegressor
from tests.child_processes import CHILDREN, PATIENCE_S, started_child
from tests.tiny_regressor import rows, tiny_regressor

BIN = Path(sys.executable).parent

DATA_VERSIONS = {"raw_milk_price": "a" * 64, "raw_precipitation": "b" * 64}

regressor: Callable[[str], TrainedRegressor] = cache(tiny_regressor)


@pytest.fixture(autouse=True)
def _no_usage_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENTOML_DO_NOT_TRACK", "True")


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "bentoml")


def registered(store: ModelStore, name: str, *, synthetic: bool = False) -> str:
    return store.register(regressor(name), data_versions=DATA_VERSIONS, synthetic=synthetic)


def folder_of(store: ModelStore, tag: str) -> Path:
    return store.home / "models" / tag.replace(":", "/")


def versions(store: ModelStore) -> set[str]:
    """Find the tags in the store by looking at its folders, as BentoML does."""
    folders = (store.home / "models").glob("*/*/")
    return {f"{folder.parent.name}:{folder.name}" for folder in folders}


def assert_whole(store: ModelStore) -> None:
    """Check that every version loads, and that BentoML lists exactly those."""
    for tag in versions(store):
        assert store.load(tag).regressor.name == tag.partition(":")[0]
    listed = bentoml.models.list(_model_store=BentoModelStore(store.home / "models"))
    assert {str(model.tag) for model in listed} == versions(store)


@pytest.mark.parametrize("name", ["model1", "model2"])
def test_loaded_model_is_the_registered_one(store: ModelStore, name: str) -> None:
    """Predictions are the same to the last bit, and nothing that is said of the model is lost."""
    original = regressor(name)
    loaded = store.load(registered(store, name)).regressor

    assert loaded.predict(rows(seed=1)).tobytes() == original.predict(rows(seed=1)).tobytes()
    for field in ("name", "parameters", "cross_validation_r2", "selected_columns", "months"):
        assert getattr(loaded, field) == getattr(original, field)
    assert loaded.holdout.regressor == original.holdout.regressor
    assert loaded.holdout.last_price == original.holdout.last_price
    for field in ("observed_clp_per_litre", "predicted_clp_per_litre", "held_out"):
        np.testing.assert_array_equal(
            getattr(loaded.holdout, field), getattr(original.holdout, field), strict=True
        )


def test_metadata_says_what_the_model_is_and_what_it_was_made_from(store: ModelStore) -> None:
    """Scores, data, columns, months, libraries and the hash of the payload are all recorded."""
    tag = registered(store, "model2")

    payload = (folder_of(store, tag) / "payload.skops").read_bytes()
    assert store.load(tag).metadata == {
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "library_versions": {
            name: version(name) for name in ("bentoml", "numpy", "scikit-learn", "skops")
        },
        "data_versions": DATA_VERSIONS,
        "synthetic": False,
        "feature_columns": list(FEATURE_NAMES),
        "selected_columns": ["Maule", "PIB", "num"],
        "months": {"first": "2014-01", "last": "2014-12", "count": 12},
        "parameters": {"select__k": 3, "polynomial__degree": 2, "ridge__alpha": 0.1},
        "metrics": {
            "cross_validation_r2": 0.625,
            "holdout": {"r2": 0.75, "rmse_clp_per_litre": 2.5, "mae_clp_per_litre": 1.5},
            "holdout_last_price": {
                "r2": 0.5,
                "rmse_clp_per_litre": 4.5,
                "mae_clp_per_litre": 3.5,
            },
        },
    }


@pytest.mark.parametrize(("synthetic", "label"), [(True, "synthetic"), (False, "files")])
def test_model_trained_on_the_sample_says_so(
    store: ModelStore, *, synthetic: bool, label: str
) -> None:
    """What is loaded says whether the data was synthetic, and so does the label BentoML shows."""
    tag = registered(store, "model2", synthetic=synthetic)

    assert store.load(tag).synthetic is synthetic
    labels = BentoModelStore(store.home / "models").get(tag).info.labels
    assert labels == {"project": "spike-assets", "data": label}


def test_bentoml_itself_lists_and_gets_the_models(store: ModelStore) -> None:
    """Its command lists every version, and its `latest` is the last that was registered."""
    tags = [registered(store, name) for name in ("model1", "model1", "model2")]
    environment = os.environ | {"BENTOML_HOME": str(store.home)}

    listed = subprocess.run(
        [BIN / "bentoml", "models", "list", "-o", "json"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    got = subprocess.run(
        [
            sys.executable,
            "-c",
            "import bentoml, json; model = bentoml.models.get('model1:latest');"
            "print(json.dumps([str(model.tag), model.info.labels, model.info.metadata]))",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert sorted(model["tag"] for model in json.loads(listed.stdout)) == sorted(tags)
    tag, labels, metadata = json.loads(got.stdout)
    assert tag == tags[1]
    assert labels["project"] == "spike-assets"
    assert metadata == store.load(tag).metadata


def test_other_users_can_read_what_is_served(store: ModelStore) -> None:
    """BentoML makes version folders for their owner alone; here a service may be another user."""
    store.promote({"model1": registered(store, "model1")})

    for path in [store.promoted_file, *store.home.rglob("*")]:
        needed = 0o005 if path.is_dir() else 0o004
        assert path.stat().st_mode & needed == needed, path


@pytest.mark.parametrize(
    ("bentoml_home", "home"),
    [("set", Path("set")), ("", Path("user/bentoml")), (None, Path("user/bentoml"))],
)
def test_home_is_the_one_of_bentoml(
    monkeypatch: pytest.MonkeyPatch, bentoml_home: str | None, home: Path
) -> None:
    """`BENTOML_HOME`, or else `bentoml` in the user's home folder."""
    monkeypatch.setenv("HOME", "user")
    if bentoml_home is None:
        monkeypatch.delenv("BENTOML_HOME", raising=False)
    else:
        monkeypatch.setenv("BENTOML_HOME", bentoml_home)

    assert ModelStore().home == home


def test_store_that_was_never_written_says_how_to_promote(store: ModelStore) -> None:
    """The error names the store and the command, and looking makes no folder."""
    with pytest.raises(NothingPromotedError, match=r"bentoml; run `make run` to train") as error:
        store.load_promoted()

    assert str(store.home) in str(error.value)
    assert store.promoted() == {}
    assert not store.home.exists()


def test_registering_promotes_nothing(store: ModelStore) -> None:
    """A new version is not served before it is promoted."""
    registered(store, "model1")

    assert store.promoted() == {}
    with pytest.raises(NothingPromotedError, match="make run"):
        store.load_promoted()


def test_promoted_models_are_those_that_load(store: ModelStore) -> None:
    """Each name is served from the version it was given, not from a later one."""
    tags = {name: registered(store, name) for name in ("model1", "model2")}
    store.promote(tags)
    registered(store, "model1")

    promoted = store.load_promoted()

    assert store.promoted() == tags
    assert {name: model.tag for name, model in promoted.items()} == tags
    assert {name: model.regressor.name for name, model in promoted.items()} == {
        "model1": "model1",
        "model2": "model2",
    }


def test_promoting_one_name_leaves_the_other(store: ModelStore) -> None:
    """Names that are left out stay as they are, and an earlier version can come back."""
    first = {name: registered(store, name) for name in ("model1", "model2")}
    second = registered(store, "model1")
    store.promote(first)

    store.promote({"model1": second})
    assert store.promoted() == first | {"model1": second}

    store.promote({"model1": first["model1"]})
    assert store.promoted() == first


def flip_a_byte(folder: Path) -> None:
    payload = folder / "payload.skops"
    content = bytearray(payload.read_bytes())
    content[len(content) // 2] ^= 1
    payload.write_bytes(content)


def cut_the_payload(folder: Path) -> None:
    os.truncate(folder / "payload.skops", 1000)


def cut_the_description(folder: Path) -> None:
    os.truncate(folder / "model.yaml", 1000)


def break_the_description(folder: Path) -> None:
    (folder / "model.yaml").write_text("name: 'model1")


def garble_the_description(folder: Path) -> None:
    (folder / "model.yaml").write_bytes(b"\xff\xfe\x00")


DAMAGES: tuple[Callable[[Path], object], ...] = (
    shutil.rmtree,
    flip_a_byte,
    cut_the_payload,
    lambda folder: (folder / "payload.skops").unlink(),
    lambda folder: (folder / "model.yaml").unlink(),
    lambda folder: (folder / "model.yaml").write_bytes(b""),
    cut_the_description,
    break_the_description,
    garble_the_description,
)
DAMAGE_IDS = (
    "version-gone",
    "payload-flipped",
    "payload-cut",
    "payload-gone",
    "description-gone",
    "description-empty",
    "description-cut",
    "description-no-yaml",
    "description-no-text",
)


@pytest.mark.parametrize("damage", DAMAGES, ids=DAMAGE_IDS)
def test_promotion_with_a_damaged_model_changes_nothing(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """One bad model of two keeps both names where they were, and the error says which it is."""
    store.promote({name: registered(store, name) for name in ("model1", "model2")})
    before = store.promoted_file.read_bytes()
    good, bad = registered(store, "model1"), registered(store, "model2")
    damage(folder_of(store, bad))

    with pytest.raises(ModelRefusedError, match=f"^{bad}"):
        store.promote({"model1": good, "model2": bad})

    assert store.promoted_file.read_bytes() == before
    assert list(store.load_promoted()) == ["model1", "model2"]


@pytest.mark.parametrize("damage", DAMAGES, ids=DAMAGE_IDS)
def test_promoted_model_that_was_damaged_later_is_refused(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """A service that starts on it hears of it, rather than answering from it."""
    tag = registered(store, "model1")
    store.promote({"model1": tag})
    damage(folder_of(store, tag))

    with pytest.raises(ModelRefusedError, match=f"^{tag}"):
        store.load_promoted()


def test_tampered_payload_is_refused_before_it_is_read(store: ModelStore) -> None:
    """Another model's payload reads well, but is not the one that was registered."""
    tag = registered(store, "model1")
    (folder_of(store, tag) / "payload.skops").write_bytes(regressor("model2").to_bytes())

    with pytest.raises(ModelRefusedError, match=r"not the file that was registered.*SHA-256"):
        store.load(tag)


def pretend_written_with(store: ModelStore, tag: str, *, library: str, other: str) -> None:
    description = folder_of(store, tag) / "model.yaml"
    recorded = f"    {library}: {version(library)}\n"
    content = description.read_text()
    assert recorded in content
    description.write_text(content.replace(recorded, f"    {library}: {other}\n"))


@pytest.mark.parametrize("library", ["scikit-learn", "skops"])
def test_model_of_another_library_version_is_refused(store: ModelStore, library: str) -> None:
    """Neither library promises to read what another version wrote; the error has both versions."""
    tag = registered(store, "model1")
    pretend_written_with(store, tag, library=library, other="0.1.2")

    with pytest.raises(ModelRefusedError, match="make run") as error:
        store.load(tag)

    assert f"{tag} was written with {library} 0.1.2, and {version(library)} is installed" in str(
        error.value
    )


@pytest.mark.parametrize("library", ["bentoml", "numpy"])
def test_model_of_another_version_of_other_libraries_loads(store: ModelStore, library: str) -> None:
    """Their versions are recorded for people, and bind nobody."""
    tag = registered(store, "model1")
    pretend_written_with(store, tag, library=library, other="0.1.2")

    assert store.load(tag).metadata["library_versions"][library] == "0.1.2"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"model1": "model1:',
        b"\xff",
        b"null",
        b"[]",
        b"[1]",
        b'"model1"',
        b'{"model1": 3}',
        b'{"model1": ["model1:x"]}',
    ],
)
def test_damaged_alias_file_is_reported_and_mended_by_promoting_again(
    store: ModelStore, content: bytes
) -> None:
    """The error names the file and the command, and that command then helps."""
    tag = registered(store, "model1")
    store.promote({"model1": tag})
    store.promoted_file.write_bytes(content)

    for look in (store.promoted, store.load_promoted):
        with pytest.raises(ModelStoreError, match=r"promoted\.json is damaged.*make run"):
            look()

    store.promote({"model1": tag})
    assert store.promoted() == {"model1": tag}


@pytest.mark.parametrize("inexact", ["model1", "model1:latest", "cut", "Model 1", "model1:", ""])
def test_tag_that_is_not_exact_is_refused(store: ModelStore, inexact: str) -> None:
    """BentoML takes a name for its latest version and half a version for a whole one; we do not."""
    tag = registered(store, "model1")

    with pytest.raises(ModelRefusedError):
        store.promote({"model1": tag[:-3] if inexact == "cut" else inexact})

    assert store.promoted() == {}


FILE_EVENTS = ("os.rename", "os.mkdir", "os.chmod", "os.remove", "os.rmdir", "shutil.copyfile")


def changes_a_file(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return bool((arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in FILE_EVENTS


def die_before_each_change(base: Path, homes: Path) -> None:
    """Register and promote in copies of a store; in the n-th, die before the n-th change of a file.

    Ends with the copy in which there was nothing left to die of. What each process was about to
    do is in `homes/<n>.death`.
    """
    tempfile.tempdir = str(homes.parent)
    registered(ModelStore(homes.parent / "warm-up"), "model1")
    for n in itertools.count():
        home = homes / f"{n:03}"
        shutil.copytree(base, home)
        with (homes / f"{n:03}.death").open("wb", buffering=0) as death:
            child = os.fork()
            if child == 0:
                countdown = itertools.count(n, -1)

                def die(event: str, arguments: tuple[Any, ...]) -> None:
                    if changes_a_file(event, arguments) and next(countdown) == 0:  # noqa: B023
                        death.write(f"{event} {arguments}".encode())
                        os.kill(os.getpid(), signal.SIGKILL)

                sys.addaudithook(die)
                store = ModelStore(home)
                store.promote({"model1": registered(store, "model1")})
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("names", [(), ("model1", "model2")], ids=["first-model", "later-model"])
def test_writer_that_dies_before_any_of_its_file_operations_breaks_nothing(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """A SIGKILL before the rename, after it, before `latest` or the alias is replaced: all whole.

    What was promoted is the old version or, from the replacement of the alias on, the new one.
    """
    base, homes = ModelStore(tmp_path / "base"), tmp_path / "homes"
    homes.mkdir()
    (base.home / "models").mkdir(parents=True)  # BentoML makes it too, when it looks
    before = {name: registered(base, name) for name in names}
    if before:
        base.promote(before)
    victims = started_child(die_before_each_change, base.home, homes)
    victims.join(PATIENCE_S)
    assert victims.exitcode == 0

    *deaths, survival = [path.read_text() for path in sorted(homes.glob("*.death"))]
    assert survival == ""
    renames = [n for n, death in enumerate(deaths) if death.startswith("os.rename")]
    assert [Path(deaths[n].split("'")[3]).name for n in renames[1:]] == ["latest", "promoted.json"]
    moved_in, _, promoted = renames
    for n, death in enumerate([*deaths, survival]):
        store = ModelStore(homes / f"{n:03}")
        new = versions(store) - set(before.values())
        assert len(new) == (n > moved_in), death
        assert store.promoted() == before | ({"model1": new.pop()} if n > promoted else {}), death
        assert_whole(store)

        tag = registered(store, "model1")
        store.promote({"model1": tag})

        assert store.promoted()["model1"] == tag
        assert str(BentoModelStore(store.home / "models").get("model1:latest").tag) == tag
        assert not list(store.home.rglob("staging-*")), death
        assert {name: model.tag for name, model in store.load_promoted().items()} == (
            before | {"model1": tag}
        )


def test_model_is_on_the_disk_before_its_name(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut can't leave a version folder whose files were still in the machine's memory."""
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def recording_sync(descriptor: int) -> None:
        done.append(f"sync {Path(f'/proc/self/fd/{descriptor}').resolve().name}")
        sync(descriptor)

    def recording_rename(self: Path, target: Path) -> Path:
        done.append("rename")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", recording_sync)
    monkeypatch.setattr(Path, "rename", recording_rename)
    registered(store, "model1")

    renamed = done.index("rename")
    assert sorted(done[:renamed]) == ["sync model.yaml", "sync payload.skops"]
    assert done[renamed + 1] == "sync model1"


@pytest.mark.parametrize(
    ("name", "age_s", "stays"),
    [
        ("bentoml-model-model1-abc", 7200, False),
        ("bentoml-model-model1-abc", 60, True),
        ("bentoml-model-model2-abc", 7200, True),
    ],
    ids=["old", "young", "of-another-model"],
)
def test_what_bentoml_left_of_a_dead_writer_is_swept_once_it_is_old(
    store: ModelStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    age_s: int,
    stays: bool,
) -> None:
    """BentoML builds in the temporary folder, where a young model may be of a writer that lives."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / name
    left.mkdir()
    (left / "payload.skops").write_bytes(b"half a mod")
    then = time.time() - age_s
    os.utime(left, (then, then))

    registered(store, "model1")

    assert left.exists() is stays


def register_for_ever(home: Path, temporary: Path, started: Event) -> None:
    tempfile.tempdir = str(temporary)
    store = ModelStore(home)
    for n in itertools.count():
        registered(store, f"model{n % 2 + 1}")
        started.set()


def test_writer_that_is_killed_at_any_moment_breaks_nothing(
    store: ModelStore, tmp_path: Path
) -> None:
    """Twelve writers killed at various moments leave whole versions, and the promoted ones."""
    promoted = {name: registered(store, name) for name in ("model1", "model2")}
    store.promote(promoted)
    for milliseconds in range(0, 36, 3):  # registering takes about 8
        started = CHILDREN.Event()
        writer = started_child(register_for_ever, store.home, tmp_path, started)
        assert started.wait(PATIENCE_S)
        writer.join(milliseconds / 1000)
        writer.kill()
        writer.join(PATIENCE_S)
        assert writer.exitcode == -signal.SIGKILL

        assert_whole(store)
        assert store.promoted() == promoted
        assert list(store.load_promoted()) == ["model1", "model2"]
        assert registered(store, "model1") in versions(store)
        assert not list(store.home.rglob("staging-*"))


def register_and_promote(home: Path, rival: str) -> None:
    store = ModelStore(home)
    for n in range(5):
        store.promote(
            {
                name: store.register(
                    regressor(name),
                    data_versions={"raw_milk_price": f"{rival}-{n}"},
                    synthetic=False,
                )
                for name in ("model1", "model2")
            }
        )


def read_until(home: Path, stop: Event, started: Event, changes: "Synchronized[int]") -> None:
    """Load what is promoted, again and again; count how often it was another pair of models."""
    store = ModelStore(home)
    last: Mapping[str, str] = {}
    while not stop.is_set():
        models = store.load_promoted()
        assert (
            models["model1"].metadata["data_versions"]
            == (models["model2"].metadata["data_versions"])
        )
        tags = {name: model.tag for name, model in models.items()}
        changes.value += tags != last
        last = tags
        started.set()


def test_rivals_that_register_and_promote_disturb_neither_each_other_nor_readers(
    store: ModelStore,
) -> None:
    """Of three writers none fails or loses a model, and a reader always finds a pair of one run."""
    store.promote({name: registered(store, name) for name in ("model1", "model2")})
    stop, started, changes = CHILDREN.Event(), CHILDREN.Event(), CHILDREN.Value("i", 0)
    reader = started_child(read_until, store.home, stop, started, changes)
    try:
        assert started.wait(PATIENCE_S)
        rivals = [started_child(register_and_promote, store.home, name) for name in "abc"]
        for rival in rivals:
            rival.join(PATIENCE_S)
    finally:
        stop.set()
        reader.join(PATIENCE_S)

    assert [rival.exitcode for rival in rivals] == [0, 0, 0]
    assert reader.exitcode == 0
    assert changes.value >= 3  # the reader did read while there was something to disturb it
    assert len(versions(store)) == 2 + 3 * 5 * 2
    assert_whole(store)
    assert set(store.promoted().values()) <= versions(store)


def promote_in_turn(home: Path, name: str, tags: tuple[str, str]) -> None:
    store = ModelStore(home)
    for n in range(30):
        store.promote({name: tags[n % 2]})
        assert store.promoted()[name] == tags[n % 2]


def test_rivals_that_promote_different_names_do_not_undo_each_other(store: ModelStore) -> None:
    """Neither writes back the other's name as it was a moment ago."""
    tags = {
        name: (registered(store, name), registered(store, name)) for name in ("model1", "model2")
    }
    rivals = [started_child(promote_in_turn, store.home, *item) for item in tags.items()]
    for rival in rivals:
        rival.join(PATIENCE_S)

    assert [rival.exitcode for rival in rivals] == [0, 0]
