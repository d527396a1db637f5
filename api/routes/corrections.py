"""Corrections of final reviews (更正): opened once by HQ quality, decided by somebody new."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api import bodies, views
from api.deciding import LOOKS
from api.drafting import canonical, known_evidence, plain, sha256
from api.errors import NotFound, Refused
from api.office import Office, TheOffice, Who, only
from api.plans import pinned
from api.routes.reviews import Visible
from domain.clocks import due, working_days_after
from domain.commands import Intake
from domain.corrections import DECIDERS, Correction, DecideCorrection
from domain.hours import desk_calendar
from domain.values import Owed, ReviewStatus, Role
from store import corrections, texts
from store.reviews import Review

router = APIRouter(prefix="/penalty-reviews/{review_id}/corrections", tags=["penalty reviews"])
GIVEN_UP_AFTER = 10
"""Working days after it was due."""


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
        if await corrections.of_review(session, row.number, row.key):
            raise Refused("A review is corrected once.", kind="CorrectedAlready")
        ground = await corrections.ground(session, review, plan)
        evidence = await known_evidence(session, row.number, body.evidence or [])
    calendar = desk_calendar(week=plan.week, tz=plan.timezone, exceptions=plan.dated.calendar, hours=None)
    owed = due(plan.clock(Owed.CORRECTION, review.complaint.category), now, calendar)
    correction = Correction(
        id=f"{row.key}-C1",
        ground=ground,
        opened_by=person.sub,
        opened_at=now,
        reasons_ref=await _keep(office, person.sub, row.number, body),
        evidence=evidence,
        due=owed,
        lapses=working_days_after(owed, GIVEN_UP_AFTER, calendar),
    )
    if not await office.desk.open_correction(correction):
        raise Refused("A review is corrected once.", kind="CorrectedAlready")
    recorded = await _recorded(office, review)
    return JSONResponse({"id": correction.id, "due": owed.isoformat()}, 201 if recorded else 202)


@router.post("/{correction}/decision", summary="Somebody new decides it.", dependencies=[Depends(only(*DECIDERS))])
async def decided(
    correction: str, body: bodies.CorrectionDecision, review: Visible, person: Who, office: TheOffice
) -> JSONResponse:
    row = review.review
    async with office.database.session() as session:
        if correction not in [found.key for found in await corrections.of_review(session, row.number, row.key)]:
            raise NotFound(f"There is no correction {correction} of {row.key}.")
        plan = await pinned(session, Intake.model_validate(review.complaint.intake), review.complaint.rulebook_version)
        ground = await corrections.ground(session, review, plan)
    kept = await _keep(office, person.sub, row.number, body)
    lines, shares = plain(body.lines), None if body.shares is None else plain(body.shares)
    decision = DecideCorrection(actor=person.actor, reasons_ref=kept, lines=lines, shares=shares, ground=ground)
    return JSONResponse((await office.desk.decide_correction(correction, decision)).told)


async def _keep(office: Office, sub: str, number: str, body: bodies.Reasons) -> str:
    """The reasons, kept in the register and referred to; swept if nothing comes of it."""
    now, update_id = datetime.now(UTC), sha256(sub, number, "correction", canonical(body))
    async with office.database.session() as session:
        [kept] = await texts.keep(session, number, [body.reasons], at=now, update_id=update_id)
    return kept


async def _recorded(office: Office, review: Review) -> bool:
    for pause in LOOKS:
        await asyncio.sleep(pause)
        async with office.database.session() as session:
            if await corrections.of_review(session, review.complaint.number, review.review.key):
                return True
    return False
