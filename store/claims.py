"""One parcel, one claim: the row of a waybill is held while a payment for it is granted, so that no two are at once.

What complaints hold is read off their payments (sent, paid, settled elsewhere; what was refused or came back is not held), and
off payments granted that the register has not heard of yet: of complaints that are closed there are none. How much they may hold
together is read off them too: what was computed for a payment that nobody has of the parcel counts for nobody.
"""

from __future__ import annotations

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.claims import ClaimAsked, ClaimSeen
from store.database import Database
from store.tables import Claim, ClaimPart, Payment

_HELD = text("""
    SELECT number, sum(amount)::bigint, max(computed) FROM (
        SELECT p.number, p.amount, k.computed FROM payments p JOIN complaints c ON c.number = p.number
        LEFT JOIN claim_parts k ON k.key = p.key
        WHERE c.waybill = :waybill AND p.key IS DISTINCT FROM :key
          AND p.state IN ('sent', 'unknown', 'paid', 'settled_elsewhere', 'repaid')
        UNION ALL
        SELECT k.number, k.amount, k.computed FROM claim_parts k JOIN complaints c ON c.number = k.number
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
            if asked.key is not None:
                await _hold_row(session, asked)
                if await session.get(ClaimPart, asked.key) is not None:
                    return ClaimSeen()
            held, ceiling = await _held(session, asked)
            own = held.pop(asked.number, 0)
            seen = ClaimSeen(ceiling=ceiling, elsewhere=held, before=asked.before)
            if asked.key is None:
                return seen
            if not seen.leaves(asked.amount, asked.computed, own + asked.before):
                return seen.model_copy(update={"granted": False})
            part = asked.model_dump(include={"key", "waybill", "number", "amount", "computed"})
            session.add(ClaimPart(**part, granted_at=asked.at))
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


async def _hold_row(session: AsyncSession, asked: ClaimAsked) -> None:
    """The waybill's row, held until the transaction ends."""
    row = insert(Claim).values(waybill=asked.waybill, opened_at=asked.at)
    await session.execute(row.on_conflict_do_update(index_elements=["waybill"], set_={"waybill": row.excluded.waybill}))


async def _held(session: AsyncSession, asked: ClaimAsked) -> tuple[dict[str, int], int]:
    """What each complaint holds, and the most that was computed for any of it."""
    held = (await session.execute(_HELD, {"waybill": asked.waybill, "key": asked.key})).all()
    amounts = {number: amount for number, amount, _ in held if amount}
    return amounts, max((computed or 0 for _, _, computed in held), default=0)
