"""One core per task, so that its result is the same on every backend."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from joblib import parallel_config
from threadpoolctl import threadpool_limits

_one_at_a_time = RLock()


@contextmanager
def one_core() -> Iterator[None]:
    """Run everything within the block on one core: only whole tasks run in parallel.

    Sums differ in the last bit with the number of threads, and joblib would spread the loops of
    scikit-learn's estimators over the cluster that the task itself was sent to.
    """
    # Thread limits belong to the process: the first of two tasks to end would lift the other's.
    with _one_at_a_time, threadpool_limits(1), parallel_config(backend="sequential"):
        yield
