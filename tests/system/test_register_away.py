"""PostgreSQL crashed, or silent: people are told in a sentence, complaints wait, and then go on."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from embedded.virtual import VirtualTime
from tests.system.house import House
from tests.system.people import Case, Counter, is_away

CONTACT = {"note": "已联系客户"}


async def asked_of_everyone(counter: Counter, case: Case) -> None:
    """A decision, a new complaint, a reading: each is answered with a sentence, and soon."""
    began = time.monotonic()
    answers = await asyncio.gather(
        case.sends("branch_agent@guangzhou", "first-contact", CONTACT, key="meanwhile"),
        counter.intake(waybill="meanwhile"),
        counter.read(f"/complaints/{case.number}"),
        counter.read("/inbox"),
    )
    assert time.monotonic() - began < 9
    for answer in answers:
        is_away(answer)
        assert "Traceback" not in answer.text


async def test_crashed_and_back_the_register_has_everything_once(house: House, counter: Counter, clock: VirtualTime) -> None:
    quiet, silent, cases = await counter.open(), await counter.open(), [await counter.open() for _ in range(3)]
    await asyncio.gather(*(case.is_investigated() for case in cases))
    deciding = [asyncio.create_task(case.is_approved()) for case in cases]
    await asyncio.sleep(0.05)
    await asyncio.to_thread(house.postgres_crashes)
    moving = asyncio.create_task(clock.fast_forward(silent.number, timedelta(days=2)))
    await asked_of_everyone(counter, quiet)
    await asyncio.sleep(3)  # long enough for writes to be tried again from timers
    assert not moving.done()  # a rung is taken when it is written
    house.postgres.open()
    await asyncio.gather(*deciding)
    await asyncio.gather(*(case.is_paid() for case in cases))
    for case in cases:
        events = await case.events()
        assert [events.count(once) for once in ("compensation_approved", "payout_sent", "payout_paid")] == [1, 1, 1]
    await cases[0].ends_well(clock)
    await moving
    await silent.until("obligation_late")
    await quiet.insists("branch_agent@guangzhou", "first-contact", CONTACT, key="meanwhile")
    assert (await quiet.events()).count("first_contact_made") == 1
    assert (await counter.intake(waybill="meanwhile")).status_code == 201


async def test_a_register_that_says_nothing_hangs_nobody_and_loses_nothing(
    house: House, counter: Counter, clock: VirtualTime
) -> None:
    case, silent = await counter.open(), await counter.open()
    for each in (case, silent):
        await each.until("complaint_received")
    with house.postgres_frozen():
        moving = asyncio.create_task(clock.fast_forward(silent.number, timedelta(days=2)))
        await asked_of_everyone(counter, case)
        await asyncio.sleep(5)  # the worker has given up its first write by now
        assert not moving.done()
    await case.insists("branch_agent@guangzhou", "first-contact", CONTACT, key="meanwhile")
    assert (await case.events()).count("first_contact_made") == 1
    assert (await counter.read("/inbox")).is_success
    await moving
    await silent.until("obligation_late")
