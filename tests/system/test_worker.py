"""The worker killed, at any moment; and the worker away."""

from __future__ import annotations

import asyncio
import random

from embedded.virtual import VirtualTime
from tests.system.house import House
from tests.system.people import Counter

SEED = 20260601


async def test_killed_anywhere_between_approval_and_payment_it_pays_once_and_loses_nothing(
    house: House, counter: Counter, clock: VirtualTime
) -> None:
    """Several complaints are approved at random moments before the kill: some have paid by then, some hardly begun."""
    cases = [await counter.open() for _ in range(6)]
    await asyncio.gather(*(case.is_investigated() for case in cases))
    chance = random.Random(SEED)

    async def approved(case: object, after: float) -> None:
        await asyncio.sleep(after)
        await case.is_approved()  # type: ignore[attr-defined]

    deciding = [asyncio.create_task(approved(case, chance.uniform(0, 0.4))) for case in cases]
    await asyncio.sleep(0.3)
    await asyncio.to_thread(house.worker_is_killed)
    house.worker.open()
    await asyncio.gather(*deciding)
    await asyncio.gather(*(case.is_paid() for case in cases))
    await asyncio.gather(*(case.ends_well(clock) for case in cases))
