"""Settings of the service, read from environment variables."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    FiniteFloat,
    PositiveInt,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

OFF = "off"
MIN_API_KEY = 16
_WHOLE_NUMBER = "a whole number of at least 1"

_WINDOW_S = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "month": 30 * 86_400,
    "year": 360 * 86_400,
}
_RATE = re.compile(rf"([0-9]+)\s*(?:/|per)\s*([0-9]+)?\s*({'|'.join(_WINDOW_S)})s?", re.IGNORECASE)
_API_KEY = re.compile(r"[!-~]+")
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?|https?://\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


class SettingError(ValueError):
    """A variable holds a value that it must not hold."""


@dataclass(frozen=True)
class Rate:
    """A number of requests in a window of time, such as 1000/second or 1000/5 minutes."""

    n_requests: int
    n_units: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Read a rate.

        Raises:
            ValueError: It is not one, or a number in it is 0.
        """
        match = _RATE.fullmatch(text)
        rate = match and cls(int(match[1]), int(match[2] or 1), match[3].lower())
        if not rate or rate.n_requests < 1 or rate.n_units < 1:
            raise ValueError(
                f"{text!r} is not one rate such as 1000/second or 1000/5 minutes, or {OFF}"
            )
        return rate

    @property
    def window_s(self) -> int:
        """The length of the window."""
        return self.n_units * _WINDOW_S[self.unit]

    def __str__(self) -> str:
        return f"{self.n_requests} per {self.n_units} {self.unit}"


def _text(read: Callable[[str], Any]) -> BeforeValidator:
    """Read the text of a variable; a value that is set from code stays as it is."""
    return BeforeValidator(lambda value: read(value.strip()) if isinstance(value, str) else value)


def _api_keys(text: str) -> tuple[str, ...]:
    keys = _listed(text)
    for position, key in enumerate(keys, start=1):
        # The key itself is a secret, valid or not.
        if len(key) < MIN_API_KEY or not _API_KEY.fullmatch(key):
            raise ValueError(
                f"key {position} of {len(keys)} is invalid; expected at least {MIN_API_KEY} "
                "letters, digits and signs of ASCII, without spaces"
            )
    return keys


def _api_keys_in_file(text: str) -> tuple[str, ...]:
    try:
        content = Path(text).expanduser().read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{text} can't be read: {error}") from None
    keys = _api_keys(",".join(content.split()))
    if not keys:  # an empty secret must not open the service
        raise ValueError(f"{text} holds no key")
    return keys


def _rate_limit(text: str) -> Rate | None:
    return None if text.lower() == OFF else Rate.parse(text)


def _origins(text: str) -> tuple[str, ...]:
    origins = _listed(text)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"{origin!r} is not one of origins such as https://example.org, without a path, "
                "separated by commas"
            )
    return origins


def _folder(text: str) -> Path | None:
    return None if text.lower() == OFF else Path(text).expanduser()


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


class Settings(BaseSettings):
    """Configuration of the edge: `SPIKE_` and the name of a field is its variable.

    Attributes:
        api_key: The keys that open the service; without any, only this machine is answered.
        api_key_file: The same, read from a file.
        body_limit_bytes: The largest body of a request.
        body_timeout_s: How long a body may take to arrive, and the header before it.
        concurrency_limit: The number of requests in progress at a time.
        rate_limit: The rate of one client; None for no limit.
        cors_origins: The web sites whose pages may call the service.
        prediction_log: The folder of the prediction log; None for no log.
    """

    model_config = SettingsConfigDict(
        env_prefix="SPIKE_",
        frozen=True,
        validate_default=False,
        hide_input_in_errors=True,  # the input may be a key
    )

    api_key: Annotated[tuple[str, ...], NoDecode, _text(_api_keys)] = Field(default=(), repr=False)
    api_key_file: Annotated[tuple[str, ...], NoDecode, _text(_api_keys_in_file)] = Field(
        default=(), repr=False
    )
    body_limit_bytes: PositiveInt = Field(default=16 * 1024 * 1024, description=_WHOLE_NUMBER)
    body_timeout_s: FiniteFloat = Field(
        default=10.0, gt=0, description="a number of seconds above 0"
    )
    concurrency_limit: PositiveInt = Field(default=64, description=_WHOLE_NUMBER)
    rate_limit: Annotated[Rate | None, NoDecode, _text(_rate_limit)] = Rate(1000, 1, "second")
    cors_origins: Annotated[tuple[str, ...], NoDecode, _text(_origins)] = ()
    prediction_log: Annotated[Path | None, _text(_folder)] = Path("monitoring")

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the variables that are set; a blank one is not.

        uvicorn reads `FORWARDED_ALLOW_IPS`. With `*`, a caller from elsewhere can say that it is on
        this machine.

        Raises:
            SettingError: One holds an invalid value, or two conflict.
        """
        try:
            settings = cls()
        except ValidationError as error:
            raise SettingError(_message(error)) from None
        if os.environ.get("FORWARDED_ALLOW_IPS") == "*" and not settings.api_keys:
            raise SettingError(
                "FORWARDED_ALLOW_IPS: '*' believes every caller about its address; set "
                "SPIKE_API_KEY, or list the addresses of the proxies"
            )
        return settings

    @property
    def api_keys(self) -> tuple[str, ...]:
        """The keys, from either variable."""
        return self.api_key or self.api_key_file

    @model_validator(mode="before")
    @classmethod
    def _drop_blank(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if str(value).strip()}

    @field_validator("api_key_file", mode="before")
    @classmethod
    def _check_one_source(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("api_key"):
            raise ValueError("conflicts with SPIKE_API_KEY; set one of them")
        return value


def _message(error: ValidationError) -> str:
    """Describe the first invalid variable in one line; a validator of ours has described it."""
    fault = error.errors(include_url=False)[0]
    name = str(fault["loc"][0])
    if fault["type"] == "value_error":
        reason = str(fault["ctx"]["error"])
    else:
        reason = f"{fault['input']!r} is not {Settings.model_fields[name].description}"
    return f"SPIKE_{name.upper()}: {reason}"
