"""The settlement statement of a unit's month, and what becomes of the account of a unit that has left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import RuleBroken
from domain.postings import taken_over, unit_account
from domain.values import UnitState
from store import dated, ledger, months
from store.ledger import Entry
from store.tables import Unit

HQ = "hq"
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('settlement of ' || :unit, 0))")


class StillInTheNetwork(RuleBroken):
    """A unit that is open settles its own account."""


class NothingToSettle(RuleBroken):
    """The account is even: no complaint has left anything on it."""


@dataclass(frozen=True)
class Line:
    """An entry, and what the account came to after it."""

    entry: Entry
    balance: int


@dataclass(frozen=True)
class Statement:
    """What a unit's account held when the month began, every entry of it, and what it holds at its end (fen)."""

    unit: Unit
    month: str
    closed: bool
    opening: int
    lines: list[Line]
    closing: int

    @property
    def by_kind(self) -> dict[str, int]:
        sums: dict[str, int] = {}
        for line in self.lines:
            sums[line.entry.kind] = sums.get(line.entry.kind, 0) + line.entry.amount
        return dict(sorted(sums.items()))


async def statement(session: AsyncSession, unit: Unit, month: str) -> Statement:
    account = unit_account(unit.code)
    closed = await months.last_closed(session)
    opening = await ledger.balance(session, account, until=month)
    lines, running = [], opening
    for entry in await ledger.of_month(session, account, month):
        running += entry.amount
        lines.append(Line(entry, running))
    return Statement(unit, month, closed is not None and month <= closed, opening, lines, running)


async def take_over(session: AsyncSession, unit: Unit, *, by: str, at: datetime) -> tuple[str, dict[str, int]]:
    """What is left on the account of a closed unit goes to its successor, without one to HQ, which holds its deposit.

    Complaint by complaint, so that every entry still has its own. Answers who took it over, and what of each complaint.
    """
    await session.execute(_ALONE, {"unit": unit.code})
    if unit.state != UnitState.CLOSED:
        raise StillInTheNetwork(f"{unit.code} is {unit.state}; only what a closed unit leaves is taken over.")
    account, heir = unit_account(unit.code), await _heir(session, unit)
    left = await ledger.open_by_complaint(session, account)
    if not left:
        raise NothingToSettle(f"No complaint has left anything on {account}.")
    turn = await ledger.turns(session, f"settlement:{unit.code}:") + 1
    await ledger.post(session, [(number, taken_over(unit.code, heir, sum_, turn, at)) for number, sum_ in left.items()], by=by)
    return heir, left


async def _heir(session: AsyncSession, unit: Unit) -> str:
    """Whoever does its work now: the first of its successors that is not closed itself."""
    line = dated.taking_part(await dated.with_successors(session, [unit.code]), [unit.code])
    return next((one.plan.code for one in line if one.state != UnitState.CLOSED), HQ)
