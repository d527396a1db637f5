"""The worker killed, at any moment; and the worker away."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from api.errors import MAY_BE_RECORDED
from embedded.virtual import VirtualTime
from tests.system.house import House, until
from tests.system.people import Counter, assert_paid_once, is_away

CHANCE = random.Random(20260601)


async def killed_amid(house: House, acts: list[Coroutine[Any, Any, Any]]) -> None:
    """The acts begin at random moments; in the middle of them the worker is killed, and then there is another."""

    async def sooner_or_later(act: Coroutine[Any, Any, Any]) -> None:
        await asyncio.sleep(CHANCE.uniform(0, 0.4))
        await act

    acting = [asyncio.create_task(sooner_or_later(act)) for act in acts]
    await asyncio.sleep(0.3)
    await asyncio.to_thread(house.worker_is_killed)
    house.worker.open()
    await asyncio.gather(*acting)


async def test_killed_anywhere_between_approval_and_payment_it_pays_once_and_loses_nothing(
    house: House, counter: Counter, clock: VirtualTime
) -> None:
    """Killed while several complaints are approved, some sent to finance by then and some hardly begun; and again at finance."""
    cases = [await counter.open() for _ in range(5)]
    await asyncio.gather(*(case.is_investigated() for case in cases))
    await killed_amid(house, [case.is_approved() for case in cases])
    await asyncio.gather(*(case.until("payout_awaits_finance") for case in cases))
    await killed_amid(house, [case.is_paid() for case in cases])
    for case in cases:
        events = await case.events()
        for once in ("compensation_approved", "payout_sent", "payout_awaits_finance", "payout_paid"):
            assert events.count(once) == 1, events
        assert_paid_once(await case.seen(), await case.ledger())
    await cases[0].ends_well(clock)


async def test_killed_after_the_provider_paid_and_before_it_said_so_the_order_goes_out_again_under_the_same_key(
    house: House, counter: Counter, clock: VirtualTime, tmp_path: Path
) -> None:
    house.worker.close()
    house.books = tmp_path / "books"
    house.worker.open()
    case = await counter.open()
    await case.is_investigated()
    await case.is_approved()

    async def paid() -> bool:
        return house.books is not None and house.books.exists()

    await until(paid)
    await asyncio.to_thread(house.worker_is_killed)
    assert "payout_paid" not in await case.events()
    house.worker.open()
    await case.until("payout_paid")
    first, *again = house.books.read_text().split()
    assert again == [first]
    assert_paid_once(await case.seen(), await case.ledger())
    await case.ends_well(clock)


async def test_a_decision_made_while_the_worker_is_away_may_yet_be_recorded_and_is_recorded_once(
    house: House, counter: Counter
) -> None:
    keyed, plain = await counter.open(), await counter.open()
    for case in (keyed, plain):
        await case.until("complaint_received")
    house.worker.close()
    contact, began = {"note": "已联系客户"}, time.monotonic()
    answers = await asyncio.gather(
        keyed.sends("branch_agent@guangzhou", "first-contact", contact, key="once"),
        plain.sends("branch_agent@guangzhou", "first-contact", contact),
    )
    assert time.monotonic() - began < 5.5
    assert {is_away(answer) for answer in answers} == {MAY_BE_RECORDED}
    house.worker.open()
    for case, key in ((keyed, "once"), (plain, None)):
        for _ in range(2):
            answer = await case.insists("branch_agent@guangzhou", "first-contact", contact, key=key)
            assert (await case.events())[answer["seq"] - 1] == "first_contact_made"
        assert (await case.events()).count("first_contact_made") == 1


async def test_of_two_people_deciding_at_once_one_decides_and_the_other_is_told(counter: Counter) -> None:
    case = await counter.open()
    await case.is_investigated()
    yes, no = await asyncio.gather(
        case.sends("branch_manager@guangzhou/one", "compensation/decision", {"approve": True, "reason": "属实"}),
        case.sends("branch_manager@guangzhou/two", "compensation/decision", {"approve": False, "reason": "再查"}),
    )
    taken, refused = (yes, no) if yes.is_success else (no, yes)
    assert taken.status_code in (200, 202), taken.text
    assert refused.status_code == 409, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    events = await case.events()
    assert len({"compensation_approved", "compensation_rejected"} & set(events)) == 1
