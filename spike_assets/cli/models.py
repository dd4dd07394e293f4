"""The commands `spike-assets models …`: list, compare, promote and prune registered models.

BentoML is imported by the command that runs, not to print its help.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from spike_assets.cli.models_report import (
    compared,
    comparison_table,
    version_details,
    version_report,
    version_summary,
    versions_table,
)
from spike_assets.cli.printing import print_report
from spike_assets.registry.errors import ModelStoreError

if TYPE_CHECKING:
    from spike_assets.registry.model_store import ModelStore
    from spike_assets.registry.versions import ModelVersion

BY_HAND = "by hand"
"""The recorded reason if none is given."""

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
_reason = click.option("--reason", default=BY_HAND, show_default=True, help="Why, for the log.")


@click.group()
def models() -> None:
    """The registered models."""


@models.command("list")
@_as_json
def list_versions(as_json: bool) -> None:
    """List every version: its scores, and what is promoted.

    By name, newest first, with when and why it was promoted, or why it can't be served.
    """
    with _store() as store:
        versions = store.versions()
    if as_json:
        _print_json([version_summary(version) for version in versions])
    else:
        print_report(versions_table(versions))


@models.command()
@click.argument("tag")
@_as_json
def show(tag: str, as_json: bool) -> None:
    """Show the details of a version.

    TAG is name:version. Shows its metadata, its picture, and when and why it was promoted.
    """
    with _store() as store:
        version = store.version(tag)
    if as_json:
        _print_json(version_details(version))
    else:
        print_report(version_report(version))


@models.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@_as_json
def compare(first: str, second: str, as_json: bool) -> None:
    """Compare two versions side by side.

    A and B are name:version. Scores, months, data, code and libraries; ≠ marks what differs.
    """
    with _store() as store:
        one, other = (_whole(store.version(tag)) for tag in (first, second))
    rows = compared(one, other)
    if as_json:
        _print_json(
            [
                {"field": row.field, first: row.first, second: row.second, "differs": row.differs}
                for row in rows
            ]
        )
    else:
        print_report(comparison_table(rows, one, other))


@models.command()
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@_reason
def promote(tags: tuple[str, ...], reason: str) -> None:
    """Promote versions: the service answers from them from now on.

    Each TAG is name:version. Several switch at once; models left out stay as they are. A Bento
    keeps the models that it was built with.
    """
    by_name = {tag.partition(":")[0]: tag for tag in tags}
    if len(by_name) < len(tags):
        raise click.ClickException("two versions of one model; name each once")
    with _store() as store:
        _print_promoted(store, store.promote(by_name, reason=reason))


@models.command()
@_reason
def rollback(reason: str) -> None:
    """Undo the last promotion.

    All models switch back at once; the next rollback undoes the promotion before.
    """
    with _store() as store:
        _print_promoted(store, store.rollback(reason=reason))


@models.command()
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    required=True,
    metavar="N",
    help="How many versions of each name stay, and how many rollbacks stay possible.",
)
def prune(keep: int) -> None:
    """Remove old versions, and print their tags.

    Promoted versions stay, and those that the next N rollbacks restore or that a Bento in the
    store was built with (delete it with `bentoml delete`).
    """
    with _store() as store:
        for tag in store.prune(keep):
            click.echo(tag)


@contextmanager
def _store() -> Iterator["ModelStore"]:
    """Open the store and sync it; end the command with one line if that fails."""
    from spike_assets.registry.synced_store import open_store

    try:
        store = open_store()
        store.pull(everything=True)
        yield store
    except ModelStoreError as error:
        raise click.ClickException(" ".join(str(error).split())) from None


def _whole(version: "ModelVersion") -> "ModelVersion":
    if version.damage:
        raise click.ClickException(f"{version.tag} {version.damage}")
    return version


def _print_promoted(store: "ModelStore", tags: Mapping[str, str]) -> None:
    """Print the tags, and the Bentos in the store that serve others: they follow a bucket only."""
    from spike_assets.registry.bentos import built_bentos

    for tag in tags.values():
        click.echo(f"{tag} is promoted")
        if difference := store.version(tag).library_difference:
            click.echo(f"warning: {tag} {difference}", err=True)
    bentos = () if store.remote_url else built_bentos(store.home)
    if others := [bento.tag for bento in bentos if not tags.items() <= bento.models.items()]:
        click.echo(
            f"A Bento serves the models that it was built with, so {', '.join(others)} stays as it "
            "is; `bentoml build` makes one of the promoted models",
            err=True,
        )


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))
