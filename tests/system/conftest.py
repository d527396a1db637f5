from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from embedded.virtual import VirtualTime
from installation import connect, set_up
from tests.system.house import House
from tests.system.people import Counter


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house() -> AsyncIterator[House]:
    """Everything a process of its own. A test leaves the house as it found it: all parts open."""
    with tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as folder, ExitStack() as parts:
        house = House(Path(folder))
        for part in (house.postgres, house.temporal):
            parts.callback(part.close)
            part.open()
        await set_up(house.settings, await connect(house.settings))
        for process in (house.api, house.worker):
            parts.callback(process.close)
            process.open()
        yield house


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def counter(house: House) -> AsyncIterator[Counter]:
    counter = Counter.of(house.settings, f"http://127.0.0.1:{house.ports['api']}")
    async with counter.http:
        await counter.ready()
        yield counter


@pytest.fixture
async def clock(house: House) -> VirtualTime:
    return VirtualTime(await house.client())
