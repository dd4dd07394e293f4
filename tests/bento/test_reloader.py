"""A real service whose models are promoted, rolled back and broken while it is being asked."""

import hashlib
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from statistics import median

import pytest

from bento.served_models import ServedModels
from spike_assets.models.serialization import to_skops
from spike_assets.registry.model_store import ModelStore
from spike_assets.storage.atomic_file import replace_file
from tests.support.swap_case import QUESTIONS, LoadAnswer, answer_of, constant_load, registered_set
from tests.support.tiny_store import another_patch_release, flip_a_byte, pretend_written_with
from tests.support.watched_service import (
    Noted,
    Serving,
    Tags,
    damaged,
    promote_unseen,
    seconds_until,
)

LOOKED_AFTER_S = 1.0
RETRIED_AFTER_S = 2.75
SERVED_WITHIN_S = 2.0
MAX_LOADS = 8
"""A promotion is served within two seconds, or within so many times what a load takes here."""

A_DAY = timedelta(days=1)
FIVE_SECONDS = timedelta(seconds=5)


@pytest.fixture(scope="module")
def empty_service(start_service, isolated_environment, tmp_path_factory) -> Iterator[Serving]:
    """A service that started with nothing promoted."""
    folder = tmp_path_factory.mktemp("reloader")
    environment = isolated_environment(folder)
    store = ModelStore(Path(environment["BENTOML_HOME"]))
    sets = {letter: registered_set(store, seed=seed) for seed, letter in enumerate("abcde")}
    with start_service(environment, folder) as service:
        yield Serving(service, store, sets)


@pytest.fixture(scope="module")
def first_promotion(empty_service: Serving) -> tuple[bool, float]:
    """Readiness before the first promotion, and the swaps counted after it."""
    was_ready = empty_service.is_ready()
    empty_service.serve(empty_service.sets["a"])
    return was_ready, empty_service.metric("spike_model_swaps_total")


@pytest.fixture
def on_a(empty_service: Serving, first_promotion: tuple[bool, float]) -> Serving:
    """The service while it answers from set `a`, whatever a test before this one did to it."""
    empty_service.serve(empty_service.sets["a"])
    return empty_service


@dataclass(frozen=True)
class Turn:
    """A set's time in service.

    Attributes:
        tags: The set.
        promoted_s: When it can first have been served: its promotion began.
        served_s: When it answered, so that no request sent later may be answered by another.
    """

    tags: Tags
    promoted_s: float
    served_s: float


STEPS = (*"bcd<<acd", "e1", *"<<aeb<d<ce<")
"""Promotions of a set, of one model of it, and rollbacks; each changes what is served."""


def step(serving: Serving, name: str) -> Tags:
    """Promote or roll back; gives what is served from then on."""
    if name == "<":
        return serving.store.rollback(reason="test")
    tags = serving.sets[name[0]]
    if name.endswith("1"):
        tags = {"model1": tags["model1"]}
    return serving.store.promote(tags, reason="test")


def taken_turns(
    serving: Serving, names: Sequence[str]
) -> tuple[list[Turn], list[float], list[float]]:
    """Go through promotions and rollbacks.

    Returns:
        The turns; how long each took to be served; and how long this process took to load it.
    """
    turns, waits_s, loads_s = [Turn(serving.store.promoted(), 0.0, 0.0)], [], []
    for name in names:
        began_s = time.monotonic()
        tags = step(serving, name)
        assert tags != turns[-1].tags
        waits_s.append(seconds_until(lambda tags=tags: serving.served() == tags))
        turns.append(Turn(tags, began_s, time.monotonic()))
        ServedModels.load(serving.store).warm_up()
        loads_s.append(time.monotonic() - turns[-1].served_s)
    return turns, waits_s, loads_s


def out_of_turn(answers: Sequence[LoadAnswer], turns: Sequence[Turn]) -> list[LoadAnswer]:
    """Find answers of one connection by a model that was not served then, or not any more."""
    found, at = [], 0
    for answer in answers:
        over = max(n for n, turn in enumerate(turns) if turn.served_s <= answer.sent_s)
        begun = max(n for n, turn in enumerate(turns) if turn.promoted_s <= answer.answered_s)
        at = max(at, over)
        candidates = range(at, begun + 1)
        fitting = [n for n in candidates if turns[n].tags[answer.name] == answer.tag]
        if fitting:
            at = fitting[0]
        else:
            found.append(answer)
    return found


def mixed(answers: Sequence[LoadAnswer], store: ModelStore) -> list[LoadAnswer]:
    """Find answers that are not, to the last digit, what their tag's model says by itself."""
    load = cache(store.load)
    expected = cache(lambda tag, question: answer_of(load(tag), QUESTIONS[question]))
    return [one for one in answers if one.body != expected(one.tag, one.question)]


