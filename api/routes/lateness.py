"""Lateness lines for the monthly sheet: reading them, objecting, and deciding the objection."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api import review_bodies as bodies
from api import views
from api.deciding import decide
from api.errors import NotFound
from api.fields import Code
from api.office import Key, TheOffice, Who, permitted
from api.paging import Cursor, Limit, Page
from api.routes.decisions import Act, with_body
from domain import commands
from domain.values import LatenessState
from store import reviews
from store.tables import Complaint, Lateness

router = APIRouter(prefix="/lateness-lines", tags=["penalty reviews"])

ACTS = (
    Act("objection", commands.ObjectToLateness, bodies.Evidenced, "The unit objects within its window (异议)."),
    Act("decision", commands.DecideObjection, bodies.ObjectionDecision, "An HQ reviewer lets it stand, or waives it."),
)


async def visible(line: str, office: TheOffice, person: Who) -> tuple[Lateness, Complaint]:
    async with office.database.session() as session:
        found = await reviews.lateness(session, line, person.sees)
    if found is None:
        raise NotFound(f"There is no lateness line {line}.")
    return found


Visible = Annotated[tuple[Lateness, Complaint], Depends(visible)]


@router.get("", summary="Lateness lines in scope, the latest opened first.")
async def listed(
    office: TheOffice,
    person: Who,
    state: LatenessState | None = None,
    branch: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    async with office.database.session() as session:
        page = await reviews.lateness_lines(session, units=person.sees, state=state, unit=branch, cursor=cursor, limit=limit)
        reader = await views.Reader.of(session, person, page.items)
    return views.paged(page, map(reader.lateness, page.items))


@router.get("/{line}", summary="One lateness line.")
async def shown(line: Visible, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        reader = await views.Reader.of(session, person, line[0])
    return reader.lateness(line[0])


def endpoint(act: Act) -> Any:
    async def take(body: Any, line: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
        row, complaint = line
        route = f"lateness-lines/{row.key}/{act.path}"
        decided = await decide(office, person, complaint, route, act.command, body, key, line=row.key)
        return JSONResponse(decided.answer, 200 if decided.recorded else 202)

    return with_body(take, act.body)


for act in ACTS:
    router.add_api_route(
        f"/{{line}}/{act.path}",
        endpoint(act),
        methods=["POST"],
        name=act.command.__name__,
        summary=act.does,
        dependencies=[Depends(visible), Depends(permitted(act.command))],
    )
