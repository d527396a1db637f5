"""The webhook's memory: each event of a provider once, and whether the complaint's process has heard of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import Complaint, Notice, PayoutEvent


async def keep(session: AsyncSession, event: PayoutEvent) -> bool:
    """Keep an event; True when it is to be brought to the process: it is new, or nobody has heard it yet."""
    await session.execute(insert(PayoutEvent).values(**event.model_dump()).on_conflict_do_nothing())
    kept = await session.get(PayoutEvent, (event.provider, event.event))
    assert kept is not None
    return kept.heard_at is None


async def heard(session: AsyncSession, provider: str, event: str, at: datetime) -> None:
    named = (col(PayoutEvent.provider) == provider, col(PayoutEvent.event) == event)
    await session.execute(update(PayoutEvent).where(*named).values(heard_at=at))


async def tell_finance(session: AsyncSession, number: str, event: PayoutEvent, to: str, amount: int) -> None:
    """No process hears it any more: a letter to finance instead, once an event."""
    row = await session.get(Complaint, number)
    assert row is not None
    told = {
        "number": number,
        "key": f"{number}:payout:{event.provider}:{event.event}",
        "seq": row.applied_seq,
        "template": "payment_astray",
        "to": to,
        "language": "zh",
        "params": {"amount": amount, "payment": event.payment, "outcome": event.state},
        "noted_at": event.received_at,
    }
    await session.execute(insert(Notice).values(**told).on_conflict_do_nothing())
