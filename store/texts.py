"""Words and payees: checked by the API, kept here before a decision is sent, then spoken of by reference only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, CursorResult, delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import Complaint, Payee, Payment, Text

UNREFERRED_FOR = timedelta(days=1)


async def keep(
    session: AsyncSession,
    number: str,
    bodies: Iterable[str],
    *,
    at: datetime,
    update_id: str | None = None,
    referred: bool = False,
) -> list[str]:
    """Keep words for a complaint; answer their references in the same order."""
    kept = rows(number, bodies, at=at, update_id=update_id, referred=referred)
    if kept:
        await session.execute(insert(Text), kept)
    return [row["id"] for row in kept]


def rows(
    number: str, bodies: Iterable[str], *, at: datetime, update_id: str | None = None, referred: bool = False
) -> list[dict[str, Any]]:
    """Words as they are kept, each under a reference of its own."""
    return [
        {"id": uuid4().hex, "number": number, "update_id": update_id, "body": body, "kept_at": at, "referred": referred}
        for body in bodies
    ]


async def justify(session: AsyncSession, reference: str, despite: str) -> None:
    """Keep beside words the reason for which they are told although the language guard objects."""
    await session.execute(update(Text).where(col(Text.id) == reference).values(despite=despite))


async def drop(session: AsyncSession, ids: Iterable[str]) -> None:
    """Forget words whose decision was refused; those a fact refers to stay."""
    await session.execute(delete(Text).where(col(Text.id).in_(list(ids)), ~col(Text.referred)))


async def sweep(session: AsyncSession, now: datetime) -> int:
    """Forget what nothing refers to after a day; answer how many."""
    before = now - UNREFERRED_FOR
    unused = ~(_names(Complaint.payee_ref) | _names(Payment.payee_ref))
    swept = (
        delete(Text).where(~col(Text.referred), col(Text.kept_at) < before),
        delete(Payee).where(unused, col(Payee.kept_at) < before),
    )
    return sum([cast("CursorResult[Any]", await session.execute(gone)).rowcount for gone in swept])


def _names(payee_ref: Any) -> ColumnElement[bool]:
    return exists().where(col(payee_ref) == col(Payee.id))


async def refer(session: AsyncSession, ids: Iterable[str]) -> None:
    """Say that something outside the process refers to these words, so that they are never swept."""
    await session.execute(update(Text).where(col(Text.id).in_(list(ids))).values(referred=True))


async def bodies(session: AsyncSession, ids: Iterable[str | None]) -> dict[str, str]:
    """The words behind references; unknown ones are left out."""
    wanted = {reference for reference in ids if reference}
    if not wanted:
        return {}
    found = await session.execute(select(col(Text.id), col(Text.body)).where(col(Text.id).in_(wanted)))
    return {reference: body for reference, body in found.all()}  # noqa: C416 - rows are no pairs to a type checker


async def reasons(session: AsyncSession, ids: Iterable[str | None]) -> dict[str, str]:
    """Of these words, those told although the language guard objects, with the reasons given."""
    justified = select(col(Text.id), col(Text.despite)).where(col(Text.id).in_(set(ids)), col(Text.despite).is_not(None))
    return {reference: despite for reference, despite in (await session.execute(justified)).all() if despite}


def masked(account: str) -> str:
    """An account as people see it: the last four characters, at most half of a short one."""
    shown = min(4, len(account) // 2)
    return "*" * (len(account) - shown) + account[len(account) - shown :]


async def keep_payee(
    session: AsyncSession, number: str, *, name: str, relation: str, channel: str, account: str, at: datetime
) -> str:
    payee = Payee(id=uuid4().hex, number=number, name=name, relation=relation, channel=channel, account=account, kept_at=at)
    session.add(payee)
    await session.flush()
    return payee.id


async def payee(session: AsyncSession, reference: str) -> Payee | None:
    """The whole payee, account included: for the payout provider."""
    return await session.get(Payee, reference)


async def payee_shown(session: AsyncSession, reference: str) -> dict[str, str] | None:
    """The payee as people see it, account masked."""
    found = await session.get(Payee, reference)
    if found is None:
        return None
    return {"name": found.name, "relation": found.relation, "channel": found.channel, "account": masked(found.account)}
