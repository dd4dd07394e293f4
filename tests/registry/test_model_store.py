"""The model store: what goes in comes out, and what is served is what was promoted."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import Pipeline

from spike_assets.models.lagged_prices import LaggedPrices
from spike_assets.models.regressor import TrainedRegressor
from spike_assets.registry.errors import (
    ModelRefusedError,
    NothingPromotedError,
    PromotionsDamagedError,
    RealModelsKeptError,
)
from spike_assets.registry.metadata import code_version
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.stored_model import BentoModelStore
from spike_assets.registry.trained_model import KIND_OF, Kind
from spike_assets.series.catalogue import FEATURE_NAMES
from tests.support.tiny_regressor import rows
from tests.support.tiny_store import (
    DAMAGES,
    DATA_VERSIONS,
    PAIR,
    TinyForecaster,
    another_patch_release,
    folder_of,
    pretend_written_with,
    promoted_pair,
    registered,
    regressor,
)

BIN = Path(sys.executable).parent
PACKAGE = Path(__file__).parents[2] / "spike_assets"


@pytest.mark.parametrize("name", ["model1", "model2"])
def test_loaded_model_is_the_registered_one(store: ModelStore, name: str) -> None:
    """Predictions are the same to the last bit, and nothing that is said of the model is lost."""
    original = regressor(name)
    loaded = store.load(registered(store, name)).model

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
        "kind": "regressor",
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "code_version": code_version(PACKAGE),
        "library_versions": {
            name: version(name) for name in ("bentoml", "numpy", "scikit-learn", "skops")
        },
        "data_versions": DATA_VERSIONS,
        "synthetic": False,
        "example_prices_clp_per_litre": regressor("model2").example_prices().tolist(),
        "feature_columns": list(FEATURE_NAMES),
        "selected_columns": ["Maule", "PIB", "num"],
        "months": {"first": "2014-01", "last": "2014-12", "count": 12},
        "parameters": {"select__k": 3, "polynomial__degree": 2, "ridge__alpha": 0.1},
        "metrics": {
            "cross_validation_r2": 0.625,
            "holdout": {"r2": 0.75, "rmse_clp_per_litre": 2.5, "mae_clp_per_litre": 1.5},
            "holdout_last_price": {"r2": 0.5, "rmse_clp_per_litre": 4.5, "mae_clp_per_litre": 3.5},
        },
    }


@pytest.mark.parametrize(("synthetic", "label"), [(True, "synthetic"), (False, "files")])
def test_model_trained_on_the_sample_says_so(
    store: ModelStore, *, synthetic: bool, label: str
) -> None:
    """The loaded model says whether the data was synthetic, and so does BentoML's label."""
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
    store.promote({"model1": registered(store, "model1")}, reason="test")

    for path in [store.promotions_file, *store.home.rglob("*")]:
        needed = 0o005 if path.is_dir() else 0o004
        assert path.stat().st_mode & needed == needed, path


