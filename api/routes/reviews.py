"""HQ penalty reviews: reading them, and the four decisions in them."""

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
from domain.values import ReviewStatus
from store import reviews, rulebooks
from store.reviews import Review

router = APIRouter(prefix="/penalty-reviews", tags=["penalty reviews"])

ACTS = (
    Act("statement", commands.MakeStatement, bodies.Statement, "A respondent unit's statement (申辩)."),
    Act("ruling", commands.Rule, bodies.Ruling, "HQ quality rules by clause, in lines per unit."),
    Act("agreement", commands.Agree, bodies.Agreement, "A side says how the advance shall be shared; agreed, it is ruled so."),
    Act("recusal", commands.Recuse, bodies.Reasons, "An HQ reviewer or supervisor will not decide in this complaint (回避)."),
    Act("appeal", commands.Appeal, bodies.Appeal, "Look at the ruling again (复核申请); a summary ruling gets its full review."),
    Act("appeal-decision", commands.DecideAppeal, bodies.AppealDecision, "The appeals are decided together; final."),
)


async def visible(review_id: str, office: TheOffice, person: Who) -> Review:
    async with office.database.session() as session:
        found = await reviews.get(session, review_id, person.sees)
    if found is None:
        raise NotFound(f"There is no penalty review {review_id}.")
    return found


Visible = Annotated[Review, Depends(visible)]


@router.get("", summary="Reviews in scope, the latest opened first.")
async def listed(
    office: TheOffice,
    person: Who,
    status: ReviewStatus | None = None,
    respondent: Code | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    async with office.database.session() as session:
        page = await reviews.search(session, units=person.sees, status=status, respondent=respondent, cursor=cursor, limit=limit)
        reader = await views.Reader.of(session, person, page.items)
    return views.paged(page, map(reader.review, page.items))


@router.get("/{review_id}", summary="One review: its lines with the text of each clause, the facts and the arithmetic.")
async def shown(review: Visible, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        reader = await views.Reader.of(session, person, review.review)
        pinned = await rulebooks.get(session, review.complaint.rulebook_version)
    shown = reader.review(review.review, review.lines)
    clauses = pinned.rulebook.penalties.clauses if pinned else {}
    for line in (*shown["lines"], *shown["lines_set_aside"], *(shown["ruling"] or {}).get("clauses", ())):
        code = line.get("clause") or line.get("code")
        line["text"] = clauses[code].text if code in clauses else None
    return shown | {"rulebook": {"version": review.complaint.rulebook_version, "hash": review.complaint.rulebook_hash}}


def endpoint(act: Act) -> Any:
    async def take(body: Any, review: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
        route = f"penalty-reviews/{review.review.key}/{act.path}"
        decided = await decide(office, person, review.complaint, route, act.command, body, key, review=review.review.key)
        return JSONResponse(decided.answer, 200 if decided.recorded else 202)

    return with_body(take, act.body)


for act in ACTS:
    router.add_api_route(
        f"/{{review_id}}/{act.path}",
        endpoint(act),
        methods=["POST"],
        name=act.command.__name__,
        summary=act.does,
        dependencies=[Depends(visible), Depends(permitted(act.command))],
    )
