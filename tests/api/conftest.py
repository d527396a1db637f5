"""An office for the API's tests: a register of its own, and either a real Temporal with the real worker, or none that answers."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

import worker
from api.app import create
from api.auth import OwnKey
from api.desk import Desk
from embedded import temporal as server
from embedded.virtual import VirtualTime
from installation import register_search_attributes
from settings import Settings
from store import rulebooks, units
from store.database import Database

KEY = b"a key for tests only, thirty-two bytes"


@dataclass
class Counter:
    """People with tokens at the API's counter."""

    http: httpx.AsyncClient
    database: Database
    client: Client
    task_queue: str

    def desk(self) -> Desk:
        return Desk(self.client, self.task_queue)

    def as_(self, role: str, branch: str | None = None, sub: str | None = None) -> dict[str, str]:
        token = OwnKey(KEY).sign(sub or f"{role}@{branch or 'hq'}", [role], branch)
        return {"Authorization": f"Bearer {token}"}

    async def post(self, path: str, body: Any, who: dict[str, str], key: str | None = None) -> httpx.Response:
        return await self.http.post(f"/v1{path}", json=body, headers=who | ({"Idempotency-Key": key} if key else {}))

    async def get(self, path: str, who: dict[str, str], **query: Any) -> httpx.Response:
        return await self.http.get(f"/v1{path}", params=query, headers=who)


def complaint(**said: Any) -> dict[str, Any]:
    """A complaint as somebody might bring it; `said` changes or, with None, takes away."""
    body = {
        "category": "delay",
        "channel": "phone",
        "complainant": {"role": "sender", "name": "客户甲", "phone": "13800000001", "language": "zh"},
        "description": "货到现在还没有到，请查一下。",
        "waybill": "136-000001-01",
        "origin_branch": "minhang",
        "destination_branch": "foshan",
        "freight": {"amount": 3000, "currency": "CNY"},
    } | said
    return {name: value for name, value in body.items() if value is not None}


async def furnish(database: Database) -> None:
    async with database.session() as session:
        await rulebooks.publish_starter(session, at=datetime.now(UTC))
        await units.import_demo(session)


def settings_for(url: str, folder: Path, **more: Any) -> Settings:
    return Settings(database_url=url, data_dir=folder, **more)


def counter_for(settings: Settings, database: Database, client: Client, **more: Any) -> Counter:
    app = create(settings, database=database, client=client, key=KEY, **more)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return Counter(httpx.AsyncClient(transport=transport, base_url="http://amends"), database, client, settings.task_queue)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lonely(
    fresh_database: Database, fresh_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Counter]:
    """An API whose Temporal is away."""
    await furnish(fresh_database)
    client = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    counter = counter_for(settings_for(fresh_database_url, tmp_path_factory.mktemp("lonely")), fresh_database, client)
    async with counter.http:
        yield counter


@pytest.fixture(scope="session")
def temporal_address(free_port: Callable[[], int]) -> Iterator[str]:
    """A real Temporal server in which every complaint has a clock of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as folder,
        server.running(Path(folder), port=free_port(), virtual_time=True) as address,
    ):
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counter(
    fresh_database: Database, fresh_database_url: str, temporal_address: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Counter]:
    """The whole house: API, Temporal in virtual time, the real worker."""
    await furnish(fresh_database)
    client = await Client.connect(temporal_address, data_converter=pydantic_data_converter)
    await register_search_attributes(client)
    settings = settings_for(
        fresh_database_url,
        tmp_path_factory.mktemp("house"),
        embedded=True,
        virtual_time=True,
        task_queue=fresh_database_url[-12:],
    )
    virtual = VirtualTime(client)
    clocks = {"fast_forward": virtual.fast_forward, "own_time": virtual.now}
    at_the_counter = counter_for(settings, fresh_database, client, **clocks)
    async with at_the_counter.http, worker.build(settings, client, fresh_database):
        yield at_the_counter


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    import socket

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find
