"""A real PostgreSQL for tests to write to, to stop and to start again."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER = DATABASE = "dagster"
PASSWORD = "0123456789abcdef"  # noqa: S105 (of a server that lives as long as the test)


@dataclass(frozen=True)
class Postgres:
    """A server on loopback.

    Attributes:
        programs: Where `initdb` and `pg_ctl` are.
        folder: Where its data are.
        user: Who it runs as; None for whoever runs the tests.
        port: Where it listens.
    """

    programs: Path
    folder: Path
    user: str | None
    port: int

    @property
    def url(self) -> str:
        """Its address, in the form of docker-compose.yml: without a password."""
        return f"postgresql+psycopg2://{USER}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def url_with_password(self) -> str:
        """Its address for who has no passfile."""
        return self.url.replace(f"{USER}@", f"{USER}:{PASSWORD}@")

    @property
    def passfile_line(self) -> str:
        """The line that lets libpq in."""
        return f"*:*:*:*:{PASSWORD}\n"

    def initialize(self) -> None:
        """Make the files of the server, and its database."""
        password_file = self.folder / "password"
        password_file.write_text(PASSWORD)
        password_file.chmod(0o644)
        self._run("initdb", "-U", USER, "--auth=scram-sha-256", f"--pwfile={password_file}")
        hba = self.folder / "data" / "pg_hba.conf"
        hba.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
        self.start()
        self._run("createdb", f"--host={self.folder}", f"--port={self.port}", "-U", USER, DATABASE)
        self.stop()

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -k {self.folder}"
        self._run("pg_ctl", "start", "-w", "-o", options, "-l", f"{self.folder}/log")

    def stop(self) -> None:
        """Stop, and end whatever sessions there are."""
        self._run("pg_ctl", "stop", "-w", "-m", "fast")

    def _run(self, program: str, *arguments: str) -> None:
        data = ["-D", f"{self.folder}/data"] if program != "createdb" else []
        subprocess.run(
            [self.programs / program, *data, *arguments],
            user=self.user,
            group=self.user,
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            timeout=120,
        )


def programs() -> Path | None:
    """Find the newest `initdb` and `pg_ctl` of this machine."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    initdb = next(map(str, installed), None) or shutil.which("initdb")
    return Path(initdb).parent if initdb else None


@contextmanager
def running_postgres(its_programs: Path, *, port: int) -> Iterator[Postgres]:
    """Run a server with an empty database until the block ends."""
    # Not in pytest's folder, which is closed to the user that PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="spike-assets-postgres-"))
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        shutil.chown(folder, user, user)
    server = Postgres(its_programs, folder, user=user, port=port)
    try:
        server.initialize()
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder)
