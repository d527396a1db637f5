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
async def building() -> AsyncIterator[House]:
    """Everything a process of its own."""
    with tempfile.TemporaryDirectory(prefix="amends-test-", ignore_cleanup_errors=True) as folder, ExitStack() as parts:
        house = House(Path(folder))
        for part in (house.postgres, house.temporal, house.api, house.worker):
            parts.callback(part.close)
        house.postgres.open()
        house.temporal.open()
        await set_up(house.settings, await connect(house.settings))
        house.mend()
        yield house


@pytest.fixture
def house(building: House) -> House:
    """The house with all its parts open, whatever the test before did to it."""
    building.mend()
    return building


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def at_the_counter(building: House) -> AsyncIterator[Counter]:
    counter = Counter.of(building.settings, f"http://127.0.0.1:{building.ports['api']}")
    async with counter.http:
        yield counter


@pytest.fixture
async def counter(house: House, at_the_counter: Counter) -> Counter:
    await at_the_counter.ready()
    return at_the_counter


@pytest.fixture
async def clock(house: House) -> VirtualTime:
    return VirtualTime(await house.client())
