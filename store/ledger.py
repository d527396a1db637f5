"""Reading the ledger: balances and entries, signed sums in fen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.paging import Page, page, place_of
from store.tables import LedgerEntry, Posting


@dataclass(frozen=True)
class Account:
    account: str
    balance: int


@dataclass(frozen=True)
class Entry:
    """One entry with what its posting says of it. `posting` and `reverses` are keys within the complaint."""

    id: str
    account: str
    amount: int
    kind: str
    complaint: str
    posting: str
    review: str | None
    clause: str | None
    posted_at: datetime
    month: str
    reverses: str | None


async def accounts(session: AsyncSession, units: Collection[str] | None = None) -> list[Account]:
    """Every account with entries and its balance; with `units`, only those units' own."""
    balances = select(col(LedgerEntry.account), func.sum(col(LedgerEntry.amount))).group_by(col(LedgerEntry.account))
    if units is not None:
        balances = balances.where(col(LedgerEntry.account).in_([f"unit:{unit}" for unit in sorted(units)]))
    rows = (await session.execute(balances.order_by(col(LedgerEntry.account)))).all()
    return [Account(account, int(balance)) for account, balance in rows]


async def balance(session: AsyncSession, account: str) -> int:
    """Zero where nothing was ever posted."""
    total = await session.scalar(select(func.sum(col(LedgerEntry.amount))).where(col(LedgerEntry.account) == account))
    return int(total or 0)


async def entries(
    session: AsyncSession,
    *,
    units: Collection[str] | None = None,
    account: str | None = None,
    complaint: str | None = None,
    month: str | None = None,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Entry]:
    """Entries in the order they were posted; raises `BadCursor`."""
    posted, identity = col(Posting.posted_at), col(LedgerEntry.id)
    found = (
        select(LedgerEntry, Posting)
        .join(Posting, (col(Posting.number) == col(LedgerEntry.number)) & (col(Posting.key) == col(LedgerEntry.key)))
        .order_by(posted, identity)
    )
    if units is not None:
        found = found.where(col(LedgerEntry.account).in_([f"unit:{unit}" for unit in sorted(units)]))
    wanted = {LedgerEntry.account: account, LedgerEntry.number: complaint, Posting.month: month, Posting.kind: kind}
    for column, value in wanted.items():
        if value is not None:
            found = found.where(col(column) == value)
    if cursor is not None:
        found = found.where(func.row(posted, identity) > func.row(*place_of(cursor)))
    rows = (await session.execute(found.limit(limit + 1))).all()
    return page([_entry(entry, posting) for entry, posting in rows], limit, lambda entry: (entry.posted_at, entry.id))


def _entry(entry: LedgerEntry, posting: Posting) -> Entry:
    return Entry(
        id=entry.id,
        account=entry.account,
        amount=entry.amount,
        kind=posting.kind,
        complaint=entry.number,
        posting=entry.key,
        review=posting.review,
        clause=posting.clause,
        posted_at=posting.posted_at,
        month=posting.month,
        reverses=posting.reverses,
    )