@pytest.mark.parametrize(
    ("bentoml_home", "home"),
    [
        ("set", Path("set")),
        ("~/set", Path("user/set")),  # no shell expanded it, and BentoML does
        ("", Path("user/bentoml")),
        (None, Path("user/bentoml")),
    ],
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
    tags = promoted_pair(store, "a")
    registered(store, "model1")

    promoted = store.load_promoted()

    assert store.promoted() == tags
    assert {name: model.tag for name, model in promoted.items()} == tags
    assert [model.model.name for model in promoted.values()] == list(promoted) == list(PAIR)


def test_promoting_one_name_leaves_the_other(store: ModelStore) -> None:
    """Names that are left out stay as they are, and an earlier version can come back."""
    first = promoted_pair(store, "a")
    second = registered(store, "model1")

    store.promote({"model1": second}, reason="test")
    assert store.promoted() == first | {"model1": second}

    store.promote({"model1": first["model1"]}, reason="test")
    assert store.promoted() == first


EVERY_DAMAGE = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


@EVERY_DAMAGE
def test_promotion_with_a_damaged_model_changes_nothing(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """One bad model of two keeps both names where they were, and the error says which it is."""
    promoted_pair(store, "a")
    before = store.promotions_file.read_bytes()
    good, bad = registered(store, "model1"), registered(store, "model2")
    damage(folder_of(store, bad))

    with pytest.raises(ModelRefusedError, match=f"^{bad}"):
        store.promote({"model1": good, "model2": bad}, reason="test")

    assert store.promotions_file.read_bytes() == before
    assert list(store.load_promoted()) == ["model1", "model2"]


@EVERY_DAMAGE
def test_promoted_model_that_was_damaged_later_is_refused(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """A service that starts on it hears of it, rather than answering from it."""
    tag = registered(store, "model1")
    store.promote({"model1": tag}, reason="test")
    damage(folder_of(store, tag))

    with pytest.raises(ModelRefusedError, match=f"^{tag}"):
        store.load_promoted()


def test_tampered_payload_is_refused_before_it_is_read(store: ModelStore) -> None:
    """Another model's payload reads well, but is not the one that was registered."""
    tag = registered(store, "model1")
    (folder_of(store, tag) / "payload.skops").write_bytes(regressor("model2").to_bytes())

    with pytest.raises(ModelRefusedError, match=r"not the file that was registered.*SHA-256"):
        store.load(tag)


def pair_of(store: ModelStore, *, synthetic: bool) -> dict[str, str]:
    return {name: registered(store, name, synthetic=synthetic) for name in PAIR}


@pytest.mark.parametrize(
    ("before", "new"), [("nothing", True), ("sample", True), ("sample", False), ("real", False)]
)
def test_sample_and_real_models_are_promoted_where_nothing_real_is_lost(
    store: ModelStore, before: str, *, new: bool
) -> None:
    """On an empty store, over models of the sample, and real ones over anything."""
    if before != "nothing":
        store.promote(pair_of(store, synthetic=before == "sample"), reason="before")
    tags = pair_of(store, synthetic=new)

    assert store.promote(tags, reason="run", keep_real=True) == tags
    assert store.promoted() == tags


KEPT = (
    "models of the synthetic sample do not replace real ones by themselves: {kept} stay promoted. "
    "To promote the new ones all the same: spike-assets models promote {new}"
)


@pytest.mark.parametrize("one_is_real", [False, True])
def test_models_of_the_sample_do_not_replace_real_ones(
    store: ModelStore, *, one_is_real: bool
) -> None:
    """One real one of two is enough; the error names both sets, and the command to insist helps."""
    before = pair_of(store, synthetic=one_is_real)
    if one_is_real:
        before |= {"model2": registered(store, "model2")}
    store.promote(before, reason="before")
    log = store.promotions_file.read_bytes()
    tags = pair_of(store, synthetic=True)

    with pytest.raises(RealModelsKeptError) as error:
        store.promote(tags, reason="run", keep_real=True)

    assert str(error.value) == KEPT.format(
        kept=", ".join(before.values()), new=" ".join(tags.values())
    )
    assert store.promotions_file.read_bytes() == log
    assert store.promote(tags, reason="by hand") == tags


@EVERY_DAMAGE
def test_models_of_the_sample_do_not_replace_a_real_one_that_is_damaged(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """It counts as real also where its record is gone; a new real one replaces it."""
    tag = registered(store, "model1")
    store.promote({"model1": tag}, reason="before")
    damage(folder_of(store, tag))

    with pytest.raises(RealModelsKeptError):
        store.promote(pair_of(store, synthetic=True), reason="run", keep_real=True)
    assert store.promoted() == {"model1": tag}

    real = pair_of(store, synthetic=False)
    assert store.promote(real, reason="run", keep_real=True) == real


def test_models_of_the_sample_do_not_replace_what_a_damaged_log_promoted(
    store: ModelStore,
) -> None:
    """It may have been real; by hand they are promoted, and real ones by themselves."""
    store.promote(pair_of(store, synthetic=False), reason="before")
    store.promotions_file.write_bytes(b"half a li")
    tags = pair_of(store, synthetic=True)

    with pytest.raises(PromotionsDamagedError, match=r"on real files, or with .* models promote"):
        store.promote(tags, reason="run", keep_real=True)

    assert store.promotions_file.read_bytes() == b"half a li"
    assert store.promote(tags, reason="by hand") == tags


@pytest.mark.parametrize("library", ["scikit-learn", "skops"])
def test_model_of_another_minor_release_of_a_library_is_refused(
    store: ModelStore, library: str
) -> None:
    """Neither library promises to read what another one wrote; the list says so as well."""
    tag = registered(store, "model1")
    pretend_written_with(folder_of(store, tag), library=library, other="0.1.2")

    with pytest.raises(ModelRefusedError) as error:
        store.load(tag)

    reason = (
        f"was written with {library} 0.1.2, and {version(library)} is installed: run `make run` to "
        "train and promote again, or install that version"
    )
    assert str(error.value) == f"{tag} {reason}"
    assert (store.version(tag).damage, store.version(tag).mismatch) == (None, reason)


@pytest.mark.parametrize("library", ["scikit-learn", "skops"])
def test_model_of_another_patch_release_is_served_if_it_reproduces_its_example(
    store: ModelStore, library: str
) -> None:
    """A fix of a library does not take the service down; who looks learns of it."""
    tag = registered(store, "model1")
    other = another_patch_release(library)
    pretend_written_with(folder_of(store, tag), library=library, other=other)

    store.promote({"model1": tag}, reason="test")

    difference = f"was written with {library} {other} ({version(library)} is installed)"
    assert store.load_promoted()["model1"].library_difference == difference
    listed = store.version(tag)
    assert (listed.damage, listed.mismatch, listed.library_difference) == (None, None, difference)


def test_scikit_learn_adds_no_warning_of_its_own(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    """It would warn once for each estimator, in lines that are not JSON."""
    with monkeypatch.context() as then:
        then.setattr("sklearn.base.__version__", another_patch_release("scikit-learn"))
        tag = registered(store, "model1")

    store.load(tag)

    assert list(recwarn) == []


def test_model_of_another_patch_release_that_answers_otherwise_is_refused(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the versions, the answers and the way out."""
    tag = registered(store, "model1")
    other = another_patch_release("scikit-learn")
    pretend_written_with(folder_of(store, tag), library="scikit-learn", other=other)
    then = TrainedRegressor.example_prices
    monkeypatch.setattr(TrainedRegressor, "example_prices", lambda model: 1.01 * then(model))

    with pytest.raises(
        ModelRefusedError,
        match=rf"^{tag} was written with scikit-learn {other} \(.*\), answered its example with .*"
        "make run",
    ):
        store.promote({"model1": tag}, reason="test")

    assert store.promoted() == {}


@pytest.mark.parametrize("library", ["bentoml", "numpy"])
def test_model_of_another_version_of_other_libraries_loads(store: ModelStore, library: str) -> None:
    """Their versions are recorded for people, and bind nobody."""
    tag = registered(store, "model1")
    pretend_written_with(folder_of(store, tag), library=library, other="0.1.2")

    assert store.load(tag).metadata["library_versions"][library] == "0.1.2"


@pytest.mark.parametrize("content", [b"", b"\xff", b'{"model1": "model1:', b"null"])
def test_damaged_history_is_reported_and_mended_by_promoting_again(
    store: ModelStore, content: bytes
) -> None:
    """The error names the file and the command, and that command then helps."""
    tag = registered(store, "model1")
    store.promote({"model1": tag}, reason="test")
    store.promotions_file.write_bytes(content)

    looks = (store.promoted, store.load_promoted, store.promotions, store.versions)
    changes = (lambda: store.rollback(reason="test"), lambda: store.prune(1))
    for act in looks + changes:
        with pytest.raises(PromotionsDamagedError, match=r"promotions\.jsonl is dam.*make run"):
            act()
    assert store.promotions_file.read_bytes() == content

    store.promote({"model1": tag}, reason="mended")
    assert store.promoted() == {"model1": tag}
    assert [line.reason for line in store.promotions()] == ["mended"]


@pytest.mark.parametrize(
    "inexact",
    [
        lambda tag: tag[:-3],
        lambda tag: tag.upper(),
        lambda tag: f" {tag}",
        *(lambda _, text=text: text for text in ("model1", "model1:latest", "model1:", ":", "")),
    ],
    ids=["cut", "upper-case", "space", "no-version", "latest", "empty-version", "colon", "empty"],
)
def test_tag_that_is_not_exact_is_refused(store: ModelStore, inexact: Callable[[str], str]) -> None:
    """BentoML takes a name for its latest version and half a version for a whole one; we do not."""
    tag = registered(store, "model1")

    with pytest.raises(ModelRefusedError):
        store.promote({"model1": inexact(tag)}, reason="test")

    assert store.promoted() == {}


def test_forecaster_is_registered_promoted_and_loaded_like_the_others(store: ModelStore) -> None:
    """Its kind, which is recorded, decides what reads its payload."""
    tag = store.register(TinyForecaster(0.5), data_versions=DATA_VERSIONS, synthetic=True)
    store.promote(promoted_pair(store, "1") | {"forecaster": tag}, reason="test")

    loaded = store.load_promoted()["forecaster"]

    assert loaded.model == TinyForecaster(0.5)
    assert loaded.metadata["kind"] == "forecaster"
    assert loaded.metadata["metrics"] == {"rmse_clp_per_litre": 6.25, "coverage_80": 0.8125}
    assert list(store.promoted()) == ["forecaster", *PAIR]


@pytest.mark.parametrize("fault", [KeyError("drift"), TypeError("drift"), AttributeError("drift")])
def test_model_that_other_code_wrote_is_refused(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """A version from before a change of the code is told by that, and nothing is promoted."""
    tag = store.register(TinyForecaster(0.5), data_versions=DATA_VERSIONS, synthetic=False)

    def unable(content: bytes) -> TinyForecaster:
        raise fault

    monkeypatch.setitem(KIND_OF, "forecaster", Kind("forecaster", unable))

    with pytest.raises(ModelRefusedError, match=r"registered by other code, .*drift") as error:
        store.promote({"forecaster": tag}, reason="test")

    assert code_version(PACKAGE) in str(error.value)
    assert store.promoted() == {}


class PriceHistory(LaggedPrices):
    """A pipeline step at a path that this version does not trust, as an old class path is."""


def test_model_with_a_class_of_another_path_is_refused_in_one_sentence(store: ModelStore) -> None:
    """A store from before a class was moved: the message says what to run, and the log is read."""
    old = regressor("model1")
    history, *steps = old.pipeline.steps
    moved = Pipeline([("history", PriceHistory(**history[1].get_params())), *steps])
    tag = store.register(replace(old, pipeline=moved), data_versions=DATA_VERSIONS, synthetic=False)

    with pytest.raises(
        ModelRefusedError, match=r"PriceHistory.*: run `make run` to train"
    ) as error:
        store.promote({"model1": tag}, reason="test")

    assert str(error.value).startswith(
        f"{tag} was registered by other code, {code_version(PACKAGE)}"
    )
    assert "\n" not in str(error.value)
    assert store.promoted() == {}


@pytest.mark.parametrize("factor", [1 + 2e-9, 1 - 2e-9, np.nan])
def test_model_that_answers_its_example_otherwise_than_then_is_refused(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    """The file is the same; what reads it is not."""
    tag = registered(store, "model1")
    then = TrainedRegressor.example_prices
    monkeypatch.setattr(TrainedRegressor, "example_prices", lambda model: factor * then(model))

    with pytest.raises(ModelRefusedError, match=f"{tag} answered its example with"):
        store.promote({"model1": tag}, reason="test")

    assert store.promoted() == {}


def test_model_that_answers_its_example_within_a_billionth_is_served(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another processor may round otherwise."""
    tag = registered(store, "model1")
    then = TrainedRegressor.example_prices
    monkeypatch.setattr(TrainedRegressor, "example_prices", lambda model: then(model) * (1 + 5e-10))

    assert store.promote({"model1": tag}, reason="test") == {"model1": tag}


def test_code_version_changes_with_any_source(tmp_path: Path) -> None:
    """Content and names of the sources count, anything else does not."""
    (tmp_path / "defs").mkdir()
    seen = []
    sources = [("a.py", "x = 1"), ("a.py", "x = 2"), ("defs/a.py", "x = 3"), ("b.py", "")]
    for name, content in sources:
        (tmp_path / name).write_text(content)
        seen.append(code_version(tmp_path))
    (tmp_path / "notes.txt").write_text("x = 1")

    assert len(set(seen)) == 4
    assert code_version(tmp_path) == seen[-1]
    assert all(one.startswith(f"{version('spike-assets')}+") for one in seen)
    assert {len(one.partition("+")[2]) for one in seen} == {8}


def test_picture_is_kept_beside_the_payload(store: ModelStore) -> None:
    """A version without one says so."""
    with_picture = registered(store, "model1", picture=b"\x89PNG")
    without = registered(store, "model1")

    assert store.version(with_picture).picture == folder_of(store, with_picture) / "backtest.png"
    assert (folder_of(store, with_picture) / "backtest.png").read_bytes() == b"\x89PNG"
    assert store.version(without).picture is None


def test_rollbacks_go_back_one_promotion_each(store: ModelStore) -> None:
    """Like undo: two rollbacks go two back, and a promotion starts from where they led."""
    first, second, third = (promoted_pair(store, stamp) for stamp in "abc")

    assert store.rollback(reason="worse") == second
    assert store.rollback(reason="still") == first
    assert store.promoted() == first
    store.promote(third, reason="again")
    assert store.rollback(reason="no") == first

    assert [(line.action, line.reason) for line in store.promotions()] == [
        *(("promote", "a"), ("promote", "b"), ("promote", "c"), ("rollback", "worse")),
        *(("rollback", "still"), ("promote", "again"), ("rollback", "no")),
    ]


def test_rollback_of_one_name_switches_what_that_promotion_switched(store: ModelStore) -> None:
    """The whole set comes back, and names that were added since are served no more."""
    alone = {"model1": registered(store, "model1")}
    store.promote(alone, reason="first")
    store.promote({"model2": registered(store, "model2")}, reason="second")

    assert store.rollback(reason="test") == alone
    assert list(store.load_promoted()) == ["model1"]


@pytest.mark.parametrize("promotions", [0, 1])
def test_rollback_with_nothing_before_is_an_error(store: ModelStore, promotions: int) -> None:
    """Nothing is changed, and a store that was never written stays so."""
    for _ in range(promotions):
        tags = promoted_pair(store, "a")
        store.promote(tags, reason="promoted again, which is no step")
    before = store.promotions()

    with pytest.raises(NothingPromotedError, match="nothing to roll back to") as error:
        store.rollback(reason="test")

    assert str(store.promotions_file) in str(error.value)
    assert store.promotions() == before
    assert store.home.exists() == bool(promotions)


@EVERY_DAMAGE
def test_rollback_to_a_damaged_model_is_refused(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """The served set stays, and another version can be promoted."""
    first, second = promoted_pair(store, "a"), promoted_pair(store, "b")
    damage(folder_of(store, first["model2"]))
    before = store.promotions_file.read_bytes()

    with pytest.raises(ModelRefusedError, match=f"^{first['model2']}"):
        store.rollback(reason="test")

    assert store.promotions_file.read_bytes() == before
    assert store.promote({"model1": first["model1"]}, reason="by hand") == second | {
        "model1": first["model1"]
    }


@pytest.mark.parametrize("tries", [1, 2])
def test_reader_overtaken_by_a_promotion_and_prune_loads_the_new_models(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch, tries: int
) -> None:
    """The version it was about to load is gone; the one served now is not."""
    promoted_pair(store, "a")
    load, overtaken = ModelStore.load, iter(range(tries))

    def overtaken_load(self: ModelStore, tag: str) -> object:
        if next(overtaken, None) is not None:
            with monkeypatch.context() as undisturbed:
                undisturbed.setattr(ModelStore, "load", load)
                for stamp in "bcd":
                    promoted_pair(self, stamp)
                self.prune(1)
        return load(self, tag)

    monkeypatch.setattr(ModelStore, "load", overtaken_load)

    assert {name: model.tag for name, model in store.load_promoted().items()} == store.promoted()


def test_version_that_a_rival_prunes_while_it_is_promoted_is_refused(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that is not there any more is never served."""
    old = registered(store, "model1")
    load = ModelStore.load

    def load_and_be_overtaken(self: ModelStore, tag: str) -> object:
        loaded = load(self, tag)
        registered(self, "model1")
        assert self.prune(1) == [old]
        return loaded

    monkeypatch.setattr(ModelStore, "load", load_and_be_overtaken)

    with pytest.raises(ModelRefusedError, match=f"{old} was removed"):
        store.promote({"model1": old}, reason="test")

    assert store.promoted() == {}
