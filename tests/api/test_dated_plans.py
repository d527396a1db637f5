"""What a new complaint is given of the dated facts: as they stand, bounded, and at next to no price."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import event

from api.chores import HouseChores
from api.plans import DatedNow, plan_of, unit_plan
from domain.commands import Intake
from domain.plan import CasePlan, Spans, UnitHours
from domain.values import Channel, ComplainantRole, UnitState
from store import calendars, dated, rulebooks, units
from store.database import Database
from store.intake import mark_started
from tests.api.conftest import Counter, complaint

NOW = datetime.now(UTC)
LATE: Spans = [("18:00", "19:00"), ("20:00", "21:00")]
INTAKE = Intake(
    number="A261122-000001",
    uuid="u",
    received_at=NOW,
    received_by="c-agent",
    channel=Channel.PHONE,
    category="delay",
    complainant=ComplainantRole.SENDER,
    text="t",
    origin="foshan",
    destination="zhuhai",
    hub="hub-dongguan",
)


@pytest.fixture
async def furnished(fresh_database: Database) -> Database:
    async with fresh_database.session() as session:
        await rulebooks.publish_starter(session, at=NOW)
        await units.import_demo(session)
    return fresh_database


async def plan(database: Database) -> CasePlan:
    async with database.session() as session:
        book = await rulebooks.active(session, NOW.date())
        assert book is not None
        return await plan_of(session, INTAKE, book)


async def test_a_thousand_looks_are_one_question_a_second(furnished: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count()
    event.listen(furnished.engine.sync_engine, "before_cursor_execute", lambda *_: next(asked))
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    looking = DatedNow()
    async with furnished.session() as session:
        first = await looking.look(session)
        before = next(asked)
        for _ in range(1000):
            assert await looking.look(session) is first
        assert next(asked) == before + 1
        now += 1.1
        assert await looking.look(session) is first
        assert next(asked) == before + 3
        version = await dated.changed(session, "test", None, by="hq", at=NOW)
        assert await looking.look(session) is first
        now += 1.1
        assert (await looking.look(session)).version == version
        await dated.changed(session, "test", None, by="hq", at=NOW)
        looking.forget()
        assert (await looking.look(session)).version == version + 1


async def test_a_plan_with_every_unit_full_of_hours_still_travels(furnished: Database) -> None:
    days = [NOW.date() + timedelta(days=ahead) for ahead in range(100)]
    hours = UnitHours(week=dict.fromkeys(("mon", "sun"), LATE), dates=dict.fromkeys(days, LATE), closed=tuple(days))
    async with furnished.session() as session:
        await calendars.import_snapshot(session, at=NOW)
        for unit in ("foshan", "zhuhai", "hub-dongguan"):
            await calendars.put_unit(session, unit, hours, as_hq=True, by="hq", at=NOW)
    given = await plan(furnished)
    assert given.units["foshan"].hours == hours
    assert len(given.model_dump_json().encode()) <= 64 * 1024


async def test_a_late_start_brings_who_follows_a_unit_closed_meanwhile(furnished: Database) -> None:
    async with furnished.session() as session:
        await dated.set_unit_state(session, "zhuhai", UnitState.CLOSED, "dali", by="hq", at=NOW)
    given = await plan(furnished)
    assert (given.units["zhuhai"].state, given.units["zhuhai"].successor) == (UnitState.CLOSED, "dali")
    assert given.units["dali"].state == UnitState.OPEN
    assert given.dated.version > 0


async def test_a_unit_that_enters_later_brings_its_own_calendar(furnished: Database) -> None:
    hours = UnitHours(dates={date(NOW.year + 1, 1, 1): LATE})
    async with furnished.session() as session:
        await calendars.put_unit(session, "guangzhou", hours, as_hq=False, by="manager", at=NOW)
        assert (await unit_plan(session, "guangzhou", "to_branch")).hours == hours


async def test_while_temporal_is_away_a_change_is_kept_and_the_rest_is_housekeepings(lonely: Counter) -> None:
    number = (await lonely.post("/complaints", complaint(), lonely.as_("branch_agent", "minhang"))).json()["number"]
    async with lonely.database.session() as session:
        await mark_started(session, number, NOW)
    storm = {
        "branches": ["minhang"],
        "from": NOW.isoformat(),
        "to": (NOW + timedelta(days=1)).isoformat(),
        "text": {"zh": "台风", "en": "Typhoon"},
    }
    declared = await lonely.post("/emergencies", storm, lonely.as_("hq_supervisor"))
    assert (declared.status_code, declared.json()["complaints"]) == (201, {"told": 0, "to_be_told": 1}), declared.text
    chores = HouseChores(lonely.database, lonely.desk())
    assert await chores.send_circular() == 0  # Temporal is still away; asked again in a minute
    async with lonely.database.session() as session:
        assert await dated.anybody_untold(session)
