"""Receiving complaints: a row first, a workflow after. The same request, a further call and a new complaint told apart.

Two requests about the same thing at once take the same advisory locks, so the second sees what the first did; unique
indexes stand behind that. Nothing is started here: a row with `started_at` empty is started by whoever comes next.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.commands import Intake
from domain.errors import KeyUsedForAnotherDecision
from domain.record import ObligationRow
from domain.values import Severity, Stage, Status
from store import texts
from store.keys import phone_digits, text_digest
from store.tables import Complainant, Complaint, IntakeRequest, Obligation

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


_IN_TURN = text("""
    SELECT pg_advisory_xact_lock(n)
    FROM (SELECT DISTINCT hashtextextended(s, 0) n FROM unnest(CAST(:subjects AS text[])) s ORDER BY n) locks
""")


class Kind(StrEnum):
    """What a request turned out to be. Whether a `further` one is a chase or a repeat is the complaint's own to say."""

    SAME = "same"
    NEW = "new"
    FURTHER = "further"


@dataclass(frozen=True)
class Person:
    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class PayeeGiven:
    name: str
    relation: str
    channel: str
    account: str


@dataclass(frozen=True)
class Request:
    """Who asked, and under which Idempotency-Key; `digest` is the hash of the body."""

    principal: str
    key: str | None = None
    digest: str = ""


@dataclass(frozen=True)
class Reported:
    """A complaint as reported. In `intake`, `number`, `uuid` and the references are filled here."""

    intake: Intake
    person: Person
    identity: str
    """`keys.complainant_hash` of the person."""
    description: str
    status: Status
    owner: str
    handler: str
    units: list[str]
    rulebook_version: str
    rulebook_hash: str
    remedy_sought: str | None = None
    solution: str | None = None
    payee: PayeeGiven | None = None
    ticket: str | None = None
    batch: str | None = None
    owed: list[ObligationRow] = field(default_factory=list)
    """What is owed from the first minute, so that nobody sees a complaint that waits for nothing."""


@dataclass(frozen=True)
class Accepted:
    """`intake` is there for a new complaint: what its workflow starts with. `call` is the further call a key stood for."""

    kind: Kind
    number: str
    intake: Intake | None = None
    call: str | None = None


async def accept(session: AsyncSession, reported: Reported, request: Request) -> Accepted:
    """Receive a complaint; raises `KeyUsedForAnotherDecision` when the key came with another body before."""
    await _take_turns(session, reported, request)
    if (known := await _by_key(session, request)) is not None:
        return known
    accepted = await _match(session, reported) or await _open(session, reported)
    if request.key is not None and accepted.kind is not Kind.FURTHER:
        session.add(IntakeRequest(principal=request.principal, key=request.key, digest=request.digest, number=accepted.number))
    return accepted


async def mark_started(session: AsyncSession, number: str, at: datetime) -> None:
    await session.execute(
        text("UPDATE complaints SET started_at = :at WHERE number = :number AND started_at IS NULL"), {"number": number, "at": at}
    )


async def unstarted(session: AsyncSession, limit: int) -> list[Complaint]:
    """Accepted complaints whose workflow has not started, oldest first; `intake` holds what it starts with."""
    waiting = select(Complaint).where(col(Complaint.started_at).is_(None)).order_by(col(Complaint.received_at)).limit(limit)
    return list((await session.execute(waiting)).scalars())


async def _take_turns(session: AsyncSession, reported: Reported, request: Request) -> None:
    subjects = {f"complainant:{reported.identity}"}
    if request.key is not None:
        subjects.add(f"key:{request.principal}:{request.key}")
    if reported.ticket is not None:
        subjects.add(f"ticket:{reported.ticket}")
    # In the order of the lock numbers: two requests that share several never wait for each other in a circle.
    await session.execute(
        _IN_TURN,
        {"subjects": sorted(subjects)},
    )


async def _by_key(session: AsyncSession, request: Request) -> Accepted | None:
    if request.key is None:
        return None
    known = await session.get(IntakeRequest, (request.principal, request.key))
    if known is None:
        return None
    if known.digest != request.digest:
        raise KeyUsedForAnotherDecision("This Idempotency-Key was used for another complaint; send a new key with a new body.")
    return Accepted(Kind.SAME if known.call is None else Kind.FURTHER, known.number, call=known.call)


