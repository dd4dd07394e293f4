"""The versions in the store: what is listed of them, and which of them pruning removes."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import bentoml
import pytest

from spike_assets.registry import stored_model
from spike_assets.registry.errors import ModelRefusedError
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.stored_model import BentoModelStore
from tests.support.bento_case import described_bento
from tests.support.tiny_store import (
    DAMAGES,
    DATA_VERSIONS,
    PAIR,
    TinyForecaster,
    assert_whole,
    folder_of,
    latest_of,
    promoted_pair,
    registered,
    registered_pair,
    tags_in,
)


def test_store_that_was_never_written_has_no_versions(store: ModelStore) -> None:
    """Listing and pruning it make no folder."""
    assert store.versions() == []
    assert store.prune(1) == []
    assert not store.home.exists()


def test_versions_are_listed_by_name_and_newest_first(store: ModelStore) -> None:
    """Models of other names, from other projects, are left out."""
    first, second = registered_pair(store, "a"), registered_pair(store, "b")
    forecaster = store.register(TinyForecaster(0.5), data_versions=DATA_VERSIONS, synthetic=True)
    with bentoml.models.create("other", _model_store=BentoModelStore(store.home / "models")):
        pass

    assert [version.tag for version in store.versions()] == [
        second["model1"],
        first["model1"],
        second["model2"],
        first["model2"],
        forecaster,
    ]


def test_version_is_read_once_until_its_files_change(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service lists them for everybody who asks; reading each anew takes milliseconds."""
    tags = registered_pair(store, "a")
    read = []
    monkeypatch.setattr(
        stored_model,
        "_read",
        lambda folder, of=stored_model._read: read.append(folder) or of(folder),
    )

    first, again = store.versions(), store.versions()
    registered_pair(store, "b")
    n_before = len(read)
    store.versions()

    assert first == again
    assert n_before == 2
    assert len(read) == 4

    payload = folder_of(store, tags["model1"]) / "payload.skops"
    payload.write_bytes(payload.read_bytes()[::-1])
    assert [one.tag for one in store.versions() if one.damage] == [tags["model1"]]


def test_version_says_what_was_recorded_and_why_it_is_served(store: ModelStore) -> None:
    """Kind, time, data, months, scores, and the line of the history that brought it."""
    before = datetime.now(UTC)
    tag = registered(store, "model1", synthetic=True)
    store.promote({"model1": tag}, reason="better")
    store.promote({"model2": registered(store, "model2")}, reason="the other one")

    version = store.version(tag)

    assert version.kind == "regressor"
    assert before <= version.created <= datetime.now(UTC)
    assert version.synthetic is True
    assert version.months == {"first": "2014-01", "last": "2014-12", "count": 12}
    assert version.metrics["holdout"]["r2"] == 0.75
    assert version.damage is None
    assert version.served == store.promotions()[0]
    assert version.served.reason == "better"


def test_version_that_was_served_before_says_when(store: ModelStore) -> None:
    """It is not served now, and each time that it came into service is known."""
    first = promoted_pair(store, "a")
    promoted_pair(store, "b")
    store.rollback(reason="back")
    promoted_pair(store, "c")

    version = store.version(first["model1"])

    assert version.served is None
    assert [line.reason for line in version.promotions] == ["a", "back"]


LISTED = {name: damage for name, damage in DAMAGES.items() if name != "version-gone"}


@pytest.mark.parametrize("damage", LISTED.values(), ids=LISTED)
def test_damaged_version_is_listed_as_damaged(
    store: ModelStore, damage: Callable[[Path], object]
) -> None:
    """In its place among the others, with what is wrong with it."""
    tags = promoted_pair(store, "a")
    damage(folder_of(store, tags["model1"]))

    bad, good = store.versions()

    assert (bad.tag, good.tag) == tuple(tags.values())
    assert bad.damage.startswith(("can't be read", "is not the file that was registered"))
    assert bad.kind == "regressor"
    assert bad.served.reason == "a"
    assert good.damage is None
    assert store.version(bad.tag) == bad


