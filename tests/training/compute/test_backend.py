"""The choice of where to compute: by argument or environment, and refused in one sentence."""

import pytest
from joblib.parallel import get_active_backend

from spike_assets.training.compute.backend import Backend, parallel_backend
from spike_assets.training.compute.errors import ComputeError

NO_SCHEDULER = (
    "to compute on Dask, SPIKE_DASK_SCHEDULER has to say where its scheduler is, as tcp://host:8786"
)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPIKE_COMPUTE", raising=False)
    monkeypatch.delenv("SPIKE_DASK_SCHEDULER", raising=False)


def refusal(place: Backend = "", scheduler: str = "") -> str:
    with pytest.raises(ComputeError) as raised, parallel_backend(place, scheduler=scheduler):
        raise AssertionError("nothing is computed")
    return str(raised.value)


def backend() -> str:
    return type(get_active_backend()[0]).__name__


@pytest.mark.parametrize("place", ["", "local"])
def test_joblib_is_left_as_it_is_on_this_machine(place: Backend):
    """Which is the default; a scheduler is not looked for."""
    with parallel_backend(place, scheduler="tcp://nowhere:1"):
        assert backend() == "LokyBackend"


@pytest.mark.parametrize("value", ["", "local"])
def test_environment_may_choose_this_machine(value: str, monkeypatch: pytest.MonkeyPatch):
    """Set to nothing it is as if it were not set."""
    monkeypatch.setenv("SPIKE_COMPUTE", value)
    with parallel_backend():
        assert backend() == "LokyBackend"


def test_dask_needs_a_scheduler(monkeypatch: pytest.MonkeyPatch):
    """Chosen by argument or environment, it is not guessed where."""
    assert refusal("dask") == NO_SCHEDULER
    monkeypatch.setenv("SPIKE_COMPUTE", "dask")
    assert refusal() == NO_SCHEDULER


def test_argument_counts_for_more_than_the_environment(monkeypatch: pytest.MonkeyPatch):
    """The place, and the scheduler's address."""
    monkeypatch.setenv("SPIKE_COMPUTE", "local")
    monkeypatch.setenv("SPIKE_DASK_SCHEDULER", "theirs")
    assert "'theirs'" in refusal("dask")
    assert "'mine'" in refusal("dask", "mine")
    monkeypatch.setenv("SPIKE_COMPUTE", "dask")
    with parallel_backend("local"):
        assert backend() == "LokyBackend"


def test_another_place_is_refused(monkeypatch: pytest.MonkeyPatch):
    """A slip is no run on this machine."""
    monkeypatch.setenv("SPIKE_COMPUTE", "dusk")
    assert refusal() == "SPIKE_COMPUTE is 'dusk'; expected 'local' or 'dask'"
