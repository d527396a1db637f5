"""Stand-ins (代理): who acts as the manager of which unit, from when to when. A row is only ever ended, never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.values import HQ_ROLES, Role
from store.tables import StaffMember, StandIn, Unit

HQ = "hq"
LONGEST_DAYS = 92
WHO_ONLY_LOOK = frozenset({Role.AUDITOR, Role.OPERATOR})


class StandInRefused(ValueError):
    """Nobody stands in like that; `field` is what is wrong, None where it came too late."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Named:
    """`sub` is to stand in for the manager of `unit`, both days included."""

    unit: str
    sub: str
    first: date
    last: date
    reason: str | None = None


async def name(session: AsyncSession, named: Named, *, by: str, at: datetime, today: date) -> StandIn:
    """Name a stand-in; raises `StandInRefused`."""
    _check_days(named, today)
    if named.sub == by:
        raise StandInRefused("Nobody stands in for themselves; name another person.", "sub")
    if await session.get(Unit, named.unit) is None:
        raise StandInRefused(f"There is no unit {named.unit} in the network.", "unit")
    person = await session.get(StaffMember, named.sub)
    roles = {Role(role) for role in person.roles} if person else set()
    if roles and roles <= WHO_ONLY_LOOK:
        raise StandInRefused(f"{named.sub} is {' and '.join(sorted(roles))} and decides nothing; name somebody else.", "sub")
    if named.unit == HQ and not roles & (HQ_ROLES - WHO_ONLY_LOOK):
        raise StandInRefused("Who stands in for the HQ supervisor is of headquarters, and has signed in before.", "sub")
    row = StandIn(id=uuid4().hex, **asdict(named), named_by=by, named_at=at)
    session.add(row)
    await session.flush()
    return row


def _check_days(named: Named, today: date) -> None:
    if not named.first <= named.last:
        raise StandInRefused("The last day comes before the first.", "to")
    if named.last < today:
        raise StandInRefused("These days are over; a stand-in is named for today or later.", "to")
    if (named.last - named.first).days > LONGEST_DAYS:
        raise StandInRefused(f"Nobody stands in for more than {LONGEST_DAYS} days at once.", "to")


async def end(session: AsyncSession, identity: str, *, by: str, at: datetime) -> StandIn:
    """From now on they stand in no longer; raises `StandInRefused` where they do not any more."""
    named = await session.get(StandIn, identity, with_for_update=True)
    if named is None or named.ended_at is not None:
        raise StandInRefused("That has ended already.")
    named.ended_by, named.ended_at = by, at
    await session.flush()
    return named


async def get(session: AsyncSession, identity: str) -> StandIn | None:
    return await session.get(StandIn, identity)


async def listed(session: AsyncSession, units: Collection[str] | None, *, since: date | None = None) -> list[StandIn]:
    """Those of these units (None: of all), the latest first; from a day on, only those that had not ended by then."""
    found = select(StandIn).order_by(col(StandIn.first).desc(), col(StandIn.id)).limit(200)
    if units is not None:
        found = found.where(col(StandIn.unit).in_(sorted(units)))
    if since is not None:
        found = found.where(col(StandIn.last) >= since, col(StandIn.ended_at).is_(None))
    return list((await session.execute(found)).scalars())


async def standing_in(session: AsyncSession, today: date) -> dict[str, tuple[str, ...]]:
    """Who stands in today: units by the code of the person."""
    now = (
        select(col(StandIn.sub), col(StandIn.unit))
        .where(col(StandIn.first) <= today, col(StandIn.last) >= today, col(StandIn.ended_at).is_(None))
        .order_by(col(StandIn.unit))
    )
    found: dict[str, tuple[str, ...]] = {}
    for sub, unit in (await session.execute(now)).all():
        found[sub] = (*found.get(sub, ()), unit) if unit not in found.get(sub, ()) else found[sub]
    return found
