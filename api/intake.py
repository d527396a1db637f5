"""Receiving a complaint: told apart from the same request and from a further call, kept as a row, then started.

What follows from the rules - owner, handler, first obligations - is read off the case as the process itself will begin it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api import bodies, guard
from api.auth import HQ, Principal
from api.desk import Desk, NoSuchProcess, NumberTaken
from api.drafting import canonical, plain, sha256
from api.errors import CLOSED, Away, BadInput, Refused
from api.office import Office
from api.plans import open_units, plan_with
from api.views import links, missing
from domain.case import Case
from domain.commands import Actor, FurtherCall, Intake
from domain.errors import KeyUsedForAnotherDecision
from domain.ladders import first_owed
from domain.plan import CasePlan
from domain.record import ObligationRow
from domain.rows import obligation_row
from domain.values import Owed, Role, Status
from store import calls, complaints
from store.database import Database
from store.intake import BUSINESS_ZONE, Kind, PayeeGiven, Person, Reported, Request, accept, mark_started
from store.keys import complainant_hash, text_digest
from store.tables import Complaint, Obligation

log = structlog.get_logger(__name__)

ROUTE = "complaints"
NAMES = {"origin_branch": "origin", "destination_branch": "destination", "hub": "hub"}
"""What the fields of a body that name a unit are called in the intake."""


@dataclass(frozen=True)
class Received:
    """What the caller is told: 201 for a new complaint, 200 otherwise, 202 while a further call waits to be handed over."""

    status: int
    answer: dict[str, Any]


async def receive(office: Office, person: Principal, body: bodies.NewComplaint, key: str | None) -> Received:
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
                call = accepted.call or await _keep_call(session, person, accepted.number, body.description, request)
        if call is not None:
            try:
                return await further(office, person, accepted.number, call)
            except Refused:
                continue
        if accepted.intake is None:
            return await _answer(office, person, accepted.number, 200)
        await _start(office, accepted.intake, plan)
        return _opened(accepted.intake, reported, accepted.same_waybill)
    raise Away("The complaint is just being closed; please send this again.")


async def call_again(office: Office, person: Principal, complaint: Complaint, reason: str, key: str | None) -> Received:
    """A further call recorded by hand (`/chase`, `/repeat`): the rule, not the route, says which it was."""
    hashed = sha256(person.sub, complaint.number, "further_call", key) if key is not None else None
    request = Request(person.sub, hashed, sha256(person.sub, complaint.number, "further_call", reason))
    async with office.database.session() as session:
        try:
            known = await calls.under_key(session, request)
            if known is None and complaint.status == Status.CLOSED:
                raise Refused(CLOSED, kind="AlreadyClosed")
            call = known or await _keep_call(session, person, complaint.number, reason, request, by_hand=True)
        except KeyUsedForAnotherDecision as used:
            raise BadInput(str(used), kind="KeyUsedForAnotherDecision") from used
    return await further(office, person, complaint.number, call)


async def further(office: Office, person: Principal, number: str, call: str) -> Received:
    """Hand a kept call to its complaint. While Temporal is away it stays a row, and housekeeping hands it over."""
    async with office.database.session() as session:
        kept = await calls.get(session, call)
    assert kept is not None
    answer = kept.answer
    if answer is None:
        try:
            answer = await hand_over(office.database, office.desk, kept.number, kept.command)
        except Away as away:
            log.info("further_call_waits", complaint=number)
            received = await _answer(office, person, number, 202)
            return Received(202, received.answer | {"repeat": None, "chase": None, "issue_count": None, "detail": away.detail})
        async with office.database.session() as session:
            await calls.handed_over(session, call, at=datetime.now(UTC), answer=answer)
    if answer.get("refused"):
        raise Refused(answer["refused"], kind="AlreadyClosed")
    received = await _answer(office, person, number, 200)
    return Received(200, received.answer | answer)


async def hand_over(database: Database, desk: Desk, number: str, command: dict[str, Any]) -> dict[str, Any]:
    """Tell the complaint of the call; answers what the rule made of it, or why it was refused. Raises `Away`."""
    try:
        receipt = await desk.decide(number, FurtherCall.model_validate(command))
    except NoSuchProcess:
        async with database.session() as session:
            row = await complaints.row(session, number)
        if row is None or row.status != Status.CLOSED:
            raise Away from None
        return {"refused": CLOSED}
    except Away:
        raise
    except Refused as refused:
        return {"refused": refused.detail}
    return {"seq": receipt.seq, **receipt.told}


async def _keep_call(
    session: AsyncSession, person: Principal, number: str, words: str, request: Request, *, by_hand: bool = False
) -> str:
    """The customer speaks through whoever took the call: anyone may take one (人人受理投诉).

    A call recorded by hand is a call: only the same words from the same person within ten minutes are the same one. A
    complaint sent again may also be the same request (its `text` says so to the rule).
    """
    call = uuid4().hex
    digest = text_digest(words)
    command = FurtherCall(
        actor=Actor(sub=person.sub, roles=(Role.CUSTOMER,), unit=person.unit),
        digest=sha256(person.sub, number, "further_call", digest),
        key=None if by_hand and request.key is None else sha256("call", call),
        call=call,
        text=None if by_hand else digest,
    )
    kept = await calls.keep(session, number, command, words=words, at=datetime.now(UTC), request=request)
    return kept.id


async def _start(office: Office, intake: Intake, plan: CasePlan) -> None:
    log.info("complaint_received", complaint=intake.number, category=intake.category, owner=intake.origin)
    try:
        started = await office.desk.start(intake, plan)
    except NumberTaken:
        log.error("number_taken", complaint=intake.number)
        started = False
    if started:
        async with office.database.statements() as session:
            await mark_started(session, intake.number, datetime.now(UTC))


async def _reported(
    session: AsyncSession, office: Office, person: Principal, body: bodies.NewComplaint
) -> tuple[Reported, CasePlan]:
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
    )
    plan = plan_with(rulebook, units, now_true, intake.received_at)
    case = Case.received(intake, plan, intake.received_at)
    complainant = body.complainant
    return (
        Reported(
            intake=intake,
            person=Person(complainant.name, complainant.phone, complainant.email),
            identity=complainant_hash(office.contact_key, complainant.phone, complainant.email),
            description=body.description,
            status=Status.INCOMPLETE if case.status is Status.INCOMPLETE else Status.RECEIVED,
            owner=case.owner,
            handler=case.handler,
            units=case.units,
            rulebook_version=rulebook.version,
            rulebook_hash=rulebook.hash,
            dated_version=plan.dated.version,
            remedy_sought=body.remedy_sought,
            solution=body.solution,
            despite=body.despite,
            payee=PayeeGiven(**body.payee.model_dump()) if body.payee else None,
            ticket=body.ticket,
            batch=body.batch,
            owed=[obligation_row(obligation) for obligation in first_owed(case, intake.received_at)],
        ),
        plan,
    )


def _opened(intake: Intake, reported: Reported, same_waybill: list[str]) -> Received:
    """The answer to a new complaint is what was just kept; nothing needs to be read again."""
    return Received(201, _told(intake.number, reported.status, missing(intake), reported.owed, links(same_waybill)))


async def _answer(office: Office, person: Principal, number: str, status: int) -> Received:
    async with office.database.session() as session:
        row = await complaints.row(session, number)
        assert row is not None
        owed = await complaints.obligations(session, number)
        same_waybill = await complaints.same_waybill(session, row, person.sees)
    return Received(status, _told(number, row.status, missing(row), owed, links(same_waybill, row.merged_into)))


def _told(
    number: str, status: str, missing: list[str], owed: Sequence[Obligation | ObligationRow], links: dict[str, Any]
) -> dict[str, Any]:
    first = next((o.due.astimezone(UTC) for o in owed if o.owed == Owed.FIRST_CONTACT), None)
    acknowledged_by = first.isoformat() if first else None
    return {"number": number, "status": status, "missing": missing, "acknowledged_by": acknowledged_by, "links": links}
