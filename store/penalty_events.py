"""One event is penalised once per unit and clause, in all complaints about a parcel: by a key (ADR 17).

The database takes it with every penalty line that is written. A ruling reserves its events before it is handed over, so that the
second of two at the same moment is refused; what came to nothing is given back, or is nobody's after ten minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.months import BUSINESS_ZONE
from domain.penalty_lines import Event
from store.tables import Complaint

_TAKE = text("""
    INSERT INTO penalty_events AS e (waybill, unit, clause, happened_on, number, review, taken_at)
    VALUES (:waybill, :unit, :clause, :day, :number, :review, clock_timestamp())
    ON CONFLICT (waybill, unit, clause, happened_on) DO UPDATE
    SET number = excluded.number, review = excluded.review, taken_at = excluded.taken_at
    WHERE e.number = excluded.number OR NOT event_stands(e)
    RETURNING number
""")
_HELD_BY = text(
    "SELECT review FROM penalty_events WHERE waybill = :waybill AND unit = :unit AND clause = :clause AND happened_on = :day"
)
_RELEASE = text("""
    DELETE FROM penalty_events e WHERE e.number = :number AND e.review = :review AND NOT EXISTS (
        SELECT FROM penalty_lines l WHERE l.number = e.number AND l.review = e.review AND l.unit = e.unit AND l.clause = e.clause
        AND l.remaining > 0
    )
""")


class EventHeld(Exception):
    """Another complaint about the parcel penalises that event, in `review`."""

    def __init__(self, event: Event, review: str) -> None:
        self.event, self.review = event, review
        super().__init__(
            "{} is penalised under {} for {} in {}, of another complaint about this parcel; ".format(*event, review)
            + "one event is penalised once per unit and clause."
        )


def received_on(complaint: Complaint) -> date:
    """The day of a fault that names none."""
    return complaint.received_at.astimezone(BUSINESS_ZONE).date()


async def reserve(session: AsyncSession, complaint: Complaint, review: str, events: Iterable[Event]) -> None:
    """Take the events for a review, always in the same order so that two never wait for each other; raises `EventHeld`."""
    if complaint.waybill is None:
        return
    whose = {"waybill": complaint.waybill, "number": complaint.number, "review": review}
    for unit, clause, day in sorted(set(events)):
        event = whose | {"unit": unit, "clause": clause, "day": day}
        if (await session.execute(_TAKE, event)).first() is None:
            raise EventHeld((unit, clause, day), str(await session.scalar(_HELD_BY, event)))


async def release(session: AsyncSession, number: str, review: str) -> None:
    """The ruling was refused: what it reserved and does not penalise is free again."""
    await session.execute(_RELEASE, {"number": number, "review": review})
