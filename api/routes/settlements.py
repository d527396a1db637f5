"""Settlement: what a unit's account moved in a month, and what becomes of the account of a unit that has left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Response

from api import views
from api.auth import HQ
from api.errors import NotFound
from api.fields import Code
from api.files import Format, file
from api.months import AMonth
from api.office import TheOffice, Who, only
from api.refusing import rules
from domain.values import Role
from reports import settlement
from store import settlements, units
from store.settlements import Statement

router = APIRouter(prefix="/settlements", tags=["ledger"])


@router.get("/{branch}/{month}", summary="A unit's month: opening, every entry with its complaint, closing.", response_model=None)
async def shown(
    branch: Code,
    month: AMonth,
    office: TheOffice,
    person: Who,
    format: Format = "json",
) -> dict[str, Any] | Response:
    """Units see their own and those below them. In an open month entries may still come; in a closed one never."""
    now = datetime.now(UTC)
    async with office.database.session() as session:
        unit = await units.get(session, branch)
        if unit is None or (person.sees is not None and branch not in person.sees):
            raise NotFound(f"There is no unit {branch} in the network.")
        statement = await settlements.statement(session, unit, month)
    if format == "xlsx":
        return file(f"settlement-{branch}-{month}", settlement.as_workbook(statement, now))
    return view(statement) | {"computed_at": now.isoformat()}


@router.post(
    "/{branch}/take-over",
    status_code=201,
    summary="What a closed unit left goes to its successor, without one to HQ, which holds its deposit.",
    dependencies=[Depends(only(Role.FINANCE))],
)
async def taken_over(branch: Code, office: TheOffice, person: Who) -> dict[str, Any]:
    """Complaint by complaint, so that every sum still has its own. Posted again for what comes in later."""
    async with office.database.session() as session:
        unit = await units.get(session, branch)
        if unit is None or branch == HQ:
            raise NotFound(f"There is no unit {branch} in the network that could leave it.")
        with rules():
            heir, left = await settlements.take_over(session, unit, by=person.sub, at=datetime.now(UTC))
    told = [{"complaint": number, "amount": views.money(amount)} for number, amount in left.items()]
    return {"branch": branch, "taken_over_by": heir, "total": views.money(sum(left.values())), "complaints": told}


def view(statement: Statement) -> dict[str, Any]:
    unit = statement.unit
    return {
        "branch": unit.code,
        "name": {"zh": unit.name_zh, "en": unit.name_en},
        "state": unit.state,
        "successor": unit.successor,
        "month": statement.month,
        "closed": statement.closed,
        "currency": views.CNY,
        "opening": views.money(statement.opening),
        "entries": [views.entry(line.entry) | {"balance": views.money(line.balance)} for line in statement.lines],
        "by_kind": {kind: views.money(amount) for kind, amount in statement.by_kind.items()},
        "closing": views.money(statement.closing),
    }
