"""How the service is set up from outside: the environment variables that it reads."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from limits import RateLimitItem, RateLimitItemPerSecond, parse_many

OFF = "off"
DEFAULT_RATE_LIMIT = RateLimitItemPerSecond(1000)
MIN_API_KEY = 16

_API_KEY = re.compile(r"[!-~]+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


class SettingError(ValueError):
    """A variable holds what it may not."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the edge of the service is told.

    Attributes:
        api_keys: The keys that open the service; without any, only this machine is answered.
        body_limit_bytes: The largest body of a request.
        body_timeout_s: How long a body may take to come in.
        concurrency_limit: The requests worked on at a time.
        rate_limit: The requests of one client in a while; None for no limit.
        cors_origins: The web sites whose pages may ask.
        prediction_log: The folder that answered questions are recorded in; None for nowhere.
    """

    api_keys: tuple[str, ...] = field(default=(), repr=False)
    body_limit_bytes: int = 16 * 1024 * 1024
    body_timeout_s: float = 10.0
    concurrency_limit: int = 64
    rate_limit: RateLimitItem | None = DEFAULT_RATE_LIMIT
    cors_origins: tuple[str, ...] = ()
    prediction_log: Path | None = Path("monitoring")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the variables that are set; a blank one is not.

        Raises:
            SettingError: One holds what it may not.
        """
        values: dict[str, Any] = {}
        for variable, (setting, read) in _VARIABLES.items():
            text = environment.get(variable, "").strip()
            if text:
                if setting in values:
                    raise SettingError(f"{variable}: what it says is said by another one, too")
                try:
                    values[setting] = read(text)
                except SettingError as error:
                    raise SettingError(f"{variable}: {error}") from None
        return cls(**values)


def _api_keys(text: str) -> tuple[str, ...]:
    keys = _listed(text)
    for position, key in enumerate(keys, start=1):
        # The key itself is a secret, wrong or not.
        if len(key) < MIN_API_KEY or not _API_KEY.fullmatch(key):
            raise SettingError(
                f"key {position} of {len(keys)} is none; expected at least {MIN_API_KEY} "
                "letters, digits and signs of ASCII, without spaces"
            )
    return keys


def _api_keys_in_file(text: str) -> tuple[str, ...]:
    try:
        content = Path(text).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{text} can't be read: {error}") from None
    keys = _api_keys(",".join(content.split()))
    if not keys:  # an empty secret must not open the service
        raise SettingError(f"{text} holds no key")
    return keys


def _whole_number(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise SettingError(f"{text!r} is not what was expected, a whole number of at least 1")
    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SettingError(f"{text!r} is not what was expected, a number of seconds above 0")
    return seconds


def _rate_limit(text: str) -> RateLimitItem | None:
    if text.lower() == OFF:
        return None
    try:
        limits = parse_many(text)
    except ValueError:
        limits = []
    if len(limits) != 1 or limits[0].amount < 1 or limits[0].get_expiry() < 1:
        raise SettingError(
            f"{text!r} is not what was expected, one rate such as 1000/second or 1000/5 minutes, "
            f"or {OFF}"
        )
    return limits[0]


def _origins(text: str) -> tuple[str, ...]:
    origins = _listed(text)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingError(
                f"{origin!r} is not what was expected, origins such as https://example.org, "
                "without a path, with commas in between"
            )
    return origins


def _folder(text: str) -> Path | None:
    return None if text.lower() == OFF else Path(text)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


_VARIABLES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "SPIKE_API_KEY": ("api_keys", _api_keys),
    "SPIKE_API_KEY_FILE": ("api_keys", _api_keys_in_file),
    "SPIKE_BODY_LIMIT_BYTES": ("body_limit_bytes", _whole_number),
    "SPIKE_BODY_TIMEOUT_S": ("body_timeout_s", _seconds),
    "SPIKE_CONCURRENCY_LIMIT": ("concurrency_limit", _whole_number),
    "SPIKE_RATE_LIMIT": ("rate_limit", _rate_limit),
    "SPIKE_CORS_ORIGINS": ("cors_origins", _origins),
    "SPIKE_PREDICTION_LOG": ("prediction_log", _folder),
}
"""The setting of each variable, and what reads it."""
