"""Whether the daemon is alive, as the database knows it."""

import subprocess
import sys
import time

import dagster as dg
import pytest
from dagster._daemon.types import DaemonHeartbeat


@pytest.fixture
def is_healthy(deploy, instance):
    """What asks, with the environment that the container has."""

    def ask() -> bool:
        script = deploy / "pipeline" / "daemon_health.py"
        return subprocess.run([sys.executable, script], check=False, timeout=60).returncode == 0

    return ask


def _beat(instance: dg.DagsterInstance, *, age_s: float) -> None:
    instance.add_daemon_heartbeat(
        DaemonHeartbeat(time.time() - age_s, daemon_type="SENSOR", daemon_id="1", errors=[])
    )


def test_daemon_that_never_beat_is_not_healthy(is_healthy, instance):
    """A first start."""
    instance.wipe_daemon_heartbeats()

    assert not is_healthy()


def test_daemon_is_healthy_while_its_heart_beats(is_healthy, instance):
    """Every 30 s, and later on a busy machine."""
    _beat(instance, age_s=60)

    assert is_healthy()


def test_daemon_whose_heart_stopped_is_not_healthy(is_healthy, instance):
    """What it wrote before does not count for long."""
    _beat(instance, age_s=600)

    assert not is_healthy()
