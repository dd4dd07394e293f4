"""The secrets that are made on a first start."""

import os
import re
import subprocess
from pathlib import Path

import pytest

CADDY = """#!/bin/sh
[ "$1" = hash-password ] && echo "hash of $(cat)"
"""


@pytest.fixture
def make_secrets(deploy, tmp_path):
    """A run of the script on folders of the test, with a stand-in for Caddy."""
    script = tmp_path / "make_secrets.sh"
    text = (deploy / "proxy" / "make_secrets.sh").read_text()
    script.write_text(text.replace("cd /secrets", f"cd {tmp_path / 'secrets'}"))
    for folder in ("database", "login", "service"):
        (tmp_path / "secrets" / folder).mkdir(parents=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "caddy").write_text(CADDY)
    (programs / "caddy").chmod(0o755)
    settings = {"SPIKE_SERVICE_PORT": "5000", "SPIKE_UI_PORT": "8080"}

    def run(site: str = "http://") -> str:
        return subprocess.run(
            ["/bin/sh", script],
            env={"PATH": f"{programs}:{os.environ['PATH']}", "SPIKE_SITE": site, **settings},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


def _contents(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_secrets_are_long_and_differ(make_secrets, tmp_path):
    """192 random bits each."""
    make_secrets()

    made = _contents(tmp_path / "secrets")
    secrets = [made[name] for name in ("database/password", "login/password", "service/api_key")]
    assert all(re.fullmatch(r"[0-9a-f]{48}\n", secret) for secret in secrets)
    assert len({*secrets}) == 3


def test_each_reader_finds_its_form(make_secrets, tmp_path):
    """A passfile for libpq, a user and a hash for Caddy."""
    make_secrets()

    made = _contents(tmp_path / "secrets")
    assert made["database/pgpass"] == f"*:*:*:*:{made['database/password']}"
    assert made["login/users"] == f"dagster hash of {made['login/password']}"


def test_secrets_are_made_once(make_secrets, tmp_path):
    """A later start changes none, and prints the same."""
    printed = make_secrets()
    made = _contents(tmp_path / "secrets")

    assert make_secrets() == printed
    assert _contents(tmp_path / "secrets") == made


def test_half_of_a_secret_is_none(make_secrets, tmp_path):
    """A start that was cut off left an empty file."""
    (tmp_path / "secrets" / "service" / "api_key").touch()

    make_secrets()

    assert len((tmp_path / "secrets" / "service" / "api_key").read_text()) == 49


def test_secrets_are_readable_for_their_reader_alone(make_secrets, tmp_path):
    """A passfile that others can read is refused by libpq; PostgreSQL is another user."""
    make_secrets()

    modes = {
        str(file.relative_to(tmp_path / "secrets")): oct(file.stat().st_mode & 0o777)
        for file in (tmp_path / "secrets").rglob("*")
        if file.is_file()
    }
    assert modes.pop("database/password") == "0o444"
    assert {*modes.values()} == {"0o600"}


def test_login_is_printed(make_secrets, tmp_path):
    """The key and the password, each with where it opens what."""
    printed = make_secrets()

    made = _contents(tmp_path / "secrets")
    assert f"http://127.0.0.1:5000   key {made['service/api_key']}" in printed
    assert f"http://127.0.0.1:8080   user dagster, password {made['login/password']}" in printed
    assert made["database/password"].strip() not in printed


def test_login_is_printed_for_the_site(make_secrets):
    """With TLS, at its name."""
    assert "https://milk.example.org:8080" in make_secrets("https://milk.example.org")
