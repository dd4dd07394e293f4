"""`PUBLISHERS`, the one list of the publishers. A publisher that is added here becomes an asset."""

from spike_assets.publishers import fao, odepa
from spike_assets.publishers.publisher import Publisher
from spike_assets.publishers.settings import OFF, PublisherSettings
from spike_assets.sources.errors import DataError
from spike_assets.sources.source import Source
from spike_assets.sources.sources import SOURCES

PUBLISHERS = (odepa.PUBLISHER, fao.PUBLISHER)
"""Every publisher, in the order of the sources that they continue."""


def source_of(publisher: Publisher) -> Source:
    """Return the raw source that a publisher continues."""
    (source,) = (one for one in SOURCES if one.name == publisher.source)
    return source


def unasked(publisher: Publisher, settings: PublisherSettings) -> str:
    """Return why a publisher is not asked, as a clause; empty if it is.

    Raises:
        DataError: SPIKE_LIVE names one that there is not.
    """
    known = [one.name for one in PUBLISHERS]
    asked = settings.asked
    if asked is None:
        return publisher.unconfigured(settings)
    if unknown := [name for name in asked if name not in known]:
        raise DataError(
            f"SPIKE_LIVE: {unknown[0]!r} is not a publisher; expected some of {', '.join(known)}, "
            f"or {OFF}"
        )
    if publisher.name not in asked:
        return "left out by SPIKE_LIVE"
    return publisher.unconfigured(settings)
