"""The FAO's index: the page, the file that it links to, and what may be wrong with either."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from spike_assets.publishers.errors import PublisherError
from spike_assets.publishers.fao import PAGE, fetch, read
from spike_assets.publishers.received import Received
from spike_assets.publishers.settings import PublisherSettings
from spike_assets.sources.errors import DataError
from tests.support.publisher_server import Answer, PublisherServer

TODAY = date(2026, 4, 10)
NAME = "fao_food_price_indices.csv"
FILE = (
    "\ufeffFAO Food Price Index,,,,,,,,\r\n"
    "2014-2016=100,,,,,,,,\r\n"
    "Date,Food Price Index,Meat,Dairy,Cereals,Oils,Sugar,,\r\n"
    ",,,,,,,,\r\n"
    "2026-01,124.1,124.9,120.7,107.5,168.6,89.8,,\r\n"
    "2026-02,125.5,126.5,119.4,108.7,174.2,86.2,,18.2\r\n"
)
NO_TABLE = pd.DataFrame()


def settings(url: str) -> PublisherSettings:
    return PublisherSettings(fao_url=url)


def received(content: str, at: datetime = datetime(2026, 4, 10, tzinfo=UTC)) -> Received:
    return Received("fao", at, {NAME: content.encode()})


@pytest.mark.parametrize(
    "link",
    [
        "/docs/food_price_indices_data.csv?v=1&amp;b=2",
        "https://www.fao.org/docs/food_price_indices_data.csv?v=1&amp;b=2",
    ],
)
def test_file_that_the_page_links_to_is_kept_as_it_came(publisher: PublisherServer, link: str):
    """The link may name the host, which a mirror stands in for."""
    publisher.answers[PAGE] = Answer(f'<p><a class="x" href="{link}">CSV</a></p>'.encode())
    publisher.answers["/docs/food_price_indices_data.csv"] = Answer(FILE.encode())

    got = fetch(settings(publisher.url), TODAY)

    assert got.answers == {NAME: FILE.encode()}
    assert publisher.questions[-1].query == {"v": ["1"], "b": ["2"]}


def test_page_without_the_link_is_an_error_that_says_what_to_do(publisher: PublisherServer):
    """Pages are rebuilt now and then."""
    publisher.answers[PAGE] = Answer(b"<a href='/other.csv'>CSV</a>")

    with pytest.raises(
        PublisherError,
        match=r"^FAO, food price index, page of the index: it links to no .+data add",
    ):
        fetch(settings(publisher.url), TODAY)


def test_link_to_another_host_is_not_followed(publisher: PublisherServer):
    """The file is the FAO's or nobody's."""
    publisher.answers[PAGE] = Answer(b"<a href='https://x.example/food_price_indices_data.csv'>")

    with pytest.raises(PublisherError, match=r"links to another host, x\.example"):
        fetch(settings(publisher.url), TODAY)


def test_index_is_read_by_month():
    """Stray numbers in columns without a name are left out."""
    expected = pd.DataFrame(
        {
            "month": pd.to_datetime(["2026-01-01", "2026-02-01"]).astype("datetime64[us]"),
            "dairy_price_index": [120.7, 119.4],
        }
    )

    pd.testing.assert_frame_equal(read(received(FILE), NO_TABLE).table, expected)


def test_months_of_older_files_are_read():
    """`Jan-90` in place of `1990-01`."""
    content = FILE.replace("2026-01,", "Jan-26,").replace("2026-02,", "Feb-26,")

    table = read(received(content), NO_TABLE).table

    assert list(table["month"].dt.strftime("%Y-%m")) == ["2026-01", "2026-02"]


def test_file_on_another_base_is_refused():
    """An old address still answers with one of 2002-2004."""
    with pytest.raises(DataError, match=r"the base is '2002-2004=100'; expected '2014-2016=100'"):
        read(received(FILE.replace("2014-2016=100", "2002-2004=100")), NO_TABLE)


def test_file_that_ends_long_ago_is_refused():
    """It is on the base of today, but it is not the current one."""
    with pytest.raises(PublisherError, match=r"its newest month is 2026-02, so it is not the"):
        read(received(FILE, datetime(2026, 7, 1, tzinfo=UTC)), NO_TABLE)


def test_page_in_place_of_the_file_is_refused():
    """As maintenance pages are sent with status 200."""
    with pytest.raises(DataError, match=r"^FAO, food price index, fao_food_price_indices\.csv"):
        read(received("<html><body>Maintenance</body></html>"), NO_TABLE)
