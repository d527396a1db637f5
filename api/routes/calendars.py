"""Calendars and record-only periods. A unit's calendar adds hours to the network's; HQ alone takes hours away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from api import dated_bodies as bodies
from api.auth import HQ
from api.errors import Forbidden, NotFound
from api.fields import Code
from api.office import Office, TheOffice, Who, only
from domain.plan import UnitHours
from domain.values import Role
from store import calendars, dated, units
from store.calendars import Kept, OnlyHqTakesAway

router = APIRouter(tags=["dated facts"])

supervisors = Depends(only(Role.HQ_SUPERVISOR))
Unit = Annotated[Code, Path(description="A unit's code; `hq` is the network's own calendar.")]


async def existing(unit: Unit, office: TheOffice) -> str:
    async with office.database.session() as session:
        if unit != HQ and await units.get(session, unit) is None:
            raise NotFound(f"There is no unit {unit} in the network.")
    return unit


Existing = Annotated[str, Depends(existing)]


@router.get("/calendars/{unit}", summary="The network's calendar (hq), or what a unit adds to it.")
async def shown(unit: Existing, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        return _view(unit, await calendars.get(session, unit))


@router.put(f"/calendars/{HQ}", summary="Replace the network's calendar; HQ's alone.", dependencies=[supervisors])
async def put_network(body: bodies.NetworkHours, office: TheOffice, person: Who) -> dict[str, Any]:
    """Running complaints are told; due times that have not passed move."""
    async with office.database.session() as session:
        changed = await calendars.put_network(session, body.calendar, by=person.sub, at=datetime.now(UTC))
    return await _now(office, HQ, changed)


@router.put(
    "/calendars/{unit}",
    summary="Replace a unit's own hours: its manager adds to the network's, HQ takes away too.",
    dependencies=[Depends(only(Role.HQ_SUPERVISOR, Role.BRANCH_MANAGER))],
)
async def put_unit(unit: Existing, body: bodies.OwnHours, office: TheOffice, person: Who) -> dict[str, Any]:
    """The unit's running complaints are told; due times that have not passed move."""
    as_hq = Role.HQ_SUPERVISOR in person.roles
    if not as_hq and unit != person.unit:
        raise Forbidden(f"You answer for {person.unit}; the calendar of {unit} is its own manager's or HQ's to change.")
    async with office.database.session() as session:
        await dated.in_turn(session)
        standing = (await calendars.get(session, unit)).calendar
        hours = body.hours(standing.closed if isinstance(standing, UnitHours) else ())
        try:
            changed = await calendars.put_unit(session, unit, hours, as_hq=as_hq, by=person.sub, at=datetime.now(UTC))
        except OnlyHqTakesAway as refused:
            raise Forbidden(str(refused)) from None
    return await _now(office, unit, changed)


async def _now(office: Office, unit: str, changed: bool) -> dict[str, Any]:
    if changed:
        await office.dated_facts_changed()
    async with office.database.session() as session:
        return _view(unit, await calendars.get(session, unit))


def _view(unit: str, kept: Kept) -> dict[str, Any]:
    since = kept.changed_at.isoformat() if kept.changed_at else None
    calendar = kept.calendar.model_dump(mode="json")  # as it may be sent back, changed
    return {"unit": unit, "calendar": calendar, "changed_at": since, "changed_by": kept.changed_by}


@router.get("/record-only", summary="Periods in which rulings are made but not charged.")
async def record_only(office: TheOffice, person: Who) -> list[dict[str, Any]]:
    async with office.database.session() as session:
        return [period.model_dump(mode="json") for period in await dated.record_only(session)]


@router.post("/record-only", status_code=201, summary="Rulings of these days are not charged.", dependencies=[supervisors])
async def set_record_only(body: bodies.RecordOnly, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        kept = await dated.set_record_only(session, body.period, by=person.sub, at=datetime.now(UTC))
    await office.dated_facts_changed()
    return kept.model_dump(mode="json")


@router.delete("/record-only/{period}", status_code=204, summary="Take a period back.", dependencies=[supervisors])
async def end_record_only(period: Code, office: TheOffice, person: Who) -> Response:
    async with office.database.session() as session:
        if not await dated.end_record_only(session, period, by=person.sub, at=datetime.now(UTC)):
            raise NotFound(f"There is no record-only period {period}.")
    await office.dated_facts_changed()
    return Response(status_code=204)
