"""The download against a real HTTP server on the loopback, one that can misbehave."""

import errno
import hashlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from spike_assets.sources import download, milk_price
from spike_assets.sources.download import download_data
from spike_assets.sources.errors import DownloadError
from spike_assets.sources.source import Source

PRICES = b"Anio,Mes,Precio_leche\r\n2020,Ene,241.5\r\n"
RAIN = b"date,Metropolitana\n2020-01-01,0.4\n"
CONTENTS = {"prices.csv": PRICES, "rain.csv": RAIN}
SHA256 = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


@dataclass
class Served:
    """One file of the server, and what is wrong with the way it is served."""

    content: bytes
    statuses: list[int] = field(default_factory=list)  # of the first answers
    cuts: list[int] = field(default_factory=list)  # where the first answers break off
    stalls: bool = False
    before_answer: Callable[[], object] = lambda: None


class Server(ThreadingHTTPServer):
    """Serves `files` by name and keeps the names that were asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {name: Served(content) for name, content in CONTENTS.items()}
        self.requests: list[str] = []
        self.stopping = threading.Event()
        self.sources = sources_at(f"http://127.0.0.1:{self.server_port}/data")


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.removeprefix("/data/")
        self.server.requests.append(name)
        served = self.server.files[name]
        served.before_answer()
        if served.stalls:
            self.server.stopping.wait(10)
        elif served.statuses:
            self.answer(served.statuses.pop(0))
        else:
            end = served.cuts.pop(0) if served.cuts else None
            self.answer(200, length=len(served.content), body=served.content[:end])

    def answer(self, status: int, *, length: int = 0, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Keep the server's log off stderr."""


def sources_at(url: str) -> list[Source]:
    return [
        replace(milk_price.SOURCE, file_name=name, url=f"{url}/{name}", sha256=sha256)
        for name, sha256 in SHA256.items()
    ]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.stopping.set()
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _quick_and_direct(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pooch.core.time.sleep", lambda _: None)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # so that what is left there is seen
    for name in ("NO_PROXY", "no_proxy"):  # a proxy of the machine is not asked for the loopback
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def fill(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)


def contents(folder: Path) -> dict[str, bytes] | None:
    if not folder.exists():
        return None
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_absent_folder_gets_every_file(server: Server, tmp_path: Path) -> None:
    """Parents are made, each file is fetched once, and nothing else is left behind."""
    folder = tmp_path / "x" / "y"

    paths = download_data(folder, sources=server.sources)

    assert paths == [folder / "prices.csv", folder / "rain.csv"]
    assert contents(folder) == CONTENTS
    assert server.requests == ["prices.csv", "rain.csv"]
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]
    assert {path.stat().st_mode & 0o444 for path in paths} == {0o444}  # others may read them


def test_second_run_fetches_nothing(server: Server, folder: Path) -> None:
    """Files that are there with the right hash are not asked for again."""
    first = download_data(folder, sources=server.sources)
    server.requests.clear()

    assert download_data(folder, sources=server.sources) == first
    assert server.requests == []


def test_folder_that_lacks_one_file_gets_only_that(
    server: Server, folder: Path, tmp_path: Path
) -> None:
    """The file that is there stays, other files of the user too, and so does a link."""
    fill(tmp_path / "real", {"prices.csv": PRICES, "notes.txt": b"mine"})
    folder.symlink_to(tmp_path / "real")

    download_data(folder, sources=server.sources)

    assert contents(tmp_path / "real") == CONTENTS | {"notes.txt": b"mine"}
    assert folder.is_symlink()
    assert server.requests == ["rain.csv"]


def test_passing_faults_are_got_over_in_one_run(server: Server, folder: Path) -> None:
    """A 503 is asked again, and so is a file of which the body broke off; twice at most."""
    server.files["prices.csv"].statuses = [503, 429]
    server.files["rain.csv"].cuts = [5, 9]

    download_data(folder, sources=server.sources)

    assert contents(folder) == CONTENTS
    assert server.requests == ["prices.csv"] * 3 + ["rain.csv"] * 3


