"""A complaint keeps its rulebook for life: publishing another while fifty run moves nothing about them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.plans import InForce
from store.intake import BUSINESS_ZONE
from store.rulebooks import parse
from tests.store.test_rulebooks import STARTER
from tests.system.house import House
from tests.system.people import Case, Counter

RUNNING = 50
CONTACT = {"note": "已联系客户"}
SLOWLY = {"measure": "elapsed", "time": "P30D"}
SOON = timedelta(days=20)


def slowly() -> dict[str, Any]:
    """The starter, but with a month for what takes an hour and, of a loss, three days."""
    document = parse(STARTER)
    document["clocks"]["obligations"]["first_contact"] = document["categories"]["codes"]["loss"]["clocks"]["findings"] = SLOWLY
    return document


async def publish(counter: Counter, document: dict[str, Any]) -> str:
    """By three people, effective today; answers its version, which is in force when this returns."""
    document |= {"version": uuid4().hex[:8], "effective": datetime.now(BUSINESS_ZONE).date().isoformat()}
    version = str((await counter.insist("hq_agent/c-drafts", "/rulebooks", document))["version"])
    for who, role in (("hq_reviewer/c-reviews", "reviewer"), ("hq_supervisor/c-approves", "approver")):
        said = await counter.insist(who, f"/rulebooks/{version}/confirm", {"role": role})
    assert said["status"] == "effective"
    await asyncio.sleep(InForce.FRESH)
    return version


@pytest.fixture
async def another(counter: Counter) -> AsyncIterator[dict[str, Any]]:
    """The rules to publish; the house goes back to the starter's afterwards."""
    yield slowly()
    await publish(counter, parse(STARTER))


async def standing(house: House, numbers: list[str]) -> list[list[dict[str, Any]]]:
    """Everything the register says of these complaints, what they owe and what they have lived through."""
    asked = {"complaints": "*", "obligations": "*", "timeline": "*", "notices": "number, key, template, params"}
    kept = [f"SELECT {what} FROM {table} WHERE number = ANY(%s) ORDER BY {table}" for table, what in asked.items()]
    return [await house.rows(query, numbers) for query in kept]


async def findings_due(case: Case) -> datetime:
    """When findings are due, first contact being made now."""
    await case.insists("branch_agent@guangzhou", "first-contact", CONTACT)
    await case.until("first_contact_made")
    owed = (await case.seen())["obligations"]
    return next(datetime.fromisoformat(one["due"]) for one in owed if one["obligation"] == "findings")


async def test_nothing_about_fifty_complaints_moves_when_another_rulebook_is_published(
    house: House, counter: Counter, another: dict[str, Any]
) -> None:
    cases = [case for _ in range(5) for case in await asyncio.gather(*(counter.open() for _ in range(RUNNING // 5)))]
    await asyncio.gather(*(case.until("complaint_received") for case in cases))
    await asyncio.gather(*(findings_due(case) for case in cases[:10]))
    house.temporal.close()
    unstarted = await counter.open()
    house.worker_is_killed()
    numbers = [case.number for case in (*cases, unstarted)]
    before = await standing(house, numbers)

    version = await publish(counter, another)
    assert await standing(house, numbers) == before
    house.mend()
    await counter.ready()
    newcomer = await counter.open()
    assert {row["rulebook_version"] for row in before[0]} == {(await cases[0].seen())["rulebook"]["version"]} != {version}
    assert (await newcomer.seen())["rulebook"]["version"] == version
    now = datetime.now(UTC)
    assert all(row["due"] < now + SOON for row in before[1])
    first = next(one for one in (await newcomer.seen())["obligations"] if one["obligation"] == "first_contact")
    assert datetime.fromisoformat(first["due"]) > now + SOON
    assert await findings_due(newcomer) > now + SOON
    # A worker that never saw them before tells their stories again, under the rules they were received under.
    for case in (cases[-1], unstarted):
        assert await findings_due(case) < now + SOON
    untouched = numbers[10 : RUNNING - 1]
    assert await standing(house, untouched) == [[row for row in rows if row["number"] in untouched] for rows in before]
