"""The daemon's health, as the database knows it."""

import subprocess
import sys
import time

import pytest
from dagster._daemon.types import DaemonHeartbeat


@pytest.mark.parametrize(
    ("age_s", "is_healthy"),
    [
        (None, False),  # a first start
        (60, True),  # every 30 s, and later on a busy machine
        (600, False),  # the last one does not count for long
    ],
)
def test_daemon_is_healthy_while_its_heart_beats(deploy, instance, age_s, is_healthy):
    """Asked with the environment that the container has."""
    instance.wipe_daemon_heartbeats()
    if age_s is not None:
        instance.add_daemon_heartbeat(
            DaemonHeartbeat(time.time() - age_s, daemon_type="SENSOR", daemon_id="1", errors=[])
        )

    script = deploy / "pipeline" / "daemon_health.py"
    done = subprocess.run([sys.executable, script], check=False, timeout=60)

    assert (done.returncode == 0) is is_healthy
