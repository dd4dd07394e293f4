"""Settings from the environment, and what is said to one who got them wrong."""

import os
from pathlib import Path

import pytest

from bento.settings import Rate, SettingError, Settings

KEY = "0123456789abcdef"


@pytest.fixture
def read(monkeypatch):
    """Reads the settings from these variables alone."""
    for variable in [name for name in os.environ if name.startswith("SPIKE_")]:
        monkeypatch.delenv(variable)

    def read(variables):
        for variable, text in variables.items():
            monkeypatch.setenv(variable, text)
        return Settings.from_environment()

    return read


def test_nothing_set_is_the_documented_defaults(read):
    """An empty environment is a complete one."""
    assert read({}) == Settings(
        api_key=(),
        api_key_file=(),
        body_limit_bytes=16_777_216,
        body_timeout_s=10,
        concurrency_limit=64,
        rate_limit=Rate(1000, 1, "second"),
        cors_origins=(),
        prediction_log=Path("monitoring"),
    )


@pytest.mark.parametrize(
    ("variable", "text", "setting", "value"),
    [
        ("SPIKE_API_KEY", KEY, "api_keys", (KEY,)),
        ("SPIKE_API_KEY", f" {KEY} ,{KEY}2,", "api_keys", (KEY, f"{KEY}2")),
        ("SPIKE_BODY_LIMIT_BYTES", "1", "body_limit_bytes", 1),
        ("SPIKE_BODY_TIMEOUT_S", "0.5", "body_timeout_s", 0.5),
        ("SPIKE_CONCURRENCY_LIMIT", "3", "concurrency_limit", 3),
        ("SPIKE_RATE_LIMIT", "5/minute", "rate_limit", Rate(5, 1, "minute")),
        ("SPIKE_RATE_LIMIT", "1000/5 minutes", "rate_limit", Rate(1000, 5, "minute")),
        ("SPIKE_RATE_LIMIT", " 9 Per 2 HOURS ", "rate_limit", Rate(9, 2, "hour")),
        ("SPIKE_RATE_LIMIT", "OFF", "rate_limit", None),
        (
            "SPIKE_CORS_ORIGINS",
            "https://a.example, http://localhost:8080",
            "cors_origins",
            ("https://a.example", "http://localhost:8080"),
        ),
        ("SPIKE_CORS_ORIGINS", "http://[::1]:80", "cors_origins", ("http://[::1]:80",)),
        ("SPIKE_PREDICTION_LOG", "/var/log/spike", "prediction_log", Path("/var/log/spike")),
        ("SPIKE_PREDICTION_LOG", "~/spike", "prediction_log", Path.home() / "spike"),
        ("SPIKE_PREDICTION_LOG", "off", "prediction_log", None),
    ],
)
def test_variable_sets_its_setting(read, variable, text, setting, value):
    """Each variable is read in its own notation."""
    assert getattr(read({variable: text}), setting) == value


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_blank_variable_is_an_unset_one(read, setting):
    """A compose file passes variables on that nobody set."""
    assert read({f"SPIKE_{setting.upper()}": " "}) == Settings.model_construct()


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("SPIKE_BODY_LIMIT_BYTES", "8MB", "a whole number of at least 1"),
        ("SPIKE_BODY_LIMIT_BYTES", "0", "a whole number of at least 1"),
        ("SPIKE_CONCURRENCY_LIMIT", "-1", "a whole number of at least 1"),
        ("SPIKE_BODY_TIMEOUT_S", "soon", "a number of seconds above 0"),
        ("SPIKE_BODY_TIMEOUT_S", "0", "a number of seconds above 0"),
        ("SPIKE_BODY_TIMEOUT_S", "inf", "a number of seconds above 0"),
        ("SPIKE_BODY_TIMEOUT_S", "nan", "a number of seconds above 0"),
        ("SPIKE_RATE_LIMIT", "fast", "one rate such as 1000/second"),
        ("SPIKE_RATE_LIMIT", "0/second", "one rate such as 1000/second"),
        ("SPIKE_RATE_LIMIT", "1/0 seconds", "one rate such as 1000/second"),
        ("SPIKE_RATE_LIMIT", "1/fortnight", "one rate such as 1000/second"),
        ("SPIKE_RATE_LIMIT", "1/second;9/minute", "one rate such as 1000/second"),
        ("SPIKE_CORS_ORIGINS", "*", "origins such as https://example.org"),
        ("SPIKE_CORS_ORIGINS", "https://a.example/path", "origins such as https://example.org"),
        ("SPIKE_CORS_ORIGINS", "a.example", "origins such as https://example.org"),
    ],
)
def test_wrong_value_names_the_variable_and_what_was_expected(read, variable, text, expected):
    """Whoever starts the service learns in one line what to mend."""
    with pytest.raises(SettingError) as caught:
        read({variable: text})

    assert str(caught.value).startswith(f"{variable}: {text!r} ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    "key", ["short-key", "with spaces in it", "schlüssel-schlüssel", "\x07" * 16]
)
def test_wrong_key_is_an_error_that_does_not_print_it(read, key):
    """A key that was nearly right must not stand in a log."""
    with pytest.raises(SettingError) as caught:
        read({"SPIKE_API_KEY": f"{KEY},{key}"})

    message = str(caught.value)
    assert message.startswith("SPIKE_API_KEY: key 2 of 2 ")
    assert "at least 16" in message
    assert key not in message
    assert KEY not in message


def test_keys_are_not_in_what_settings_print_as():
    """Settings may be logged whole."""
    assert KEY not in repr(Settings(api_key=(KEY,)))


@pytest.mark.parametrize("text", [f"{KEY}\n{KEY}2\n", f"{KEY},{KEY}2", f" {KEY} , {KEY}2 "])
def test_keys_may_stand_in_a_file(read, tmp_path, text):
    """As secrets are mounted into containers."""
    file = tmp_path / "api_key"
    file.write_text(text)

    assert read({"SPIKE_API_KEY_FILE": str(file)}).api_keys == (
        KEY,
        f"{KEY}2",
    )


@pytest.mark.parametrize("text", ["", "\n", "short", "schlüssel-schlüssel", None])
def test_file_without_a_key_is_an_error_that_names_the_variable(read, tmp_path, text):
    """An empty secret must not open the service, nor may a missing one."""
    file = tmp_path / "api_key"
    if text is not None:
        file.write_text(text)

    with pytest.raises(SettingError, match=r"^SPIKE_API_KEY_FILE: ") as caught:
        read({"SPIKE_API_KEY_FILE": str(file)})

    assert text is not None or "can't be read" in str(caught.value)


def test_keys_and_a_file_of_keys_are_one_too_many(read, tmp_path):
    """Nobody should have to guess which of them counts."""
    file = tmp_path / "api_key"
    file.write_text(KEY)

    with pytest.raises(SettingError, match=r"^SPIKE_API_KEY_FILE: conflicts with SPIKE_API_KEY"):
        read({"SPIKE_API_KEY": KEY, "SPIKE_API_KEY_FILE": str(file)})


def test_believing_every_caller_about_its_address_needs_a_key(read):
    """Without one, only this machine is answered, and anybody could say to be it."""
    with pytest.raises(SettingError, match=r"^FORWARDED_ALLOW_IPS: '\*' .* SPIKE_API_KEY"):
        read({"FORWARDED_ALLOW_IPS": "*"})

    assert read({"SPIKE_API_KEY": KEY}).api_keys == (KEY,)