def assert_answered_by(answers: Sequence[LoadAnswer], *sets: Tags) -> None:
    """Check that every request was answered, and only by models of these sets."""
    assert [one for one in answers if one.status != 200] == []
    assert {one.tag for one in answers} <= {tag for tags in sets for tag in tags.values()}
    assert {one.name for one in answers} == set(sets[0])


def test_service_that_started_without_a_model_takes_the_first_promotion_by_itself(
    first_promotion,
):
    """Whoever starts the service before training need not start it again."""
    assert first_promotion == (False, 1)


def test_twenty_promotions_and_rollbacks_under_load_fail_and_mix_no_answer(on_a, tmp_path):
    """Each is served in time and in its turn, and every answer is of one version."""
    noted = Noted(on_a)

    with constant_load(on_a.url, tmp_path) as answers:
        turns, waits_s, loads_s = taken_turns(on_a, STEPS)

    assert len(turns) == 21
    assert [one for one in answers if one.status != 200] == []
    assert mixed(answers, on_a.store) == []
    for connection in {one.connection for one in answers}:
        of_one = [one for one in answers if one.connection == connection]
        assert out_of_turn(of_one, turns) == []
    assert {one.tag for one in answers} == {tag for turn in turns for tag in turn.tags.values()}
    assert noted.new_swaps == 20
    assert noted.new_refusals == 0
    assert median(waits_s) <= max(SERVED_WITHIN_S, MAX_LOADS * median(loads_s))


def test_promotions_in_quick_succession_end_with_the_last(on_a):
    """A set that comes while the one before it is being loaded is not overlooked."""
    for letter in "bcd":
        tags = on_a.store.promote(on_a.sets[letter], reason="test")

    seconds_until(lambda: on_a.served() == tags)


def test_promoting_what_is_served_already_exchanges_nothing(on_a):
    """A run whose gate chose the same versions again leaves no trace but its line."""
    noted = Noted(on_a)

    on_a.store.promote(on_a.sets["a"], reason="again")
    time.sleep(LOOKED_AFTER_S)

    assert on_a.served() == on_a.sets["a"]
    assert noted.new_swaps == 0
    assert noted.new_refusals == 0
    assert noted.new_lines == []


def test_ages_of_models_and_data_are_those_of_what_is_served(on_a):
    """Prometheus learns in days since when each model and its newest month are there."""
    now = datetime.now(UTC)
    stored = on_a.store.load_promoted()

    model_ages = on_a.metrics("spike_model_age_days")
    data_ages = on_a.metrics("spike_data_age_days")

    assert model_ages == pytest.approx(
        {f'model="{name}"': (now - one.created) / A_DAY for name, one in stored.items()},
        abs=FIVE_SECONDS / A_DAY,
    )
    assert data_ages == pytest.approx(
        {
            'model="forecaster"': (now - datetime(2016, 7, 1, tzinfo=UTC)) / A_DAY,
            'model="model1"': (now - datetime(2015, 1, 1, tzinfo=UTC)) / A_DAY,
            'model="model2"': (now - datetime(2015, 1, 1, tzinfo=UTC)) / A_DAY,
        },
        abs=FIVE_SECONDS / A_DAY,
    )


def edit(folder: Path, pattern: str, replacement: str) -> None:
    """Change the description of a version, in one place."""
    description = folder / "model.yaml"
    text, n_places = re.subn(pattern, replacement, description.read_text())
    assert n_places == 1
    description.write_text(text)


def pretend_other_code(folder: Path) -> None:
    payload = to_skops({"fields": "of another version"})
    (folder / "payload.skops").write_bytes(payload)
    digest = hashlib.sha256(payload).hexdigest()
    edit(folder, "payload_sha256: .*", f"payload_sha256: {digest}")


def shift_the_example(folder: Path) -> None:
    """Record another answer, by more than the tolerance of 1e-9 but for hardly any eye to see."""
    number = re.search(
        r"example_prices_clp_per_litre:\n  - (\S+)\n", (folder / "model.yaml").read_text()
    )[1]
    edit(folder, f"  - {re.escape(number)}\n", f"  - {float(number) * (1 + 1e-8)!r}\n")


DAMAGES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "payload-flipped": ("model2", flip_a_byte, "its SHA-256 differs"),
    "other-libraries": (
        "model1",
        partial(pretend_written_with, library="scikit-learn", other="0.1.2"),
        "was written with scikit-learn 0.1.2",
    ),
    "other-code": ("model2", pretend_other_code, "was registered by other code"),
    "example-missed": ("model1", shift_the_example, "answered its example with"),
    "version-gone": ("forecaster", shutil.rmtree, "is not in the store"),
}


