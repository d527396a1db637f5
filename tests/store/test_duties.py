"""Around the books nothing lies: the house's round drafts the sheet that was missed and lets climb what is late, each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from domain.penalty_sheets import SheetStatus
from domain.rulebook_standing import Around
from store import dated, duties, fund, months, penalty_sheets, sheet_rounds
from store.database import Database
from tests.store.books import Receive, penalised

NOVEMBER = "2026-11"
MIDNIGHT = datetime.fromisoformat("2026-12-01T00:00:00+08:00")


def december(day: int, hour: int = 9) -> datetime:
    return MIDNIGHT.replace(day=day, hour=hour)


async def watched(books: Database, now: datetime) -> int:
    async with books.session() as session:
        return await sheet_rounds.watch(session, now)


async def owed(books: Database, now: datetime) -> dict[Around, bool]:
    """What is owed now, and whether it is late."""
    async with books.session() as session:
        found = await duties.owed_now(session, await dated.snapshot(session), now)
    return {duty.owing.owed: duty.late(now) for duty in found}


async def told(books: Database) -> list[tuple[str, str, str]]:
    async with books.session() as session:
        rows = await session.execute(
            text("""SELECT "to", template, params ->> 'owed' FROM notices WHERE number !~ '^A' ORDER BY noted_at, key""")
        )
    return [tuple(row) for row in rows]


async def test_a_sheet_the_schedule_missed_is_owed_and_drafted_by_the_round_once(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "D-1")
    early = MIDNIGHT + timedelta(hours=1)
    assert Around.SHEET_DRAFT in await owed(books, early)
    assert await watched(books, early) == 0  # the schedule's hour is yet to come
    assert await watched(books, december(2)) == 1
    assert await watched(books, december(2)) == 0
    async with books.session() as session:
        sheet = await penalty_sheets.get(session, NOVEMBER)
    assert sheet is not None
    assert (sheet.drafted_by, sheet.status, len(sheet.lines)) == ("schedule", SheetStatus.DRAFT, 1)
    assert await owed(books, december(2)) == {Around.SHEET_SIGNATURE: False, Around.MONTH_CLOSE: False}


async def test_a_house_that_had_no_complaints_by_then_lacks_no_sheet(books: Database) -> None:
    assert await watched(books, december(2)) == 0
    assert await owed(books, december(2)) == {}


async def test_every_step_of_a_sheet_climbs_to_the_supervisor_in_the_daily_digest(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "D-2")
    await watched(books, december(1, 8))
    assert await watched(books, december(3, 12)) == 1  # half of its time is used
    assert await watched(books, december(3, 12)) == 0
    assert await told(books) == [("hq_supervisor@hq", "reminder", "sheet_signature")]
    assert await watched(books, december(4, 18)) == 1
    assert (await owed(books, december(4, 18)))[Around.SHEET_SIGNATURE]
    async with books.session() as session:
        await penalty_sheets.sign(session, NOVEMBER, by="boss", at=december(5))
        await penalty_sheets.publish(session, NOVEMBER, by="boss", at=december(5, 10))
        await months.close(session, NOVEMBER, by="till", at=december(5))
    assert await owed(books, december(5, 11)) == {Around.SHEET_EXECUTION: False}
    assert await watched(books, december(30)) == 1  # three rungs at once are told as one
    assert (await told(books))[1:] == [
        ("hq_supervisor@hq", "late", "sheet_signature"),
        ("hq_supervisor@hq", "late", "sheet_execution"),
    ]
    async with books.session() as session:
        assert (await session.execute(text("SELECT DISTINCT digest FROM notices WHERE template = 'late'"))).scalars().all() == [
            True
        ]
        await penalty_sheets.mark(session, NOVEMBER, [], reference="V", by="till", at=december(30))
    assert await owed(books, december(31)) == {}
    async with books.session() as session:
        sheet = await penalty_sheets.get(session, NOVEMBER)
        assert sheet is not None
        steps = await duties.of_sheet(session, await dated.snapshot(session), sheet, december(31))
    assert [(step.owing.owed, step.late(december(31))) for step in steps] == [  # what was late is shown as late
        (Around.SHEET_SIGNATURE, True),
        (Around.SHEET_PUBLICATION, False),
        (Around.SHEET_EXECUTION, True),
    ]


async def test_a_month_nobody_closes_and_a_use_nobody_decides_climb_too(books: Database, receive: Receive) -> None:
    await penalised(books, receive, "D-3")
    async with books.session() as session:
        use = await fund.propose(session, amount=100, purpose="培训", branch=None, by="till", at=december(1))
        await penalty_sheets.draft(session, NOVEMBER, by="schedule", at=december(14))
    assert await watched(books, december(14)) == 2
    assert sorted(await told(books)) == [
        ("hq_supervisor@hq", "late", "fund_approval"),
        ("hq_supervisor@hq", "late", "month_close"),
    ]
    async with books.session() as session:
        await fund.decide(session, use.id, approve=False, reason="no", by="boss", at=december(14))
        await months.close(session, NOVEMBER, by="till", at=december(14))
    assert await owed(books, december(14)) == {Around.SHEET_SIGNATURE: False}
