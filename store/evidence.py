"""What evidence there is; the bytes lie with the evidence storage."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import Evidence


async def keep(session: AsyncSession, evidence: Evidence) -> None:
    session.add(evidence)
    await session.flush()


async def get(session: AsyncSession, number: str, identity: str) -> Evidence | None:
    found = await session.get(Evidence, identity)
    return found if found is not None and found.number == number else None


async def known(session: AsyncSession, number: str, sha256: str) -> bool:
    """True when the complaint has the very same file."""
    same = select(col(Evidence.id)).where(col(Evidence.number) == number, col(Evidence.sha256) == sha256)
    return (await session.execute(same.limit(1))).first() is not None