@pytest.mark.parametrize(("name", "damage", "reason"), DAMAGES.values(), ids=DAMAGES)
def test_broken_set_is_refused_until_it_is_mended(on_a, tmp_path, name, damage, reason):
    """The set before goes on without a failed answer, and one line says which model and why."""
    noted, broken = Noted(on_a), on_a.sets["b"]

    with constant_load(on_a.url, tmp_path) as answers:
        with damaged(on_a.store, broken[name], damage):
            promote_unseen(on_a.store, broken)
            noted.wait_for_refusal()
            ready = on_a.is_ready()
            during = on_a.served()
        seconds_until(lambda: on_a.served() == broken)

    assert ready
    assert during == on_a.sets["a"]
    assert_answered_by(answers, on_a.sets["a"], broken)
    (line,) = noted.errors
    assert broken[name] in line["message"]
    assert reason in line["message"]
    assert noted.new_refusals == 1
    assert noted.new_swaps == 1


HISTORIES: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut-off": (lambda file: replace_file(file, b'{"at":'), "is damaged in line 1"),
    "empty": (lambda file: replace_file(file, b""), "is damaged in line 1"),
    "gone": (Path.unlink, "no model is promoted"),
}


@pytest.mark.parametrize(("damage", "reason"), HISTORIES.values(), ids=HISTORIES)
def test_damaged_history_stops_nothing_and_is_mended_by_promoting(on_a, tmp_path, damage, reason):
    """The set before goes on, and the next promotion is served as ever."""
    noted = Noted(on_a)

    with constant_load(on_a.url, tmp_path) as answers:
        damage(on_a.store.promotions_file)
        noted.wait_for_refusal()
        ready = on_a.is_ready()
        during = on_a.served()
        on_a.serve(on_a.sets["c"])

    assert ready
    assert during == on_a.sets["a"]
    assert_answered_by(answers, on_a.sets["a"], on_a.sets["c"])
    (line,) = noted.errors
    assert reason in line["message"]
    assert str(on_a.store.home) in line["message"]
    assert noted.new_refusals == 1
    assert noted.new_swaps == 1


def test_model_of_another_patch_release_is_served_with_a_warning(on_a):
    """Its example is reproduced; the log names the releases, once, and what to run."""
    noted, other = Noted(on_a), another_patch_release("scikit-learn")
    patch = partial(pretend_written_with, library="scikit-learn", other=other)

    with damaged(on_a.store, on_a.sets["b"]["model1"], patch):
        on_a.serve(on_a.sets["b"])
        noted.wait_for_line(f"was written with scikit-learn {other} (")

    (line,) = [line for line in noted.new_lines if line["level"] != "INFO"]
    assert line["level"] == "WARNING"
    assert line["message"].startswith(f"{on_a.sets['b']['model1']} was written with")
    assert "run `make run`" in line["message"]


def test_refusal_is_logged_and_counted_once_however_often_it_is_tried_again(on_a):
    """The log of a night with a broken model has a line of it; promoting another set ends it."""
    noted, broken = Noted(on_a), on_a.sets["b"]

    with damaged(on_a.store, broken["model1"], flip_a_byte):
        promote_unseen(on_a.store, broken)
        noted.wait_for_refusal()
        time.sleep(RETRIED_AFTER_S)
        on_a.serve(on_a.sets["d"])

    assert len(noted.errors) == 1
    assert noted.new_refusals == 1
    assert noted.new_swaps == 1


def test_rollback_of_a_broken_promotion_ends_its_refusal(on_a):
    """What is rolled back to is served all the time, and then nothing is loaded any more."""
    noted, broken = Noted(on_a), on_a.sets["b"]

    with damaged(on_a.store, broken["forecaster"], flip_a_byte):
        promote_unseen(on_a.store, broken)
        noted.wait_for_refusal()
        before = on_a.store.rollback(reason="broken")
        noted.wait_for_line("are the promoted ones again")
    with damaged(on_a.store, before["model1"], flip_a_byte):
        time.sleep(RETRIED_AFTER_S)

    assert before == on_a.sets["a"]
    assert on_a.served() == before
    assert len(noted.errors) == 1
    assert noted.new_refusals == 1
    assert noted.new_swaps == 0


def test_set_with_a_model_under_the_name_of_another_is_refused(on_a):
    """A history that was edited by hand does not make one model answer for the other."""
    noted, confused = Noted(on_a), {**on_a.sets["b"], "model1": on_a.sets["b"]["model2"]}

    promote_unseen(on_a.store, confused)
    noted.wait_for_refusal()

    assert on_a.served() == on_a.sets["a"]
    (line,) = noted.errors
    assert f"{confused['model1']} is not a version of model1" in line["message"]


def test_fault_that_nobody_foresaw_is_a_refusal_as_well(on_a):
    """A record that lacks what is said of every model keeps its set from being served."""
    noted, broken = Noted(on_a), on_a.sets["b"]

    def forget_where_it_is_from(folder: Path) -> None:
        edit(folder, "  synthetic: false\n", "")

    with damaged(on_a.store, broken["model2"], forget_where_it_is_from):
        promote_unseen(on_a.store, broken)
        noted.wait_for_refusal()
        during = on_a.served()
    seconds_until(lambda: on_a.served() == broken)

    assert during == on_a.sets["a"]
    (line,) = noted.errors
    assert "'synthetic'" in line["message"]
    assert noted.new_refusals == 1
