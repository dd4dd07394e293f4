"""Click group that imports a command when it runs, not to list it."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group with commands in modules that are slow to import.

    Args:
        lazy: `module:attribute` and short help of those commands, by name.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._targets = {name: target for name, (target, _) in lazy.items()}
        for name, (_, short_help) in lazy.items():  # stand-ins, to be listed
            self.add_command(click.Command(name, short_help=short_help))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name, and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in self._targets:
            module, attribute = self._targets[name].split(":")
            command = getattr(import_module(module), attribute)
        return name, command, rest
