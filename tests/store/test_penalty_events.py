"""One event is penalised once per unit and clause, in all complaints about a parcel, whoever writes in the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.record import Held, LineRow
from store import penalty_events
from store.database import Database
from store.penalty_events import EventHeld
from store.register import Register
from store.tables import Complaint
from tests.store.cases import MONDAY, fact, standing

DAY = MONDAY.date()
EVENT = ("foshan", "Q-203", DAY)


def line(number: str, remaining: int = 10000, **more: Any) -> LineRow:
    told: dict[str, Any] = {"unit": "foshan", "clause": "Q-203", "parcels": 1, "amount": 10000, "happened_on": DAY} | more
    return LineRow(key=f"{number}-R1:1", review=f"{number}-R1", remaining=remaining, **told)


async def ruled(database: Database, number: str, waybill: str, seq: int = 1, **more: Any) -> list[Held]:
    """The process tells its ruling; answered is what another complaint has."""
    told = await Register(database).apply(number, [fact(seq, "ruled", line(number, **more), standing(waybill=waybill))])
    return [held for held in told if isinstance(held, Held)]


async def reserved(database: Database, number: str, *events: Any) -> None:
    async with database.session() as session:
        complaint = await session.get_one(Complaint, number)
        await penalty_events.reserve(session, complaint, f"{number}-R1", events or (EVENT,))


async def released(database: Database, number: str) -> None:
    async with database.session() as session:
        await penalty_events.release(session, number, f"{number}-R1")


async def long_ago(database: Database, number: str) -> None:
    async with database.session() as session:
        await session.execute(
            text("UPDATE penalty_events SET taken_at = taken_at - interval '1 hour' WHERE number = :number"), {"number": number}
        )


async def pair(received: Callable[..., Any], waybill: str) -> tuple[str, str]:
    return await received(waybill=waybill), await received(waybill=waybill, phone="139 0000 0002")


async def test_of_two_rulings_written_at_the_same_moment_one_has_the_event_and_the_other_hears_of_it(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    for turn in range(8):
        numbers = await pair(received, f"event-race-{turn}")
        heard = await asyncio.gather(*(ruled(fresh_database, number, f"event-race-{turn}") for number in numbers))
        [(loser, held)] = [(n, told[0]) for n, told in zip(numbers, heard, strict=True) if told]
        [winner] = set(numbers) - {loser}
        assert held == Held(line=f"{loser}-R1:1", review=f"{winner}-R1")
        assert await ruled(fresh_database, loser, f"event-race-{turn}") == [held]  # the answer was lost: asked again, the same
        assert await ruled(fresh_database, loser, f"event-race-{turn}", seq=2, remaining=0) == []


async def test_of_two_reserved_at_the_same_moment_the_second_is_refused_by_the_name_of_the_first(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    for turn in range(8):
        numbers = await pair(received, f"reserve-race-{turn}")
        other = ("zhuhai", "Q-203", DAY)
        said = await asyncio.gather(
            *(reserved(fresh_database, number, EVENT, other) for number in numbers), return_exceptions=True
        )
        [winner] = [number for number, refusal in zip(numbers, said, strict=True) if refusal is None]
        [refusal] = [refusal for refusal in said if refusal is not None]
        assert isinstance(refusal, EventHeld)
        assert f"{winner}-R1" in str(refusal)


async def test_what_was_reserved_is_kept_by_its_line_and_free_again_when_nothing_came_of_it(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "reserved")
    await reserved(fresh_database, first)
    await reserved(fresh_database, first)  # the same ruling sent again
    with pytest.raises(EventHeld):
        await reserved(fresh_database, second)
    await released(fresh_database, first)
    await reserved(fresh_database, second)
    await long_ago(fresh_database, second)  # whoever reserved it died before handing the ruling over
    await reserved(fresh_database, first)
    assert await ruled(fresh_database, first, "reserved") == []
    await released(fresh_database, first)
    await long_ago(fresh_database, first)
    with pytest.raises(EventHeld, match=rf"foshan is penalised under Q-203 for {DAY} in {first}-R1"):
        await reserved(fresh_database, second)


async def test_an_event_whose_penalty_was_overturned_may_be_penalised_in_the_other_complaint(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "overturned")
    await ruled(fresh_database, first, "overturned")
    await ruled(fresh_database, first, "overturned", seq=2, remaining=0)
    await long_ago(fresh_database, first)
    await reserved(fresh_database, second)
    assert await ruled(fresh_database, second, "overturned") == []


async def test_another_day_another_clause_another_unit_or_another_parcel_is_another_event(
    fresh_database: Database, received: Callable[..., Any]
) -> None:
    first, second = await pair(received, "others")
    alone = await received(waybill="another-parcel", phone="139 0000 0003")
    await ruled(fresh_database, first, "others")
    for number, event in (
        (second, ("foshan", "Q-203", DAY + timedelta(days=1))),
        (second, ("foshan", "Q-301", DAY)),
        (second, ("zhuhai", "Q-203", DAY)),
        (alone, EVENT),
    ):
        await reserved(fresh_database, number, event)
