"""Forgetting payees whose decision was refused: personal data that nothing refers to is not kept."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import Payee


async def drop(session: AsyncSession, ids: Iterable[str]) -> None:
    await session.execute(delete(Payee).where(col(Payee.id).in_(list(ids))))
