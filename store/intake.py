"""Receiving complaints: a row first, a workflow after. The same request, a further call and a new complaint told apart.

Two requests about the same thing at once take the same advisory locks, so the second sees what the first did; unique
indexes stand behind that. Nothing is started here: a row with `started_at` empty is started by whoever comes next.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.commands import Intake
from domain.continuation import Why
from domain.errors import KeyUsedForAnotherDecision
from domain.values import Severity, Stage, Status
from store import continuation, texts
from store.keys import phone_digits, text_digest
from store.reported import Accepted, Kind, PayeeGiven, Person, Reported, Request
from store.tables import Complaint, IntakeRequest

__all__ = ["Accepted", "Kind", "PayeeGiven", "Person", "Reported", "Request", "accept", "mark_started", "unstarted"]

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")
AT_ANY_AGE = 36_500
"""Days: an appeal to the authority continues a complaint however long ago that was closed."""


_IN_TURN = text("""
    SELECT pg_advisory_xact_lock(n)
    FROM (SELECT DISTINCT hashtextextended(s, 0) n FROM unnest(CAST(:subjects AS text[])) s ORDER BY n) locks
""")
_KNOWN = text("""
    SELECT CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END AS found,
        number, text_digest AS digest, NULL AS call, waybill, reported_waybill, received_at FROM complaints
    WHERE complainant_hash = :identity AND reported_category = :category
        AND (closed_at IS NULL AND status <> 'closed' OR closed_at >= :lately)
    UNION ALL SELECT 'key', number, digest, call, NULL, NULL, NULL FROM intake_requests
    WHERE principal = :principal AND key = :key
    UNION ALL SELECT 'ticket', number, NULL, NULL, NULL, NULL, NULL FROM complaints WHERE ticket = :ticket
    UNION ALL SELECT 'number', number, NULL, NULL, NULL, NULL, NULL FROM complaints WHERE number = :number
    UNION ALL SELECT 'parcel', number, NULL, NULL, NULL, NULL, received_at FROM complaints
    WHERE waybill = :waybill AND (CAST(:sees AS text[]) IS NULL OR units && CAST(:sees AS text[]))
    ORDER BY received_at DESC, number DESC
""")
"""All that may be known of a request, in one look: key, number, ticket, complaints open or closed lately, the parcel."""
_KEEP = text("""
    WITH person AS (
        INSERT INTO complainants (hash, role, name, phone, email, language)
        SELECT hash, role, name, phone, email, language
        FROM jsonb_populate_record(NULL::complainants, CAST(:complainant AS jsonb)) RETURNING id
    ),
    words AS (INSERT INTO texts SELECT * FROM jsonb_populate_recordset(NULL::texts, CAST(:texts AS jsonb))),
    owed AS (INSERT INTO obligations SELECT * FROM jsonb_populate_recordset(NULL::obligations, CAST(:obligations AS jsonb)))
    INSERT INTO complaints SELECT told.* FROM person, jsonb_populate_record(
        NULL::complaints, CAST(:complaint AS jsonb) || jsonb_build_object('complainant_id', person.id)
    ) told
""")
"""A complaint with everything it came with, each table's rows as JSON: one statement, whatever the complaint brings."""
_STARTED = text("""
    UPDATE complaints SET started_at = :at FROM (SELECT set_config('synchronous_commit', 'off', true)) unhurried
    WHERE number = :number AND started_at IS NULL
""")
"""Not waited for on the disk: a mark that is lost is made again by the schedule, which finds the process running."""


async def accept(session: AsyncSession, reported: Reported, request: Request) -> Accepted:
    """Receive a complaint; raises `KeyUsedForAnotherDecision` when the key came with another body before."""
    while True:
        number = _draw(reported.intake.received_at)
        await _take_turns(session, reported, request, number)
        known = await _look(session, reported, request, number)
        if not known["number"]:
            break
    if (before := _by_key(known["key"], request)) is not None:
        return before
    accepted = _match(known, reported) or await _new(session, known, reported, number)
    if request.key is not None and accepted.kind is not Kind.FURTHER:
        session.add(IntakeRequest(principal=request.principal, key=request.key, digest=request.digest, number=accepted.number))
    return accepted


async def mark_started(session: AsyncSession, number: str, at: datetime) -> None:
    await session.execute(_STARTED, {"number": number, "at": at})


async def unstarted(session: AsyncSession, limit: int) -> list[Complaint]:
    """Accepted complaints whose workflow has not started, oldest first; `intake` holds what it starts with."""
    waiting = select(Complaint).where(col(Complaint.started_at).is_(None)).order_by(col(Complaint.received_at)).limit(limit)
    return list((await session.execute(waiting)).scalars())


async def _take_turns(session: AsyncSession, reported: Reported, request: Request, number: str) -> None:
    subjects = {f"complainant:{reported.identity}", f"number:{number}"}
    if request.key is not None:
        subjects.add(f"key:{request.principal}:{request.key}")
    if reported.ticket is not None:
        subjects.add(f"ticket:{reported.ticket}")
    # In the order of the lock numbers: two requests that share several never wait for each other in a circle.
    await session.execute(_IN_TURN, {"subjects": sorted(subjects)})


async def _look(session: AsyncSession, reported: Reported, request: Request, number: str) -> dict[str, list[Row[Any]]]:
    """What is known, by how it was found; the newest first.

    A statement of its own, so that it sees what others did before our turn came.
    """
    lately = AT_ANY_AGE if reported.why is Why.REGULATOR_APPEAL else reported.repeat_within_days
    asked = {
        "principal": request.principal,
        "key": request.key,
        "sees": request.sees,
        "number": number,
        "ticket": reported.ticket,
        "identity": reported.identity,
        "category": reported.category or reported.intake.category,
        "waybill": reported.intake.waybill,
        "lately": reported.intake.received_at - timedelta(days=lately),
    }
    known: dict[str, list[Row[Any]]] = {found: [] for found in ("key", "number", "ticket", "open", "closed", "parcel")}
    for row in await session.execute(_KNOWN, asked):
        known[row.found].append(row)
    return known


