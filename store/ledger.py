"""The ledger: balances and entries, signed sums in fen; and the postings that no complaint's process makes.

Balances are the running totals that the database keeps with every entry; `store.months` proves them against the entries.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.months import month_of
from domain.record import PostingRow
from store.paging import Page, page, place_of
from store.tables import LedgerEntry, LedgerTotal, Posting


@dataclass(frozen=True)
class Account:
    account: str
    balance: int


@dataclass(frozen=True)
class Entry:
    """One entry with what its posting says of it. `posting` and `reverses` are keys within the complaint.

    `posted_by` is whose act it was, and `seq` the event of the complaint's timeline, where one posted it.
    """

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
    seq: int | None
    posted_by: str | None


_POSTED, _IDENTITY = col(Posting.posted_at), col(LedgerEntry.id)
_ENTRIES = (
    select(LedgerEntry, Posting)
    .join(Posting, (col(Posting.number) == col(LedgerEntry.number)) & (col(Posting.key) == col(LedgerEntry.key)))
    .order_by(_POSTED, _IDENTITY)
)


async def accounts(session: AsyncSession, units: Collection[str] | None = None) -> list[Account]:
    """Every account with entries and its balance; with `units`, only those units' own."""
    account, moved = col(LedgerTotal.account), func.sum(col(LedgerTotal.moved))
    balances = select(account, moved).group_by(account).order_by(account)
    if units is not None:
        balances = balances.where(account.in_([f"unit:{unit}" for unit in sorted(units)]))
    return [Account(account, int(balance)) for account, balance in (await session.execute(balances)).all()]


async def balance(session: AsyncSession, account: str, *, until: str | None = None) -> int:
    """What an account's months come to, or those before the month `until`; zero where nothing was ever posted."""
    moved = select(func.sum(col(LedgerTotal.moved))).where(col(LedgerTotal.account) == account)
    if until is not None:
        moved = moved.where(col(LedgerTotal.month) < until)
    return int(await session.scalar(moved) or 0)


async def known(session: AsyncSession, account: str) -> bool:
    """Whether anything was ever posted on it."""
    return await session.scalar(select(1).where(col(LedgerTotal.account) == account).limit(1)) is not None


async def of_month(session: AsyncSession, account: str, month: str) -> list[Entry]:
    """All entries of an account in a month, in the order they were posted."""
    found = _ENTRIES.where(col(LedgerEntry.account) == account, col(Posting.month) == month)
    return [_entry(entry, posting) for entry, posting in (await session.execute(found)).all()]


async def open_by_complaint(session: AsyncSession, account: str) -> dict[str, int]:
    """What each complaint left on an account, where it is not zero."""
    number, left = col(LedgerEntry.number), func.sum(col(LedgerEntry.amount))
    rows = select(number, left).where(col(LedgerEntry.account) == account).group_by(number).having(left != 0).order_by(number)
    return {number: int(amount) for number, amount in (await session.execute(rows)).all()}


async def turns(session: AsyncSession, prefix: str) -> int:
    """How many times postings were made under keys that begin so and end with the turn."""
    keys = select(func.count(func.distinct(col(Posting.key)))).where(col(Posting.key).startswith(prefix, autoescape=True))
    return await session.scalar(keys) or 0


async def post(session: AsyncSession, postings: Sequence[tuple[str, PostingRow]], *, by: str) -> None:
    """Post what no complaint's process posts: complaint and posting, by whom. Each must be new; one call a transaction."""
    if not postings:
        return
    rows = [
        {**row.model_dump(exclude={"table", "entries"}), "number": number, "month": month_of(row.posted_at), "posted_by": by}
        for number, row in postings
    ]
    entries = [
        {"id": f"{number}:{row.key}:{place}", "number": number, "key": row.key, **entry.model_dump()}
        for number, row in postings
        for place, entry in enumerate(row.entries, start=1)
    ]
    await session.execute(insert(Posting).values(rows))
    await session.execute(insert(LedgerEntry).values(entries))


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
    found = _ENTRIES
    if units is not None:
        found = found.where(col(LedgerEntry.account).in_([f"unit:{unit}" for unit in sorted(units)]))
    wanted = {LedgerEntry.account: account, LedgerEntry.number: complaint, Posting.month: month, Posting.kind: kind}
    for column, value in wanted.items():
        if value is not None:
            found = found.where(col(column) == value)
    if cursor is not None:
        found = found.where(func.row(_POSTED, _IDENTITY) > func.row(*place_of(cursor)))
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
        seq=posting.seq,
        posted_by=posting.posted_by,
    )
