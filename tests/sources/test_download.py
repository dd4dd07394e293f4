"""The download against a real HTTP server on the loopback, one that can misbehave."""

import errno
import fcntl
import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from spike_assets.sources import download, transfer
from spike_assets.sources.download import DownloadError, download_data

PRICES = b"Anio,Mes,Precio_leche\r\n2020,Ene,241.5\r\n"
RAIN = b"date,Metropolitana\n2020-01-01,0.4\n"
CONTENTS = {"prices.csv": PRICES, "rain.csv": RAIN}
CHECKSUMS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}


@dataclass
class Served:
    """One file of the server, and what is wrong with the way it is served."""

    content: bytes
    statuses: list[int] = field(default_factory=list)  # of the first answers
    cuts: list[int] = field(default_factory=list)  # where the first answers break off
    ignores_range: bool = False
    hides_length: bool = False
    stalls: bool = False
    before_answer: Callable[[], object] = lambda: None


@dataclass
class Request:
    name: str
    range: str | None
    encoding: str | None
    sent: int = 0


class Server(ThreadingHTTPServer):
    """Serves `files` by name and keeps what was asked for in `requests`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/data"
        self.files = {name: Served(content) for name, content in CONTENTS.items()}
        self.requests: list[Request] = []
        self.stopping = threading.Event()

    def asked(self) -> list[tuple[str, str | None]]:
        return [(request.name, request.range) for request in self.requests]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.removeprefix("/data/")
        request = Request(name, self.headers["Range"], self.headers["Accept-Encoding"])
        self.server.requests.append(request)
        served = self.server.files.get(name)
        if served is None:
            return self.answer(404)
        served.before_answer()
        if served.stalls:
            self.server.stopping.wait(10)
            return None
        if served.statuses:
            return self.answer(served.statuses.pop(0))
        start = 0
        if request.range and not served.ignores_range:
            start = int(request.range.removeprefix("bytes=").removesuffix("-"))
        if start >= len(served.content):
            return self.answer(416)
        end = served.cuts.pop(0) if served.cuts else len(served.content)
        request.sent = len(served.content[start:end])
        return self.answer(
            206 if start else 200,
            length=None if served.hides_length else len(served.content) - start,
            body=served.content[start:end],
        )

    def answer(self, status: int, *, length: int | None = 0, body: bytes = b"") -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Keep the server's log off stderr."""


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
def _quick_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "PAUSES_S", (0, 0))
    monkeypatch.setattr(transfer, "MAX_BYTES", 1000)
    for name in ("NO_PROXY", "no_proxy"):  # a proxy of the machine is not asked for the loopback
        monkeypatch.setenv(name, "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    return tmp_path / ".data.download"


def contents(folder: Path) -> dict[str, bytes] | None:
    if not folder.exists():
        return None
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def leave_part(staging: Path, name: str, content: bytes) -> None:
    staging.mkdir()
    (staging / f".{name}.part").write_bytes(content)


def test_absent_folder_gets_every_file(server: Server, folder: Path, tmp_path: Path) -> None:
    """Each file is fetched once, uncompressed, and nothing else is left behind."""
    paths = download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert paths == [folder / "prices.csv", folder / "rain.csv"]
    assert contents(folder) == CONTENTS
    assert server.asked() == [("prices.csv", None), ("rain.csv", None)]
    assert {request.encoding for request in server.requests} == {"identity"}
    assert list(tmp_path.iterdir()) == [folder]


def test_missing_parents_are_made(server: Server, tmp_path: Path) -> None:
    """A folder may be named before the one that it lies in is there."""
    download_data(tmp_path / "x" / "y", base_url=server.url, checksums=CHECKSUMS)

    assert contents(tmp_path / "x" / "y") == CONTENTS


def test_linked_folder_is_staged_beside_what_it_links_to(
    server: Server, folder: Path, tmp_path: Path
) -> None:
    """Only there, on the same file system, can a file be moved in by a rename."""
    real = tmp_path / "disk" / "real"
    real.mkdir(parents=True)
    folder.symlink_to(real)
    rain = server.files.pop("rain.csv")
    with pytest.raises(DownloadError, match="HTTP 404"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)
    assert contents(tmp_path / "disk" / ".real.download") == {".prices.csv.part": PRICES}
    server.files["rain.csv"] = rain

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(real) == CONTENTS
    assert folder.is_symlink()


def test_second_run_fetches_nothing(server: Server, folder: Path) -> None:
    """Files that are there with the right hash are not asked for again."""
    first = download_data(folder, base_url=server.url, checksums=CHECKSUMS)
    server.requests.clear()

    assert download_data(folder, base_url=server.url, checksums=CHECKSUMS) == first
    assert server.asked() == []


def test_folder_that_lacks_one_file_gets_only_that(server: Server, folder: Path) -> None:
    """The file that is there stays, other files of the user too."""
    folder.mkdir()
    (folder / "prices.csv").write_bytes(PRICES)
    (folder / "notes.txt").write_bytes(b"mine")

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS | {"notes.txt": b"mine"}
    assert server.asked() == [("rain.csv", None)]


def test_part_is_continued(server: Server, folder: Path, staging: Path) -> None:
    """What an earlier run received is not sent again."""
    leave_part(staging, "prices.csv", PRICES[:10])

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS
    assert server.asked() == [("prices.csv", "bytes=10-"), ("rain.csv", None)]
    assert server.requests[0].sent == len(PRICES) - 10


def test_whole_part_is_moved_in_without_a_request(
    server: Server, folder: Path, staging: Path
) -> None:
    """A file that was received before another one failed is not fetched again."""
    leave_part(staging, "prices.csv", PRICES)

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS
    assert server.asked() == [("rain.csv", None)]


def test_part_starts_over_where_the_server_ignores_ranges(
    server: Server, folder: Path, staging: Path
) -> None:
    """An answer 200 replaces the part rather than being appended to it."""
    server.files["prices.csv"].ignores_range = True
    leave_part(staging, "prices.csv", PRICES[:10])

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS
    assert server.asked() == [("prices.csv", "bytes=10-"), ("rain.csv", None)]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b"not prices", id="other-content"),
        pytest.param(PRICES + b"more", id="longer-than-the-file"),  # the server answers 416
    ],
)
def test_wrong_part_is_thrown_away_and_the_file_fetched_from_the_start(
    server: Server, folder: Path, staging: Path, part: bytes
) -> None:
    """A part that does not lead to the right hash costs one more request, not an error."""
    leave_part(staging, "prices.csv", part)

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS
    assert server.asked() == [
        ("prices.csv", f"bytes={len(part)}-"),
        ("prices.csv", None),
        ("rain.csv", None),
    ]


