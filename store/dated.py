"""Dated facts as they stand, the count of their changes, and who has not been told of them.

A change and its version are one transaction, and changes are made one after the other: whoever sees version 7 sees what 1 to 7
changed. A complaint whose `dated_version` is older than a change that concerns it is told by the circular (ADR 13).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.circulars import Untold
from domain.calendar import Calendar, Hours
from domain.commands import News
from domain.hours import NetworkCalendar, desk_calendar, within
from domain.plan import DatedFacts, EmergencyPlan, Period, UnitHours, UnitPlan
from domain.values import UnitState
from store import rulebooks, units
from store.intake import BUSINESS_ZONE
from store.tables import DatedChange, RecordOnlyPeriod, Unit, UnitCalendar
from store.units import HQ, Standing

AHEAD = timedelta(days=400)
BEHIND = timedelta(days=31)
"""How far a complaint's calendar reaches back: it may have been received before it was entered."""

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('amends: dated facts', 0))")
_EMERGENCIES = text("""
    WITH RECURSIVE hit AS (
        SELECT e.id, u.code FROM emergencies e JOIN units u ON u.region = e.region OR u.code = ANY(e.branches)
        WHERE e.ends > e.starts
        UNION
        SELECT h.id, u.code FROM units u JOIN hit h ON u.parent = h.code
    )
    SELECT e.id, e.starts, e.ends, e.stretches, e.holds_visits, e.exempts, array_agg(h.code) AS units
    FROM emergencies e JOIN hit h ON h.id = e.id WHERE e.ends > now() - make_interval(days => 400)
    GROUP BY e.id ORDER BY e.starts, e.id
""")
_GOING_ON = """(
    SELECT * FROM complaints WHERE closed_at IS NULL
    UNION ALL
    SELECT * FROM complaints WHERE closed_at IS NOT NULL AND number IN (SELECT number FROM penalty_reviews WHERE final_at IS NULL)
)"""
_CONCERNED = """
    c.started_at IS NOT NULL AND c.lost_at IS NULL AND EXISTS (
        SELECT 1 FROM dated_changes d WHERE d.version > c.dated_version AND (d.units IS NULL OR d.units && c.units))
"""
_UNTOLD = text(f"""
    SELECT c.number, c.units, c.received_at, c.rulebook_version FROM {_GOING_ON} c
    WHERE {_CONCERNED} AND c.number > :after ORDER BY c.number LIMIT :limit
""")
_ANYBODY = text(f"SELECT EXISTS (SELECT 1 FROM {_GOING_ON} c WHERE {_CONCERNED})")


async def in_turn(session: AsyncSession) -> None:
    """One change at a time, from before it reads what it changes until it is committed."""
    await session.execute(_TURN)


async def changed(session: AsyncSession, what: str, concerned: Iterable[str] | None, *, by: str, at: datetime) -> int:
    """Count a change of the units `concerned` (None: everybody's), in its own transaction; answers its version."""
    await in_turn(session)
    latest = await version(session) + 1
    session.add(DatedChange(version=latest, at=at, what=what, units=None if concerned is None else sorted(concerned), by=by))
    await session.flush()
    return latest


async def version(session: AsyncSession) -> int:
    return await session.scalar(select(func.coalesce(func.max(col(DatedChange.version)), 0))) or 0


async def set_unit_state(
    session: AsyncSession, code: str, state: UnitState, successor: str | None, *, by: str, at: datetime
) -> Unit | None:
    """Open, suspend or close a unit, and count it; None when there is no such unit. Raises `UnitRefused`."""
    await in_turn(session)
    unit = await units.set_state(session, code, state, successor)
    if unit is not None:
        await changed(session, "unit_state", [code], by=by, at=at)
    return unit


async def record_only(session: AsyncSession) -> list[RecordOnlyPeriod]:
    return list((await session.execute(select(RecordOnlyPeriod).order_by(col(RecordOnlyPeriod.first)))).scalars())


async def set_record_only(session: AsyncSession, period: Period, *, by: str, at: datetime) -> RecordOnlyPeriod:
    """Between these days rulings are made but not charged; the same period again changes nothing."""
    await in_turn(session)
    for known in await record_only(session):
        if (known.first, known.last) == (period.first, period.last):
            return known
    kept = RecordOnlyPeriod(id=uuid4().hex[:12], first=period.first, last=period.last, set_at=at, set_by=by)
    session.add(kept)
    await changed(session, "record_only", None, by=by, at=at)
    return kept


async def end_record_only(session: AsyncSession, period: str, *, by: str, at: datetime) -> bool:
    """Take a period back; False when there is none of that id."""
    await in_turn(session)
    gone = await session.scalar(
        delete(RecordOnlyPeriod).where(col(RecordOnlyPeriod.id) == period).returning(col(RecordOnlyPeriod.id))
    )
    if gone is not None:
        await changed(session, "record_only", None, by=by, at=at)
    return gone is not None


