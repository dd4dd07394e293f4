"""Everything down, and up again."""

import time

from tests.containers.stack import seconds_until

STOPPED_WITHIN_S = 10
"""Docker kills what takes longer."""

KILLED = 137


def test_nothing_is_lost_by_going_down_and_up(trained, stack, ui, service, question):
    """Runs, models, what is served, and the login."""
    runs, login = ui.runs(), stack.printed_login()
    models, answer = service.get("/models").json(), service.post("/predict", json=question)

    stack.compose("down")
    stack.up()
    seconds_until(lambda: service.get("/readyz").is_success, limit_s=60)

    assert stack.printed_login() == login
    assert ui.runs() == runs
    assert service.get("/models").json() == models
    again = service.post("/predict", json=question)
    assert again.json() == answer.json()
    assert again.headers["X-Model-Tag"] == answer.headers["X-Model-Tag"]


def test_every_container_stops_by_itself(trained, stack):
    """In the time that Docker gives, without being killed."""
    services = filter(stack.ids, reversed(stack.compose("config", "--services").split()))
    slow = {}
    for service in services:
        started_s = time.monotonic()
        stack.compose("stop", service)
        slow[service] = time.monotonic() - started_s
    killed = {name for name, state in stack.states().items() if state["ExitCode"] == KILLED}
    stack.up()

    assert all(seconds < STOPPED_WITHIN_S for seconds in slow.values()), slow
    assert not {name for name in killed if "dagster-code" not in name}  # it may be at a run
