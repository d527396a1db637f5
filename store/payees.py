"""Payees: their accounts for the payout provider, and forgetting those whose decision was refused."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.database import Database
from store.tables import Payee


class Accounts:
    """Implements `adapters.http_payouts.Accounts`: the one place where an account is read whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, payee_ref: str) -> dict[str, str] | None:
        """Name, channel and account of a payee; None when the register does not know it."""
        async with self._database.session() as session:
            payee = await session.get(Payee, payee_ref)
        return None if payee is None else {"name": payee.name, "channel": payee.channel, "account": payee.account}


async def drop(session: AsyncSession, ids: Iterable[str]) -> None:
    await session.execute(delete(Payee).where(col(Payee.id).in_(list(ids))))
