"""Reviews opened once a complaint is closed: its case as it was left, with what became true since, given to their process."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ
from api.desk import Desk, NoSuchProcess
from api.errors import Away, Refused
from api.office import Office
from api.plans import plan_with
from api.refusing import rules
from domain.case import Case
from domain.commands import Command, OpenReview, Receipt
from domain.found import FoundParcel
from domain.offers import OfferState
from domain.opening import check_opening, later_reviews
from store import corrections, dated, reviews, rulebooks
from store.database import Database
from store.tables import Complaint

log = structlog.get_logger(__name__)


async def tell_later(office: Office, complaint: Complaint, said: Command) -> Receipt:
    """Say it to the reviews that were opened after closing; where it opens one, their process begins with it.

    Raises `NoSuchProcess` where no review of the complaint is open.
    """
    number, opening = complaint.number, said if isinstance(said, OpenReview) else None
    for _ in range(3):  # somebody else may open one in the same moment
        try:
            return await office.desk.decide(later_reviews(number), said)
        except NoSuchProcess:
            case = await closed_case(office.desk, office.database, complaint)
        if opening is not None:
            with rules():
                check_opening(case, opening, datetime.now(UTC))
        elif all(review.final_at for review in case.reviews.values()):
            raise NoSuchProcess(number)
        if await office.desk.open_later(case, opening) and opening is not None:
            return Receipt(seq=case.seq + 1, told={"review": _review(case, opening)})
    raise Away


def _review(case: Case, opening: OpenReview) -> str:
    return f"{case.intake.number}-R{opening.round or case.round.number}"


async def closed_case(desk: Desk, database: Database, complaint: Complaint) -> Case:
    """The case of a closed complaint as it stands today."""
    case = await desk.closed_case(complaint.number)
    if case is None:
        log.error("closed_case_forgotten", complaint=complaint.number)
        raise Refused(
            f"What happened in {complaint.number} is no longer kept by its process, so no review of it can begin.",
            kind="WrongStage",
        )
    async with database.session() as session:
        await bring_up_to_date(session, case, complaint)
    return case


async def go_on(desk: Desk, database: Database) -> int:
    """Go on with reviews of closed complaints whose process was ended from outside; answers how many."""
    async with database.session() as session:
        left_open = await reviews.going_on_after_closing(session)
    again = 0
    for complaint in left_open:
        if await desk.processes.ended(later_reviews(complaint.number)):
            again += await desk.open_later(await closed_case(desk, database, complaint), None)
            log.error("later_reviews_gone_on_with", complaint=complaint.number)
    return again


async def bring_up_to_date(session: AsyncSession, case: Case, complaint: Complaint) -> None:
    """Since it was closed payments may have come back, lines been corrected, units closed, and periods been declared."""
    version = await rulebooks.get(session, complaint.rulebook_version)
    assert version is not None, f"rulebook {complaint.rulebook_version} is pinned by {complaint.number} and must be there"
    standing = await dated.with_successors(session, {HQ, *case.units_known})
    plan = plan_with(version, standing, await dated.snapshot(session), complaint.received_at)
    case.units_known.update(plan.units)
    case.dated = plan.dated
    paid = [offer for round in case.rounds for offer in round.offers if offer.state is OfferState.PAID]
    undone = await corrections.reversed_among(session, [f"{offer.key}:paid" for offer in paid])
    for offer in paid:
        if f"{offer.key}:paid" in undone:
            offer.state = OfferState.RETURNED
    found_at = await corrections.first_found(session, complaint.number)
    if case.found is None and found_at is not None:
        case.found = FoundParcel(at=found_at, by="register", choice=False)
    for review in case.reviews.values():
        review.lines = await corrections.lines_now(session, complaint.number, review)
