"""The Caddyfile, read by a real Caddy."""

import json
import os
import shutil
import subprocess

import pytest

SITES = ("http://", "https://localhost", "https://milk.example.org")


@pytest.fixture
def caddy(deploy, tmp_path):
    """A run of a command of Caddy on the Caddyfile, for a site."""
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("no Caddy here: tests/deploy/install.sh installs one")
    # What `init` makes is imported from where it is mounted.
    users = tmp_path / "users"
    users.write_text(f"dagster $2a$14${'x' * 53}\n")
    caddyfile = tmp_path / "Caddyfile"
    text = (deploy / "proxy" / "Caddyfile").read_text()
    caddyfile.write_text(text.replace("/run/secrets/users", str(users)))

    def run(command: str, *, site: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [program, command, "--config", caddyfile, "--adapter", "caddyfile"],
            env={**os.environ, "SPIKE_SITE": site, "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    return run


@pytest.mark.parametrize("site", SITES)
def test_caddyfile_is_valid(caddy, site):
    """With TLS and without."""
    assert "Valid configuration" in caddy("validate", site=site).stdout


def test_caddyfile_is_formatted(deploy, caddy):
    """As `caddy fmt` leaves it; Caddy would warn at every start."""
    assert "not formatted" not in caddy("validate", site="http://").stderr


@pytest.mark.parametrize("site", SITES)
def test_every_way_to_the_dagster_ui_passes_the_login(caddy, site):
    """The login is asked for ahead of the proxy, on all that this port answers."""
    routes = _server(caddy, site, port=8080)["routes"]
    if "match" in routes[0]:  # the name of the site
        ((subroute,),) = (route["handle"] for route in routes)
        routes = subroute["routes"]
    is_login = [
        "match" not in route and route["handle"][-1]["handler"] == "authentication"
        for route in routes
    ]
    answers = [
        any(one["handler"] in {"reverse_proxy", "static_response"} for one in route["handle"])
        for route in routes
    ]

    assert is_login.index(True) < answers.index(True)


@pytest.mark.parametrize("site", ["https://localhost", "https://milk.example.org"])
def test_one_setting_switches_tls_on(caddy, site):
    """Both ports answer that name alone, and Caddy sees to its certificate."""
    for port in (5000, 8080):
        server = _server(caddy, site, port=port)

        assert server["routes"][0]["match"] == [{"host": [site.removeprefix("https://")]}]
        assert not server.get("automatic_https", {}).get("disable")


def test_connections_to_the_dagster_ui_are_closed_before_it_closes_them(caddy):
    """Its uvicorn does so after five seconds, and what is sent just then is answered 502."""
    text = json.dumps(_server(caddy, "http://", port=8080))

    assert '"keep_alive": {"idle_timeout": 2000000000}' in text


def _server(caddy, site: str, *, port: int):
    servers = json.loads(caddy("adapt", site=site).stdout)["apps"]["http"]["servers"]
    (server,) = (one for one in servers.values() if f":{port}" in one["listen"])
    return server