def test_model_of_somebody_else_by_our_name_is_listed_as_damaged(store: ModelStore) -> None:
    """Whatever they recorded of it."""
    odd = {"metrics": 3, "months": [1], "synthetic": "perhaps", "payload_sha256": 7}
    (store.home / "models").mkdir(parents=True)
    with bentoml.models.create(
        "model1", metadata=odd, _model_store=BentoModelStore(store.home / "models")
    ) as model:
        Path(model.path_of("payload.skops")).write_bytes(b"")

    (version,) = store.versions()

    assert version.damage.startswith("is not the file")
    assert (version.months, version.metrics) == ({}, {})


@pytest.mark.parametrize("tag", ["model1:nothere", "model9:abc", "model1", "../model1:x"])
def test_version_that_is_not_there_is_an_error(store: ModelStore, tag: str) -> None:
    """It names the tag."""
    registered(store, "model1")

    with pytest.raises(ModelRefusedError, match=tag):
        store.version(tag)


def test_pruning_keeps_the_newest_of_each_name(store: ModelStore) -> None:
    """The removed versions are told, BentoML agrees, and nothing is left of them."""
    old, middle, new = (registered_pair(store, stamp) for stamp in "abc")
    lonely = store.register(TinyForecaster(0.5), data_versions=DATA_VERSIONS, synthetic=True)

    assert sorted(store.prune(2)) == sorted(old.values())
    assert tags_in(store) == {*middle.values(), *new.values(), lonely}
    assert_whole(store)
    assert [latest_of(store, name) for name in PAIR] == list(new.values())
    assert not list(store.home.rglob("staging-*"))
    assert store.prune(2) == []


def test_pruning_never_removes_what_is_served(store: ModelStore) -> None:
    """However old it is, and though only one name of the pair is."""
    served = registered_pair(store, "a")
    store.promote({"model1": served["model1"]}, reason="test")
    for stamp in "bcd":
        new = registered_pair(store, stamp)

    store.prune(1)

    assert tags_in(store) == {served["model1"], *new.values()}


def test_pruning_leaves_as_many_rollbacks_as_versions(store: ModelStore) -> None:
    """Versions that the undo stack leads to are kept, not those of the history's last lines."""
    a, b, c, d = (promoted_pair(store, stamp) for stamp in "abcd")
    store.rollback(reason="to c")
    store.rollback(reason="to b")
    e = promoted_pair(store, "e")

    store.prune(1)

    assert tags_in(store) == {*e.values(), *b.values()}
    assert store.rollback(reason="test") == b
    with pytest.raises(ModelRefusedError, match=f"^{a['model1']}"):
        store.rollback(reason="test")
    assert not (tags_in(store) & {*c.values(), *d.values()})


def test_pruning_keeps_what_a_bento_was_built_with(store: ModelStore) -> None:
    """Without it the Bento could not be containerized; once that is deleted, it goes."""
    packed, between, new = (registered_pair(store, stamp) for stamp in "abc")
    bento = described_bento(store.home, packed)

    assert sorted(store.prune(1)) == sorted(between.values())
    shutil.rmtree(bento)
    assert sorted(store.prune(1)) == sorted(packed.values())

    assert tags_in(store) == {*new.values()}


def test_damaged_versions_count_for_nothing_when_pruning(store: ModelStore) -> None:
    """A whole one stays, and what is younger than that is left to be looked at."""
    ancient, whole, old, newest_whole, young = (registered(store, "model1") for _ in range(5))
    for n, tag in enumerate((ancient, old, young)):
        (folder_of(store, tag) / "model.yaml").unlink()
        if tag != young:
            os.utime(folder_of(store, tag), (n, n))

    assert store.prune(1) == [whole, old, ancient]

    assert tags_in(store) == {newest_whole, young}
    assert (store.home / "models/model1/latest").read_text() == newest_whole.partition(":")[2]


def test_pruning_mends_what_bentoml_takes_for_the_latest(store: ModelStore) -> None:
    """A crash may have left it a version behind, which pruning would remove."""
    old, new = (registered(store, "model1") for _ in range(2))
    (store.home / "models" / "model1" / "latest").write_text(old.partition(":")[2])

    assert store.prune(1) == [old]

    assert latest_of(store, "model1") == new


@pytest.mark.parametrize("keep", [0, -1])
def test_pruning_everything_is_refused(store: ModelStore, keep: int) -> None:
    """At least one version of each name stays."""
    tag = registered(store, "model1")

    with pytest.raises(ValueError, match="at least 1"):
        store.prune(keep)

    assert tags_in(store) == {tag}
