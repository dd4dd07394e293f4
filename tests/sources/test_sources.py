"""Every step that adding a source takes, so that a forgotten one says which it is."""

import importlib
import pkgutil
from collections.abc import Mapping

import pytest

from spike_assets import sources
from spike_assets.sample.sample import sample_files
from spike_assets.series.catalogue import PLAUSIBLE, PUBLICATION_LAG_DAYS
from spike_assets.sources.location import DataLocation, read_source
from spike_assets.sources.schemas import violations
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES

EVERY_SOURCE = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)


def test_every_source_of_the_package_is_listed_once():
    """A source that `SOURCES` leaves out would be neither downloaded nor read."""
    modules = [
        importlib.import_module(f"{sources.__name__}.{module.name}")
        for module in pkgutil.iter_modules(sources.__path__)
    ]
    found = [vars(module)["SOURCE"].name for module in modules if "SOURCE" in vars(module)]
    listed = [source.name for source in SOURCES]

    assert sorted(listed) == sorted(found), f"not in SOURCES: {set(found) - set(listed)}"


@EVERY_SOURCE
def test_source_says_what_it_is(source: Source):
    """The description of the file and that of the clean table are what the UI shows."""
    assert source.file_name in source.description
    assert source.schema.description, f"the schema of {source.name} has no description"


@EVERY_SOURCE
def test_source_can_be_downloaded(source: Source):
    """Its address is pinned to content by a SHA-256; an optional one may have none."""
    assert source.url.startswith("https://") or source.optional
    assert len(bytes.fromhex(source.sha256)) == (32 if source.url else 0)


@EVERY_SOURCE
@pytest.mark.parametrize(
    ("by_name", "what"),
    [(PLAUSIBLE, "plausible range"), (PUBLICATION_LAG_DAYS, "publication lag")],
    ids=["range", "lag"],
)
def test_every_series_has_a_plausible_range_and_a_publication_lag(
    source: Source, by_name: Mapping[str, object], what: str
):
    """A series that `PUBLISHED` leaves out has neither."""
    without = [series.name for series in source.series if series.name not in by_name]

    assert not without, f"{source.name} has series without {what}: {without}"


@EVERY_SOURCE
def test_schema_has_the_series_in_their_order(source: Source):
    """The contract of the clean table knows the unit of every column."""
    assert list(source.schema.columns) == ["month", *(series.name for series in source.series)]
    for series in source.series:
        assert source.schema.columns[series.name].title == series.unit


@EVERY_SOURCE
def test_sample_has_the_file_and_it_becomes_a_table_that_keeps_its_contract(source: Source):
    """Read, split and cleaned as the graph does it."""
    assert source.file_name in sample_files(), f"the sample has no {source.file_name}"

    table = read_source(DataLocation(None), source).table

    assert all(found.empty for found in violations(table, source.schema).values())


def test_sample_has_no_other_file():
    """A file that no source reads would be dead weight."""
    assert sample_files().keys() == {source.file_name for source in SOURCES}


@EVERY_SOURCE
def test_columns_that_the_file_must_have_are_those_of_its_header(source: Source):
    """The published file has these and no others."""
    raw = source.split(DataLocation(None).read(source))

    assert set(source.columns) <= set(raw.columns)
