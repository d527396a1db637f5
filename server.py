"""The API's composition root: settings → database, Temporal client and key → the application, served by uvicorn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from temporalio.client import Client

from api.app import create
from embedded.virtual import VirtualTime
from installation import signing_key
from settings import Settings
from store.database import Database


class Server(uvicorn.Server):
    """Leaves signals to the process it is a guest in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, client: Client, stop: asyncio.Event) -> None:
    """Answer requests until told to stop; those under way are finished first, for five seconds at most."""
    database = Database(settings.database_url)
    virtual = VirtualTime(client) if settings.embedded and settings.virtual_time else None
    moving, own_time = (virtual.fast_forward, virtual.now) if virtual else (None, None)
    app = create(settings, database=database, client=client, key=signing_key(settings), fast_forward=moving, own_time=own_time)
    web = Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            server_header=False,
        )
    )

    async def heed() -> None:
        await stop.wait()
        web.should_exit = True

    heeding = asyncio.create_task(heed())
    try:
        await web.serve()
    finally:
        heeding.cancel()
        await database.close()
