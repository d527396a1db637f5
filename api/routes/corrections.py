"""Corrections of final reviews (更正): opened once by HQ quality, decided by somebody new."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api import review_bodies as bodies
from api import views
from api.deciding import LOOKS
from api.drafting import canonical, known_evidence, plain, reserve, sha256
from api.errors import Away, NotFound, Problem, Refused
from api.office import Office, TheOffice, Who, only
from api.plans import pinned
from api.routes.reviews import Visible
from domain.clocks import due, working_days_after
from domain.commands import Intake
from domain.corrections import DECIDERS, Correction, DecideCorrection, Ground
from domain.hours import desk_calendar
from domain.labels import label
from domain.reviews import Line
from domain.values import CorrectionStatus, Owed, ReviewStatus, Role
from store import corrections, penalty_events, texts
from store.reviews import Review

router = APIRouter(prefix="/penalty-reviews/{review_id}/corrections", tags=["penalty reviews"])
GIVEN_UP_AFTER = 10
"""Working days after it was due."""
ONCE = (
    "Evidence is taken once after a review is final, and {id} is {status}: bring all of it there while that is open. "
    "Another correction follows only one that nobody decided in time."
)


@router.get("", summary="The corrections of a review.")
async def listed(review: Visible, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        found = await corrections.of_review(session, review.complaint.number, review.review.key)
        reader = await views.Reader.of(session, person, found)
    return {"items": [{"id": row.key} | reader.shown(row, "number", "key") for row in found]}


@router.post("", status_code=201, summary="HQ quality opens a correction.", dependencies=[Depends(only(Role.HQ_REVIEWER))])
async def opened(body: bodies.Evidenced, review: Visible, person: Who, office: TheOffice) -> JSONResponse:
    row, now = review.review, datetime.now(UTC)
    if row.status != ReviewStatus.FINAL or row.final_at is None:
        raise Refused("Only what is final is corrected; until then either side may appeal.", kind="WrongStage")
    async with office.database.session() as session:
        plan = await pinned(session, Intake.model_validate(review.complaint.intake), review.complaint.rulebook_version)
        days = plan.penalties.corrected_until_days
        if now > row.final_at + timedelta(days=days):
            raise Refused(f"A review is corrected within {days} days of its finality.", kind="TooLateToCorrect")
        before = corrections.opened_by_people(await corrections.of_review(session, row.number, row.key))
        if taken := next((earlier for earlier in before if earlier.status != CorrectionStatus.LAPSED), None):
            raise Refused(ONCE.format(id=taken.key, status=label(CorrectionStatus(taken.status), "en")), kind="CorrectedAlready")
        ground = await corrections.ground(session, review, plan)
        evidence = await known_evidence(session, row.number, body.evidence or [])
    calendar = desk_calendar(week=plan.week, tz=plan.timezone, exceptions=plan.dated.calendar, hours=None)
    owed = due(plan.clock(Owed.CORRECTION, review.complaint.category), now, calendar)
    correction = Correction(
        id=f"{row.key}-C{len(before) + 1}",
        ground=ground,
        opened_by=person.sub,
        opened_at=now,
        reasons_ref=await _keep(office, person.sub, row.number, body),
        evidence=evidence,
        due=owed,
        lapses=working_days_after(owed, GIVEN_UP_AFTER, calendar),
    )
    if not await office.desk.open_correction(correction):
        raise Refused(ONCE.format(id=correction.id, status="open"), kind="CorrectedAlready")
    recorded = await _recorded(office, review, correction.id)
    return JSONResponse({"id": correction.id, "due": owed.isoformat()}, 201 if recorded else 202)


@router.post("/{correction}/decision", summary="Somebody new decides it.", dependencies=[Depends(only(*DECIDERS))])
async def decided(
    correction: str, body: bodies.CorrectionDecision, review: Visible, person: Who, office: TheOffice
) -> JSONResponse:
    row = review.review
    async with office.database.session() as session:
        opened = corrections.opened_by_people(await corrections.of_review(session, row.number, row.key))
        if correction not in [found.key for found in opened]:
            raise NotFound(f"There is no correction {correction} of {row.key}.")
        plan = await pinned(session, Intake.model_validate(review.complaint.intake), review.complaint.rulebook_version)
        ground = await corrections.ground(session, review, plan)
        await reserve(session, review.complaint, row.key, [*body.added, *_raised(body, ground)])
    kept = await _keep(office, person.sub, row.number, body)
    said = {"lines": plain(body.lines), "added": plain(body.added), "shares": None if body.shares is None else plain(body.shares)}
    decision = DecideCorrection(actor=person.actor, reasons_ref=kept, ground=ground, **said)
    try:
        return JSONResponse((await office.desk.decide_correction(correction, decision)).told)
    except Problem as refused:
        if not isinstance(refused, Away):
            async with office.database.session() as session:
                await penalty_events.release(session, row.number, row.key)
        raise


def _raised(body: bodies.CorrectionDecision, ground: Ground) -> list[bodies.ClauseLine]:
    """Lines of which nothing is left and something shall be: another complaint may have penalised the event since."""
    said = [line for line in body.lines if line.amount.amount]
    gone = [line for line in ground.review.lines if not line.remaining]
    meant = [line for line in gone if any(line.is_meant(one.code, one.branch, one.happened_on) for one in said)]
    return [bodies.ClauseLine.model_validate({"code": line.clause, "branch": line.unit} | _day(line)) for line in meant]


def _day(line: Line) -> dict[str, str]:
    """As a body says it."""
    return {"happened_on": line.happened_on.isoformat()} if line.happened_on else {}


async def _keep(office: Office, sub: str, number: str, body: bodies.Reasons) -> str:
    """The reasons, kept in the register and referred to; swept if nothing comes of it."""
    now, update_id = datetime.now(UTC), sha256(sub, number, "correction", canonical(body))
    async with office.database.session() as session:
        [kept] = await texts.keep(session, number, [body.reasons], at=now, update_id=update_id)
    return kept


async def _recorded(office: Office, review: Review, correction: str) -> bool:
    for pause in LOOKS:
        await asyncio.sleep(pause)
        async with office.database.session() as session:
            rows = await corrections.of_review(session, review.complaint.number, review.review.key)
        if correction in [row.key for row in rows]:
            return True
    return False
