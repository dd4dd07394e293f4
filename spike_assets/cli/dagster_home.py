"""The folder in `DAGSTER_HOME`: faults of it as one line, where Dagster prints a traceback."""

import os
from pathlib import Path
from textwrap import shorten

import click


def dagster_home() -> Path | None:
    """Return the folder of the Dagster instance, which is created if it is missing.

    Returns:
        None if `DAGSTER_HOME` is unset or empty.

    Raises:
        ClickException: It can't be the folder of an instance.
    """
    named = os.environ.get("DAGSTER_HOME")
    if not named:
        return None
    try:
        home = Path(named).expanduser()
        if home.is_absolute():
            home.mkdir(parents=True, exist_ok=True)
            return home
    except (FileExistsError, NotADirectoryError):
        raise home_error("is not a folder; name another one") from None
    except (OSError, RuntimeError) as error:
        raise home_error(error) from None
    raise home_error(f"is a relative path; expected an absolute one, as {home.absolute()}")


def home_error(reason: object) -> click.ClickException:
    """Return an error that names the variable and its value."""
    if isinstance(reason, Exception):
        said = getattr(reason, "strerror", None) or str(getattr(reason, "orig", reason))
        # SQLAlchemy adds its statement, Dagster all that a configuration may hold.
        reason = f"can't be used: {shorten(said, 300, placeholder=' …')}"
    return click.ClickException(f"DAGSTER_HOME={os.environ['DAGSTER_HOME']}: {reason}")
