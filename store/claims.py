"""One parcel, one claim: the row of a waybill is held while a payment for it is granted, so that no two are at once.

What complaints hold is read off their payments (sent, paid, settled elsewhere; what was refused or came back is not held), and
off payments granted that the register has not heard of yet: of complaints that are closed there are none.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.claims import ClaimAsked, ClaimSeen
from store.database import Database
from store.tables import Claim, ClaimPart, Payment

_HELD = text("""
    SELECT number, sum(amount)::bigint FROM (
        SELECT p.number, p.amount FROM payments p JOIN complaints c ON c.number = p.number
        WHERE c.waybill = :waybill AND p.key IS DISTINCT FROM :key
          AND p.state IN ('sent', 'unknown', 'paid', 'settled_elsewhere', 'repaid')
        UNION ALL
        SELECT k.number, k.amount FROM claim_parts k JOIN complaints c ON c.number = k.number
        WHERE k.waybill = :waybill AND k.key IS DISTINCT FROM :key AND c.closed_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.number = k.number AND p.key = k.key)
    ) held GROUP BY number ORDER BY number
""")


class Claims:
    """Implements `activities.claims.ClaimsPort` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, asked: ClaimAsked) -> ClaimSeen:
        async with self._database.session() as session:
            if asked.key is None:
                ceiling, elsewhere = await _ceiling(session, asked.waybill), await _elsewhere(session, asked)
                return ClaimSeen(ceiling=ceiling, elsewhere=elsewhere, before=asked.before)
            ceiling = await _held_row(session, asked)
            if await session.get(ClaimPart, asked.key) is not None:
                return ClaimSeen(ceiling=ceiling)
            held = await _held(session, asked)
            own = held.pop(asked.number, 0)
            seen = ClaimSeen(ceiling=ceiling, elsewhere=held, before=asked.before)
            if not seen.leaves(asked.amount, asked.computed, own + asked.before):
                return seen.model_copy(update={"granted": False})
            part = ClaimPart(key=asked.key, waybill=asked.waybill, number=asked.number, amount=asked.amount, granted_at=asked.at)
            session.add(part)
            return seen

    async def release(self, key: str) -> None:
        async with self._database.session() as session:
            await session.execute(delete(ClaimPart).where(col(ClaimPart.key) == key))


_NEVER_SENT = text("""
    SELECT k.* FROM claim_parts k JOIN complaints c ON c.number = k.number
    WHERE c.lost_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.number = k.number AND p.key = k.key)
    ORDER BY k.key LIMIT :limit
""")


async def of_lost(session: AsyncSession, limit: int) -> list[ClaimPart]:
    """Payments granted to complaints whose process was lost before the register heard what became of them."""
    found = select(ClaimPart).from_statement(_NEVER_SENT)
    return list((await session.execute(found, {"limit": limit})).scalars())


async def give_up(session: AsyncSession, part: ClaimPart, *, sent: bool) -> None:
    """The parcel is free for others, unless the payment was handed to a provider: that holds it, unknown, until a person says."""
    if not sent:
        await session.execute(delete(ClaimPart).where(col(ClaimPart.key) == part.key))
        return
    round = int(part.key.removeprefix(f"{part.number}-R").partition("-")[0])
    held = {"number": part.number, "key": part.key, "round": round, "amount": part.amount, "sent_at": part.granted_at}
    await session.execute(insert(Payment).values(**held, state="unknown", provider="none").on_conflict_do_nothing())


async def _held_row(session: AsyncSession, asked: ClaimAsked) -> int:
    """The waybill's row, held until the transaction ends; answers its ceiling."""
    row = insert(Claim).values(waybill=asked.waybill, ceiling=asked.computed, opened_at=asked.at)
    higher = func.greatest(col(Claim.ceiling), row.excluded.ceiling)
    held = row.on_conflict_do_update(index_elements=["waybill"], set_={"ceiling": higher}).returning(col(Claim.ceiling))
    return int((await session.execute(held)).scalar_one())


async def _ceiling(session: AsyncSession, waybill: str) -> int:
    return await session.scalar(select(col(Claim.ceiling)).where(col(Claim.waybill) == waybill)) or 0


async def _held(session: AsyncSession, asked: ClaimAsked) -> dict[str, int]:
    held = await session.execute(_HELD, {"waybill": asked.waybill, "key": asked.key})
    return {number: amount for number, amount in held.all() if amount}


async def _elsewhere(session: AsyncSession, asked: ClaimAsked) -> dict[str, int]:
    return {number: amount for number, amount in (await _held(session, asked)).items() if number != asked.number}