@dataclass(frozen=True)
class Snapshot:
    """All dated facts as they stand; nothing in it is older than `version`."""

    version: int
    network: NetworkCalendar
    hours: Mapping[str, UnitHours]
    emergencies: tuple[tuple[EmergencyPlan, frozenset[str]], ...]
    record_only: tuple[Period, ...]

    def facts(self, week: Mapping[str, Hours], since: datetime, now: datetime) -> DatedFacts:
        """What a complaint received at `since` may need to know, over its rulebook's week."""
        calendar = self.network.plan(week, *_stretch(since, now))
        return DatedFacts(version=self.version, calendar=calendar, record_only=self.record_only)

    def desk(self, week: Mapping[str, Hours], tz: str, unit: str | None, since: datetime, now: datetime) -> Calendar:
        """When the desk of a unit is open between these moments, over a rulebook's week; without a unit, the network's."""
        days = _stretch(since, now)
        own = self.hours.get(unit) if unit else None
        hours = within(own, *days) if own else None
        return desk_calendar(week=week, tz=tz, exceptions=self.network.plan(week, *days), hours=hours)

    def unit(self, standing: Standing, since: datetime, now: datetime) -> UnitPlan:
        """A unit as it stands, for a complaint received at `since`."""
        own = self.hours.get(standing.plan.code)
        return standing.plan.model_copy(
            update={
                "state": UnitState(standing.state),
                "successor": standing.successor,
                "hours": within(own, *_stretch(since, now)) if own else None,
                "emergencies": tuple(e for e, hit in self.emergencies if standing.plan.code in hit and e.ends > since),
            }
        )


def _stretch(since: datetime, now: datetime) -> tuple[date, date]:
    return (since.astimezone(BUSINESS_ZONE) - BEHIND).date(), (now.astimezone(BUSINESS_ZONE) + AHEAD).date()


async def snapshot(session: AsyncSession) -> Snapshot:
    """The version is read first: what is committed meanwhile may be in here already, and is told once more."""
    latest = await version(session)
    kept = {row.unit: row.document for row in (await session.execute(select(UnitCalendar))).scalars()}
    network = NetworkCalendar.model_validate(kept.pop(HQ, {}))
    return Snapshot(
        version=latest,
        network=network,
        hours={unit: UnitHours.model_validate(document) for unit, document in kept.items()},
        emergencies=tuple(_emergency(row) for row in await session.execute(_EMERGENCIES)),
        record_only=tuple(Period(first=row.first, last=row.last) for row in await record_only(session)),
    )


def _emergency(row: Row[Any]) -> tuple[EmergencyPlan, frozenset[str]]:
    told = {name: value for name, value in row._mapping.items() if name != "units"}
    return EmergencyPlan.model_validate(told), frozenset(row._mapping["units"])


async def anybody_untold(session: AsyncSession) -> bool:
    return bool(await session.scalar(_ANYBODY))


async def untold(session: AsyncSession, after: str, limit: int, now: datetime) -> list[Untold]:
    """Running complaints a change concerns that have not heard of it, by number, with how things stand now."""
    now_true = await snapshot(session)
    rows = (await session.execute(_UNTOLD, {"after": after, "limit": limit})).all()
    standing = await with_successors(session, {unit for row in rows for unit in row.units} | {HQ})
    weeks = {name: await _week(session, name) for name in {row.rulebook_version for row in rows}}
    return [
        Untold(
            number=row.number,
            news=News(
                dated=now_true.facts(weeks[row.rulebook_version], row.received_at, now),
                units=tuple(now_true.unit(unit, row.received_at, now) for unit in taking_part(standing, {*row.units, HQ})),
            ),
        )
        for row in rows
    ]


async def _week(session: AsyncSession, rulebook: str) -> Mapping[str, Hours]:
    pinned = await rulebooks.get(session, rulebook)
    assert pinned is not None, f"rulebook {rulebook} is pinned by a running complaint and must be there"
    return pinned.rulebook.resolved.week


async def with_successors(session: AsyncSession, codes: Collection[str]) -> dict[str, Standing]:
    """Units as they stand, with who does the work of those that are closed, and what is above those that are suspended."""
    found: dict[str, Standing] = {}
    wanted = set(codes)
    while wanted:
        found |= await units.standing(session, wanted)
        wanted = {code for unit in found.values() for code in _instead_of(unit)} - found.keys()
    return found


def _instead_of(unit: Standing) -> tuple[str, ...]:
    if unit.state == UnitState.SUSPENDED:
        return unit.plan.ancestors
    return (unit.successor,) if unit.state == UnitState.CLOSED and unit.successor else ()


def taking_part(standing: Mapping[str, Standing], codes: Iterable[str]) -> list[Standing]:
    """Those units and, where one is closed, who follows it; whoever is followed comes before who follows."""
    lines = [list(_line(standing, code)) for code in sorted(codes)]
    left = {unit.plan.code: len(line) - place for line in lines for place, unit in enumerate(line)}
    return [standing[code] for code in sorted(left, key=lambda code: (-left[code], code))]


def _line(standing: Mapping[str, Standing], code: str) -> Iterator[Standing]:
    """A unit, who follows it if it is closed, and so on."""
    seen: set[str] = set()
    unit = standing.get(code)
    while unit is not None and unit.plan.code not in seen:
        seen.add(unit.plan.code)
        yield unit
        unit = standing.get(unit.successor) if unit.state == UnitState.CLOSED and unit.successor else None
