"""The model store under crashes, writers and bad disks: real processes, killed at real moments."""

import errno
import itertools
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from spike_assets.registry import layout
from spike_assets.registry.errors import ModelStoreError
from spike_assets.registry.model_store import ModelStore
from tests.support.child_processes import CHILDREN, PATIENCE_S, started_child
from tests.support.disks import filled, read_only, small_disk
from tests.support.tiny_store import (
    assert_whole,
    files_in,
    latest_of,
    loaded_stamp,
    promoted_pair,
    registered,
    registered_pair,
    tags_in,
)

FILE_EVENTS = ("os.rename", "os.mkdir", "os.chmod", "os.remove", "os.rmdir", "shutil.copyfile")


def changes_a_file(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return bool((arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    return event in FILE_EVENTS


def register_and_promote(store: ModelStore) -> None:
    store.promote({"model1": registered(store, "model1")}, reason="victim")


def roll_back(store: ModelStore) -> None:
    store.rollback(reason="victim")


def prune(store: ModelStore) -> None:
    store.prune(1)


def die_before_each_change(base: Path, homes: Path, act: Callable[[ModelStore], None]) -> None:
    """Act in copies of a store; in the n-th, die before the n-th change of a file.

    Ends with the copy in which there was nothing left to die of. What each process was about to
    do is in `homes/<n>.death`.
    """
    tempfile.tempdir = str(homes.parent)
    warm_up = ModelStore(homes.parent / "warm-up")
    for _ in range(3):
        register_and_promote(warm_up)
    act(warm_up)
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
                act(ModelStore(home))
                os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


def deaths_of(
    base: ModelStore, tmp_path: Path, act: Callable[[ModelStore], None]
) -> list[tuple[str, ModelStore]]:
    """Return the stores that the dead left, each with what the writer was about to do.

    The last one is of the writer that got to the end.
    """
    homes = tmp_path / "homes"
    homes.mkdir()
    victims = started_child(die_before_each_change, base.home, homes, act)
    victims.join(PATIENCE_S)
    assert victims.exitcode == 0

    deaths = [
        (path.read_text(), ModelStore(path.with_suffix("")))
        for path in sorted(homes.glob("*.death"))
    ]
    assert [death for death, _ in deaths].index("") == len(deaths) - 1
    return deaths


def renames_in(deaths: list[tuple[str, ModelStore]]) -> list[tuple[int, str]]:
    """Find the renames that the writer did: which death came before each, and the new name."""
    return [
        (n, Path(death.split("'")[3]).name)
        for n, (death, _) in enumerate(deaths)
        if death.startswith("os.rename")
    ]


def assert_mended_by_the_next_writer(store: ModelStore, death: str) -> None:
    tags = promoted_pair(store, "next")

    assert store.promoted() == tags
    assert loaded_stamp(store) == "next"
    assert {name: latest_of(store, name) for name in tags} == tags
    assert not list(store.home.rglob("staging-*")), death
    assert_whole(store)


@pytest.mark.parametrize("is_first", [True, False], ids=["first-model", "later-model"])
def test_writer_that_dies_before_any_of_its_file_operations_breaks_nothing(
    tmp_path: Path, *, is_first: bool
) -> None:
    """A SIGKILL before the rename, after it, before `latest` or the history: all whole.

    What was promoted is the old version or, from the replacement of the history on, the new one.
    """
    base = ModelStore(tmp_path / "base")
    base.home.mkdir()
    before = {} if is_first else promoted_pair(base, "before")

    deaths = deaths_of(base, tmp_path, register_and_promote)

    (moved_in, _), (_, latest), (promoted, history) = renames_in(deaths)
    assert (latest, history) == ("latest", "promotions.jsonl")
    for n, (death, store) in enumerate(deaths):
        new = tags_in(store) - set(before.values())
        assert len(new) == (n > moved_in), death
        assert store.promoted() == before | ({"model1": new.pop()} if n > promoted else {}), death
        assert_mended_by_the_next_writer(store, death)


def test_writer_that_dies_while_it_rolls_back_breaks_nothing(tmp_path: Path) -> None:
    """The one set or the other is served, and only the whole line is in the history."""
    base = ModelStore(tmp_path / "base")
    first, second = promoted_pair(base, "first"), promoted_pair(base, "second")
    lines = base.promotions()

    deaths = deaths_of(base, tmp_path, roll_back)

    ((replaced, history),) = renames_in(deaths)
    assert history == "promotions.jsonl"
    for n, (death, store) in enumerate(deaths):
        assert store.promoted() == (first if n > replaced else second), death
        assert store.promotions()[:2] == lines
        assert len(store.promotions()) == (3 if n > replaced else 2)
        assert_mended_by_the_next_writer(store, death)


def test_writer_that_dies_while_it_prunes_leaves_whole_versions(tmp_path: Path) -> None:
    """Each version is there or gone, from the rename on; what is served stays."""
    base = ModelStore(tmp_path / "base")
    old = [registered(base, "model1") for _ in range(2)]
    first, second = promoted_pair(base, "first"), promoted_pair(base, "second")
    (base.home / "models" / "model1" / "latest").write_text("left-behind")

    deaths = deaths_of(base, tmp_path, prune)

    (mended, latest), *moved_out = renames_in(deaths)
    assert latest == "latest"
    assert [name.rpartition("-")[0] for _, name in moved_out] == ["staging-model1"] * 2
    for n, (death, store) in enumerate(deaths):
        gone = sum(n > moved for moved, _ in moved_out)
        assert tags_in(store) == {*old[: len(old) - gone], *first.values(), *second.values()}
        assert n <= mended or latest_of(store, "model1") == second["model1"]
        assert loaded_stamp(store) == "second"
        assert_whole(store)
        store.prune(1)
        assert tags_in(store) == {*first.values(), *second.values()}
        assert_mended_by_the_next_writer(store, death)


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


def write_for_ever(home: Path, temporary: Path, started: Event) -> None:
    """Do everything that writes, again and again, in an order that chance gives."""
    tempfile.tempdir = str(temporary)
    store = ModelStore(home)
    chance = random.Random(os.getpid())  # noqa: S311
    for n in itertools.count():
        tags = registered_pair(store, f"{os.getpid()}-{n}")
        started.set()
        store.promote(tags, reason=f"{n}")
        if chance.random() < 0.5:
            store.rollback(reason=f"{n}")
        if chance.random() < 0.5:
            store.prune(chance.randint(1, 3))


def test_writer_that_is_killed_at_any_moment_breaks_nothing(
    store: ModelStore, tmp_path: Path
) -> None:
    """Two dozen writers die while they register, promote, roll back or prune; all stays whole.

    What is served is a pair that was promoted, the history only grew, and the next writer
    finds its way.
    """
    promoted_pair(store, "first")
    promoted_pair(store, "second")
    chance = random.Random(20261123)  # noqa: S311
    for _ in range(24):
        lines = store.promotions()
        started = CHILDREN.Event()
        writer = started_child(write_for_ever, store.home, tmp_path, started)
        assert started.wait(PATIENCE_S)
        writer.join(chance.uniform(0, 0.15))
        writer.kill()
        writer.join(PATIENCE_S)
        assert writer.exitcode == -signal.SIGKILL

        assert store.promotions()[: len(lines)] == lines
        served = loaded_stamp(store)
        assert store.promoted() in [line.promoted for line in store.promotions()]
        assert [one.damage for one in store.versions() if one.damage] == []
        assert_whole(store)

        promoted_pair(store, "next")
        assert loaded_stamp(store) == "next"
        store.rollback(reason="undo")
        assert loaded_stamp(store) == served
        store.prune(3)
        assert not list(store.home.rglob("staging-*"))


N_TURNS = 20


def take_turns(home: Path, writer: str) -> None:
    """Register and promote pairs; roll some back, whosever they are."""
    store = ModelStore(home)
    for n in range(N_TURNS):
        promoted_pair(store, f"{writer}-{n}")
        if n % 4 == 3:
            store.rollback(reason=f"{writer}-{n}")


def prune_until(home: Path, stop: Event, removed: "Synchronized[int]") -> None:
    store = ModelStore(home)
    while not stop.is_set():
        removed.value += len(store.prune(N_TURNS))


def read_until(home: Path, stop: Event, started: Event, changes: "Synchronized[int]") -> None:
    """Load what is promoted, again and again; count how often it was another pair of models."""
    store = ModelStore(home)
    last = ""
    while not stop.is_set():
        stamp = loaded_stamp(store)
        assert [one.damage for one in store.versions() if one.damage] == []
        changes.value += stamp != last
        last = stamp
        started.set()


def test_writers_disturb_neither_each_other_nor_readers(store: ModelStore) -> None:
    """Of three writers and one that prunes none fails, and a reader always finds a whole pair."""
    promoted_pair(store, "first")
    stop, started = CHILDREN.Event(), CHILDREN.Event()
    changes, removed = CHILDREN.Value("i", 0), CHILDREN.Value("i", 0)
    reader = started_child(read_until, store.home, stop, started, changes)
    pruner = started_child(prune_until, store.home, stop, removed)
    try:
        assert started.wait(PATIENCE_S)
        writers = [started_child(take_turns, store.home, name) for name in "abc"]
        for writer in writers:
            writer.join(PATIENCE_S)
    finally:
        stop.set()
        reader.join(PATIENCE_S)
        pruner.join(PATIENCE_S)

    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert (reader.exitcode, pruner.exitcode) == (0, 0)
    assert changes.value >= 3  # the reader did read while there was something to disturb it
    assert removed.value > 0
    actions = [line.action for line in store.promotions()]
    assert actions.count("promote") == 1 + 3 * N_TURNS
    assert actions.count("rollback") == 3 * N_TURNS // 4
    assert len(tags_in(store)) + removed.value == 2 * (1 + 3 * N_TURNS)
    assert_whole(store)


def promote_in_turn(home: Path, name: str, tags: tuple[str, str], together: Barrier) -> None:
    store = ModelStore(home)
    together.wait(PATIENCE_S)
    for n in range(60):
        store.promote({name: tags[n % 2]}, reason=name)


def test_writers_that_promote_different_names_do_not_undo_each_other(store: ModelStore) -> None:
    """Neither writes back the other's name as it was a moment ago: a line changes one name."""
    names = ("model1", "model2")
    tags = {name: (registered(store, name), registered(store, name)) for name in names}
    store.promote({name: tags[name][1] for name in names}, reason="first")
    together = CHILDREN.Barrier(2)
    writers = [started_child(promote_in_turn, store.home, *item, together) for item in tags.items()]
    for writer in writers:
        writer.join(PATIENCE_S)

    assert [writer.exitcode for writer in writers] == [0, 0]
    lines = store.promotions()
    assert len(lines) == 1 + 2 * 60
    for before, after in itertools.pairwise(lines):
        assert [name for name in names if before.promoted[name] != after.promoted[name]] == [
            after.reason
        ]


def register(store: ModelStore) -> None:
    registered(store, "model1", picture=b"\x89PNG")


def promote_newest(store: ModelStore) -> None:
    newest = {version.name: version.tag for version in reversed(store.versions())}
    assert store.promote(newest, reason="test") == newest


CHANGES = (register, promote_newest, roll_back)


@pytest.fixture
def used_store(store: ModelStore) -> ModelStore:
    """Two pairs that were promoted, the second still, and one that is only registered."""
    use(store)
    return store


def use(store: ModelStore) -> None:
    promoted_pair(store, "first")
    promoted_pair(store, "second")
    registered_pair(store, "third")


@pytest.mark.parametrize("act", CHANGES)
def test_full_disk_is_told_and_changes_nothing(
    tmp_path: Path, act: Callable[[ModelStore], None]
) -> None:
    """The error names the folder and the reason; with room again, the same goes through."""
    with small_disk(tmp_path, kilobytes=2000):
        store = ModelStore(tmp_path / "bentoml")
        use(store)
        before = files_in(store.home)

        with filled(tmp_path), pytest.raises(ModelStoreError) as error:
            act(store)

        assert str(store.home) in str(error.value)
        assert "No space left on device" in str(error.value)
        assert files_in(store.home) == before
        assert loaded_stamp(store) == "second"
        act(store)
        assert_whole(store)


def test_full_temporary_folder_is_named(
    used_store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BentoML builds there, and whoever has to make room needs to know where."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    before = files_in(used_store.home)

    with small_disk(temporary, kilobytes=100):
        with filled(temporary), pytest.raises(ModelStoreError, match="No space left") as error:
            register(used_store)

        assert str(temporary) in str(error.value)
        assert files_in(used_store.home) == before
        register(used_store)


def test_full_disk_can_be_pruned(tmp_path: Path) -> None:
    """Removing makes room, so it must not need any."""
    with small_disk(tmp_path, kilobytes=2000):
        store = ModelStore(tmp_path / "bentoml")
        old = [registered(store, "model1") for _ in range(3)]
        promoted_pair(store, "first")

        with filled(tmp_path):
            assert sorted(store.prune(1)) == sorted(old)

        assert loaded_stamp(store) == "first"
        assert_whole(store)


def act_with_small_files(home: Path, act: Callable[[ModelStore], None], limit: int) -> None:
    """Act where a file can't grow past a limit, and die well if that is told."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    with pytest.raises(ModelStoreError, match="File too large") as error:
        act(ModelStore(home))
    assert str(home) in str(error.value)


@pytest.mark.parametrize(
    ("act", "limit"),
    [
        *((register, limit) for limit in (100, 3000, 6_000)),
        *((act, limit) for act in (promote_newest, roll_back) for limit in (0, 300)),
    ],
)
def test_file_that_cannot_be_written_to_its_end_changes_nothing(
    used_store: ModelStore, act: Callable[[ModelStore], None], limit: int
) -> None:
    """Whichever file it is that is cut, the old state stays, whole."""
    before = files_in(used_store.home)

    victim = started_child(act_with_small_files, used_store.home, act, limit)
    victim.join(PATIENCE_S)

    assert victim.exitcode == 0
    assert files_in(used_store.home) == before
    act(used_store)
    assert_whole(used_store)


def test_registering_that_fails_at_its_last_step_is_undone(
    used_store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that was reported as not registered is not in the store."""
    before = files_in(used_store.home)

    def full(path: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disturbed:
        disturbed.setattr(layout, "replace_file", full)
        with pytest.raises(ModelStoreError, match="No space left on device"):
            register(used_store)

    assert files_in(used_store.home) == before
    register(used_store)


@pytest.mark.parametrize("act", [*CHANGES, prune])
def test_read_only_store_is_told_to_who_writes(
    used_store: ModelStore, act: Callable[[ModelStore], None]
) -> None:
    """Nothing is half done, and once it may be written the same goes through."""
    before = files_in(used_store.home)

    with read_only(used_store.home) as reason:
        with pytest.raises(ModelStoreError, match=f"{used_store.home} can't be written: {reason}"):
            act(used_store)
        assert loaded_stamp(used_store) == "second"

    assert files_in(used_store.home) == before
    act(used_store)


def test_read_only_store_can_be_read(used_store: ModelStore) -> None:
    """A service on a mounted volume needs no right to write."""
    versions = used_store.versions()

    with read_only(used_store.home):
        store = ModelStore(used_store.home)
        assert loaded_stamp(store) == "second"
        assert store.versions() == versions
        assert store.version(versions[0].tag) == versions[0]
        assert len(store.promotions()) == 2
