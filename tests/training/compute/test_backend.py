"""The choice of where to compute: by argument or environment, and refused in one sentence."""

import pytest
from joblib.parallel import get_active_backend

from spike_assets.training.compute.backend import Backend, parallel_backend
from spike_assets.training.compute.errors import ComputeError

NO_SCHEDULER = (
    "SPIKE_COMPUTE=dask needs the scheduler's address in SPIKE_DASK_SCHEDULER, as tcp://host:8786"
)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIKE_COMPUTE", raising=False)
    monkeypatch.delenv("SPIKE_DASK_SCHEDULER", raising=False)


def refusal(backend: Backend = "", scheduler: str = "") -> str:
    with pytest.raises(ComputeError) as raised, parallel_backend(backend, scheduler=scheduler):
        raise AssertionError("nothing is computed")
    return str(raised.value)


def joblib_backend() -> str:
    return type(get_active_backend()[0]).__name__


@pytest.mark.parametrize("backend", ["", "local"])
def test_joblib_is_left_as_it_is_on_this_machine(backend: Backend):
    """Which is the default; a scheduler is not looked for."""
    with parallel_backend(backend, scheduler="tcp://nowhere:1"):
        assert joblib_backend() == "LokyBackend"


@pytest.mark.parametrize("value", ["", "local"])
def test_environment_may_choose_this_machine(value: str, monkeypatch: pytest.MonkeyPatch):
    """Set to nothing it is as if it were not set."""
    monkeypatch.setenv("SPIKE_COMPUTE", value)
    with parallel_backend():
        assert joblib_backend() == "LokyBackend"


def test_dask_needs_a_scheduler(monkeypatch: pytest.MonkeyPatch):
    """Chosen by argument or environment, it is not guessed where."""
    assert refusal("dask") == NO_SCHEDULER
    monkeypatch.setenv("SPIKE_COMPUTE", "dask")
    assert refusal() == NO_SCHEDULER


def test_argument_counts_for_more_than_the_environment(monkeypatch: pytest.MonkeyPatch):
    """The backend, and the scheduler's address."""
    monkeypatch.setenv("SPIKE_COMPUTE", "local")
    monkeypatch.setenv("SPIKE_DASK_SCHEDULER", "theirs")
    assert "'theirs'" in refusal("dask")
    assert "'mine'" in refusal("dask", "mine")
    monkeypatch.setenv("SPIKE_COMPUTE", "dask")
    with parallel_backend("local"):
        assert joblib_backend() == "LokyBackend"


def test_unknown_backend_is_refused(monkeypatch: pytest.MonkeyPatch):
    """A slip is no run on this machine."""
    monkeypatch.setenv("SPIKE_COMPUTE", "dusk")
    assert refusal() == "SPIKE_COMPUTE is 'dusk'; expected 'local' or 'dask'"
