"""The plan of a complaint: the rulebook it was received under, resolved for the units it names."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ
from api.errors import Away, BadInput
from domain.commands import Intake
from domain.plan import CasePlan, UnitPlan
from domain.rulebook import plan_for
from store import rulebooks, units
from store.rulebooks import Stored


async def unit_plan(session: AsyncSession, code: str, field: str) -> UnitPlan:
    """The unit named in `field`, which must be open; 422 with a sentence naming it otherwise."""
    return (await open_units(session, {field: code}))[code]


async def open_units(session: AsyncSession, named: Mapping[str, str], *besides: str) -> dict[str, UnitPlan]:
    """The units named field by field, each of which must be open, and those besides, by code."""
    found = await units.standing(session, {*named.values(), *besides})
    for field, code in named.items():
        unit = found.get(code)
        if unit is None:
            raise BadInput(f"There is no unit {code} in the network.", field)
        if unit.state == "closed":
            successor = f"; its work is done by {unit.successor}" if unit.successor else ""
            raise BadInput(f"The unit {code} is closed{successor}.", field)
    return {code: unit.plan for code, unit in found.items()}


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
    return plan_for(version.rulebook, hash=version.hash, units=await units.plans(session, named))


async def pinned(session: AsyncSession, intake: Intake, version: str) -> CasePlan:
    """The plan of a complaint already received, under the version it was received under."""
    rulebook = await rulebooks.get(session, version)
    assert rulebook is not None, f"rulebook {version} is pinned by {intake.number} and must be there"
    return await plan_of(session, intake, rulebook)
