"""`amends up` killed with -9 in the middle of a life, and started again on the same data."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from embedded.virtual import VirtualTime
from settings import Settings
from tests.embedded.amends_process import all_gone, amends, place
from tests.system.people import Counter


async def test_a_complaint_survives_the_whole_house_being_killed_in_the_middle_of_its_payment() -> None:
    with place() as somewhere:
        arguments = (*somewhere.arguments, "--virtual-time")
        decision = ("branch_manager@guangzhou", "compensation/decision", {"approve": True, "reason": "属实"}, "yes")
        async with AsyncExitStack() as open_:
            with amends(*arguments) as killed:
                assert await asyncio.to_thread(killed.is_ready), killed.said
                counter = Counter.of(Settings(data_dir=somewhere.folder), f"http://127.0.0.1:{somewhere.ports[0]}")
                await open_.enter_async_context(counter.http)
                case = await counter.open()
                await case.is_investigated()
                deciding = asyncio.create_task(case.sends(*decision))
                await asyncio.sleep(0.1)
                orphans = killed.family()
                await asyncio.to_thread(killed.told, signal.SIGKILL)
                await asyncio.gather(deciding, return_exceptions=True)
            with amends(*arguments) as again:
                assert await asyncio.to_thread(again.is_ready), again.said
                assert all_gone(orphans)
                family = again.family()
                client = await Client.connect(f"127.0.0.1:{somewhere.ports[1]}", data_converter=pydantic_data_converter)
                await case.insists(*decision)
                await case.is_paid()
                await case.ends_well(VirtualTime(client))
                assert await asyncio.to_thread(again.told, signal.SIGTERM) == 0, again.said
        assert all_gone(family)
