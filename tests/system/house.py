"""A real installation whose parts can fail one by one: PostgreSQL, Temporal, the API and the worker, a process each."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

import psutil
import psycopg
from psycopg.rows import dict_row
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from embedded import temporal
from embedded.children import free_port
from embedded.postgres import DATABASE, Server
from settings import Settings
from tests.adapters.wayward_bank import KEY
from tests.embedded.amends_process import Amends, amends

T = TypeVar("T")
SLOW_WORKER = (sys.executable, str(Path(__file__).with_name("slow_provider.py")))


async def until(met: Callable[[], Awaitable[bool]], patience: float = 30) -> None:
    async with asyncio.timeout(patience):
        while not await met():  # noqa: ASYNC110 - what is awaited happens in another process
            await asyncio.sleep(0.1)


class Part(Generic[T]):
    """One process of the house, opened and closed again and again."""

    def __init__(self, made: Callable[[], AbstractContextManager[T]]) -> None:
        self._made, self._stack = made, ExitStack()
        self._running: T | None = None

    def open(self) -> T:
        assert self._running is None
        self._running = self._stack.enter_context(self._made())
        return self._running

    def close(self) -> None:
        self._running = None
        self._stack.close()

    @property
    def is_open(self) -> bool:
        return self._running is not None

    @property
    def running(self) -> T:
        assert self._running is not None
        return self._running


class House:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        names = (("api", 29180), ("temporal", 29233), ("post", 29025))
        self.ports = {name: free_port(port) for name, port in names}
        self.database_url = Server(folder / "postgres").url(DATABASE)
        self.books: Path | None = None
        self.bank: str | None = None
        self.postgres = Part(self._postgres)
        self.temporal = Part(
            lambda: temporal.running(folder / "temporal", port=self.ports["temporal"], virtual_time=True, patience=3)
        )
        self.api = Part(lambda: amends("api", env=self.environment))
        self.worker = Part(self._worker)

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.database_url,
            data_dir=self.folder / "data",
            temporal_port=self.ports["temporal"],
            embedded=True,  # for the demo network; the processes themselves are told the addresses
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "AMENDS_DATABASE_URL": self.database_url,
            "AMENDS_DATA_DIR": str(self.folder / "data"),
            "AMENDS_PORT": str(self.ports["api"]),
            "AMENDS_NOTICES": "smtp",
            "AMENDS_SMTP_HOST": "127.0.0.1",
            "AMENDS_SMTP_PORT": str(self.ports["post"]),
            "AMENDS_PAYOUT_KEY_ID": KEY.id,
            "AMENDS_PAYOUT_SECRET": KEY.secret,
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.ports['temporal']}",
        }

    @contextmanager
    def _postgres(self) -> Iterator[psutil.Process]:
        server = Server(self.folder / "postgres")
        server.prepare()
        try:
            server.start(("fsync=off", "full_page_writes=off"))  # a crash of the server costs nothing, one of the machine would
            assert server.child is not None
            yield psutil.Process(server.child.pid)
        finally:
            server.stop()

    def _worker(self) -> AbstractContextManager[Amends]:
        """With `books`, one whose payout provider writes down there what it paid, and takes its time to say so.

        With `bank`, one whose provider is the API at that address.
        """
        if self.bank is not None:
            return amends("worker", env=self.environment | {"AMENDS_PAYOUT_PROVIDER": "http", "AMENDS_PAYOUT_URL": self.bank})
        if self.books is None:
            return amends("worker", env=self.environment)
        return amends("worker", command=SLOW_WORKER, env=self.environment | {"SLOW_PROVIDER_BOOKS": str(self.books)})

    def mend(self) -> None:
        """Open what a test closed, with a worker like any other."""
        if self.books is not None or self.bank is not None:
            self.books = self.bank = None
            self.worker.close()
        for part in (self.postgres, self.temporal, self.api, self.worker):
            if not part.is_open:
                part.open()

    def worker_is_killed(self) -> None:
        self.worker.running.told(signal.SIGKILL)
        self.worker.close()

    def postgres_crashes(self) -> None:
        self.postgres.running.send_signal(signal.SIGQUIT)
        self.postgres.close()

    @contextmanager
    def postgres_frozen(self) -> Iterator[None]:
        """It keeps its port and its connections, and says nothing."""
        family = [self.postgres.running, *self.postgres.running.children(recursive=True)]
        try:
            for process in family:
                process.suspend()
            yield
        finally:
            for process in reversed(family):
                process.resume()

    async def client(self) -> Client:
        return await Client.connect(f"127.0.0.1:{self.ports['temporal']}", data_converter=pydantic_data_converter)

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What the register itself says, past the API."""
        conninfo = self.database_url.replace("+psycopg", "")
        async with await psycopg.AsyncConnection.connect(conninfo, row_factory=dict_row) as connection:
            return await (await connection.execute(query.encode(), values)).fetchall()
