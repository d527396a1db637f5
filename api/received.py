"""A complaint that was just received: what the register keeps of it, its process started, and what the caller is told.

What follows from the rules - owner, handler, first obligations - is read off the case as the process itself will begin it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from api.auth import Principal
from api.desk import NumberTaken
from api.office import Office
from api.views import linked, links, missing
from domain.case import Case
from domain.commands import Intake
from domain.ladders import first_owed
from domain.plan import CasePlan
from domain.record import ObligationRow
from domain.rows import obligation_row
from domain.values import Owed, Status
from store import complaints
from store.intake import Accepted, Person, Reported, mark_started
from store.rulebooks import Stored
from store.tables import Obligation

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Received:
    """What the caller is told: 201 for a new complaint, 200 otherwise, 202 while a further call waits to be handed over."""

    status: int
    answer: dict[str, Any]


def as_reported(
    intake: Intake, plan: CasePlan, rulebook: Stored, person: Person, identity: str, description: str, **more: Any
) -> Reported:
    """The complaint as the register keeps it."""
    case = Case.received(intake, plan, intake.received_at)
    return Reported(
        intake=intake.model_copy(update={"by_letter": person.email is not None}),
        person=person,
        identity=identity,
        description=description,
        status=Status.INCOMPLETE if case.status is Status.INCOMPLETE else Status.RECEIVED,
        owner=case.owner,
        handler=case.handler,
        units=case.units,
        rulebook_version=rulebook.version,
        rulebook_hash=rulebook.hash,
        dated_version=plan.dated.version,
        owed=[obligation_row(case, obligation) for obligation in first_owed(case, intake.received_at)],
        repeat_within_days=rulebook.rulebook.after_closing.repeat_within_days,
        **more,
    )


async def start(office: Office, intake: Intake, plan: CasePlan) -> None:
    log.info("complaint_received", complaint=intake.number, category=intake.category, owner=intake.origin)
    try:
        started = await office.desk.start(intake, plan)
    except NumberTaken:
        log.error("number_taken", complaint=intake.number)
        started = False
    if started:
        async with office.database.statements() as session:
            await mark_started(session, intake.number, datetime.now(UTC))


def opened(accepted: Accepted, reported: Reported) -> Received:
    """The answer to a new complaint is what was just kept; nothing needs to be read again."""
    about = links(accepted.same_waybill, continues=accepted.continues)
    return Received(201, _told(accepted.number, reported.status, missing(reported.intake), reported.owed, about))


async def answer(office: Office, person: Principal, number: str, status: int) -> Received:
    async with office.database.session() as session:
        row = await complaints.row(session, number)
        assert row is not None
        owed = await complaints.obligations(session, number)
        same_waybill = await complaints.same_waybill(session, row, person.sees)
    return Received(status, _told(number, row.status, missing(row), owed, linked(row, same_waybill)))


def _told(
    number: str, status: str, missing: list[str], owed: Sequence[Obligation | ObligationRow], links: dict[str, Any]
) -> dict[str, Any]:
    first = next((o.due.astimezone(UTC) for o in owed if o.owed == Owed.FIRST_CONTACT), None)
    acknowledged_by = first.isoformat() if first else None
    return {"number": number, "status": status, "missing": missing, "acknowledged_by": acknowledged_by, "links": links}
