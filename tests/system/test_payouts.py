"""A real worker and a bank that misbehaves on a real socket: whatever happens to either, each customer is paid once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter as Tally
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest_asyncio

from adapters.http_payouts import event_subject
from tests.adapters.wayward_bank import KEY, SENDING, WaywardBank
from tests.system.house import House, until
from tests.system.people import PAYEE, Case, Counter, yuan

PAYMENTS = 200
AT_ONCE = 24
FINDINGS = {
    "validity": "effective",
    "cause": "多收运费，核对底单属实",
    "cause_code": "overcharged",
    "remedy": "退还差额",
    "facts": {"overcharge": yuan(20)},
}


class Webhooks:
    """Brings the bank's events to our API; until they are heard, as banks do."""

    def __init__(self, counter: Counter, chance: random.Random) -> None:
        self.counter, self.chance = counter, chance
        self.answers: Tally[int] = Tally()

    async def bring(self, event: dict[str, str]) -> None:
        for _ in range(40):
            forged = self.chance.random() < 0.1
            status = await self.post(event, forged=forged)
            self.answers[status] += 1
            assert status in ((401,) if forged else (200, 503))
            if status == 200:
                return
            await asyncio.sleep(0 if forged else 0.5)

    async def post(self, event: dict[str, str], *, forged: bool = False) -> int:
        body = httpx.Request("POST", "http://x", json=event).content
        headers = KEY.headers("webhook", event_subject("http"), body, datetime.now(UTC))
        sent = body.replace(b"paid", b"sent") + b" " if forged else body
        try:
            answer = await self.counter.http.post("/v1/adapters/payouts/http", content=sent, headers=headers)
        except httpx.TransportError:
            return 503
        return answer.status_code


@pytest_asyncio.fixture
async def bank(house: House, counter: Counter) -> AsyncIterator[WaywardBank]:
    """The bank, and a worker that pays through it."""
    chance = random.Random(20261122)
    webhooks = Webhooks(counter, chance)
    async with WaywardBank(chance=chance.choice, notify=webhooks.bring, slow=0.6, relents_after=3) as bank:
        house.worker.close()
        house.bank = bank.url
        house.worker.open()
        yield bank
        house.worker.close()
        house.bank = None
        house.worker.open()
    assert webhooks.answers[200] > 0
    assert webhooks.answers[401] > 0


async def test_hundreds_of_payments_through_faults_at_random_and_killed_workers_none_lost_and_none_doubled(
    house: House, counter: Counter, bank: WaywardBank
) -> None:
    """Killed thrice among them, the register away once: before a call, in it, after it, and while the outcome is written."""
    gate, cases = asyncio.Semaphore(AT_ONCE), []

    async def bring() -> None:
        async with gate:
            case = await brought(counter)
            cases.append(case.number)
            await case.insists("branch_agent@guangzhou", "findings", FINDINGS)

    bringing = asyncio.gather(*[bring() for _ in range(PAYMENTS)])
    for share in (0.2, 0.45, 0.7):
        await until(lambda share=share: _at_least(bank, share * PAYMENTS), 200)  # type: ignore[misc]
        await asyncio.to_thread(house.worker_is_killed)
        house.worker.open()
    await until(lambda: _at_least(bank, 0.85 * PAYMENTS), 200)
    with house.postgres_frozen():
        await asyncio.sleep(2)
    await bringing
    await until(lambda: _all_paid(house), 240)
    assert set(bank.happened) >= set(SENDING)
    assert len(cases) == PAYMENTS
    keys = sorted(f"{number}-R1-P1" for number in cases)
    assert sorted(bank.transfers) == sorted(bank.books) == keys
    assert {account.amount for account in bank.books.values()} == {20_00}
    assert {account.payee["account"] for account in bank.books.values()} == {PAYEE["account"]}
    paid = await house.rows("SELECT key, state FROM payments WHERE key LIKE '%%-P1' AND provider = 'http' ORDER BY key")
    assert paid == [{"key": key, "state": "paid"} for key in keys]
    booked = await house.rows(
        "SELECT number, account, sum(amount)::bigint AS sum FROM ledger_entries WHERE number = ANY(%s) GROUP BY 1, 2", cases
    )
    sums = {(row["number"], row["account"]): row["sum"] for row in booked if row["sum"]}
    assert sums == {
        (number, account): sum_ for number in cases for account, sum_ in (("customers", 20_00), ("unit:guangzhou", -20_00))
    }
    told = await house.rows("SELECT name, count(*)::int FROM timeline WHERE number = ANY(%s) GROUP BY name", cases)
    assert {row["name"]: row["count"] for row in told}["payout_paid"] == PAYMENTS


async def brought(counter: Counter) -> Case:
    """¥20 overcharged: paid by rule, at once, to the payee on record. Brought again until it is taken, under one key."""
    case: dict[str, Any] = {"category": "pricing", "declared_value": None, "hub": None}
    return await counter.open(**case)


async def _at_least(bank: WaywardBank, sent: float) -> bool:
    return len(bank.books) >= sent


async def _all_paid(house: House) -> bool:
    (row,) = await house.rows("SELECT count(*)::int FROM payments WHERE provider = 'http' AND state = 'paid'")
    return bool(row["count"] == PAYMENTS)
