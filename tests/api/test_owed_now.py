"""How late what is open is by now: on its own clock, by its desk's hours, in its complaint's own time, and cheaply."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.service import RPCError, RPCStatusCode

from api.office import Office, OwnTime
from api.owed_now import shown_now
from api.plans import DatedNow
from domain.plan import UnitHours
from store import calendars, rulebooks
from store.database import Database
from store.rulebooks import Stored
from store.tables import Complaint, Obligation
from tests.api.conftest import furnish

SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)  # 17:00 in Shanghai
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00
AT_FOSHAN = {"measure": "service_time", "hours_of": "foshan", "still": []}


@pytest.fixture
async def book(fresh_database: Database) -> Stored:
    await furnish(fresh_database)
    async with fresh_database.session() as session:
        in_force = await rulebooks.active(session)
        assert in_force is not None
        return in_force


def late(number: str = "A1", **but: Any) -> Obligation:
    held: dict[str, Any] = {"key": "k", "owed": "findings", "role": "branch_agent", "unit": "dali", "since": SATURDAY}
    held |= {"opens_at": SATURDAY, "due": SATURDAY, "measure": "service_time", "kind": "contract", "opened": True, "late": True}
    held |= {"late_since": SATURDAY, "late_clock": {"measure": "service_time", "hours_of": "dali", "still": []}}
    return Obligation(number=number, **held | but)


async def said(session: AsyncSession, book: Stored, *owed: Obligation, own_time: OwnTime | None = None) -> list[str | None]:
    async def monday(_: str) -> datetime:
        return MONDAY

    office = cast(Office, SimpleNamespace(own_time=own_time or monday, dated=DatedNow()))
    under = {"rulebook_version": book.version, "rulebook_hash": book.hash, "closed_at": None}
    about = [cast(Complaint, SimpleNamespace(number=o.number, **under)) for o in owed]
    return [shown["late_by"] for shown in await shown_now(office, session, about, owed)]


async def test_it_counts_the_hours_of_the_desk_less_what_stood_still(fresh_database: Database, book: Stored) -> None:
    stood = [[SATURDAY.isoformat(), (SATURDAY + timedelta(minutes=20)).isoformat()]]
    on_sunday = UnitHours(week={"sun": [("09:00", "12:00")]})
    async with fresh_database.session() as session:
        assert await said(session, book, late()) == ["PT1H30M"], "an hour on Saturday, half of one on Monday"
        still = {"measure": "service_time", "hours_of": "dali", "still": stood}
        on_the_wall = {"measure": "elapsed", "hours_of": "dali", "still": stood}
        assert await said(session, book, late(late_clock=still), late("A2", late_clock=on_the_wall)) == ["PT1H10M", "PT39H40M"]
        await calendars.put_unit(session, "dali", on_sunday, as_hq=False, by="somebody", at=SATURDAY)
    async with fresh_database.session() as session:
        assert await said(session, book, late(), late("A2", late_clock=AT_FOSHAN)) == ["PT4H30M", "PT1H30M"]


async def test_what_ended_is_late_by_what_it_was_and_what_is_not_late_by_nothing(fresh_database: Database, book: Stored) -> None:
    over = {"ended_at": SATURDAY + timedelta(minutes=30), "ending": "default", "late_clock": None}
    async with fresh_database.session() as session:
        told = await said(session, book, late(late_by=60), late("A2", **over), late("A3", late=False, late_since=None))
    assert told == ["PT1M", "PT30M", None]


async def test_a_complaint_whose_time_nobody_can_tell_is_late_without_a_number(fresh_database: Database, book: Stored) -> None:
    async def away(_: str) -> datetime:
        raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")

    async with fresh_database.session() as session:
        assert await said(session, book, late(), own_time=away) == [None]


async def test_a_page_of_two_hundred_asks_the_register_no_more_than_one_row(fresh_database: Database, book: Stored) -> None:
    asked = count()
    event.listen(fresh_database.engine.sync_engine, "before_cursor_execute", lambda *_: next(asked))
    async with fresh_database.session() as session:
        await said(session, book, late(late_clock=AT_FOSHAN))
        one = next(asked)
        told = await said(session, book, *(late(f"A{n}", late_clock=AT_FOSHAN) for n in range(200)))
    assert (len(told), set(told)) == (200, {"PT1H30M"})
    assert next(asked) - one - 1 <= one
