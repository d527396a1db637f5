"""HQ quality opens a penalty review itself: while the complaint is open, and for a time after it was closed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api import review_bodies as bodies
from api.deciding import decide
from api.errors import Refused
from api.office import Key, TheOffice, Visible, Who, visible
from api.routes.decisions import may
from domain.commands import OpenReview
from domain.values import Status
from store import histories, second_looks

router = APIRouter(tags=["penalty reviews"])
OPENED: dict[int | str, dict[str, Any]] = {202: {"description": "Opened; the register follows."}}


@router.post(
    "/complaints/{number}/penalty-reviews",
    status_code=201,
    name="OpenReview",
    summary="HQ quality opens a review itself.",
    responses=OPENED,
    dependencies=may(OpenReview),
)
async def opened(body: bodies.ReviewOpening, complaint: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
    """HQ quality is the claimant; who opens it neither rules on it nor decides its appeal."""

    async def once() -> JSONResponse:
        row = await visible(complaint.number, office, person)
        decided = await decide(office, person, row, "penalty-reviews", OpenReview, body, key)
        async with office.database.session() as session:
            review = str(decided.receipt.told["review"])
            if row.status == Status.CLOSED:
                await histories.go_on(session, row.number)
            await second_looks.looked(session, row.number, by=person.sub, at=datetime.now(UTC), result="reviewed", review=review)
        return JSONResponse({"id": decided.receipt.told["review"]} | decided.answer, 201 if decided.recorded else 202)

    try:
        return await once()
    except Refused as refused:
        if refused.kind != "AlreadyClosed":
            raise
        return await once()  # it was just closing: now it is the review of a closed complaint
