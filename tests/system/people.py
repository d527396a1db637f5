"""People with tokens, who send their decisions over HTTP and, told that it may yet be recorded, send them again."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from api.auth import OwnKey
from embedded.virtual import VirtualTime
from installation import signing_key
from settings import Settings
from tests.api.conftest import complaint
from tests.system.house import until

PAYEE = {"name": "客户甲", "relation": "sender", "channel": "bank", "account": "6222020000001234"}
FINDINGS = {
    "validity": "effective",
    "cause": "分拨中心进站后无出站记录",
    "cause_code": "lost_at_hub",
    "remedy": "按保价先行赔付",
    "liable": [{"party": "hub", "share": 100}],
}
RULING = {
    "clauses": [{"code": "Q-203", "branch": "hub-dongguan"}],
    "shares": [{"party": "hub", "share": 100}],
    "reasons": "分拨中心丢失",
}
_waybills = count(1)


def yuan(sum_: int) -> dict[str, Any]:
    return {"amount": sum_ * 100, "currency": "CNY"}


@dataclass
class Counter:
    """Where people come to: the API's address, and their tokens."""

    http: httpx.AsyncClient
    key: OwnKey

    @classmethod
    def of(cls, settings: Settings, url: str) -> Counter:
        return cls(httpx.AsyncClient(base_url=url, trust_env=False, timeout=20), OwnKey(signing_key(settings)))

    async def ready(self) -> None:
        """PostgreSQL, Temporal and a worker are there."""

        async def says_so() -> bool:
            try:
                return (await self.http.get("/readyz")).is_success
            except httpx.TransportError:
                return False

        await until(says_so, 60)

    async def send(self, who: str, path: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        """`who` is `role@branch`, with `/code` when it matters which of them it is."""
        place, _, sub = who.partition("/")
        role, _, branch = place.partition("@")
        token = self.key.sign(sub or place, [role], branch or None)
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return await self.http.post(f"/v1{path}", json=body, headers=headers)

    async def ask(self, path: str, who: str = "auditor") -> Any:
        answer = await self.read(path, who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def read(self, path: str, who: str = "auditor") -> httpx.Response:
        return await self.http.get(f"/v1{path}", headers={"Authorization": f"Bearer {self.key.sign(who, [who], None)}"})

    async def insist(self, who: str, path: str, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        """Send it until there is an answer that does not say it may yet be recorded."""
        deadline = time.monotonic() + 40
        while (answer := await self.send(who, path, body, key)).status_code == 503 and time.monotonic() < deadline:
            is_away(answer)
            await asyncio.sleep(0.5)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        said: dict[str, Any] = answer.json()
        return said

    async def intake(self, **said: Any) -> httpx.Response:
        """An insured loss from Guangzhou to Shenzhen, the payee on record: ¥1,000, which the manager approves."""
        body = complaint(
            **{
                "category": "loss",
                "waybill": f"S-{uuid4().hex[:6]}-{next(_waybills)}",
                "origin_branch": "guangzhou",
                "destination_branch": "shenzhen",
                "hub": "hub-dongguan",
                "declared_value": yuan(1000),
                "payee": PAYEE,
            }
            | said
        )
        return await self.send("branch_agent@guangzhou", "/complaints", body)

    async def open(self, **said: Any) -> Case:
        answer = await self.intake(**said)
        assert answer.status_code == 201, answer.text
        return Case(self, answer.json()["number"], answer.json()["status"])


@dataclass
class Case:
    counter: Counter
    number: str
    status: str = ""

    async def sends(self, who: str, route: str, body: dict[str, Any], key: str | None = None) -> httpx.Response:
        return await self.counter.send(who, f"/complaints/{self.number}/{route}", body, key)

    async def insists(self, who: str, route: str, body: dict[str, Any], key: str | None = None) -> dict[str, Any]:
        return await self.counter.insist(who, f"/complaints/{self.number}/{route}", body, key)

    async def seen(self) -> dict[str, Any]:
        shown: dict[str, Any] = await self.counter.ask(f"/complaints/{self.number}")
        return shown

    async def events(self) -> list[str]:
        """The timeline's events by name; every number once and none left out."""
        items = (await self.counter.ask(f"/complaints/{self.number}/timeline?limit=200"))["items"]
        assert [item["seq"] for item in items] == list(range(1, len(items) + 1))
        return [item["name"] for item in items]

    async def until(self, event: str, patience: float = 40) -> None:
        deadline = time.monotonic() + patience
        while event not in (events := await self.events()):
            assert time.monotonic() < deadline, f"{self.number} waits for {event} in vain: {', '.join(events)}"
            await asyncio.sleep(0.1)

    # -- a life, in steps

    async def is_investigated(self) -> None:
        """To where the manager's approval is awaited."""
        await self.insists("branch_agent@guangzhou", "first-contact", {"note": "已联系客户"})
        await self.insists("branch_agent@guangzhou", "findings", FINDINGS)
        await self.until("approval_needed")

    async def is_approved(self) -> dict[str, Any]:
        return await self.insists("branch_manager@guangzhou", "compensation/decision", {"approve": True, "reason": "属实"})

    async def is_paid(self) -> None:
        await self.until("payout_awaits_finance")
        await self.insists("finance", "compensation/payout", {"reference": "V-1", "outcome": "paid"})

    async def ends_well(self, clock: VirtualTime) -> None:
        """From the payment to closing, and everything in the books exactly once."""
        await self.until("payout_paid")
        assert_paid_once(await self.seen(), await self.ledger())
        await self.insists("branch_agent@guangzhou", "confirm-done", {"words": "客户已确认到账"})
        await clock.fast_forward(self.number, timedelta(days=5))  # the statement lapses
        review = f"/penalty-reviews/{self.number}-R1"
        await self.counter.insist("hq_reviewer", f"{review}/ruling", RULING)
        visit = {"result": "satisfied", "channel": "phone"}
        await self.insists("branch_agent@guangzhou/visitor", "visits", visit)
        await clock.fast_forward(self.number, timedelta(days=8))
        await self.insists("branch_agent@guangzhou/visitor", "visits", visit | {"score": 5})
        await self.until("closed")
        assert sum(entry["amount"]["amount"] for entry in await self.ledger()) == 0

    async def ledger(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.counter.ask(f"/ledger/entries?complaint={self.number}", "finance"))["items"]
        return items


def is_away(answer: httpx.Response) -> str:
    """A 503 as a problem document that says when to come again; answers its sentence."""
    assert answer.status_code == 503, f"{answer.status_code} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    return str(answer.json()["detail"])


def assert_paid_once(shown: dict[str, Any], ledger: list[dict[str, Any]], sum_: int = 1000) -> None:
    """One payment, and one advance: HQ pays the customer and charges the owner."""
    assert [(payment["amount"], payment["state"]) for payment in shown["payments"]] == [(yuan(sum_), "paid")]
    moved = sorted((entry["account"], entry["amount"]["amount"]) for entry in ledger if entry["kind"] == "advance")
    fen = sum_ * 100
    assert moved == [("customers", fen), ("hq:payout", -fen), ("hq:payout", fen), ("unit:guangzhou", -fen)]
