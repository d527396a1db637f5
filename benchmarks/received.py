"""Complaints in the register, waiting for their process: an insured parcel, lost on its way from Minhang to Foshan."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from api.plans import plan_of
from benchmarks.ground import Ground
from domain import commands as c
from domain.case import Case
from domain.plan import CasePlan
from domain.values import Channel, ComplainantRole
from store import rulebooks
from store.intake import BUSINESS_ZONE, PayeeGiven, Person, Reported, Request, accept
from store.keys import complainant_hash

INSURED_FOR = 3000_00


def lost() -> c.Intake:
    return c.Intake(
        number="",
        uuid="",
        text="",
        received_at=datetime.now(UTC),
        received_by="bench",
        channel=Channel.PHONE,
        category="loss",
        complainant=ComplainantRole.SENDER,
        waybill=uuid4().hex,
        origin="minhang",
        destination="foshan",
        declared_value=INSURED_FOR,
    )


async def plan_of_lost(ground: Ground) -> CasePlan:
    async with ground.database.session() as session:
        rulebook = await rulebooks.active(session, datetime.now(BUSINESS_ZONE).date())
        assert rulebook is not None
        return await plan_of(session, lost(), rulebook)


async def receive(ground: Ground, plan: CasePlan) -> c.Intake:
    """A new complaint of a new customer, with a payee on record."""
    intake, who = lost(), f"{uuid4().hex}@example.org"
    case = Case.received(intake, plan, intake.received_at)
    reported = Reported(
        intake=intake,
        person=Person("bench", email=who),
        identity=complainant_hash(ground.key, None, who),
        description="lost",
        status=case.status,
        owner=case.owner,
        handler=case.handler,
        units=case.units,
        rulebook_version=plan.version,
        rulebook_hash=plan.hash,
        payee=PayeeGiven("bench", "sender", "bank", "62220000"),
    )
    async with ground.database.session() as session:
        accepted = await accept(session, reported, Request("bench"))
    assert accepted.intake is not None
    return accepted.intake
