"""The one core of a task: nothing in it runs in parallel, and no two of them run at once."""

from threading import Event, Thread

import joblib
import pytest
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_info, threadpool_limits

from spike_assets.training import learners
from spike_assets.training.compute.one_core import one_core


def threads() -> set[int]:
    """Return how many threads the numerical libraries take; scikit-learn has loaded them."""
    assert learners.LEARNERS
    return {library["num_threads"] for library in threadpool_info()}


def test_libraries_take_one_thread_until_the_block_ends():
    """Then as many as before, also if the block fails."""
    with threadpool_limits(3):
        with one_core():
            assert threads() == {1}
        assert threads() == {3}
        with pytest.raises(ZeroDivisionError), one_core():
            _ = 1 / 0
        assert threads() == {3}


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_joblib_runs_one_thing_after_the_other(backend: str):
    """Whatever it is told outside."""
    with parallel_config(backend=backend, n_jobs=2):
        assert joblib.effective_n_jobs() == 2
        with one_core():
            assert joblib.effective_n_jobs() == 1
            assert Parallel()(delayed(abs)(number) for number in (-1, -2)) == [1, 2]


def test_tasks_in_two_threads_take_turns():
    """The first to end would otherwise lift the limit of the other."""
    entered, leave, second_entered = Event(), Event(), Event()
    seen = []

    def first() -> None:
        with one_core():
            entered.set()
            leave.wait(timeout=60)
            seen.append(second_entered.is_set())

    def second() -> None:
        entered.wait(timeout=60)
        with one_core():
            second_entered.set()
            seen.append(threads())

    both = [Thread(target=first), Thread(target=second)]
    for thread in both:
        thread.start()
    assert entered.wait(timeout=60)
    assert not second_entered.wait(timeout=0.2)
    leave.set()
    for thread in both:
        thread.join(timeout=60)
    assert seen == [False, {1}]
