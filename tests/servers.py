"""The real servers of the tests: started on free ports, owned by the test session.

Each lives in a directory of its own that goes when it goes, runs as whoever runs the tests (root
or not), and does not outlive the session even if that is killed.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, TypeVar

from sqlalchemy import create_engine, text

HOST = "127.0.0.1"
#: What a busy machine may need; whatever takes longer never comes.
SECONDS = 60.0
ROOM = 2 * 1024**3  # bytes that /dev/shm must have free; containers often give it only 64 MB
MYSQL_UNPACKED = Path(__file__).parent.parent / ".cache" / "mysql9"  # by tools/get-mysql9.sh


class ServerMissing(Exception):
    """A server that this machine cannot run; the message says what is missing."""


@dataclass
class Process:
    """A process that listens on a port and may be stopped, killed and started again."""

    command: list[str]
    port: int
    log: Path
    host: str = field(default=HOST, init=False)
    hello: ClassVar[bytes] = b""  # what a client says first, if it speaks first
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Start the process and wait until it answers."""
        # In a session of its own, so that Ctrl-C reaches only the tests, which then stop it.
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*_tether(), *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.command[0]} did not start:\n{_last_words(self.log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the process in good order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(SECONDS)
            finally:
                self.kill()

    def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """End the process in good order and start it on the same data and port."""
        self.stop()
        self.start()

    def _answers(self) -> bool:
        """Tell whether it says something: a port is open before the server behind it is ready."""
        try:
            with socket.create_connection((self.host, self.port), timeout=1) as client:
                client.sendall(self.hello)
                return client.recv(1) != b""
        except OSError:
            return False


ProcessT = TypeVar("ProcessT", bound=Process)


@dataclass
class Server(Process):
    """A MariaDB or MySQL server; its user is root, without a password."""

    client: str

    def url(self, database: str) -> str:
        """Return SQLAlchemy's URL of a database."""
        return f"mysql+mysqldb://root@{self.host}:{self.port}/{database}?charset=utf8mb4"

    def new_database(self) -> str:
        """Make an empty database for the caller alone; return its URL."""
        name = f"gamify_{secrets.token_hex(6)}"
        engine = create_engine(self.url(""))
        with engine.begin() as connection:
            connection.execute(
                text(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
            )
        engine.dispose()
        return self.url(name)

    def shell(self, database: str) -> list[str]:
        """Return the command of the server's own client, which reads SQL from its input."""
        address = [f"--host={self.host}", f"--port={self.port}", "--protocol=tcp"]
        return [self.client, "--no-defaults", *address, "--user=root", database]


@dataclass
class RedisServer(Process):
    """A Redis server."""

    hello = b"PING\r\n"

    def url(self, database: int = 0) -> str:
        """Return the URL of a numbered database."""
        return f"redis://{self.host}:{self.port}/{database}"


class CeleryWorkers(Process):
    """Two workers of a Celery app; they listen on no port, and say when they are there."""

    def _answers(self) -> bool:
        return b"[queues]" in self.log.read_bytes()

    def stop(self) -> None:
        """End them at once: in good order Celery may take half a minute."""
        self.kill()


def celery_workers(app: str, log: Path) -> CeleryWorkers:
    """The workers of `module:app`, not started; the module is imported from here."""
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "--concurrency=2"]
    alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return CeleryWorkers([*command, *alone], 0, log)


@contextmanager
def mariadb_server(*, durable: bool = False) -> Iterator[Server]:
    """Run a fresh MariaDB, with its data in memory, or on the disk if `durable`.

    Raises:
        ServerMissing: it or the driver is not installed.
    """
    daemon, installer, client = (
        _program(name, "MariaDB") for name in ("mariadbd", "mariadb-install-db", "mariadb")
    )
    _require_driver("MariaDB")
    with _directory("mariadb", durable=durable) as home:
        options = [*_own_places(home), *_as_root()]
        _run(installer, *options, "--auth-root-authentication-method=normal", "--skip-test-db")
        port = _free_port()
        command = [daemon, *options, *_sql_options(home, port)]
        with _running(Server(command, port, home / "log", client)) as server:
            yield server


@contextmanager
def mysql_server() -> Iterator[Server]:
    """Run a fresh MySQL: the system's own or the one that tools/get-mysql9.sh unpacked.

    Raises:
        ServerMissing: neither is there, or the driver is not installed.
    """
    daemon, client = _mysql_programs()
    _require_driver("MySQL itself")
    with _directory("mysql") as home:
        options = [*_own_places(home), "--skip-log-bin", *_as_root()]
        # Keys for TLS, which nobody uses here, take longer to make than everything else.
        options += ["--auto-generate-certs=OFF", "--mysqlx=OFF"]
        _run(daemon, *options, "--initialize-insecure")
        port = _free_port()
        command = [daemon, *options, *_sql_options(home, port)]
        with _running(Server(command, port, home / "log", client)) as server:
            yield server


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a fresh Redis that keeps nothing on disk.

    Raises:
        ServerMissing: it is not installed.
    """
    daemon = _program("redis-server", "Redis")
    with _directory("redis") as home:
        port = _free_port()
        options = ["--bind", HOST, "--port", str(port), "--dir", str(home), "--save", ""]
        with _running(RedisServer([daemon, *options], port, home / "log")) as server:
            yield server


@contextmanager
def _running(process: ProcessT) -> Iterator[ProcessT]:
    process.start()
    try:
        yield process
    finally:
        process.kill()  # its data go too, so good order would be time lost


@contextmanager
def _directory(name: str, *, durable: bool = False) -> Iterator[Path]:
    """Make a directory for a server, in memory where there is room for it, unless `durable`."""
    place = None if durable else memory()
    with tempfile.TemporaryDirectory(prefix=f"gamify-{name}-", dir=place) as directory:
        yield Path(directory)


def memory() -> Path | None:
    """Where files are in memory, if there is room: a commit on a disk takes 50 times as long."""
    place = Path("/dev/shm")
    return place if place.is_dir() and shutil.disk_usage(place).free > ROOM else None


def _own_places(home: Path) -> list[str]:
    """Return the options that come first. In the common tmpdir, servers of equal pid meet."""
    return ["--no-defaults", f"--datadir={home / 'data'}", f"--tmpdir={home}"]


def _sql_options(home: Path, port: int) -> list[str]:
    return [
        f"--bind-address={HOST}",
        f"--port={port}",
        f"--socket={home / 'socket'}",
        f"--pid-file={home / 'pid'}",
        "--character-set-server=utf8mb4",
        "--collation-server=utf8mb4_unicode_ci",
        "--default-time-zone=+09:00",  # not UTC, so that a time left to the server is found out
    ]


def _as_root() -> list[str]:
    """Return what lets root run a daemon that would rather not."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _tether() -> list[str]:
    """Return what makes the kernel end a process whose parent was killed."""
    return ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []


def _free_port() -> int:
    """Return a port that nobody listens on.

    It lies below the range given to outgoing connections, so that a server which is stopped and
    started again finds it still free.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return port


def _program(name: str, server: str) -> str:
    # Debian keeps daemons where a plain user's PATH does not look.
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ServerMissing(f"{server} ({name} is not installed)")
    return found


def _mysql_programs() -> tuple[str, str]:
    """Return MySQL's server and client. MariaDB may answer to the same names: it is not meant."""
    for path in (None, str(MYSQL_UNPACKED)):
        daemon, client = shutil.which("mysqld", path=path), shutil.which("mysql", path=path)
        if daemon and client and "MariaDB" not in _run(daemon, "--version"):
            return daemon, client
    raise ServerMissing("MySQL itself (no mysqld that is not MariaDB's)")


def _require_driver(server: str) -> None:
    if find_spec("MySQLdb") is None:
        raise ServerMissing(f"{server} (mysqlclient is not installed)")


def _run(*command: str) -> str:
    """Run a command to its end and return what it said; raise with that if it failed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout


def _last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])