def test_passing_faults_are_got_over_in_one_run(server: Server, folder: Path) -> None:
    """A 503 is asked again and a body that breaks off is continued, twice at most."""
    server.files["prices.csv"].statuses = [503, 429]
    server.files["rain.csv"].cuts = [5, 9]

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS
    assert server.asked() == [
        ("prices.csv", None),
        ("prices.csv", None),
        ("prices.csv", None),
        ("rain.csv", None),
        ("rain.csv", "bytes=5-"),
        ("rain.csv", "bytes=9-"),
    ]


def test_truncated_file_is_continued_by_the_next_run(
    server: Server, folder: Path, staging: Path
) -> None:
    """The error says that the part was kept, and running it again goes on from there."""
    server.files["rain.csv"].cuts = [20, 20, 20]

    with pytest.raises(DownloadError, match=r"run it again, which goes on after the 20 bytes"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)
    assert contents(folder) is None
    assert contents(staging) == {".prices.csv.part": PRICES, ".rain.csv.part": RAIN[:20]}
    server.requests.clear()

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == CONTENTS
    assert server.asked() == [("rain.csv", "bytes=20-")]
    assert server.requests[0].sent == len(RAIN) - 20


@pytest.mark.parametrize(
    ("served", "message", "attempts"),
    [
        pytest.param(Served(RAIN, statuses=[404] * 3), "HTTP 404", 1, id="not-found"),
        pytest.param(Served(RAIN, statuses=[302] * 3), "HTTP 302", 1, id="redirect"),
        pytest.param(Served(RAIN, statuses=[416] * 3), "HTTP 416", 1, id="416-without-range"),
        pytest.param(Served(RAIN, statuses=[503] * 3), "HTTP 503", 3, id="server-error"),
        pytest.param(Served(b"a login page"), "has SHA-256", 1, id="wrong-hash"),
        pytest.param(Served(RAIN, cuts=[9] * 3), "to its end", 3, id="truncated"),
        pytest.param(Served(b"x" * 1001), "larger than", 1, id="too-large"),
        pytest.param(
            Served(b"x" * 1001, hides_length=True), "larger than", 1, id="too-large-unannounced"
        ),
    ],
)
@pytest.mark.parametrize("before", [None, {"notes.txt": b"mine", "prices.csv": PRICES}])
def test_failure_leaves_the_folder_as_it_was(
    server: Server,
    folder: Path,
    *,
    served: Served,
    message: str,
    attempts: int,
    before: dict[str, bytes] | None,
) -> None:
    """Whatever one file's fetch fails of, no file is moved in and the error names file and URL."""
    if before is not None:
        folder.mkdir()
        for name, content in before.items():
            (folder / name).write_bytes(content)
    # Parameters are shared between the cases, and the server uses its faults up.
    server.files["rain.csv"] = Served(
        **vars(served) | {"statuses": [*served.statuses], "cuts": [*served.cuts]}
    )

    with pytest.raises(DownloadError, match=message) as failure:
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert str(failure.value).startswith(f"rain.csv: {server.url}/rain.csv ")
    assert contents(folder) == before
    assert [name for name, _ in server.asked()].count("rain.csv") == attempts


