"""The inbox: what my roles and unit owe now, the soonest due first."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter

from api import views
from api.office import TheOffice, Who
from api.owed_now import shown_now
from api.paging import Cursor, Limit, Page
from domain.commands import manager_role
from domain.values import Owed, Role
from store import inbox, penalty_sheets

router = APIRouter(prefix="/inbox", tags=["inbox"])


@router.get("", summary="Open obligations of my roles and unit, by due time.")
async def listed(
    office: TheOffice,
    person: Who,
    overdue: bool | None = None,
    obligation: Owed | None = None,
    mine: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page:
    """An auditor, who owes nothing, sees everybody's. `sheets`, with the first page, are penalty sheets that wait for my role."""
    roles = frozenset(Role) if Role.AUDITOR in person.roles else person.roles
    own = None if person.sees is None else frozenset({person.unit, *person.units_below})
    in_stead = frozenset((manager_role(unit).value, unit) for unit in person.stands_in)
    desk = inbox.Desk(roles, own, person.sub, in_stead)
    async with office.database.session() as session:
        page = await inbox.items(session, desk, overdue=overdue, obligation=obligation, mine=mine, cursor=cursor, limit=limit)
        owed = await shown_now(office, session, (i.complaint for i in page.items), [i.obligation for i in page.items])
        sheets = await penalty_sheets.waiting(session, roles) if cursor is None and person.sees is None else []
    return views.paged(page, map(views.inbox_item, page.items, owed)) | {"sheets": [asdict(sheet) for sheet in sheets]}