@pytest.mark.parametrize(
    ("served", "message"),
    [
        pytest.param(Served(RAIN, statuses=[404] * 3), "404", id="not-found"),
        pytest.param(Served(RAIN, statuses=[503] * 3), "503", id="server-error"),
        pytest.param(Served(b"a login page"), SHA256["rain.csv"], id="wrong-hash"),
        pytest.param(Served(RAIN, cuts=[9] * 3), "IncompleteRead", id="truncated"),
        pytest.param(Served(RAIN, stalls=True), "timed out", id="silent"),
    ],
)
@pytest.mark.parametrize("before", [None, {"notes.txt": b"mine", "prices.csv": PRICES}])
def test_failure_leaves_the_folder_as_it_was(
    server: Server,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    served: Served,
    message: str,
    before: dict[str, bytes] | None,
) -> None:
    """Whatever one file's fetch fails of, no file is moved in and the error names file and URL."""
    monkeypatch.setattr(download, "TIMEOUT_S", 0.3)
    if before is not None:
        fill(folder, before)
    # Parameters are shared between the cases, and the server uses its faults up.
    server.files["rain.csv"] = replace(served, statuses=[*served.statuses], cuts=[*served.cuts])

    with pytest.raises(DownloadError, match=message) as failure:
        download_data(folder, sources=server.sources)

    assert str(failure.value).startswith(f"rain.csv: {server.sources[1].url} can't be downloaded: ")
    assert contents(folder) == before
    assert server.requests.count("rain.csv") == 3


def test_refused_connection_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """The error says that nobody listens, and no folder appears."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(DownloadError, match=f"127.0.0.1:{port}/prices.csv.*refused.*run it again"):
        download_data(folder, sources=sources_at(f"http://127.0.0.1:{port}"))

    assert list(tmp_path.iterdir()) == []


def test_differing_files_of_the_user_are_refused(server: Server, folder: Path) -> None:
    """The error names every file that would be overwritten, before anything is asked for."""
    mine = {"prices.csv": b"my own prices", "rain.csv": b"my own rain"}
    fill(folder, mine)

    with pytest.raises(DownloadError, match=r"data/prices\.csv, .*data/rain\.csv: there already"):
        download_data(folder, sources=server.sources)

    assert contents(folder) == mine
    assert server.requests == []


def test_file_that_appears_during_the_download_is_not_overwritten(
    server: Server, folder: Path
) -> None:
    """The folder is looked at again right before the files are moved in."""
    folder.mkdir()
    server.files["rain.csv"].before_answer = lambda: (folder / "prices.csv").write_bytes(b"mine")

    with pytest.raises(DownloadError, match="nothing was overwritten"):
        download_data(folder, sources=server.sources)

    assert contents(folder) == {"prices.csv": b"mine"}


def test_broken_link_of_the_user_is_not_replaced(server: Server, folder: Path) -> None:
    """A link that leads nowhere is the user's too, and is an error rather than a place to fill."""
    folder.mkdir()
    (folder / "rain.csv").symlink_to("nowhere.csv")

    with pytest.raises(DownloadError, match=r"rain\.csv"):
        download_data(folder, sources=server.sources)

    assert (folder / "rain.csv").is_symlink()
    assert server.requests == []


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    ("fault", "raised", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DownloadError, "No space left"),
        (KeyboardInterrupt("by hand"), KeyboardInterrupt, "by hand"),
    ],
    ids=["disk-full", "interrupted"],
)
def test_fault_between_two_moves_takes_the_first_file_out_again(
    server: Server,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    exists: bool,
    fault: BaseException,
    raised: type[BaseException],
    message: str,
) -> None:
    """The files come in all or none."""
    if exists:
        fill(folder, {"notes.txt": b"mine"})
    before = contents(folder)
    rename = Path.replace

    def rename_except_rain(self: Path, target: Path) -> Path:
        if target.name == "rain.csv":
            raise fault
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", rename_except_rain)

    with pytest.raises(raised, match=message):
        download_data(folder, sources=server.sources)

    assert contents(folder) == before


def test_file_in_place_of_the_folder_is_an_error(server: Server, folder: Path) -> None:
    """It is reported and left alone."""
    folder.write_bytes(b"mine")

    with pytest.raises(DownloadError, match="can't be put into"):
        download_data(folder, sources=server.sources)

    assert folder.read_bytes() == b"mine"


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_shown_on_a_terminal_only(
    server: Server,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    terminal: bool,
) -> None:
    """Nothing is written if stderr is no terminal."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)

    download_data(folder, sources=server.sources)

    written = capsys.readouterr()
    assert written.out == ""
    assert ("100%" in written.err) is terminal
    assert bool(written.err) is terminal
