"""Who gets in, and who does not."""

import json

import httpx
import pytest

MADE_UP_ADDRESS = "203.0.113.9"
MUTATION = "mutation { reloadWorkspace { __typename } }"


@pytest.mark.parametrize("path", ["/", "/graphql", "/server_info", "/asset-groups/", "/nothing"])
def test_dagster_ui_wants_a_login(stack, path):
    """Whatever is asked for."""
    with stack.ui(login=False) as stranger:
        assert stranger.get(path).status_code == httpx.codes.UNAUTHORIZED
        assert stranger.post(path).status_code == httpx.codes.UNAUTHORIZED
        assert stranger.get(path, auth=("dagster", "guess")).status_code == 401


def test_dagster_ui_opens_with_the_printed_login(ui):
    """As printed by `init`."""
    assert ui.ask("query { version }")["version"]


@pytest.mark.parametrize("origin", ["cross-site", "same-site"])
def test_login_does_not_help_another_site(stack, origin):
    """A link on another page changes nothing, though the browser sends the login along."""
    with stack.ui() as client:
        sent = client.get(
            "/graphql", params={"query": MUTATION}, headers={"Sec-Fetch-Site": origin}
        )

    assert sent.status_code == httpx.codes.FORBIDDEN


@pytest.mark.parametrize("path", ["/predict", "/forecast", "/evaluate"])
def test_service_wants_a_key(trained, stack, path):
    """Where models answer."""
    with stack.service(key=False) as stranger:
        assert stranger.post(path, json={}).status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.parametrize("path", ["/models", "/metrics", "/history", "/version"])
def test_service_shows_nothing_without_a_key(stack, path):
    """Nor what it is made of."""
    with stack.service(key=False) as stranger:
        assert stranger.get(path).status_code == httpx.codes.UNAUTHORIZED


def test_secrets_stay_in_their_files(stack):
    """Neither `docker inspect` nor the layers of an image show one."""
    secrets = [*stack.printed_login(), stack.execute("dagster-code", "cat", "/run/secrets/pgpass")]
    shown = str(stack.inspected())

    assert all(secret.strip().split(":")[-1] not in shown for secret in secrets)


def test_service_knows_who_asks(stack):
    """Rates are counted and logs written for the client: not for the proxy, nor for who he says."""
    sent = {"X-Forwarded-For": MADE_UP_ADDRESS, "X-Request-ID": "who-asks"}
    with stack.service(key=False) as stranger:
        stranger.get("/models", headers=sent)
    networks = stack.inspected("proxy")[0]["NetworkSettings"]["Networks"].values()

    logged = stack.compose("logs", "--no-color", "bento").splitlines()
    (line,) = (line for line in logged if sent["X-Request-ID"] in line)
    client = json.loads(line[line.index("{") :])["client"]
    assert client not in {MADE_UP_ADDRESS, *(one["IPAddress"] for one in networks)}
