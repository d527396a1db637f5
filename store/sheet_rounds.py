"""What is done about the books by itself: drafts, and letters to whoever something waits for or climbs to.

The penalty sheet's process asks for its draft and its reminders (the port of `activities.sheets`); the house's round drafts what
was missed, and lets climb what is late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.duties import Duty, Owing
from domain.months import BUSINESS_ZONE, end_of
from domain.notices import Template
from domain.penalty_sheets import WAITS_FOR, AlreadySigned, Sheet, by_unit
from domain.plan import RungDoes
from domain.rulebook_standing import Around
from domain.values import Role
from store import dated, duties, penalty_sheets
from store.database import Database
from store.tables import Notice

HQ = "hq"
BY = "schedule"
MISSED_AFTER = timedelta(hours=7)
"""After the month's end: the schedule drafts at six."""


class SheetRounds:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def draft(self, month: str) -> None:
        async with self._database.session() as session:
            try:
                await penalty_sheets.draft(session, month, by=BY, at=_now())
            except AlreadySigned:
                return

    async def remind(self, month: str) -> bool:
        async with self._database.session() as session:
            sheet = await penalty_sheets.get(session, month)
            role = WAITS_FOR.get(sheet.status) if sheet is not None else None
            if sheet is None or role is None:
                return False
            at = _now()
            duty = (await duties.of_sheet(session, await dated.snapshot(session), sheet, at))[-1]
            about = {"month": month, "status": sheet.status, "lines": len(sheet.lines), "amount": sheet.total}
            timed = {"due": duty.due.isoformat(), "late": duty.late(at)}
            await tell(
                session, f"S{month}", f"{role}@{HQ}", Template.SHEET_WAITS, f"{at:%Y-%m-%d}:{sheet.status}", at, about | timed
            )
        return True


async def watch(session: AsyncSession, now: datetime) -> int:
    """Draft the sheet that the schedule missed, and let climb what is late; answers how much there was to do."""
    done = 0
    month = await duties.lacking(session, now)
    if month is not None and now >= end_of(month) + MISSED_AFTER:
        await penalty_sheets.draft(session, month, by=BY, at=now)
        done += 1
    for duty in await duties.owed_now(session, await dated.snapshot(session), now):
        done += await _climb(session, duty, now)
    return done


async def _climb(session: AsyncSession, duty: Duty, now: datetime) -> bool:
    """The rung whose moment came last; those below it that were missed have nothing to add. What climbs is read once a day."""
    climbed = duty.climbed(now)
    if climbed is None:
        return False
    place, rung = climbed
    owing, template = duty.owing, Template.LATE if duty.late(now) else Template.REMINDER
    key, about = (
        f"{owing.owed}:{owing.since:%Y%m%dT%H%M%S}:{place}",
        {"owed": owing.owed, "due": duty.due.isoformat(), "unit": HQ},
    )
    to, above = f"{duty.whom(rung)}@{HQ}", rung.does is RungDoes.TELL
    return await tell(session, number_of(owing), to, template, key, now, about, digest=above)


def number_of(owing: Owing) -> str:
    """What letters call it: a sheet is `S` and its month, a month of the ledger `M` and itself, the others themselves."""
    match owing.owed:
        case Around.FUND_APPROVAL | Around.LOST_PROCESS:
            return owing.about
        case Around.MONTH_CLOSE:
            return f"M{owing.about}"
        case _:
            return f"S{owing.about}"


async def tell_published(session: AsyncSession, sheet: Sheet, at: datetime) -> None:
    """Each unit that is charged hears what its penalties come to."""
    for unit in by_unit(sheet.lines):
        about = {"month": sheet.month, "lines": sum(clause.lines for clause in unit.clauses), "amount": unit.amount}
        to = f"{Role.BRANCH_MANAGER}@{unit.unit}"
        await tell(session, f"S{sheet.month}", to, Template.SHEET_PUBLISHED, f"published:{unit.unit}", at, about)


async def tell(
    session: AsyncSession,
    number: str,
    to: str,
    template: Template,
    key: str,
    at: datetime,
    about: Mapping[str, object],
    *,
    digest: bool = False,
) -> bool:
    """A letter that belongs to no complaint; said again, it is the same. Answers whether it is new."""
    letter = {"number": number, "key": key, "seq": 0, "template": template, "to": to, "language": "zh", "digest": digest}
    entry = insert(Notice).values(**letter, params=dict(about), noted_at=at)
    said = await session.execute(entry.on_conflict_do_nothing(index_elements=["number", "key"]).returning(col(Notice.key)))
    return said.scalar_one_or_none() is not None


def _now() -> datetime:
    return datetime.now(BUSINESS_ZONE)
