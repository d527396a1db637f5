"""The inbox: what my roles and unit owe now, the soonest due first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from api import duties, views
from api.auth import HQ, Principal
from api.office import TheOffice, Who
from api.owed_now import shown_now
from api.paging import Cursor, Limit, Page
from api.routes.second_looks import shown as shown_look
from domain.commands import manager_role
from domain.rulebook_standing import Around
from domain.values import Owed, Role
from store import inbox, second_looks

NOTHING: dict[str, list[Any]] = {"sheets": [], "months": [], "fund_uses": [], "lost": [], "second_looks": []}
router = APIRouter(prefix="/inbox", tags=["inbox"])


@router.get("", summary="Open obligations of my roles and unit, by due time.")
async def listed(
    office: TheOffice,
    person: Who,
    overdue: bool | None = None,
    obligation: Owed | Around | None = None,
    mine: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    """An auditor, who owes nothing, sees everybody's.

    With the first page, what my roles owe around the books: penalty `sheets`, `months` to close and `fund_uses` to decide;
    complaints whose process was `lost`; for HQ quality the `second_looks` that were drawn.
    """
    roles = frozenset(Role) if Role.AUDITOR in person.roles else person.roles
    own = None if person.sees is None else frozenset({person.unit, *person.units_below})
    in_stead = frozenset((manager_role(unit).value, unit) for unit in person.stands_in)
    desk = inbox.Desk(roles, own, person.sub, in_stead)
    async with office.database.session() as session:
        page = await inbox.items(session, desk, overdue=overdue, obligation=obligation, mine=mine, cursor=cursor, limit=limit)
        owed = await shown_now(office, session, (i.complaint for i in page.items), [i.obligation for i in page.items])
        books = {}
        if cursor is None and person.sees is None and not isinstance(obligation, Owed) and not mine:
            whose = roles | {Role(role) for role, unit in in_stead if unit == HQ}
            books = await duties.of_roles(office, session, whose, datetime.now(UTC), overdue=overdue, owed=obligation)
            drawn = obligation is None and overdue is None and Role.HQ_REVIEWER in roles
            books |= await _to_look_at(session, person) if drawn else {}
    return views.paged(page, map(views.inbox_item, page.items, owed)) | NOTHING | books


async def _to_look_at(session: AsyncSession, person: Principal) -> dict[str, Any]:
    """What was drawn for HQ quality; all of it at `/second-looks`."""
    drawn = await second_looks.search(session, looked=False)
    reader = await views.Reader.of(session, person, drawn.items)
    return {"second_looks": [shown_look(reader, look) for look in drawn.items]}
