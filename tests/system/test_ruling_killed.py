"""The worker killed between a ruling and its postings: what was ruled is shared once, what became final is charged once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from embedded.virtual import VirtualTime
from tests.system.house import House
from tests.system.people import RULING, Case, Counter
from tests.system.test_worker import killed_amid


async def test_killed_amid_rulings_every_share_and_every_penalty_is_posted_once(
    house: House, counter: Counter, clock: VirtualTime
) -> None:
    cases = [await counter.open() for _ in range(4)]
    for step in (Case.is_investigated, Case.is_approved, Case.is_paid):
        await asyncio.gather(*(step(case) for case in cases))
    await asyncio.gather(*(case.until("payout_paid") for case in cases))
    for case in cases:
        await case.insists("branch_agent@guangzhou", "confirm-done", {"words": "客户已确认到账"})
        await clock.fast_forward(case.number, timedelta(days=5))  # the statement lapses

    await killed_amid(
        house, [counter.insist("hq_reviewer", f"/penalty-reviews/{case.number}-R1/ruling", RULING) for case in cases]
    )
    await asyncio.gather(*(case.until("ruled") for case in cases))
    final = [asyncio.create_task(clock.fast_forward(case.number, timedelta(days=5))) for case in cases]
    await asyncio.sleep(0.2)
    await asyncio.to_thread(house.worker_is_killed)
    house.worker.open()
    await asyncio.gather(*final)

    for case in cases:
        await case.until("review_final")
        events, entries = await case.events(), await case.ledger()
        assert (events.count("ruled"), events.count("review_final")) == (1, 1)
        posted = sorted((e["kind"], e["account"], e["amount"]["amount"]) for e in entries if e["kind"] != "advance")
        assert posted == [
            ("penalty", "hq:quality_fund", 10000),
            ("penalty", "unit:hub-dongguan", -10000),
            ("share", "unit:guangzhou", 100000),
            ("share", "unit:hub-dongguan", -100000),
        ]
        assert {e["posted_by"] for e in entries if e["kind"] == "share"} == {"hq_reviewer"}
