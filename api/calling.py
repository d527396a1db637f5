"""A further call about a complaint: kept first, then handed over, at once or by housekeeping."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import Principal
from api.desk import Desk, NoSuchProcess
from api.drafting import sha256
from api.errors import CLOSED, Away, BadInput, Refused
from api.office import Office
from api.received import Received
from api.received import answer as answered
from domain.commands import Actor, FurtherCall
from domain.errors import KeyUsedForAnotherDecision
from domain.values import Role, Status
from store import calls, complaints
from store.database import Database
from store.intake import Request
from store.keys import text_digest
from store.tables import Complaint

log = structlog.get_logger(__name__)


async def call_again(office: Office, person: Principal, complaint: Complaint, reason: str, key: str | None) -> Received:
    """A further call recorded by hand (`/chase`, `/repeat`): the rule, not the route, says which it was."""
    request = by_hand(person, complaint.number, reason, key)
    async with office.database.session() as session:
        try:
            known = await calls.under_key(session, request)
            if known is None and complaint.status == Status.CLOSED:
                raise Refused(CLOSED, kind="AlreadyClosed")
            call = known or await keep_call(session, person, complaint.number, reason, request, by_hand=True)
        except KeyUsedForAnotherDecision as used:
            raise BadInput(str(used), kind="KeyUsedForAnotherDecision") from used
    return await further(office, person, complaint.number, call)


def by_hand(person: Principal, number: str, reason: str, key: str | None) -> Request:
    hashed = sha256(person.sub, number, "further_call", key) if key is not None else None
    return Request(person.sub, hashed, sha256(person.sub, number, "further_call", reason))


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
            received = await answered(office, person, number, 202)
            return Received(202, received.answer | {"repeat": None, "chase": None, "issue_count": None, "detail": away.detail})
        async with office.database.session() as session:
            await calls.handed_over(session, call, at=datetime.now(UTC), answer=answer)
    if answer.get("refused"):
        raise Refused(answer["refused"], kind="AlreadyClosed")
    received = await answered(office, person, number, 200)
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


async def keep_call(
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