def _by_key(known: list[Row[Any]], request: Request) -> Accepted | None:
    if not known:
        return None
    (before,) = known
    if before.digest != request.digest:
        raise KeyUsedForAnotherDecision("This Idempotency-Key was used for another complaint; send a new key with a new body.")
    return Accepted(Kind.SAME if before.call is None else Kind.FURTHER, before.number, call=before.call)


def _match(known: Mapping[str, list[Row[Any]]], reported: Reported) -> Accepted | None:
    """The open complaint this one is about: by ticket, by the same words, or by waybill, complainant and category."""
    for ticketed in known["ticket"]:
        return Accepted(Kind.SAME, ticketed.number)
    digest, waybill = text_digest(reported.description), reported.intake.waybill
    for other in known["open"]:
        if waybill in (other.waybill, other.reported_waybill):
            if other.digest == digest:
                return Accepted(Kind.SAME, other.number)
            if waybill is not None:
                return Accepted(Kind.FURTHER, other.number)
    return None


async def _new(session: AsyncSession, known: Mapping[str, list[Row[Any]]], reported: Reported, number: str) -> Accepted:
    """A complaint of its own, or one that continues a closed one and starts with what was before."""
    continues = reported.continues or _closed_lately(known["closed"], reported.intake.waybill)
    if continues is None:
        return await _open(session, reported, number, known["parcel"])
    closed = await continuation.tail(session, continues)
    if closed.status != Status.CLOSED:
        return Accepted(Kind.FURTHER, closed.number)
    before = await continuation.before(session, closed, reported.why, reported.astray)
    told = {"before": before, "payee_ref": None if reported.astray else closed.payee_ref}
    reported = replace(reported, intake=reported.intake.model_copy(update=told))
    accepted = await _open(session, reported, number, known["parcel"])
    await continuation.reopened(session, closed.number, by=number, at=reported.intake.received_at)
    return replace(accepted, continues=closed.number)


def _closed_lately(closed: list[Row[Any]], waybill: str | None) -> str | None:
    """The newest of the customer's complaints about the same that were closed within the time of a repeat."""
    about = [row.number for row in closed if waybill is not None and waybill in (row.waybill, row.reported_waybill)]
    return next(iter(about), None)


async def _open(session: AsyncSession, reported: Reported, number: str, same_waybill: list[Row[Any]]) -> Accepted:
    at = reported.intake.received_at
    words = [reported.description, *([reported.solution] if reported.solution is not None else [])]
    kept = texts.rows(number, words, at=at, referred=True)
    if reported.solution is not None:
        kept[-1]["despite"] = reported.despite
    description_ref, *solution_ref = [row["id"] for row in kept]
    payee_ref = reported.intake.payee_ref
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
    person = {
        "hash": reported.identity,
        "role": intake.complainant,
        "name": reported.person.name,
        "email": reported.person.email,
        "language": intake.language,
        "phone": phone_digits(reported.person.phone) if reported.person.phone else None,
    }
    row = _row(reported, intake) | {"description_ref": description_ref, "text_digest": intake.text}
    owed = [{**row.model_dump(mode="json"), "number": number} for row in reported.owed]
    rows = {"complainant": person, "texts": kept, "obligations": owed, "complaint": row}
    await session.execute(_KEEP, {name: json.dumps(held, ensure_ascii=False, default=str) for name, held in rows.items()})
    return Accepted(Kind.NEW, number, intake, same_waybill=[other.number for other in reversed(same_waybill)])


def _draw(received_at: datetime) -> str:
    """`A<yymmdd>-<6 digits>`: the Shanghai date and a random number, so that nobody can count or guess complaints."""
    return f"A{received_at.astimezone(BUSINESS_ZONE):%y%m%d}-{secrets.randbelow(1_000_000):06d}"


_FROM_INTAKE = (
    *("number", "uuid", "received_at", "received_by", "channel", "complainant", "language", "region", "freight"),
    *("declared_value", "claimed", "promised_at", "delivered_at", "customer_deadline", "pieces", "hold_for_release"),
    *("payee_ref", "solved_on_spot", "category", "waybill", "origin", "destination", "hub"),
)


def _row(reported: Reported, intake: Intake) -> dict[str, object]:
    kept, before = intake.model_dump(mode="json"), intake.before
    return {
        "continues": before.number if before else None,
        "continues_why": before.why if before else None,
        "regulator_appeal": intake.appeal_number,
        **{name: kept[name] for name in _FROM_INTAKE},
        "intake": kept,
        "complainant_hash": reported.identity,
        "reported_category": reported.category or intake.category,
        "reported_waybill": intake.waybill,
        "remedy_sought": reported.remedy_sought,
        "ticket": reported.ticket,
        "batch": reported.batch,
        "rulebook_version": reported.rulebook_version,
        "rulebook_hash": reported.rulebook_hash,
        "status": reported.status,
        "stage": Stage.ACKNOWLEDGEMENT,
        "severity": before.severity if before else Severity.NORMAL,
        "owner": reported.owner,
        "handler": reported.handler,
        "units": reported.units,
        "liable": [],
        "applied_seq": 0,
        "dated_version": reported.dated_version,
        "issue_count": before.issue_count if before else 1,
        "chase_count": 0,
        "hand_on_count": 0,
        "round": 1,
    }
