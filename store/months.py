"""Months of the ledger close in order and stay closed; before one does, the books are proved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import LedgerMonth, LedgerTotal

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('ledger months', 0))")
_DISAGREE = text("""
    SELECT coalesce(t.account, e.account), coalesce(t.month, e.month), coalesce(t.moved, 0), coalesce(e.moved, 0)
    FROM (SELECT * FROM ledger_totals WHERE month > :since) t FULL JOIN (
        SELECT e.account, p.month, sum(e.amount) AS moved, count(*) AS entries
        FROM ledger_entries e JOIN postings p ON p.number = e.number AND p.key = e.key
        WHERE p.month > :since GROUP BY e.account, p.month
    ) e ON e.account = t.account AND e.month = t.month
    WHERE (t.moved, t.entries) IS DISTINCT FROM (e.moved, e.entries) ORDER BY 1, 2
""")


class BooksDisagree(Exception):
    """Running totals and entries say different things, or do not sum to zero: somebody went round the database's guards."""


@dataclass(frozen=True)
class MonthStanding:
    """A month with entries, or a closed one; `sums` what its accounts moved, all together zero."""

    month: str
    entries: int
    closed_at: datetime | None
    closed_by: str | None


async def last_closed(session: AsyncSession) -> str | None:
    closed: str | None = await session.scalar(select(func.max(col(LedgerMonth.month))))
    return closed


async def latest(session: AsyncSession) -> str | None:
    """The last month with entries."""
    month: str | None = await session.scalar(select(func.max(col(LedgerTotal.month))))
    return month


async def close(session: AsyncSession, month: str, *, by: str, at: datetime) -> MonthStanding:
    """Close a month, and with it every month before; closed already, it stays as it is. Raises `BooksDisagree`."""
    await session.execute(_ALONE)
    closed = await last_closed(session)
    if closed is None or month > closed:
        await prove(session, since=closed or "")
        session.add(LedgerMonth(month=month, closed_at=at, closed_by=by))
        await session.flush()
    return next(standing for standing in await listed(session) if standing.month == month)


async def prove(session: AsyncSession, *, since: str = "") -> None:
    """That every running total is the sum of its entries, and all of them together zero.

    Months up to `since` were proved when they closed, and nothing has moved in them since.
    """
    found = (await session.execute(_DISAGREE, {"since": since})).all()
    if found:
        raise BooksDisagree("; ".join(f"{row[0]} in {row[1]}: {row[2]} kept, {row[3]} entered" for row in found))
    total = await session.scalar(select(func.sum(col(LedgerTotal.moved))))
    if total:
        raise BooksDisagree(f"all accounts together hold {total}, not zero")


async def listed(session: AsyncSession) -> list[MonthStanding]:
    """Months with entries or closed by name, the latest first; a month before a closed one is closed with it."""
    closings = (await session.execute(select(LedgerMonth).order_by(col(LedgerMonth.month)))).scalars().all()
    month = col(LedgerTotal.month)
    rows = (await session.execute(select(month, func.sum(col(LedgerTotal.entries))).group_by(month))).all()
    entries = {closing.month: 0 for closing in closings} | {month: int(count) for month, count in rows}
    standing = []
    for name in sorted(entries, reverse=True):
        closing = next((closing for closing in closings if closing.month >= name), None)
        closed = (closing.closed_at, closing.closed_by) if closing else (None, None)
        standing.append(MonthStanding(name, entries[name], *closed))
    return standing
