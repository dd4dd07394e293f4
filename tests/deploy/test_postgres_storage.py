"""The Dagster instance of deploy/, on a real PostgreSQL."""

import time

import dagster as dg
import pytest
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import TickData, TickStatus
from dagster_postgres.utils import DagsterPostgresException

from tests.deploy.postgres import PASSWORD

SCHEDULE = "monthly"


@dg.asset
def price() -> dg.MaterializeResult[float]:
    return dg.MaterializeResult(value=295.24, metadata={"clp_per_litre": 295.24})


def test_run_and_its_events_survive_a_restart_of_postgres(instance, postgres):
    """The same instance goes on: what was recorded is there, and what comes is recorded."""
    before = dg.materialize([price], instance=instance)

    postgres.stop()
    postgres.start()
    after = dg.materialize([price], instance=instance)

    run_ids = {run.run_id for run in instance.get_runs()}
    assert {before.run_id, after.run_id} <= run_ids
    assert instance.get_run_by_id(before.run_id).status == dg.DagsterRunStatus.SUCCESS
    assert instance.all_logs(before.run_id)
    latest = instance.get_latest_materialization_event(price.key)
    assert latest.run_id == after.run_id
    assert latest.asset_materialization.metadata["clp_per_litre"].value == 295.24


def test_tick_of_a_schedule_survives_a_restart_of_postgres(instance, postgres):
    """Schedules and sensors keep their history."""
    tick = instance.create_tick(
        TickData(
            instigator_origin_id=SCHEDULE,
            instigator_name=SCHEDULE,
            instigator_type=InstigatorType.SCHEDULE,
            status=TickStatus.SUCCESS,
            timestamp=time.time(),
            selector_id=SCHEDULE,
            run_ids=[],
        )
    )

    postgres.stop()
    postgres.start()

    assert [one.tick_id for one in instance.get_ticks(SCHEDULE, SCHEDULE)] == [tick.tick_id]


def test_a_second_instance_finds_what_the_first_recorded(instance, home):
    """Daemon, webserver and code server are instances of their own."""
    run_id = dg.materialize([price], instance=instance).run_id

    with dg.DagsterInstance.from_config(str(home)) as other:
        assert other.get_run_by_id(run_id).status == dg.DagsterRunStatus.SUCCESS


def test_password_comes_from_the_passfile_alone(home):
    """Nothing else lets it in, and what is passed to run workers holds no password."""
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert PASSWORD not in str(instance.get_ref().to_dict())
    (home / "pgpass").write_text("*:*:*:*:another password\n")

    with pytest.raises(DagsterPostgresException, match="too many retries"):
        dg.DagsterInstance.from_config(str(home))


def test_runs_are_watched_and_retried(instance):
    """The containers' recovery rests on that."""
    assert type(instance.run_launcher).__name__ == "WatchedRunLauncher"
    assert instance.run_monitoring_enabled
    assert instance.run_retries_enabled
    assert not instance.telemetry_enabled
