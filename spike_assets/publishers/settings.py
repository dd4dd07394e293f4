"""Settings of the publishers, read from environment variables."""

from typing import Annotated, Any

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from spike_assets.sources.errors import DataError

OFF = "off"


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
        odepa_url: Scheme and host in place of ODEPA's.
        fao_url: Scheme and host in place of the FAO's.
    """

    model_config = SettingsConfigDict(env_prefix="SPIKE_", frozen=True)

    live: str | None = None
    odepa_url: Url = "https://aplicativos.odepa.gob.cl"
    fao_url: Url = "https://www.fao.org"

    @classmethod
    def from_environment(cls) -> "PublisherSettings":
        """Read the variables that are set; a blank one is not.

        Raises:
            DataError: One holds an invalid value.
        """
        try:
            return cls()
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            variable = f"SPIKE_{fault['loc'][0]}".upper()
            reason = fault["msg"].removeprefix("Value error, ")
            raise DataError(f"{variable}: {reason}") from None

    @property
    def asked(self) -> list[str] | None:
        """Names that SPIKE_LIVE has; None if it is not set, so that all are asked."""
        if self.live is None:
            return None
        names = [name.strip().lower() for name in self.live.split(",") if name.strip()]
        return [] if names == [OFF] else names

    @model_validator(mode="before")
    @classmethod
    def _drop_blank(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if str(value).strip()}