def test_refused_connection_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """Where nobody listens, the error says so and neither folder nor staging folder appears."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    with pytest.raises(DownloadError, match=f"127.0.0.1:{port}/prices.csv.*refused.*run it again"):
        download_data(folder, base_url=f"http://127.0.0.1:{port}", checksums=CHECKSUMS)

    assert list(tmp_path.iterdir()) == []


def test_server_that_stops_answering_is_given_up(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence is a timeout, which is tried twice more before it is an error."""
    monkeypatch.setattr(download, "TIMEOUT", httpx.Timeout(0.3))
    server.files["prices.csv"].stalls = True

    with pytest.raises(DownloadError, match=r"^prices\.csv: .*timed out"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) is None
    assert server.asked() == [("prices.csv", None)] * 3


def test_wrong_body_is_not_kept(server: Server, folder: Path, staging: Path) -> None:
    """A body of the wrong hash is thrown away, the right one beside it stays for the next run."""
    server.files["rain.csv"] = Served(b"a login page")

    with pytest.raises(DownloadError, match=CHECKSUMS["rain.csv"]):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(staging) == {".prices.csv.part": PRICES}


def test_differing_files_of_the_user_are_refused(server: Server, folder: Path) -> None:
    """The error names every file that would be overwritten, before anything is asked for."""
    mine = {"prices.csv": b"my own prices", "rain.csv": b"my own rain"}
    folder.mkdir()
    for name, content in mine.items():
        (folder / name).write_bytes(content)

    with pytest.raises(DownloadError, match=r"data/prices\.csv, .*data/rain\.csv: there already"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == mine
    assert server.asked() == []


def test_file_that_appears_during_the_download_is_not_overwritten(
    server: Server, folder: Path
) -> None:
    """The folder is looked at again right before the files are moved in."""
    folder.mkdir()
    server.files["rain.csv"].before_answer = lambda: (folder / "prices.csv").write_bytes(b"mine")

    with pytest.raises(DownloadError, match="nothing was overwritten"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == {"prices.csv": b"mine"}


def test_broken_link_of_the_user_is_not_replaced(server: Server, folder: Path) -> None:
    """A link that leads nowhere is the user's too, and is an error rather than a place to fill."""
    folder.mkdir()
    (folder / "rain.csv").symlink_to("nowhere.csv")

    with pytest.raises(DownloadError, match=r"rain\.csv"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert (folder / "rain.csv").is_symlink()
    assert server.asked() == []


@pytest.mark.parametrize("exists", [False, True])
def test_disk_error_between_two_moves_takes_the_first_file_out_again(
    server: Server,
    folder: Path,
    staging: Path,
    monkeypatch: pytest.MonkeyPatch,
    exists: bool,
) -> None:
    """The files come in all or none, and stay staged for the next run."""
    if exists:
        folder.mkdir()
    before = contents(folder)
    replace = Path.replace

    def replace_except_rain(self: Path, target: Path) -> Path:
        if target.name == "rain.csv":
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", replace_except_rain)

    with pytest.raises(DownloadError, match="No space left on device"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert contents(folder) == before
    assert contents(staging) == {".prices.csv.part": PRICES, ".rain.csv.part": RAIN}


@pytest.mark.parametrize("in_the_way", ["data", ".data.download"])
def test_file_in_place_of_a_folder_is_an_error(
    server: Server, folder: Path, tmp_path: Path, in_the_way: str
) -> None:
    """A file where the target or the staging folder should be is reported and left alone."""
    (tmp_path / in_the_way).write_bytes(b"mine")

    with pytest.raises(DownloadError, match="can't be put into"):
        download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    assert (tmp_path / in_the_way).read_bytes() == b"mine"


def test_second_download_at_the_same_time_is_refused(
    server: Server, folder: Path, staging: Path
) -> None:
    """Two downloads never write to the same part."""
    leave_part(staging, "prices.csv", PRICES[:10])
    lock = os.open(staging, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(DownloadError, match="in use by another download"):
            download_data(folder, base_url=server.url, checksums=CHECKSUMS)
    finally:
        os.close(lock)

    assert contents(folder) is None
    assert contents(staging) == {".prices.csv.part": PRICES[:10]}
    assert server.asked() == []


@pytest.mark.parametrize(("terminal", "shown"), [("0", False), ("1", True)])
def test_progress_is_shown_on_a_terminal_only(
    server: Server,
    folder: Path,
    staging: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    terminal: str,
    shown: bool,
) -> None:
    """The bar counts what a part held; where stderr is no terminal, nothing is written."""
    monkeypatch.setenv("TTY_COMPATIBLE", terminal)  # rich's own switch
    monkeypatch.setenv("NO_COLOR", "1")
    leave_part(staging, "prices.csv", PRICES[:10])

    download_data(folder, base_url=server.url, checksums=CHECKSUMS)

    written = capsys.readouterr()
    assert written.out == ""
    assert (f"{len(PRICES)}/{len(PRICES)} bytes" in written.err) is shown
    assert bool(written.err) is shown
