"""The plan of a complaint: the rulebook it was received under, resolved for the units it names."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ
from api.errors import BadInput
from domain.commands import Intake
from domain.plan import CasePlan, UnitPlan
from domain.rulebook import plan_for
from store import rulebooks, units
from store.rulebooks import Stored


async def unit_plan(session: AsyncSession, code: str, field: str) -> UnitPlan:
    """The unit named in `field`, which must be open; 422 with a sentence naming it otherwise."""
    unit = await units.get(session, code)
    if unit is None:
        raise BadInput(f"There is no unit {code} in the network.", field)
    if unit.state == "closed":
        successor = f"; its work is done by {unit.successor}" if unit.successor else ""
        raise BadInput(f"The unit {code} is closed{successor}.", field)
    plan = await units.plan(session, code)
    assert plan is not None
    return plan


async def plan_of(session: AsyncSession, intake: Intake, version: Stored) -> CasePlan:
    named = {HQ, *(code for code in (intake.origin, intake.destination, intake.hub) if code)}
    return plan_for(version.rulebook, hash=version.hash, units=await units.plans(session, named))


async def pinned(session: AsyncSession, intake: Intake, version: str) -> CasePlan:
    """The plan of a complaint already received, under the version it was received under."""
    rulebook = await rulebooks.get(session, version)
    assert rulebook is not None, f"rulebook {version} is pinned by {intake.number} and must be there"
    return await plan_of(session, intake, rulebook)
