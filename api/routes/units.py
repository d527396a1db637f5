"""The network's units and their state: open, suspended, or closed with a successor."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends

from api import dated_bodies as bodies
from api.errors import BadInput, NotFound
from api.fields import Code
from api.office import TheOffice, Who, only
from domain.values import Role
from store import dated, units
from store.tables import Unit
from store.units import UnitRefused

router = APIRouter(prefix="/units", tags=["dated facts"])


@router.get("", summary="The units of the network.")
async def listed(office: TheOffice, person: Who) -> list[dict[str, Any]]:
    async with office.database.session() as session:
        return [_view(unit) for unit in await units.everyone(session)]


@router.post("/{code}/state", summary="Open, suspend or close a unit.", dependencies=[Depends(only(Role.HQ_SUPERVISOR))])
async def state(code: Code, body: bodies.NewState, office: TheOffice, person: Who) -> dict[str, Any]:
    """What a closed unit owes passes to its successor, or to the HQ desk; running complaints are told.

    A suspended unit takes no new complaints, which are the next open unit's above it; it goes on with those it has.
    """
    async with office.database.session() as session:
        try:
            unit = await dated.set_unit_state(session, code, body.state, body.successor, by=person.sub, at=datetime.now(UTC))
        except UnitRefused as refused:
            raise BadInput(str(refused), "successor" if body.successor else "state") from None
        if unit is None:
            raise NotFound(f"There is no unit {code} in the network.")
    await office.dated_facts_changed()
    return _view(unit)


def _view(unit: Unit) -> dict[str, Any]:
    shown = ("code", "kind", "parent", "name_zh", "name_en", "region", "state", "successor")
    return {name: getattr(unit, name) for name in shown}
