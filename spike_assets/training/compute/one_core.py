"""What keeps a task to one core, so that it comes to the same wherever it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from joblib import parallel_config
from threadpoolctl import threadpool_limits

_one_at_a_time = RLock()


@contextmanager
def one_core() -> Iterator[None]:
    """Let nothing within the block run in parallel: tasks are the parallel part.

    Sums differ in the last bit with the number of threads, and joblib would spread the loops of
    scikit-learn's estimators over the cluster that the task itself was sent to.
    """
    # Limits are the process's: of tasks in two threads the first to end would lift the other's.
    with _one_at_a_time, threadpool_limits(1), parallel_config(backend="sequential"):
        yield
