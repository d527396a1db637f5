"""How a decision sent over HTTP is taken: permitted, taken once, recorded, and answered with its number."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import ValidationError

from api import parcels
from api.auth import Principal
from api.desk import NoSuchProcess, NumberTaken
from api.drafting import Draft, canonical, draft, forget, reserve, sha256
from api.errors import CLOSED, Away, BadInput, Problem, Refused
from api.fields import Body
from api.final_letters import write_final_letters
from api.office import Office
from api.opening import tell_later
from api.plans import pinned
from api.review_bodies import Ruling
from api.views import shown
from domain.acts import HEARINGS
from domain.commands import Command, Intake, ProposeCompensation, Receipt, SupplyFacts, TellAnswer
from domain.values import AnswerKind, Status
from store import complaints, decisions
from store.intake import mark_started
from store.tables import Complaint

log = structlog.get_logger(__name__)

KEY_USED = "This Idempotency-Key was used for a decision with another body; use a new key."
NOT_STARTED = (
    "The complaint is received but its process has not started yet; it starts by itself. Please send the same request again."
)
LOOKS = (0.0, 0.02, 0.05, 0.1, 0.15)
"""Seconds between looks at the register, so that most answers can say that it has the decision."""


@dataclass(frozen=True)
class Decided:
    """`recorded` is true when the register has it already."""

    receipt: Receipt
    recorded: bool

    @property
    def answer(self) -> dict[str, Any]:
        return {"seq": self.receipt.seq} | {name: shown(name, held) for name, held in self.receipt.told.items()}


async def decide(
    office: Office,
    person: Principal,
    complaint: Complaint,
    route: str,
    command: type[Command],
    body: Body,
    key: str | None,
    **named: Any,
) -> Decided:
    """Take the decision `command` as `body` says it; `route` and `named` (ids from the path) tell it from others."""
    number = complaint.number
    digest = sha256(person.sub, number, route, canonical(body))
    hashed = sha256(person.sub, number, route, key) if key is not None else None
    later = complaint.status == Status.CLOSED and command in HEARINGS
    if (before := await _taken_before(office, complaint, digest, hashed, over=not later)) is not None:
        return Decided(before, recorded=True)
    await begin(office, complaint)
    async with office.database.session() as session:
        drafted = await draft(session, number, command, body, update_id=hashed or digest)
        if isinstance(body, Ruling):
            drafted.ruling = await reserve(session, complaint, named["review"], body.clauses)
    if command is ProposeCompensation:
        named["claim"] = await parcels.seen_now(office, complaint)
    try:
        said = command(actor=person.actor, digest=digest, key=hashed, **drafted.said, **named)
        receipt = await (tell_later(office, complaint, said) if later else office.desk.decide(number, said))
    except (Problem, ValidationError) as refused:
        if not isinstance(refused, Away):
            await _forget(office, drafted)
        raise
    except NoSuchProcess:
        await _forget(office, drafted)
        if (before := await _taken_before(office, await _fresh(office, number), digest, hashed)) is not None:
            return Decided(before, recorded=True)
        # The process writes everything before it ends: one that is gone and not closed was lost, not finished.
        log.error("process_missing", complaint=number)
        raise Away("The complaint's process cannot be found; an operator has to look at it.", after=300) from None
    if isinstance(said, SupplyFacts):
        async with office.database.session() as session:
            await complaints.supply(session, number, **said.model_dump(), remedy_sought=getattr(body, "remedy_sought", None))
    decided = Decided(receipt, await recorded(office, number, receipt.seq))
    if isinstance(said, TellAnswer) and said.kind is AnswerKind.FINAL_RESPONSE:
        await write_final_letters(office.database, office.evidence, number)
    return decided


async def _taken_before(
    office: Office, complaint: Complaint, digest: str, key: str | None, *, over: bool = True
) -> Receipt | None:
    """The same decision, from the register: once the process has ended (is `over`) it can no longer say so itself."""
    closed = over and complaint.status == Status.CLOSED
    if key is None and not closed:
        return None
    async with office.database.session() as session:
        taken = await decisions.taken(session, complaint.number, key or digest)
    if taken is not None and taken.digest != digest:
        raise BadInput(KEY_USED, kind="KeyUsedForAnotherDecision")
    if taken is not None:
        return Receipt(seq=taken.seq, told=taken.told)
    if closed:
        raise Refused(CLOSED, kind="AlreadyClosed")
    return None


async def begin(office: Office, complaint: Complaint) -> None:
    """Start the process of a complaint that was received while Temporal was away, rather than wait for the schedule."""
    if complaint.started_at is not None:
        return
    intake = Intake.model_validate(complaint.intake)
    async with office.database.session() as session:
        plan = await pinned(session, intake, complaint.rulebook_version)
    try:
        started = await office.desk.start(intake, plan)
    except NumberTaken:
        started = False
    if not started:
        raise Away(NOT_STARTED)
    async with office.database.session() as session:
        await mark_started(session, complaint.number, datetime.now(UTC))


async def recorded(office: Office, number: str, seq: int) -> bool:
    """True as soon as the register has the fact; false when it follows."""
    for pause in LOOKS:
        await asyncio.sleep(pause)
        async with office.database.session() as session:
            if await complaints.applied_seq(session, number) >= seq:
                return True
    return False


async def _fresh(office: Office, number: str) -> Complaint:
    async with office.database.session() as session:
        row = await complaints.row(session, number)
    assert row is not None
    return row


async def _forget(office: Office, drafted: Draft) -> None:
    async with office.database.session() as session:
        await forget(session, drafted)
