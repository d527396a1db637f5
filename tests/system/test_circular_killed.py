"""The worker killed half-way through the circular: everybody is told all the same, and nobody twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.system.house import House, until
from tests.system.people import Counter

MANY = 130
"""More than the circular tells at once: it is caught while it rests."""


@pytest.fixture
async def running(house: House, counter: Counter) -> list[str]:
    """Complaints of one branch whose processes have begun."""
    gate = asyncio.Semaphore(10)

    async def one() -> str:
        async with gate:
            return (await counter.open()).number

    numbers = await asyncio.gather(*(one() for _ in range(MANY)))

    async def all_begun() -> bool:
        (row,) = await house.rows("SELECT count(DISTINCT number) AS n FROM timeline WHERE number = ANY(%s)", numbers)
        return bool(row["n"] == MANY)

    await until(all_begun, 60)
    return list(numbers)


async def told(house: House, numbers: list[str]) -> dict[str, list[int]]:
    """The versions each complaint's timeline says it heard of."""
    heard: dict[str, list[int]] = {number: [] for number in numbers}
    query = "SELECT number, details FROM timeline WHERE name = 'dated_facts_changed' AND number = ANY(%s) ORDER BY seq"
    for row in await house.rows(query, numbers):
        heard[row["number"]].append(row["details"]["version"])
    return heard


async def declared_and_killed_half_way(house: House, counter: Counter, numbers: list[str]) -> dict[str, Any]:
    now = datetime.now(UTC)
    storm = {
        "branches": ["guangzhou"],
        "from": now.isoformat(),
        "to": (now + timedelta(days=2)).isoformat(),
        "text": {"zh": "台风", "en": "Typhoon"},
    }
    answer = await counter.send("hq_supervisor", "/emergencies", storm)
    assert answer.status_code == 201, answer.text

    async def half() -> bool:
        return sum(map(bool, (await told(house, numbers)).values())) > MANY // 4

    await until(half)
    await asyncio.to_thread(house.worker_is_killed)
    assert sum(map(bool, (await told(house, numbers)).values())) < MANY
    emergency: dict[str, Any] = answer.json()
    return emergency


async def all_know(house: House, counter: Counter, emergency: str) -> None:
    async def nobody_left() -> bool:
        shown = await counter.ask(f"/emergencies/{emergency}", "auditor")
        return bool(shown["complaints"]["to_be_told"] == 0)

    await until(nobody_left, 60)


async def test_killed_half_way_it_goes_on_and_everybody_is_told_once(house: House, counter: Counter, running: list[str]) -> None:
    emergency = await declared_and_killed_half_way(house, counter, running)
    house.worker.open()
    await all_know(house, counter, emergency["id"])
    heard = await told(house, running)
    assert {len(versions) for versions in heard.values()} == {1}
    await counter.insist("hq_supervisor", f"/emergencies/{emergency['id']}/lift", {})
    await all_know(house, counter, emergency["id"])


async def test_lifted_while_the_worker_is_gone_all_end_with_the_newest(
    house: House, counter: Counter, running: list[str]
) -> None:
    emergency = await declared_and_killed_half_way(house, counter, running)
    first = {number for number, versions in (await told(house, running)).items() if versions}
    lifted = await counter.send("hq_supervisor", f"/emergencies/{emergency['id']}/lift", {"reason": "已过"})
    assert lifted.status_code == 200, lifted.text
    house.worker.open()
    await all_know(house, counter, emergency["id"])
    heard = await told(house, running)
    newest = max(version for versions in heard.values() for version in versions)
    assert {versions[-1] for versions in heard.values()} == {newest}
    assert all(versions == sorted(set(versions)) for versions in heard.values())
    assert any(len(versions) == 2 for number, versions in heard.items() if number in first)
