"""`amends up` killed with -9 in the middle of a life and started again on the same data; and its servers killed under it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from embedded.virtual import VirtualTime
from settings import Settings
from tests.embedded.amends_process import Place, all_gone, amends, place
from tests.system.people import Counter

DECISION = ("branch_manager@guangzhou", "compensation/decision", {"approve": True, "reason": "属实"}, "yes")


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    with place() as somewhere:
        yield somewhere


@pytest_asyncio.fixture(loop_scope="session")
async def counter(here: Place) -> AsyncIterator[Counter]:
    counter = Counter.of(Settings(data_dir=here.folder), f"http://127.0.0.1:{here.ports[0]}")
    async with counter.http:
        yield counter


async def clock_at(here: Place) -> VirtualTime:
    return VirtualTime(await Client.connect(f"127.0.0.1:{here.ports[1]}", data_converter=pydantic_data_converter))


async def test_a_complaint_survives_the_whole_house_being_killed_in_the_middle_of_its_payment(
    here: Place, counter: Counter
) -> None:
    with amends(*here.arguments, "--virtual-time") as killed:
        assert await asyncio.to_thread(killed.is_ready), killed.said
        case = await counter.open()
        await case.is_investigated()
        deciding = asyncio.create_task(case.sends(*DECISION))
        await asyncio.sleep(0.1)
        orphans = killed.family()
        await asyncio.to_thread(killed.told, signal.SIGKILL)
        await asyncio.gather(deciding, return_exceptions=True)
    with amends(*here.arguments, "--virtual-time") as again:
        assert await asyncio.to_thread(again.is_ready), again.said
        assert all_gone(orphans)
        family = again.family()
        await case.insists(*DECISION)
        await case.is_paid()
        await case.ends_well(await clock_at(here))
        assert await asyncio.to_thread(again.told, signal.SIGTERM) == 0, again.said
    assert all_gone(family)


async def test_servers_killed_under_it_are_started_again_and_complaints_go_on(here: Place, counter: Counter) -> None:
    with amends(*here.arguments, "--virtual-time") as up:
        assert await asyncio.to_thread(up.is_ready), up.said
        case = await counter.open()
        await case.is_investigated()
        servers = [process for process in up.family() if process.ppid() == up.process.pid]
        assert len(servers) == 2
        for server in servers:
            server.kill()
        await case.insists(*DECISION)
        await case.is_paid()
        await case.ends_well(await clock_at(here))
        family = up.family()
        assert await asyncio.to_thread(up.told, signal.SIGTERM) == 0, up.said
    assert all_gone([*servers, *family])
