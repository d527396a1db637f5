"""Temporal down: complaints are received all the same, and started once when it is back."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from api.deciding import NOT_STARTED
from installation import SCHEDULE
from tests.system.house import House
from tests.system.people import Case, Counter, is_away

CONTACT = {"note": "已联系客户"}


async def test_what_is_received_meanwhile_is_started_once_by_whoever_comes_first_and_its_clocks_run_from_receipt(
    house: House, counter: Counter
) -> None:
    running = await counter.open()
    await running.until("complaint_received")
    house.temporal.close()
    began = time.monotonic()
    by_decision, by_schedule = await asyncio.gather(counter.open(), counter.open())
    assert time.monotonic() - began < 6
    assert (by_decision.status, by_schedule.status) == ("received", "received")
    called = await by_schedule.sends("branch_agent@guangzhou", "chase", {"reason": "客户来电催"}, key="call")
    assert (called.status_code, called.json()["chase"]) == (202, None)
    answers = await asyncio.gather(
        *(case.sends("branch_agent@guangzhou", "first-contact", CONTACT) for case in (by_decision, running))
    )
    assert is_away(answers[0]) == NOT_STARTED
    is_away(answers[1])

    house.temporal.open()
    trigger = (await house.client()).get_schedule_handle(SCHEDULE).trigger()
    await asyncio.gather(by_decision.insists("branch_agent@guangzhou", "first-contact", CONTACT), trigger)
    await by_schedule.until("complaint_received")
    await by_schedule.until("chased")
    await running.insists("branch_agent@guangzhou", "first-contact", CONTACT)
    for case in (by_decision, by_schedule, running):
        events = await case.events()
        assert events.count("complaint_received") == 1
        assert events.count("first_contact_made") == (case is not by_schedule)
    assert (await by_schedule.events()).count("chased") == 1
    for case in (by_decision, by_schedule):
        await clocks_run_from_receipt(house, case)


async def clocks_run_from_receipt(house: House, case: Case) -> None:
    (row,) = await house.rows("SELECT received_at, started_at FROM complaints WHERE number = %s", case.number)
    assert row["started_at"] > row["received_at"]
    owed = (await case.seen())["obligations"]
    first = [datetime.fromisoformat(one["since"]) for one in owed if one["obligation"] in ("first_contact", "legal_answer")]
    assert first == [row["received_at"]] * 2
