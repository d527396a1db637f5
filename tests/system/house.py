"""A real installation whose parts can fail one by one: PostgreSQL, Temporal, the API and the worker, a process each."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncio
import psutil
import psycopg
from psycopg.rows import dict_row
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from embedded import postgres, temporal
from embedded.children import free_port, wait_until
from embedded.postgres import DATABASE, Server
from installation import set_up
from settings import Settings
from tests.embedded.amends_process import Amends, amends

SLOW_WORKER = (sys.executable, str(Path(__file__).with_name("slow_provider.py")))


async def until(met: Callable[[], Awaitable[bool]], patience: float = 30) -> None:
    async with asyncio.timeout(patience):
        while not await met():  # noqa: ASYNC110 - what is awaited happens in another process
            await asyncio.sleep(0.1)


@dataclass
class House:
    """What runs is in `_parts`, by name; what is not there is away."""

    folder: Path
    postgres: Server = field(init=False)
    ports: dict[str, int] = field(init=False)
    _parts: dict[str, ExitStack] = field(default_factory=dict)
    _processes: dict[str, Amends] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.postgres = Server(self.folder / "postgres")
        self.ports = {name: free_port(port) for name, port in (("api", 29180), ("temporal", 29233), ("post", 29025))}

    @property
    def settings(self) -> Settings:
        return Settings(
            database_url=self.postgres.url(DATABASE),
            data_dir=self.folder / "data",
            port=self.ports["api"],
            temporal_port=self.ports["temporal"],
            embedded=True,  # only the demo network hangs on it; the processes do not know
        )

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "AMENDS_DATABASE_URL": self.postgres.url(DATABASE).replace("+psycopg", ""),
            "AMENDS_DATA_DIR": str(self.folder / "data"),
            "AMENDS_PORT": str(self.ports["api"]),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.ports['temporal']}",
            "AMENDS_NOTICES": "smtp",
            "AMENDS_SMTP_HOST": "127.0.0.1",
            "AMENDS_SMTP_PORT": str(self.ports["post"]),
        }

    async def client(self) -> Client:
        return await Client.connect(f"127.0.0.1:{self.ports['temporal']}", data_converter=pydantic_data_converter)

    # -- parts

    def open_temporal(self) -> None:
        stack = self._parts["temporal"] = ExitStack()
        stack.enter_context(temporal.running(self.folder / "temporal", port=self.ports["temporal"], virtual_time=True))

    def open_postgres(self) -> None:
        self.postgres.prepare()
        self.postgres.start(("fsync=off", "synchronous_commit=off", "full_page_writes=off"))

    def open_api(self) -> None:
        self._process("api", amends("api", env=self.environment))

    def open_worker(self, *, slow: Path | None = None) -> None:
        """`slow`: with a payout provider that keeps its own books in that file and takes its time."""
        if slow is None:
            self._process("worker", amends("worker", env=self.environment))
        else:
            environment = self.environment | {"SLOW_PROVIDER_BOOKS": str(slow)}
            self._process("worker", amends("worker", command=SLOW_WORKER, env=environment))

    def _process(self, name: str, one: Iterator[Amends] | object) -> None:
        stack = self._parts[name] = ExitStack()
        self._processes[name] = stack.enter_context(one)  # type: ignore[arg-type]

    def close(self, name: str) -> None:
        self._processes.pop(name, None)
        self._parts.pop(name).close()

    def kill(self, name: str) -> None:
        self._processes[name].told(signal.SIGKILL)
        self.close(name)
