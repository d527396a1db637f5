"""Receiving complaints, and reading them: lists, the whole case, its timeline, why it waits, its workflow's history."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from api import views
from api.fields import Code, Line, When
from api.history import history_of
from api.intake import receive
from api.intake_bodies import NewComplaint
from api.office import Key, TheOffice, Visible, Who, only
from api.owed_now import shown_now
from api.paging import Cursor, Limit, Page
from domain.values import STAFF_ROLES, Role, Severity, Stage, Status
from store import complaints
from store.complaints import Filters

router = APIRouter(prefix="/complaints", tags=["complaints"])

anyone_but_auditors = only(*STAFF_ROLES - {Role.AUDITOR})


@router.post("", status_code=201, summary="Receive a complaint.", dependencies=[Depends(anyone_but_auditors)])
async def received(body: NewComplaint, office: TheOffice, person: Who, key: Key = None) -> JSONResponse:
    """201 for a new complaint; 200 for the same request again or a further call; 202 while a further call waits to be told."""
    answer = await receive(office, person, body, key)
    return JSONResponse(answer.answer, answer.status)


@router.get("", summary="Complaints in scope.")
async def listed(
    office: TheOffice,
    person: Who,
    status: Status | None = None,
    stage: Stage | None = None,
    branch: Code | None = None,
    liable_branch: Code | None = None,
    category: Code | None = None,
    severity: Severity | None = None,
    waiting_on: Code | None = None,
    overdue: bool | None = None,
    opened_from: When | None = None,
    opened_to: When | None = None,
    q: Annotated[Line | None, Query(description="A waybill, number, phone or ticket.")] = None,
    sort: Literal["newest", "oldest"] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    asked = Filters(status, stage, branch, liable_branch, category, severity, waiting_on, overdue, opened_from, opened_to, q)
    async with office.database.session() as session:
        page = await complaints.search(session, asked, units=person.sees, cursor=cursor, limit=limit, sort=sort)
    return views.paged(page, map(views.summary, page.items))


@router.get("/{number}", summary="The whole case.")
async def shown(complaint: Visible, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        found = await complaints.dossier(session, complaint.number, person.sees)
        assert found is not None
        reader = await views.Reader.of(session, person, found)
        owed = await shown_now(office, session, [found.complaint], found.obligations)
    return reader.complaint(found, owed)


@router.get("/{number}/timeline", summary="Business events in order.")
async def timeline(
    complaint: Visible,
    office: TheOffice,
    person: Who,
    cursor: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="The last `seq` seen.")] = None,
    limit: Limit = 200,
) -> Page:
    async with office.database.session() as session:
        events = await complaints.timeline(session, complaint.number, after=cursor or 0, limit=limit)
        letters = await complaints.notices(session, complaint.number)
        reader = await views.Reader.of(session, person, *events)
    items = [reader.event(event, [letter for letter in letters if letter.seq == event.seq]) for event in events]
    return {"items": items, "next_cursor": str(events[-1].seq) if len(events) == limit else None}


@router.get("/{number}/waiting", summary="Why it is waiting: who owes what by when.")
async def waiting(complaint: Visible, office: TheOffice) -> list[dict[str, Any]]:
    """What is owed now, and what is planned: that opens at its `next_step`."""
    async with office.database.session() as session:
        owed = [o for o in await complaints.obligations(session, complaint.number) if o.ending is None]
        return await shown_now(office, session, [complaint], owed)


@router.get(
    "/{number}/history",
    summary="The workflow's history, event by event.",
    dependencies=[Depends(only(Role.OPERATOR, Role.AUDITOR))],
)
async def history(
    complaint: Visible, office: TheOffice, cursor: Annotated[int | None, Query(ge=0, le=10_000_000)] = None, limit: Limit = 200
) -> Page:
    """From Temporal, or from the register once closed and archived; continue-as-new runs follow one another."""
    events = await history_of(office, complaint.number)
    start = cursor or 0
    return {"items": events[start : start + limit], "next_cursor": str(start + limit) if len(events) > start + limit else None}
