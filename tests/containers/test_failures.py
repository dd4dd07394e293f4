"""Containers that are killed, one after the other, while clients ask."""

import httpx
import pytest

from tests.containers.stack import RUN_LIMIT_S, seconds_until

RECOVERED_WITHIN_S = 180
ASKED_BY_CLIENTS = {"bento", "proxy"}


@pytest.mark.parametrize(
    "name", ["postgres", "dagster-code", "dagster-daemon", "dagster-webserver", "bento", "proxy"]
)
def test_killed_container_comes_back(trained, stack, ui, clients, name):
    """By itself; and unless it is what clients ask, none of them notices."""
    (container_id,) = stack.ids(name)
    (killed,) = stack.inspected(name)

    with clients() as seen:
        stack.kill(container_id)
        seconds_until(lambda: _is_restarted(stack, name, killed), limit_s=RECOVERED_WITHIN_S)
        stack.wait_until_healthy()

    assert seen.answers[-1] == httpx.codes.OK
    if name not in ASKED_BY_CLIENTS:
        assert not seen.failures
    assert ui.ask("query { version }")["version"]


def _is_restarted(stack, name: str, killed) -> bool:
    (now,) = stack.inspected(name)
    return now["State"]["StartedAt"] != killed["State"]["StartedAt"] and now["State"]["Running"]


def kill_the_code_server(stack) -> None:
    stack.kill(stack.ids("dagster-code")[0])


def restart_everything(stack) -> None:
    stack.compose("down")
    stack.up()


@pytest.mark.parametrize("cut_off", [kill_the_code_server, restart_everything])
def test_run_that_is_cut_off_goes_on_from_where_it_stopped(trained, stack, ui, cut_off):
    """It is marked failed, and a run that follows does the rest."""
    run_id = ui.launch("train")
    seconds_until(lambda: "monthly_features" in ui.done_steps(run_id), limit_s=RUN_LIMIT_S)
    done = ui.done_steps(run_id)

    cut_off(stack)
    ui.wait_for(run_id, "FAILURE")
    seconds_until(lambda: _retry_of(ui, run_id), limit_s=RECOVERED_WITHIN_S)
    ui.wait_for(_retry_of(ui, run_id), "SUCCESS")

    rest = {*ui.runs()[_retry_of(ui, run_id)]["stepKeysToExecute"]}
    assert rest
    assert not rest & done


def _retry_of(ui, run_id: str) -> str | None:
    return next((one for one, run in ui.runs().items() if run["parentRunId"] == run_id), None)
