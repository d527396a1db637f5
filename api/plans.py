"""The plan of a complaint: the rulebook it was received under, resolved for the units it names."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from math import inf

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ
from api.errors import Away, BadInput
from domain.commands import Intake
from domain.plan import CasePlan, UnitPlan
from domain.rulebook import plan_for
from domain.values import UnitState
from store import dated, rulebooks, units
from store.dated import Snapshot
from store.rulebooks import Stored
from store.units import Standing

ENTERS_WITH = timedelta(days=60)
"""A unit that enters a running complaint brings its emergencies of that long: an older one may still exempt it in a ruling."""


async def unit_plan(session: AsyncSession, code: str, field: str) -> UnitPlan:
    """The unit named in `field`, which must not be closed, as it stands now; 422 with a sentence naming it otherwise."""
    return (await unit_plans(session, code, field))[code]


async def unit_plans(session: AsyncSession, code: str, field: str) -> dict[str, UnitPlan]:
    """The same, and where it is suspended those above it."""
    found, now = await open_units(session, {field: code}), datetime.now(UTC)
    now_true = await dated.snapshot(session)
    return {code: now_true.unit(unit, now - ENTERS_WITH, now) for code, unit in found.items()}


async def plans_of_units(session: AsyncSession, named: Mapping[str, str]) -> dict[str, UnitPlan]:
    """The units named field by field, as they stand now; who does the work of one that is closed comes with it."""
    found, now = await dated.with_successors(session, named.values()), datetime.now(UTC)
    for field, code in named.items():
        if code not in found:
            raise BadInput(f"There is no unit {code} in the network.", field)
    now_true = await dated.snapshot(session)
    return {code: now_true.unit(unit, now - ENTERS_WITH, now) for code, unit in found.items()}


async def open_units(session: AsyncSession, named: Mapping[str, str], *besides: str) -> dict[str, Standing]:
    """The units named field by field, none of which may be closed, those besides, and those above a suspended one, by code."""
    found = await units.standing(session, {*named.values(), *besides})
    for field, code in named.items():
        unit = found.get(code)
        if unit is None:
            raise BadInput(f"There is no unit {code} in the network.", field)
        if unit.state == UnitState.CLOSED:
            successor = f"; its work is done by {unit.successor}" if unit.successor else ""
            raise BadInput(f"The unit {code} is closed{successor}.", field)
    suspended = [code for code, unit in found.items() if unit.state == UnitState.SUSPENDED]
    return found | await dated.with_successors(session, suspended)


class DatedNow:
    """The dated facts as they stand: whether they changed is asked at most once a second, what they are when they did.

    Units come and go without a change, so everything is read again once a minute. A complaint received in the moment between
    is told by the circular: its `dated_version` says what it knows.
    """

    FRESH, RENEWED = 1.0, 60.0

    def __init__(self) -> None:
        self._asked = self._read = -inf
        self._found: Snapshot | None = None

    def forget(self) -> None:
        """Something changed just now."""
        self._asked = -inf

    async def look(self, session: AsyncSession) -> Snapshot:
        now = time.monotonic()
        if self._found is None or now - self._read > self.RENEWED:
            self._found, self._asked, self._read = await dated.snapshot(session), now, now
        elif now - self._asked > self.FRESH:
            if await dated.version(session) != self._found.version:
                self._found, self._read = await dated.snapshot(session), now
            self._asked = now
        return self._found


class InForce:
    """The rulebook in force on a day, asked for at most once a second: a version just published is followed within that."""

    FRESH = 1.0

    def __init__(self) -> None:
        self._asked: tuple[date, float] | None = None
        self._found: Stored | None = None

    async def on(self, session: AsyncSession, day: date) -> Stored:
        """Raises `Away` while nothing is published."""
        now = time.monotonic()
        if self._found is None or self._asked is None or self._asked[0] != day or now - self._asked[1] > self.FRESH:
            self._found, self._asked = await rulebooks.active(session, day), (day, now)
        if self._found is None:
            raise Away("No rulebook is published yet; run `amends setup` first.", after=30)
        return self._found


async def plan_of(session: AsyncSession, intake: Intake, version: Stored) -> CasePlan:
    named = {HQ, *(code for code in (intake.origin, intake.destination, intake.hub) if code)}
    found = await dated.with_successors(session, named)
    return plan_with(version, found, await dated.snapshot(session), intake.received_at)


def plan_with(version: Stored, found: Mapping[str, Standing], now_true: Snapshot, since: datetime) -> CasePlan:
    """What the rulebook and the dated facts say for a complaint received at `since` and the units found for it."""
    now = datetime.now(UTC)
    taking_part = {code: now_true.unit(unit, since, now) for code, unit in found.items()}
    plan = plan_for(version.rulebook, hash=version.hash, units=taking_part)
    return plan.model_copy(update={"dated": now_true.facts(plan.week, since, now)})


async def pinned(session: AsyncSession, intake: Intake, version: str) -> CasePlan:
    """The plan of a complaint already received, under the version it was received under."""
    rulebook = await rulebooks.get(session, version)
    assert rulebook is not None, f"rulebook {version} is pinned by {intake.number} and must be there"
    return await plan_of(session, intake, rulebook)
