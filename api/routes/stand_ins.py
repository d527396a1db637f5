"""Stand-ins (代理): a manager names who acts in their stead, from one day to another, both included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field

from api.auth import HQ, Principal
from api.errors import BadInput, Forbidden, NotFound, Refused
from api.fields import Body, Code, Day, Words
from api.office import Office, TheOffice, Who, only
from api.standing_in import today
from domain.values import Role
from store import stand_ins
from store.stand_ins import StandInRefused
from store.tables import StandIn

router = APIRouter(prefix="/stand-ins", tags=["people"])

managers = [Depends(only(Role.BRANCH_MANAGER, Role.HQ_SUPERVISOR, in_person=True))]


class NewStandIn(Body):
    """`unit` may be left out by who manages one; `to` is the last day."""

    sub: Code
    from_: Annotated[Day, Field(alias="from")]
    to: Day
    unit: Code | None = None
    reason: Words | None = None


@router.post("", status_code=201, summary="Name a stand-in, with dates.", dependencies=managers)
async def named(body: NewStandIn, office: TheOffice, person: Who) -> dict[str, Any]:
    """Within the dates the stand-in may act as the manager of the unit; never check their own work, nor name another."""
    unit = body.unit or person.unit
    _must_manage(person, unit)
    async with office.database.session() as session:
        try:
            said = stand_ins.Named(unit, body.sub, body.from_, body.to, body.reason)
            row = await stand_ins.name(session, said, by=person.sub, at=datetime.now(UTC), today=today())
        except StandInRefused as refused:
            raise BadInput(str(refused), refused.field) from None
    office.standing_in.forget()
    return _view(row)


@router.post("/{stand_in_id}/end", summary="The manager is back.", dependencies=managers)
async def ended(stand_in_id: Code, office: TheOffice, person: Who) -> dict[str, Any]:
    row = await _seen(office, stand_in_id, person)
    _must_manage(person, row.unit)
    async with office.database.session() as session:
        try:
            row = await stand_ins.end(session, row.id, by=person.sub, at=datetime.now(UTC))
        except StandInRefused as refused:
            raise Refused(str(refused)) from None
    office.standing_in.forget()
    return _view(row)


@router.get("", summary="Stand-ins of the units one sees, the latest first.")
async def listed(office: TheOffice, person: Who, current: bool = False) -> dict[str, Any]:
    async with office.database.session() as session:
        rows = await stand_ins.listed(session, person.sees, since=today() if current else None)
    return {"items": [_view(row) for row in rows], "next_cursor": None}


@router.get("/{stand_in_id}", summary="One of them.")
async def shown(stand_in_id: Code, office: TheOffice, person: Who) -> dict[str, Any]:
    return _view(await _seen(office, stand_in_id, person))


def _must_manage(person: Principal, unit: str) -> None:
    """Who manages the unit, or a unit above it; the HQ supervisor any."""
    if Role.HQ_SUPERVISOR in person.roles or (unit != HQ and unit in {person.unit, *person.units_below}):
        return
    raise Forbidden(f"A stand-in for the manager of {unit} is named by that manager, or by a manager above.")


async def _seen(office: Office, identity: str, person: Principal) -> StandIn:
    async with office.database.session() as session:
        row = await stand_ins.get(session, identity)
    if row is None or (person.sees is not None and row.unit not in person.sees):
        raise NotFound(f"There is no stand-in {identity}.")
    return row


def _view(row: StandIn) -> dict[str, Any]:
    shown = ("id", "unit", "sub", "reason", "named_by", "named_at", "ended_by", "ended_at")
    return {name: getattr(row, name) for name in shown} | {"from": row.first, "to": row.last}
