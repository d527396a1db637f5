"""What every benchmark stands on: the embedded PostgreSQL and Temporal of an installation, in a folder that goes away."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client

from embedded import postgres, temporal
from installation import connect, register_search_attributes, signing_key
from settings import Settings
from store import migrate, rulebooks, units
from store.database import Database


@dataclass(frozen=True)
class Ground:
    settings: Settings
    client: Client
    database: Database
    key: bytes


@contextmanager
def servers() -> Iterator[Settings]:
    """Both servers with the options of a real installation, PostgreSQL as durable as there; each complaint with its own clock."""
    with tempfile.TemporaryDirectory(prefix="amends-bench-", ignore_cleanup_errors=True) as name:
        folder, port = Path(name), _free_port()
        folder.chmod(0o711)  # PostgreSQL started by root runs as another account
        with postgres.running(folder / "postgres") as url, temporal.running(folder / "temporal", port=port, virtual_time=True):
            migrate.upgrade(url)
            yield Settings(database_url=url, data_dir=folder, temporal_port=port, embedded=True, virtual_time=True)


@asynccontextmanager
async def ground(settings: Settings) -> AsyncIterator[Ground]:
    """Connected, with the starter rulebook and the demo network; no housekeeping runs beside what is measured."""
    client, database = await connect(settings), Database(settings.database_url, pre_ping=False)
    await register_search_attributes(client)
    try:
        async with database.session() as session:
            await rulebooks.publish_starter(session, at=datetime.now(UTC))
            await units.import_demo(session)
        yield Ground(settings, client, database, signing_key(settings))
    finally:
        await database.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
