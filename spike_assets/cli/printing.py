"""Printing of reports: wrapped on a screen, unwrapped into a file or pipe."""

import sys

import click
from rich.console import Console, RenderableType

_UNBROKEN = 1_000_000
"""A width at which no line is wrapped."""


def print_report(renderable: RenderableType) -> None:
    """Print a report on standard output."""
    if sys.stdout.isatty():
        Console(highlight=False, markup=False, emoji=False).print(renderable)
        return
    console = Console(highlight=False, markup=False, emoji=False, width=_UNBROKEN)
    with console.capture() as captured:
        console.print(renderable)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())
