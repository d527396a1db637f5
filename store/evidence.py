"""What evidence there is; the bytes lie with the evidence storage."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import Evidence


async def keep(session: AsyncSession, evidence: Evidence) -> None:
    session.add(evidence)
    await session.flush()


async def get(session: AsyncSession, number: str, identity: str) -> Evidence | None:
    found = await session.get(Evidence, identity)
    return found if found is not None and found.number == number else None
