"""Decisions that were taken, for the same one sent again after its process has ended."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import Decision


async def taken(session: AsyncSession, number: str, key: str) -> Decision | None:
    """The decision recorded under a key, else the last one whose digest it is."""
    same = or_(col(Decision.key) == key, col(Decision.digest) == key)
    found = select(Decision).where(col(Decision.number) == number, same)
    return (
        await session.execute(found.order_by((col(Decision.key) == key).desc(), col(Decision.seq).desc()).limit(1))
    ).scalar_one_or_none()
