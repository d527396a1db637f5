"""What the penalty sheet's process asks for (the port of `activities.sheets`): a draft, and letters to whoever it waits for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.months import BUSINESS_ZONE
from domain.notices import Template
from domain.penalty_sheets import WAITS_FOR, AlreadySigned, Sheet, by_unit
from domain.values import Role
from store import penalty_sheets
from store.database import Database
from store.tables import Notice

HQ = "hq"
BY = "schedule"


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
            about = {"month": month, "status": sheet.status, "lines": len(sheet.lines), "amount": sheet.total}
            await _tell(session, f"{role}@{HQ}", Template.SHEET_WAITS, f"{at:%Y-%m-%d}:{sheet.status}", at, about)
        return True


async def tell_published(session: AsyncSession, sheet: Sheet, at: datetime) -> None:
    """Each unit that is charged hears what its penalties come to."""
    for unit in by_unit(sheet.lines):
        about = {"month": sheet.month, "lines": sum(clause.lines for clause in unit.clauses), "amount": unit.amount}
        await _tell(session, f"{Role.BRANCH_MANAGER}@{unit.unit}", Template.SHEET_PUBLISHED, f"published:{unit.unit}", at, about)


async def _tell(session: AsyncSession, to: str, template: Template, key: str, at: datetime, about: Mapping[str, object]) -> None:
    """A letter that belongs to no complaint but to the sheet, whose number is `S` and its month; said again, it is the same."""
    letter = {"number": f"S{about['month']}", "key": key, "seq": 0, "template": template, "to": to, "language": "zh"}
    entry = insert(Notice).values(**letter, params=dict(about), noted_at=at)
    await session.execute(entry.on_conflict_do_nothing(index_elements=["number", "key"]))


def _now() -> datetime:
    return datetime.now(BUSINESS_ZONE)