async def _match(session: AsyncSession, reported: Reported) -> Accepted | None:
    """The open complaint this one is about: by ticket, by the same words, or by waybill, complainant and category."""
    intake = reported.intake
    if reported.ticket is not None:
        ticketed = await session.scalar(select(col(Complaint.number)).where(col(Complaint.ticket) == reported.ticket))
        if ticketed is not None:
            return Accepted(Kind.SAME, ticketed)
    candidates = (
        select(col(Complaint.number), col(Complaint.waybill), col(Complaint.reported_waybill), col(Complaint.text_digest))
        .where(
            col(Complaint.complainant_hash) == reported.identity,
            col(Complaint.reported_category) == intake.category,
            col(Complaint.closed_at).is_(None),
            col(Complaint.status) != Status.CLOSED,
        )
        .order_by(col(Complaint.received_at).desc())
    )
    digest = text_digest(reported.description)
    for number, waybill, reported_waybill, words in (await session.execute(candidates)).all():
        if intake.waybill in (waybill, reported_waybill):
            if words == digest:
                return Accepted(Kind.SAME, number)
            if intake.waybill is not None:
                return Accepted(Kind.FURTHER, number)
    return None


async def _open(session: AsyncSession, reported: Reported) -> Accepted:
    number = await _number(session, reported.intake.received_at)
    at = reported.intake.received_at
    words = [reported.description, *([reported.solution] if reported.solution is not None else [])]
    description_ref, *solution_ref = await texts.keep(session, number, words, at=at, referred=True)
    payee_ref = None
    if (payee := reported.payee) is not None:
        payee_ref = await texts.keep_payee(
            session, number, name=payee.name, relation=payee.relation, channel=payee.channel, account=payee.account, at=at
        )
    intake = reported.intake.model_copy(
        update={
            "number": number,
            "uuid": str(uuid4()),
            "text": text_digest(reported.description),
            "solution_ref": next(iter(solution_ref), None),
            "payee_ref": payee_ref,
        }
    )
    person = Complainant(
        hash=reported.identity,
        role=intake.complainant,
        name=reported.person.name,
        phone=phone_digits(reported.person.phone) if reported.person.phone else None,
        email=reported.person.email,
        language=intake.language,
    )
    session.add(person)
    await session.flush()
    assert person.id is not None
    row = _row(reported, intake, person.id) | {"description_ref": description_ref, "text_digest": intake.text}
    await session.execute(insert(Complaint).values(row))
    if reported.owed:
        owed = [{**row.model_dump(exclude={"table"}), "number": number} for row in reported.owed]
        await session.execute(insert(Obligation).values(owed))
    return Accepted(Kind.NEW, number, intake)


async def _number(session: AsyncSession, received_at: datetime) -> str:
    """`A<yymmdd>-<6 digits>`: the Shanghai date and a random number, so that nobody can count or guess complaints."""
    day = received_at.astimezone(BUSINESS_ZONE).strftime("%y%m%d")
    while True:
        number = f"A{day}-{secrets.randbelow(1_000_000):06d}"
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"number:{number}", 0))))
        if await session.scalar(select(col(Complaint.number)).where(col(Complaint.number) == number)) is None:
            return number


_FROM_INTAKE = (
    *(
        "number",
        "uuid",
        "received_at",
        "received_by",
        "channel",
        "complainant",
        "language",
        "region",
        "freight",
        "declared_value",
    ),
    *("claimed", "promised_at", "delivered_at", "customer_deadline", "pieces", "hold_for_release", "payee_ref", "solved_on_spot"),
    *("category", "waybill", "origin", "destination", "hub"),
)


def _row(reported: Reported, intake: Intake, complainant_id: int) -> dict[str, object]:
    return {
        **{name: getattr(intake, name) for name in _FROM_INTAKE},
        "complainant_id": complainant_id,
        "complainant_hash": reported.identity,
        "reported_category": intake.category,
        "reported_waybill": intake.waybill,
        "remedy_sought": reported.remedy_sought,
        "ticket": reported.ticket,
        "batch": reported.batch,
        "rulebook_version": reported.rulebook_version,
        "rulebook_hash": reported.rulebook_hash,
        "intake": intake.model_dump(mode="json"),
        "status": reported.status,
        "stage": Stage.ACKNOWLEDGEMENT,
        "severity": Severity.NORMAL,
        "owner": reported.owner,
        "handler": reported.handler,
        "units": reported.units,
        "liable": [],
        "applied_seq": 0,
        "issue_count": 1,
        "chase_count": 0,
        "hand_on_count": 0,
        "round": 1,
    }
