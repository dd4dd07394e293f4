"""World dairy prices from the FAO: the file that its page on the food price index links to.

The link changes with each issue, and older files stay online, so the page is asked first and the
newest month is checked.
"""

import html
import re
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pandas as pd

from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.http import PublisherHttp
from spike_assets.publishers.publisher import Publisher, Reading
from spike_assets.publishers.received import Received
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.series.catalogue import MONTH
from spike_assets.sources.dairy_index import SOURCE
from spike_assets.sources.raw_file import RawFile

NAME = "fao"
TITLE = "FAO, food price index"
PAGE = "/worldfoodsituation/foodpricesindex/en/"
HOST = "www.fao.org"
STALE_AFTER_DAYS = 100
"""A month and its publication lag take about 40 days; an issue may come late."""

_LINK = re.compile(r"""href\s*=\s*["']([^"']*food_price_indices_data[^"']*\.csv[^"']*)["']""", re.I)


def probe(settings: PublisherSettings) -> None:
    """Request the page.

    Raises:
        PublisherError: There is no answer.
    """
    with PublisherHttp(TITLE, settings.fao_url) as http:
        http.get(PAGE, request="page of the index")


def fetch(settings: PublisherSettings, today: date) -> Received:
    """Request the page, and the file that it links to.

    Raises:
        PublisherError: There is no answer, or no link to the file on the page.
    """
    with PublisherHttp(TITLE, settings.fao_url) as http:
        page = http.get(PAGE, request="page of the index").decode("utf-8", errors="replace")
        link = _LINK.search(page)
        if link is None:
            raise PublisherError(
                TITLE,
                "page of the index",
                "it links to no food_price_indices_data….csv: download the file from the page and "
                "add it (spike-assets data add)",
            )
        path = _path(html.unescape(link[1]), settings.fao_url)
        content = http.get(path, request="file of the index")
    return Received(NAME, at=datetime.now(UTC), answers={SOURCE.file_name: content})


def _path(link: str, base_url: str) -> str:
    """Return path and query of a link to the publisher's host, which a mirror may stand in for."""
    parts = urlsplit(link)
    if parts.hostname not in (None, HOST, urlsplit(base_url).hostname):
        raise PublisherError(
            TITLE, "file of the index", f"the page links to another host, {parts.hostname}"
        )
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def read(received: Received, file_table: pd.DataFrame) -> Reading:
    """Read the file, as one in the data folder is read.

    Raises:
        DataError: It is not such a file, on another base or damaged.
        PublisherError: It is an old one.
    """
    content = received.answers[SOURCE.file_name]
    file = RawFile(name=SOURCE.file_name, location=f"{TITLE}, {SOURCE.file_name}", content=content)
    table = SOURCE.clean(SOURCE.split(file)).table
    newest = table[MONTH].max()
    if (pd.Timestamp(received.at.date()) - newest).days > STALE_AFTER_DAYS:
        raise PublisherError(
            TITLE,
            "file of the index",
            f"its newest month is {newest:%Y-%m}, so it is not the current one: download that from "
            "the page and add it (spike-assets data add)",
        )
    return Reading(table)


PUBLISHER = Publisher(
    name=NAME,
    title=TITLE,
    description=(
        "World market prices of dairy products as an index, monthly since 1990, published on "
        "the first Friday of the next month. Licence: CC BY 4.0. No key is needed."
    ),
    source=SOURCE.name,
    unconfigured=lambda settings: "",
    probe=probe,
    fetch=fetch,
    read=read,
)
