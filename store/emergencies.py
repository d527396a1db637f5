"""Emergencies (应急): declared for a region or for branches, extended, lifted. Each change is counted and told (ADR 13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.plan import EmergencyPlan
from store import dated, units
from store.paging import Page, page, place_of
from store.tables import Emergency

_HIT = text("""
    WITH RECURSIVE hit AS (
        SELECT code FROM units WHERE region = :region OR code = ANY(:branches)
        UNION
        SELECT u.code FROM units u JOIN hit h ON u.parent = h.code
    )
    SELECT code FROM hit ORDER BY code
""")
_TOLD = text("""
    SELECT count(*) FILTER (WHERE dated_version >= :version) AS told, count(*) FILTER (WHERE dated_version < :version) AS untold
    FROM complaints WHERE started_at IS NOT NULL AND closed_at IS NULL AND lost_at IS NULL AND units && CAST(:units AS text[])
""")


LONG_AGO = timedelta(days=7)
"""A flood comes before anybody has time to declare it, but is not declared weeks later."""


class EmergencyRefused(ValueError):
    """What was asked of an emergency makes no sense; `field` says where. `settled` when it came too late."""

    def __init__(self, why: str, field: str | None = None, *, settled: bool = False) -> None:
        super().__init__(why)
        self.field, self.settled = field, settled


@dataclass(frozen=True)
class Declared:
    """What is declared; its effects as a complaint's plan has them."""

    plan: EmergencyPlan
    region: str | None
    branches: tuple[str, ...]
    text_zh: str
    text_en: str


@dataclass(frozen=True)
class Told:
    """Running complaints of the units hit that know how the emergency stands, and those that are still to be told."""

    told: int
    untold: int


def new_id() -> str:
    return f"E-{uuid4().hex[:10]}"


async def declare(session: AsyncSession, said: Declared, *, by: str, at: datetime) -> Emergency:
    plan = said.plan
    if plan.ends <= plan.starts:
        raise EmergencyRefused("An emergency ends after it begins.", "to")
    if plan.ends <= at:
        raise EmergencyRefused("An emergency that is over moves nothing any more: what fell due stays as it is.", "to")
    if plan.starts < at - LONG_AGO:
        raise EmergencyRefused("An emergency that began more than 7 days ago is not declared now.", "from")
    for code in said.branches:
        if await units.get(session, code) is None:
            raise EmergencyRefused(f"There is no unit {code} in the network.", "branches")
    hit = await units_hit(session, said.region, said.branches)
    if not hit:
        raise EmergencyRefused(f"No unit lies in the region {said.region}.", "region")
    await dated.in_turn(session)
    version = await dated.changed(session, "emergency_declared", hit, by=by, at=at)
    emergency = Emergency(
        **plan.model_dump(),
        region=said.region,
        branches=list(said.branches),
        text_zh=said.text_zh,
        text_en=said.text_en,
        declared_at=at,
        declared_by=by,
        version=version,
    )
    session.add(emergency)
    await session.flush()
    return emergency


async def extend(session: AsyncSession, id: str, to: datetime, *, by: str, at: datetime) -> Emergency | None:
    """It lasts longer than was thought; None when there is no such emergency."""
    emergency = await _to_change(session, id, at)
    if emergency is None:
        return None
    if to <= emergency.ends:
        raise EmergencyRefused(f"It lasts until {emergency.ends.isoformat()} already; to end it earlier, lift it.", "to")
    emergency.ends = to
    return await _counted(session, emergency, "emergency_extended", by=by, at=at)


async def lift(session: AsyncSession, id: str, reason: str | None, *, by: str, at: datetime) -> Emergency | None:
    """It is over now; None when there is no such emergency."""
    emergency = await _to_change(session, id, at)
    if emergency is None:
        return None
    emergency.ends = emergency.lifted_at = at
    emergency.lifted_by, emergency.lift_reason = by, reason
    return await _counted(session, emergency, "emergency_lifted", by=by, at=at)


async def get(session: AsyncSession, id: str) -> Emergency | None:
    return await session.get(Emergency, id)


async def search(session: AsyncSession, *, cursor: str | None, limit: int) -> Page[Emergency]:
    """The latest declared first; raises `BadCursor`."""
    declared, key = col(Emergency.declared_at), col(Emergency.id)
    found = select(Emergency).order_by(declared.desc(), key.desc()).limit(limit + 1)
    if cursor is not None:
        found = found.where(func.row(declared, key) < func.row(*place_of(cursor)))
    rows = (await session.execute(found)).scalars().all()
    return page(rows, limit, lambda emergency: (emergency.declared_at, emergency.id))


async def told(session: AsyncSession, emergency: Emergency) -> Told:
    hit = await units_hit(session, emergency.region, emergency.branches)
    row = (await session.execute(_TOLD, {"version": emergency.version, "units": hit})).one()
    return Told(row.told, row.untold)


async def units_hit(session: AsyncSession, region: str | None, branches: list[str] | tuple[str, ...]) -> list[str]:
    """The units of a region, those named, and all below them."""
    return list((await session.execute(_HIT, {"region": region, "branches": list(branches)})).scalars())


async def _to_change(session: AsyncSession, id: str, at: datetime) -> Emergency | None:
    await dated.in_turn(session)
    emergency = await session.get(Emergency, id, populate_existing=True)
    if emergency is not None and emergency.lifted_at is not None:
        raise EmergencyRefused(f"It was lifted at {emergency.lifted_at.isoformat()}; declare a new one.", settled=True)
    if emergency is not None and emergency.ends <= at:
        raise EmergencyRefused(f"It ended at {emergency.ends.isoformat()}; declare a new one.", settled=True)
    return emergency


async def _counted(session: AsyncSession, emergency: Emergency, what: str, *, by: str, at: datetime) -> Emergency:
    hit = await units_hit(session, emergency.region, emergency.branches)
    emergency.version = await dated.changed(session, what, hit, by=by, at=at)
    await session.flush()
    return emergency
