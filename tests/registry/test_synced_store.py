"""Model stores of several machines that follow one in a bucket of a real S3 server."""

import itertools
import json
import random
import signal
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import pytest

from spike_assets.registry.errors import (
    ModelRefusedError,
    ModelStoreError,
    NothingPromotedError,
    PromotionsDamagedError,
    RealModelsKeptError,
)
from spike_assets.registry.model_store import ModelStore
from spike_assets.registry.s3_store import S3Store
from spike_assets.registry.synced_store import SyncedStore, open_store
from spike_assets.storage.s3_bucket import Bucket
from tests.support.child_processes import CHILDREN, PATIENCE_S, started_child
from tests.support.s3_server import BUCKET, S3Server, s3_server_of_the_environment
from tests.support.tiny_store import (
    assert_whole,
    files_in,
    flip_a_byte,
    folder_of,
    loaded_stamp,
    promoted_pair,
    registered,
    registered_pair,
    tags_in,
)

NewMachine = Callable[[str], SyncedStore]


@pytest.fixture(scope="module", autouse=True)
def server(free_port, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server_of_the_environment(free_port(), tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"s3://{BUCKET}/{tmp_path.name}"


@pytest.fixture
def bucket(url: str) -> Bucket:
    return Bucket(url)


@pytest.fixture
def machine(url: str, tmp_path: Path) -> NewMachine:
    """Set up a machine by its name: an empty BentoML home that syncs with the store."""
    return lambda name: SyncedStore(S3Store(url), tmp_path / name)


def objects(bucket: Bucket) -> dict[str, bytes | None]:
    names = [*bucket.names("models"), *bucket.names("promotions")]
    return {name: bucket.get(name) for name in names}


def damage_object(bucket: Bucket, tag: str) -> None:
    """Flip a byte of a version's archive, as it may happen to a disk or by a hand."""
    (name,) = bucket.names(f"models/{tag.replace(':', '/')}")
    content = bytearray(bucket.get(name) or b"")
    content[len(content) // 2] ^= 1
    bucket.put(name, bytes(content))


def test_promotion_on_one_machine_is_loaded_on_another(machine: NewMachine) -> None:
    """The versions that are promoted come over, and the history to the byte."""
    one, other = machine("a"), machine("b")
    promoted_pair(one, "old")
    tags = promoted_pair(one, "new")

    other.pull()

    assert other.promoted() == tags
    assert other.promotions_file.read_bytes() == one.promotions_file.read_bytes()
    assert tags_in(other) == set(tags.values())
    assert loaded_stamp(other) == "new"
    assert_whole(other)


def test_everything_can_be_taken_over_before_it_is_promoted(machine: NewMachine) -> None:
    """A command lists and promotes what was only registered, by another machine."""
    one, other = machine("a"), machine("b")
    tags = registered_pair(one, "new")

    other.pull(everything=True)
    assert tags_in(other) == set(tags.values())
    other.promote(tags, reason="test")

    one.pull()
    assert one.promoted() == tags


def test_what_is_missing_here_is_fetched_to_be_promoted(machine: NewMachine) -> None:
    """Promoting and rolling back need no pull before."""
    one, other = machine("a"), machine("b")
    first, second = promoted_pair(one, "first"), registered_pair(one, "second")

    assert other.promote(second, reason="test") == second
    assert other.rollback(reason="test") == first
    assert loaded_stamp(other) == "first"
    one.pull()
    assert one.promotions() == other.promotions()
    assert [line.action for line in one.promotions()] == ["promote", "promote", "rollback"]


@pytest.mark.parametrize("state", ["whole", "damaged", "away"])
def test_models_of_the_sample_do_not_replace_real_ones_of_another_machine(
    machine: NewMachine, bucket: Bucket, state: str
) -> None:
    """A machine without the real files leaves them, whether or not it can read them."""
    one, other = machine("a"), machine("b")
    real = promoted_pair(one, "real")
    if state == "damaged":
        damage_object(bucket, real["model1"])
    elif state == "away":
        S3Store(bucket.url).delete(real["model1"])
    sample = {name: registered(other, name, synthetic=True) for name in real}

    with pytest.raises(RealModelsKeptError, match="models promote"):
        other.promote(sample, reason="run", keep_real=True)
    one.pull()
    assert one.promoted() == real

    new = registered_pair(other, "new")
    assert other.promote(new, reason="run", keep_real=True) == new


def test_models_of_the_sample_do_not_replace_real_ones_that_were_promoted_meanwhile(
    url: str, machine: NewMachine, tmp_path: Path
) -> None:
    """Another machine promoted between the look and the line."""
    other = machine("b")
    meanwhile = Interrupted(url, "add_line", lambda: promoted_pair(other, "real"))
    one = SyncedStore(meanwhile, tmp_path / "a")
    sample = {name: registered(one, name, synthetic=True) for name in ("model1", "model2")}

    with pytest.raises(RealModelsKeptError):
        one.promote(sample, reason="run", keep_real=True)

    assert loaded_stamp(other) == "real"


def test_nothing_to_go_back_to_is_said_on_a_machine_that_is_empty(machine: NewMachine) -> None:
    """As on any machine."""
    promoted_pair(machine("a"), "first")

    with pytest.raises(NothingPromotedError, match="nothing to roll back to"):
        machine("b").rollback(reason="test")


def test_pull_of_what_is_here_already_writes_nothing(machine: NewMachine) -> None:
    """It takes no lock either, so it may look every few seconds."""
    one = machine("a")
    promoted_pair(one, "first")
    files = {path: path.stat().st_mtime_ns for path in one.home.rglob("*")}

    one.pull()
    one.pull(everything=True)

    assert {path: path.stat().st_mtime_ns for path in one.home.rglob("*")} == files


@pytest.mark.parametrize("act", ["register", "promote", "rollback", "prune", "pull"])
def test_storage_that_is_away_is_an_error_that_changes_nothing(
    machine: NewMachine, server: S3Server, bucket: Bucket, act: str
) -> None:
    """Neither here nor there; once it is back the same goes through."""
    one = machine("a")
    promoted_pair(one, "first")
    promoted_pair(one, "second")
    third = registered_pair(one, "third")
    actions: dict[str, Callable[[], object]] = {
        "register": lambda: registered(one, "model1"),
        "promote": lambda: one.promote(third, reason="test"),
        "rollback": lambda: one.rollback(reason="test"),
        "prune": lambda: one.prune(1),
        "pull": one.pull,
    }
    there, here = objects(bucket), files_in(one.home)

    with (
        server.away(),
        pytest.raises(ModelStoreError, match=rf"^s3://.*: no answer from {server.url}"),
    ):
        actions[act]()

    assert objects(bucket) == there
    assert files_in(one.home) == here
    assert loaded_stamp(one) == "second"
    actions[act]()


def test_damaged_version_is_refused_and_what_is_here_stays(
    machine: NewMachine, bucket: Bucket
) -> None:
    """It never gets into the store of the machine, which gets over it by the next promotion."""
    one, other = machine("a"), machine("b")
    before = promoted_pair(one, "before")
    other.pull()
    damaged = promoted_pair(one, "damaged")
    damage_object(bucket, damaged["model2"])
    history = other.promotions_file.read_bytes()

    with pytest.raises(ModelRefusedError, match=rf"^{bucket.url}/models/model2/.*SHA-256 differs"):
        other.pull()
    assert other.promoted() == before
    assert loaded_stamp(other) == "before"
    assert other.promotions_file.read_bytes() == history
    assert damaged["model2"] not in tags_in(other)

    assert other.rollback(reason="test") == before
    one.pull()
    assert one.promoted() == before


def test_damaged_version_that_nobody_promoted_is_left_out(
    machine: NewMachine, bucket: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning names it, and the commands go on with the others."""
    one, other = machine("a"), machine("b")
    bad, good = registered(one, "model1"), registered(one, "model1")
    damage_object(bucket, bad)

    other.pull(everything=True)

    assert tags_in(other) == {good}
    assert "SHA-256 differs" in caplog.text


def test_version_that_is_gone_there_is_refused(machine: NewMachine, bucket: Bucket) -> None:
    """As if somebody had emptied the folder by hand."""
    tags = promoted_pair(machine("a"), "first")
    for name in bucket.names(f"models/{tags['model1'].replace(':', '/')}"):
        bucket.delete(name)

    with pytest.raises(ModelRefusedError, match=rf"{tags['model1']} is not in the store s3://"):
        machine("b").pull()


def test_damaged_line_is_named_and_can_be_put_back(machine: NewMachine, bucket: Bucket) -> None:
    """The message says which, and where a whole one is."""
    one, other = machine("a"), machine("b")
    promoted_pair(one, "first")
    promoted_pair(one, "second")
    bucket.put("promotions/00000002.json", b"{}")

    for store in (one, other):
        with pytest.raises(
            PromotionsDamagedError,
            match=rf"^{bucket.url}/promotions/00000002\.json is damaged \(.*replace it by line 2",
        ):
            store.pull()
    assert loaded_stamp(one) == "second"

    line = one.promotions_file.read_bytes().splitlines()[1]
    bucket.put("promotions/00000002.json", line)
    other.pull()
    assert loaded_stamp(other) == "second"


def test_store_that_was_alone_brings_its_history(
    tmp_path: Path, machine: NewMachine, bucket: Bucket
) -> None:
    """The first promotion brings what is there so far, so a rollback works on any machine."""
    alone = ModelStore(tmp_path / "a")
    first, second = promoted_pair(alone, "first"), promoted_pair(alone, "second")
    one, other = machine("a"), machine("b")

    stranger = registered(other, "model2")
    one.pull(everything=True)
    assert one.promoted() == second
    assert stranger in tags_in(one)
    assert bucket.names("promotions") == []
    tag = registered(one, "model1")
    one.promote({"model1": tag}, reason="test")

    assert other.rollback(reason="test") == second
    assert other.rollback(reason="test") == first
    assert len(other.promotions()) == 5


def test_history_of_another_store_is_kept_aside(
    tmp_path: Path, machine: NewMachine, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine that served something else follows from now on, and loses nothing."""
    tags = promoted_pair(machine("a"), "shared")
    alone = ModelStore(tmp_path / "b")
    promoted_pair(alone, "own")
    own = alone.promotions_file.read_bytes()
    other = machine("b")

    other.pull()

    assert other.promoted() == tags
    (kept,) = other.promotions_file.parent.glob("promotions.replaced-*.jsonl")
    assert kept.read_bytes() == own
    assert str(kept) in caplog.text


def test_damaged_history_here_is_mended_by_the_one_there(machine: NewMachine) -> None:
    """The next look brings it back."""
    one = machine("a")
    tags = promoted_pair(one, "first")
    whole = one.promotions_file.read_bytes()
    one.promotions_file.write_bytes(whole[:-20])

    one.pull()

    assert one.promotions_file.read_bytes() == whole
    assert one.promoted() == tags


def test_pruning_here_removes_there_and_leaves_the_copies_of_others(
    machine: NewMachine, bucket: Bucket
) -> None:
    """The models that another machine serves are on its disk, however far behind it is."""
    one, other = machine("a"), machine("b")
    promoted_pair(one, "old")
    other.pull()
    kept = [promoted_pair(one, stamp) for stamp in ("first", "second")]

    removed = one.prune(1)

    assert len(removed) == 2
    assert {tag for pair in kept for tag in pair.values()} == set(S3Store(bucket.url).tags())
    assert loaded_stamp(other) == "old"
    other.pull()
    assert loaded_stamp(other) == "second"
    assert_whole(other)


class Interrupted(S3Store):
    """A store in which somebody does something at a moment.

    Args:
        url: Where it is.
        moment: The method before which it happens, once.
        happens: What does.
    """

    def __init__(self, url: str, moment: str, happens: Callable[[], object]) -> None:
        super().__init__(url)
        self._pending = [(moment, happens)]

    def delete(self, tag: str) -> None:
        self._interrupt("delete")
        super().delete(tag)

    def add_line(self, number: int, line: bytes) -> None:
        self._interrupt("add_line")
        super().add_line(number, line)

    def _interrupt(self, moment: str) -> None:
        if self._pending and self._pending[0][0] == moment:
            self._pending.pop()[1]()


@pytest.mark.parametrize("first_to_begin", ["prune", "promote"])
def test_version_that_is_promoted_while_it_is_pruned_stays(
    machine: NewMachine, url: str, tmp_path: Path, first_to_begin: str
) -> None:
    """Whoever of the two comes second looks again, and puts it back."""
    other = machine("b")
    old = promoted_pair(other, "old")
    promoted_pair(other, "first")
    promoted_pair(other, "second")
    if first_to_begin == "prune":
        meanwhile = Interrupted(url, "delete", lambda: other.promote(old, reason="meanwhile"))
        assert SyncedStore(meanwhile, tmp_path / "a").prune(1) == []
    else:
        meanwhile = Interrupted(url, "add_line", lambda: other.prune(1))
        SyncedStore(meanwhile, tmp_path / "a").promote(old, reason="test")

    third = machine("c")
    third.pull()
    assert loaded_stamp(third) == "old"


def test_promotion_that_comes_second_goes_on_from_the_first(
    machine: NewMachine, url: str, tmp_path: Path
) -> None:
    """It looks again and does not undo what the other machine promoted a moment before."""
    other = machine("b")
    before = promoted_pair(other, "before")
    one_tag, other_tag = registered(other, "model1"), registered(other, "model2")
    one = SyncedStore(
        Interrupted(
            url, "add_line", lambda: other.promote({"model2": other_tag}, reason="meanwhile")
        ),
        tmp_path / "a",
    )

    promoted = one.promote({"model1": one_tag}, reason="test")

    assert promoted == {"model1": one_tag, "model2": other_tag}
    other.pull()
    assert [line.promoted for line in other.promotions()] == [
        before,
        before | {"model2": other_tag},
        promoted,
    ]


N_TURNS = 6


def promote_in_turn(url: str, home: Path, name: str, tags: list[str], together: Barrier) -> None:
    store = SyncedStore(S3Store(url), home)
    together.wait(PATIENCE_S)
    for n in range(N_TURNS):
        store.promote({name: tags[n % 2]}, reason=name)


def test_machines_that_promote_at_once_come_into_one_order(
    machine: NewMachine, url: str, tmp_path: Path
) -> None:
    """Each promotion goes on from the one before, whosever it is; nobody's is lost."""
    names = ("model1", "model2")
    first = machine("a")
    tags = {name: [registered(first, name), registered(first, name)] for name in names}
    first.promote({name: tags[name][1] for name in names}, reason="first")
    together = CHILDREN.Barrier(2)
    writers = [
        started_child(promote_in_turn, url, tmp_path / name, name, tags[name], together)
        for name in names
    ]
    for writer in writers:
        writer.join(PATIENCE_S)

    assert [writer.exitcode for writer in writers] == [0, 0]
    stores = [machine(name) for name in ("a", *names, "new")]
    for store in stores:
        store.pull()
    (history,) = {store.promotions_file.read_bytes() for store in stores}
    assert len(history.splitlines()) == 1 + 2 * N_TURNS
    for before, after in itertools.pairwise(stores[0].promotions()):
        changed = [name for name in names if before.promoted[name] != after.promoted[name]]
        assert changed == [after.reason]


def write_for_ever(url: str, home: Path, started: Event) -> None:
    store = SyncedStore(S3Store(url), home)
    for n in itertools.count():
        promoted_pair(store, f"{n}")
        started.set()
        if n % 3 == 2:
            store.rollback(reason=f"{n}")
            store.prune(1)


def test_writer_that_is_killed_at_any_moment_leaves_a_store_that_reads_whole(
    machine: NewMachine, url: str, tmp_path: Path
) -> None:
    """A new machine finds a whole pair every time, and the history only grows."""
    chance = random.Random(20261123)  # noqa: S311
    lines: list[bytes] = []
    for n in range(5):
        started = CHILDREN.Event()
        writer = started_child(write_for_ever, url, tmp_path / "writer", started)
        assert started.wait(PATIENCE_S)
        writer.join(chance.uniform(0, 0.4))
        writer.kill()
        writer.join(PATIENCE_S)
        assert writer.exitcode == -signal.SIGKILL

        reader = machine(f"reader-{n}")
        reader.pull()
        loaded_stamp(reader)
        assert_whole(reader)
        found = reader.promotions_file.read_bytes().splitlines()
        assert found[: len(lines)] == lines
        lines = found


def test_promotion_that_is_there_but_not_here_yet_is_taken_over(
    machine: NewMachine, bucket: Bucket
) -> None:
    """As left by a machine that was switched off in between."""
    one = machine("a")
    first = promoted_pair(one, "first")
    second = registered_pair(one, "second")
    before = one.promotions_file.read_bytes()
    one.promote(second, reason="test")
    one.promotions_file.write_bytes(before)
    assert one.promoted() == first

    assert one.rollback(reason="test") == first
    assert [json.loads(bucket.get(f"promotions/{n:08}.json") or b"")["action"] for n in (1, 2, 3)]
    assert len(one.promotions()) == 3


def test_damaged_copy_is_not_what_others_get(machine: NewMachine) -> None:
    """A version is uploaded once, when it is registered; a disk that fails later spoils nothing."""
    one, other = machine("a"), machine("b")
    tags = promoted_pair(one, "first")
    flip_a_byte(folder_of(one, tags["model1"]))

    other.pull()

    assert loaded_stamp(other) == "first"


def test_store_follows_if_the_environment_says_so(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By SPIKE_MODEL_STORE; otherwise it is alone."""
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    monkeypatch.delenv("SPIKE_MODEL_STORE", raising=False)
    assert type(open_store()) is ModelStore

    monkeypatch.setenv("SPIKE_MODEL_STORE", f"{url}/")
    store = open_store()
    assert store.remote_url == url
    assert store.home == tmp_path
    with pytest.raises(NothingPromotedError, match=rf"{tmp_path} \(synced with {url}\); run `make"):
        store.load_promoted()

    monkeypatch.setenv("SPIKE_MODEL_STORE", "milk")
    with pytest.raises(ModelStoreError, match=r"^SPIKE_MODEL_STORE: 'milk' is not what was"):
        open_store()
