"""One parcel, one claim, in the register: two complaints claiming at the same moment are answered one after the other."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from domain.claims import ClaimAsked
from domain.record import PaymentRow
from store.claims import Claims
from store.database import Database
from store.register import Register
from tests.store.cases import MONDAY, fact, standing


def asked(waybill: str, number: str, amount: int = 0, computed: int = 30000, turn: int = 1) -> ClaimAsked:
    key = f"{number}-R1-P{turn}" if amount else None
    return ClaimAsked(waybill=waybill, number=number, computed=computed, key=key, amount=amount, at=MONDAY)


async def told(database: Database, number: str, waybill: str, state: str, seq: int, amount: int = 30000, turn: int = 1) -> None:
    """The process tells the register what became of a payment."""
    key = f"{number}-R1-P{turn}"
    payment = PaymentRow(key=key, round=1, amount=amount, state=state, provider="voucher", sent_at=MONDAY)
    await Register(database).apply(number, [fact(seq, "payout", payment, standing(waybill=waybill))])


async def pair(received: Callable[..., Any], waybill: str) -> tuple[str, str]:
    """The sender's complaint and the recipient's about one parcel."""
    return await received(waybill=waybill), await received(waybill=waybill, phone="139 0000 0002")


async def test_two_complaints_claiming_at_the_same_moment_are_never_both_granted(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    claims = Claims(fresh_database)
    for turn in range(8):
        waybill = f"race-{turn}"
        numbers = await pair(received, waybill)
        seen = await asyncio.gather(*(claims.ask(asked(waybill, number, 30000)) for number in numbers))
        assert sorted(one.granted for one in seen) == [False, True]
        refused = next(one for one in seen if not one.granted)
        assert refused.paid_elsewhere == 30000


async def test_the_same_payment_is_answered_the_same_again(fresh_database: Database, received: Callable[..., Any]) -> None:
    first, second = await pair(received, "again")
    claims = Claims(fresh_database)
    assert (await claims.ask(asked("again", first, 30000))).granted
    assert not (await claims.ask(asked("again", second, 30000))).granted
    assert (await claims.ask(asked("again", first, 30000))).granted


async def test_what_was_refused_by_the_bank_is_free_again_and_what_was_paid_is_not(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "refused")
    claims = Claims(fresh_database)
    assert (await claims.ask(asked("refused", first, 30000))).granted
    await told(fresh_database, first, "refused", "refused", seq=1)
    assert (await claims.ask(asked("refused", second))).elsewhere == {}
    assert (await claims.ask(asked("refused", first, 10000, turn=2))).granted
    await told(fresh_database, first, "refused", "paid", seq=2, amount=10000, turn=2)
    assert (await claims.ask(asked("refused", second))).elsewhere == {first: 10000}
    assert not (await claims.ask(asked("refused", second, 20001))).granted
    assert (await claims.ask(asked("refused", second, 20000, turn=2))).granted


async def test_what_a_platform_paid_counts_for_the_parcel_though_nothing_was_claimed(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "platform")
    await told(fresh_database, first, "platform", "settled_elsewhere", seq=1)
    assert (await Claims(fresh_database).ask(asked("platform", second))).elsewhere == {first: 30000}
    assert not (await Claims(fresh_database).ask(asked("platform", second, 1))).granted


async def test_a_claim_released_is_free_and_what_it_was_computed_under_lifts_nobodys_ceiling(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "released")
    claims = Claims(fresh_database)
    assert (await claims.ask(asked("released", first, 30000, computed=50000))).granted
    assert (await claims.ask(asked("released", second))).ceiling == 50000
    await claims.release(f"{first}-R1-P1")
    seen = await claims.ask(asked("released", second, 20000, computed=20000))
    assert (seen.granted, seen.elsewhere, seen.ceiling) == (True, {}, 0)
    assert (await claims.ask(asked("released", first, 30000, computed=50000, turn=2))).granted
    assert not (await claims.ask(asked("released", first, 1, computed=50000, turn=3))).granted


async def test_a_mistaken_computation_that_the_bank_refused_to_pay_gives_the_next_complaint_nothing_more(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "mistaken")
    claims = Claims(fresh_database)
    assert (await claims.ask(asked("mistaken", first, 500000, computed=500000))).granted
    await told(fresh_database, first, "mistaken", "refused", seq=1, amount=500000)
    assert (await claims.ask(asked("mistaken", first, 30000, computed=30000, turn=2))).granted
    assert not (await claims.ask(asked("mistaken", second, 30000, computed=30000))).granted


@pytest.mark.parametrize("seed", range(6))
async def test_in_any_order_and_whatever_it_is_called_linked_complaints_have_no_more_than_is_computed_once(
    fresh_database: Database, received: Callable[..., Any], seed: int
) -> None:
    """A shortage, a delay and goodwill: of each complaint one schedule computes, and the highest of them is the parcel's."""
    chance, waybill, claims = random.Random(seed), f"any-{seed}", Claims(fresh_database)
    shortage, delay = await pair(received, waybill)
    goodwill = await received(waybill=waybill, phone="139 0000 0003")
    computed = {shortage: 5000, delay: 2000, goodwill: 0}
    held: dict[str, int] = dict.fromkeys(computed, 0)
    under: dict[str, int] = {}  # what the payments that stand were computed under, by complaint
    for turn in range(1, 25):
        number, amount = chance.choice(list(computed)), chance.choice((500, 1500, 2000, 5000))
        granted = (await claims.ask(asked(waybill, number, amount, computed=computed[number], turn=turn))).granted
        others = sum(held.values()) - held[number]
        assert granted is (not others or sum(held.values()) + amount <= max(computed[number], *under.values(), 0))
        if granted and chance.random() < 0.3:
            await told(fresh_database, number, waybill, "refused", seq=turn, amount=amount, turn=turn)
        elif granted:
            held[number] += amount
            under[number] = computed[number]
    assert sum(held.values())


async def test_another_parcel_is_another_claim(fresh_database: Database, received: Callable[..., Any]) -> None:
    first = await received(waybill="one")
    other = await received(waybill="other", phone="139 0000 0002")
    claims = Claims(fresh_database)
    assert (await claims.ask(asked("one", first, 30000))).granted
    assert (await claims.ask(asked("other", other, 30000))).granted
    async with fresh_database.session() as session:
        kept = (await session.execute(text("SELECT waybill FROM claims WHERE waybill IN ('one', 'other') ORDER BY 1"))).scalars()
        assert kept.all() == ["one", "other"]


async def test_what_a_closed_complaint_never_paid_is_not_held(fresh_database: Database, received: Callable[..., Any]) -> None:
    first, second = await pair(received, "closed")
    claims = Claims(fresh_database)
    assert (await claims.ask(asked("closed", first, 30000))).granted
    await Register(fresh_database).apply(first, [fact(1, "closed", standing(waybill="closed", closed_at=MONDAY))])
    assert (await claims.ask(asked("closed", second))).elsewhere == {}
    assert (await claims.ask(asked("closed", second, 30000))).granted
