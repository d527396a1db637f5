"""Receiving a complaint: told apart from the same request and from a further call, kept as a row, then started."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api import guard
from api.auth import HQ, Principal
from api.calling import further, keep_call
from api.drafting import canonical, plain, sha256
from api.errors import Away, BadInput, Refused
from api.intake_bodies import NewComplaint
from api.office import Office
from api.plans import open_units, plan_with
from api.received import Received, answer, as_reported, opened, start
from domain.commands import Intake
from domain.continuation import Why
from domain.errors import KeyUsedForAnotherDecision
from domain.plan import CasePlan
from domain.values import Channel
from store.intake import BUSINESS_ZONE, Kind, PayeeGiven, Person, Reported, Request, accept
from store.keys import complainant_hash

ROUTE = "complaints"
NAMES = {"origin_branch": "origin", "destination_branch": "destination", "hub": "hub"}
"""What the fields of a body that name a unit are called in the intake."""


async def receive(office: Office, person: Principal, body: NewComplaint, key: str | None) -> Received:
    """Receive a complaint, or recognise the one it is about."""
    request = Request(person.sub, sees=sorted(person.sees) if person.sees is not None else None)
    if key is not None:
        request = replace(request, key=sha256(person.sub, ROUTE, key), digest=sha256(person.sub, ROUTE, canonical(body)))
    for _ in range(2):  # twice, because a complaint may close between being found and being told
        call: str | None = None
        async with office.database.session() as session:
            reported, plan = await _reported(session, office, person, body)
            try:
                accepted = await accept(session, reported, request)
            except KeyUsedForAnotherDecision as used:
                raise BadInput(str(used), kind="KeyUsedForAnotherDecision") from used
            if accepted.kind is Kind.FURTHER:
                call = accepted.call or await keep_call(session, person, accepted.number, body.description, request)
        if call is not None:
            try:
                return await further(office, person, accepted.number, call)
            except Refused:
                continue
        if accepted.intake is None:
            return await answer(office, person, accepted.number, 200)
        await start(office, accepted.intake, plan)
        return opened(accepted, reported)
    raise Away("The complaint is just being closed; please send this again.")


async def _reported(session: AsyncSession, office: Office, person: Principal, body: NewComplaint) -> tuple[Reported, CasePlan]:
    """The complaint as the register keeps it, and the plan it is received under."""
    rulebook = await office.in_force.on(session, datetime.now(BUSINESS_ZONE).date())
    if body.category not in rulebook.rulebook.categories.codes:
        raise BadInput(f"The rulebook has no category {body.category}.", "category")
    if (told := guard.told(body)) is not None:
        guard.look(rulebook.rulebook, body, told)
    now = datetime.now(UTC)
    named = {field: code for field in NAMES if (code := getattr(body, field)) is not None}
    units = await open_units(session, named, HQ)
    now_true = await office.dated.look(session)
    given: dict[str, Any] = {NAMES[field]: code for field, code in named.items()}
    same = (
        *("channel", "category", "waybill", "region", "freight", "declared_value", "claimed", "promised_at", "delivered_at"),
        *("customer_deadline", "pieces", "hold_for_release", "solved_on_spot"),
    )
    given |= {name: plain(getattr(body, name)) for name in same}
    intake = Intake(
        number="",
        uuid="",
        text="",
        received_at=body.received_at or now,
        received_by=person.sub,
        complainant=body.complainant.role,
        language=body.complainant.language,
        **given,
        **_through_the_authority(body),
    )
    plan = plan_with(rulebook, units, now_true, intake.received_at)
    complainant = body.complainant
    reported = as_reported(
        intake,
        plan,
        rulebook,
        Person(complainant.name, complainant.phone, complainant.email),
        complainant_hash(office.contact_key, complainant.phone, complainant.email),
        body.description,
        why=Why.REGULATOR_APPEAL if intake.appeal_number else Why.REPEAT,
        remedy_sought=body.remedy_sought,
        solution=body.solution,
        despite=body.despite,
        payee=PayeeGiven(**body.payee.model_dump()) if body.payee else None,
        ticket=body.ticket,
        batch=body.batch,
    )
    return reported, plan


def _through_the_authority(body: NewComplaint) -> dict[str, Any]:
    """What came through 12305 is answered there: under its number, or the ticket's, or until that is known by its channel."""
    if body.channel is not Channel.REGULATOR_12305 and body.appeal_number is None:
        return {}
    received = (body.received_at or datetime.now(UTC)).astimezone(BUSINESS_ZONE)
    if body.transferred_on is not None and body.transferred_on > received.date():
        raise BadInput("The transfer date lies in the future.", "transferred_on")
    return {"appeal_number": body.appeal_number or body.ticket or "12305", "transferred_on": body.transferred_on}
