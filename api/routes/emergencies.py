"""Emergencies (应急): declared, extended and lifted by the HQ supervisor; everybody may read them and see who has been told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api import dated_bodies as bodies
from api.errors import BadInput, NotFound, Refused
from api.fields import Code
from api.office import TheOffice, Who, only
from api.paging import Cursor, Limit, Page
from domain.plan import EmergencyPlan
from domain.values import Role
from store import emergencies
from store.emergencies import Declared, EmergencyRefused
from store.tables import Emergency

router = APIRouter(prefix="/emergencies", tags=["dated facts"])

supervisors = [Depends(only(Role.HQ_SUPERVISOR))]


@contextmanager
def refusals() -> Iterator[None]:
    """What came too late is a 409, what makes no sense a 422."""
    try:
        yield
    except EmergencyRefused as refused:
        raise (Refused(str(refused)) if refused.settled else BadInput(str(refused), refused.field)) from None


@router.post("", status_code=201, summary="Declare one, for a region or for branches.", dependencies=supervisors)
async def declared(body: bodies.NewEmergency, office: TheOffice, person: Who) -> dict[str, Any]:
    """Contract clocks of its units stretch, visits to customers there are held; legal clocks do not move."""
    plan = EmergencyPlan(
        id=emergencies.new_id(),
        starts=body.from_,
        ends=body.to,
        stretches=body.effects.stretch,
        holds_visits=body.effects.hold_visits,
        exempts=body.effects.exclusion,
    )
    said = Declared(plan, body.region, tuple(dict.fromkeys(body.branches)), body.text.zh, body.text.en)
    async with office.database.session() as session:
        with refusals():
            emergency = await emergencies.declare(session, said, by=person.sub, at=datetime.now(UTC))
    await office.dated_facts_changed()
    return await _seen(office, emergency)


@router.post("/{emergency_id}/extend", summary="It lasts longer than was thought.", dependencies=supervisors)
async def extended(emergency_id: Code, body: bodies.Extension, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        with refusals():
            emergency = await emergencies.extend(session, emergency_id, body.to, by=person.sub, at=datetime.now(UTC))
    await office.dated_facts_changed()
    return await _seen(office, _there(emergency, emergency_id))


@router.post("/{emergency_id}/lift", summary="It is over.", dependencies=supervisors)
async def lifted(emergency_id: Code, body: bodies.Lifting, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        with refusals():
            emergency = await emergencies.lift(session, emergency_id, body.reason, by=person.sub, at=datetime.now(UTC))
    await office.dated_facts_changed()
    return await _seen(office, _there(emergency, emergency_id))


@router.get("", summary="Emergencies, the latest declared first.")
async def listed(office: TheOffice, person: Who, cursor: Cursor = None, limit: Limit = 50) -> Page:
    async with office.database.session() as session:
        page = await emergencies.search(session, cursor=cursor, limit=limit)
        return {"items": [await view(session, one) for one in page.items], "next_cursor": page.next_cursor}


@router.get("/{emergency_id}", summary="One, with how many running complaints have been told, and are still to be.")
async def shown(emergency_id: Code, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        return await view(session, _there(await emergencies.get(session, emergency_id), emergency_id))


def _there(emergency: Emergency | None, emergency_id: str) -> Emergency:
    if emergency is None:
        raise NotFound(f"There is no emergency {emergency_id}.")
    return emergency


async def _seen(office: TheOffice, emergency: Emergency) -> dict[str, Any]:
    async with office.database.session() as session:
        return await view(session, emergency)


async def view(session: AsyncSession, emergency: Emergency) -> dict[str, Any]:
    """How it stands; `told` counts those that know its latest change."""
    told = await emergencies.told(session, emergency)
    return {
        "id": emergency.id,
        "region": emergency.region,
        "branches": emergency.branches,
        "from": emergency.starts.isoformat(),
        "to": emergency.ends.isoformat(),
        "text": {"zh": emergency.text_zh, "en": emergency.text_en},
        "effects": {
            "stretch": emergency.stretches,
            "hold_visits": emergency.holds_visits,
            "exclusion": emergency.exempts,
        },
        "declared_at": emergency.declared_at.isoformat(),
        "declared_by": emergency.declared_by,
        "lifted_at": emergency.lifted_at.isoformat() if emergency.lifted_at else None,
        "lifted_by": emergency.lifted_by,
        "lift_reason": emergency.lift_reason,
        "complaints": {"told": told.told, "to_be_told": told.untold},
    }
