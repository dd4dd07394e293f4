"""Settings of the publishers: from the environment, and never shown."""

import pytest

from spike_assets.publishers.publishers import PUBLISHERS, unasked
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.sources.errors import DataError


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> PublisherSettings:
    for name, value in variables.items():
        monkeypatch.setenv(f"SPIKE_{name}", value)
    return PublisherSettings.from_environment()


def asked(found: PublisherSettings) -> list[str]:
    return [one.name for one in PUBLISHERS if not unasked(one, found)]


def test_all_that_need_no_configuration_are_asked(monkeypatch: pytest.MonkeyPatch):
    """Without a setting; a blank one is none."""
    assert asked(settings(monkeypatch)) == ["odepa", "fao"]
    assert asked(settings(monkeypatch, LIVE=" ")) == ["odepa", "fao"]


@pytest.mark.parametrize(
    ("live", "expected"), [("fao", ["fao"]), (" FAO , odepa", ["odepa", "fao"]), ("off", [])]
)
def test_those_that_are_named_are_asked(
    monkeypatch: pytest.MonkeyPatch, live: str, expected: list[str]
):
    """In any case and order."""
    assert asked(settings(monkeypatch, LIVE=live)) == expected


def test_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch):
    """A slip would leave a publisher out without a word."""
    found = settings(monkeypatch, LIVE="odepa,foa")

    with pytest.raises(DataError, match=r"^SPIKE_LIVE: 'foa' is not a publisher; expected some of"):
        asked(found)


def test_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch):
    """The variable is named."""
    with pytest.raises(DataError, match=r"^SPIKE_FAO_URL: 'fao\.org' is not a URL such as https:"):
        settings(monkeypatch, FAO_URL="fao.org")


def test_address_replaces_the_publishers_own(monkeypatch: pytest.MonkeyPatch):
    """A slash at its end makes no difference."""
    assert settings(monkeypatch, ODEPA_URL="http://mirror/").odepa_url == "http://mirror"
