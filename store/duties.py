"""What is owed around the books now, on its clock: read from the sheets, the months and the fund's uses as they stand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.duties import Duty, Owing, on_its_clock, steps_of_a_sheet
from domain.months import BUSINESS_ZONE, before, end_of, month_of
from domain.penalty_sheets import Sheet, SheetAct, SheetStatus
from domain.rulebook_sections import Rulebook
from domain.rulebook_standing import Around
from store import penalty_sheets, rulebooks
from store.dated import Snapshot

_LACKS_A_SHEET = text("""
    SELECT EXISTS (SELECT FROM complaints WHERE received_at < :ends)
       AND NOT EXISTS (SELECT FROM penalty_sheets WHERE month >= :month)
""")
_OPEN_MONTH = text("""
    SELECT min(month) FROM ledger_totals
    WHERE month < :current AND month > coalesce((SELECT max(month) FROM ledger_months), '')
""")
_LOST = text("SELECT number, lost_at FROM complaints WHERE lost_at IS NOT NULL AND closed_at IS NULL ORDER BY lost_at, number")
_PROPOSED_USES = text("""
    SELECT id, proposed_at FROM fund_uses u
    WHERE NOT EXISTS (SELECT FROM fund_use_acts a WHERE a.use = u.id) ORDER BY proposed_at, id
""")


async def owed_now(session: AsyncSession, facts: Snapshot, now: datetime) -> list[Duty]:
    """All of it, the soonest due first."""
    owing = [*await _sheets(session, now), *await _months(session, now)]
    uses = (await session.execute(_PROPOSED_USES)).all()
    owing += [Owing(Around.FUND_APPROVAL, use, since) for use, since in uses]
    lost = (await session.execute(_LOST)).all()
    owing += [Owing(Around.LOST_PROCESS, number, since) for number, since in lost]
    return sorted(await on_their_clocks(session, facts, owing, now), key=lambda duty: duty.due)


async def of_sheet(session: AsyncSession, facts: Snapshot, sheet: Sheet, now: datetime) -> list[Duty]:
    """Every step of a sheet, with its clock."""
    executed = None
    if sheet.status is SheetStatus.EXECUTED and (published := sheet.done(SheetAct.PUBLISHED)):
        executed = max((mark.at for mark in sheet.marks), default=published.at)
    steps = steps_of_a_sheet(sheet.month, *await penalty_sheets.way(session, sheet.month), executed)
    return await on_their_clocks(session, facts, steps, now)


async def lacking(session: AsyncSession, now: datetime) -> str | None:
    """Last month, where its sheet was not drafted although there were complaints by then."""
    month = before(month_of(now))
    lacks = await session.scalar(_LACKS_A_SHEET, {"month": month, "ends": end_of(month)})
    return month if lacks else None


async def _sheets(session: AsyncSession, now: datetime) -> list[Owing]:
    months = await penalty_sheets.unfinished(session)
    owing = [steps_of_a_sheet(month, *await penalty_sheets.way(session, month))[-1] for month in months]
    if (month := await lacking(session, now)) is not None:
        owing.append(Owing(Around.SHEET_DRAFT, month, end_of(month)))
    return owing


async def _months(session: AsyncSession, now: datetime) -> list[Owing]:
    """The first month that is over, has entries and is not closed; by the wall's clock, where complaints live ahead of it too."""
    month = await session.scalar(_OPEN_MONTH, {"current": month_of(now)})
    return [Owing(Around.MONTH_CLOSE, month, end_of(month))] if month else []


async def on_their_clocks(session: AsyncSession, facts: Snapshot, owing: Iterable[Owing], now: datetime) -> list[Duty]:
    """Each by the rulebook that was in force when it began: what comes later makes nothing late, or in time again."""
    duties = []
    for each in owing:
        book = await book_of(session, each.since)
        calendar = facts.desk(book.desk.week, book.desk.timezone, None, each.since, max(now, each.since))
        duties.append(on_its_clock(each, book, calendar))
    return duties


async def book_of(session: AsyncSession, since: datetime) -> Rulebook:
    """The rulebook in force at a moment; before the first one, the first that came."""
    day = since.astimezone(BUSINESS_ZONE).date()
    found = await rulebooks.active(session, day) or await rulebooks.active(session)
    assert found is not None, "an installation has a rulebook before anything is owed in it"
    return found.rulebook
