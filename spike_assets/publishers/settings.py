"""Settings of the publishers, read from environment variables.

Credentials come from the environment or from files that it names, and stay secret: they are in no
log, error, metadata or file that the project writes.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from spike_assets.sources.errors import DataError

OFF = "off"
SECRETS = ("bcch_token", "bcch_user", "bcch_password", "open_meteo_key")
"""Settings that may come from a file, which the variable with `_FILE` at its end names."""


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is not a URL such as https://example.org")
    return text.rstrip("/")


Url = Annotated[str, AfterValidator(_url)]


class PublisherSettings(BaseSettings):
    """Configuration of the publishers: `SPIKE_` and the name of a field is its variable.

    Attributes:
        live: Names of the publishers that are asked, separated by commas; `off` for none; None
            for all that are configured.
        bcch_token: Token of the Banco Central's interface.
        bcch_user: E-mail address of an account there, if there is no token.
        bcch_password: Its password.
        open_meteo_key: Key of Open-Meteo's commercial interface.
        bcch_token_file: The same in a file, as of the three other secrets.
        bcch_user_file: See above.
        bcch_password_file: See above.
        open_meteo_key_file: See above.
        bcch_url: Scheme and host in place of the Banco Central's.
        odepa_url: Scheme and host in place of ODEPA's.
        open_meteo_url: Scheme and host in place of Open-Meteo's.
        fao_url: Scheme and host in place of FAO's.
    """

    model_config = SettingsConfigDict(env_prefix="SPIKE_", frozen=True, hide_input_in_errors=True)

    live: str | None = None
    bcch_token: SecretStr | None = None
    bcch_user: SecretStr | None = None
    bcch_password: SecretStr | None = None
    open_meteo_key: SecretStr | None = None
    bcch_token_file: Path | None = None
    bcch_user_file: Path | None = None
    bcch_password_file: Path | None = None
    open_meteo_key_file: Path | None = None
    bcch_url: Url = "https://si3.bcentral.cl"
    odepa_url: Url = "https://aplicativos.odepa.gob.cl"
    open_meteo_url: Url | None = None
    fao_url: Url = "https://www.fao.org"

    @classmethod
    def from_environment(cls) -> "PublisherSettings":
        """Read the variables that are set; a blank one is not.

        Raises:
            DataError: One holds an invalid value, or names a file that can't be read.
        """
        try:
            return cls()
        except ValidationError as error:
            fault = error.errors(include_url=False, include_input=False)[0]
            variable = "".join(f"SPIKE_{name.upper()}: " for name in map(str, fault["loc"]))
            raise DataError(variable + fault["msg"].removeprefix("Value error, ")) from None

    @property
    def asked(self) -> list[str] | None:
        """Names that SPIKE_LIVE has; None if it is not set, so that all are asked."""
        if self.live is None:
            return None
        names = [name.strip().lower() for name in self.live.split(",") if name.strip()]
        return [] if names == [OFF] else names

    @model_validator(mode="before")
    @classmethod
    def _read_secrets(cls, values: dict[str, Any]) -> dict[str, Any]:
        given = {name: value for name, value in values.items() if str(value).strip()}
        for name in SECRETS:
            if path := given.get(f"{name}_file"):
                if name in given:
                    raise ValueError(
                        f"SPIKE_{name.upper()} and SPIKE_{name.upper()}_FILE are both set; "
                        "set one of them"
                    )
                given[name] = _secret(Path(path).expanduser())
        return given


def _secret(path: Path) -> str:
    try:
        content = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the file of a secret, {path}, can't be read: {error}") from None
    if not content:
        raise ValueError(f"the file of a secret, {path}, is empty")
    return content
