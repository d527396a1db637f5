"""What is owed around the books, as it is shown: in an inbox, and with a sheet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ
from api.office import Office
from api.waiting import LANGUAGES, duration
from domain.duties import Duty
from domain.penalty_sheets import SheetStatus
from domain.rulebook_standing import Around
from domain.sentences import sentence
from domain.values import ClockKind, Role
from store import duties

SHEETS: Mapping[Around, str] = MappingProxyType(
    {
        Around.SHEET_DRAFT: "missing",
        Around.SHEET_SIGNATURE: SheetStatus.DRAFT,
        Around.SHEET_CORRECTION: SheetStatus.RETURNED,
        Around.SHEET_PUBLICATION: SheetStatus.SIGNED,
        Around.SHEET_EXECUTION: SheetStatus.PUBLISHED,
    }
)
"""How a sheet stands while that is owed."""


async def of_roles(
    office: Office,
    session: AsyncSession,
    roles: Collection[Role],
    now: datetime,
    *,
    overdue: bool | None = None,
    owed: Around | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """What these roles owe: penalty `sheets`, `months` to close, `fund_uses` to decide, complaints whose process was `lost`."""
    found: dict[str, list[dict[str, Any]]] = {"sheets": [], "months": [], "fund_uses": [], "lost": []}
    for duty in await duties.owed_now(session, await office.dated.look(session), now):
        if duty.role not in roles or overdue not in (None, duty.late(now)) or owed not in (None, duty.owing.owed):
            continue
        owing, told = duty.owing, shown(duty, now)
        if owing.owed in SHEETS:
            found["sheets"].append({"month": owing.about, "status": SHEETS[owing.owed], **told})
        elif owing.owed is Around.MONTH_CLOSE:
            found["months"].append({"month": owing.about, **told})
        elif owing.owed is Around.LOST_PROCESS:
            found["lost"].append({"complaint": owing.about, **told})
        else:
            found["fund_uses"].append({"id": owing.about, **told})
    return found


def shown(duty: Duty, now: datetime) -> dict[str, Any]:
    """Who owes what by when, in the words obligations have; the sentence says it while it waits."""
    owing, late_by, step = duty.owing, duty.late_by(now), duty.next_rung(now)
    return {
        "obligation": owing.owed,
        "role": duty.role,
        "since": owing.since,
        "due": duty.due,
        "late": duty.late(now),
        "late_by": duration(late_by),
        "late_measure": duty.clock.measure if late_by is not None else None,
        "clock": {"measure": duty.clock.measure, "kind": ClockKind.CONTRACT},
        "next_step": {"at": step[0], "does": step[1].does, "role": duty.whom(step[1]), "branch": HQ} if step else None,
        "done_at": owing.done_at,
        "sentence": None if owing.done_at else {language: _said(duty, now, language) for language in LANGUAGES},
    }


def _said(duty: Duty, now: datetime, language: str) -> str:
    at, rung = duty.next_rung(now) or (None, None)
    return sentence(
        duty.owing.owed,
        duty.role,
        HQ,
        duty.due,
        ClockKind.CONTRACT,
        duty.clock.measure,
        duty.late(now),
        None,
        at,
        rung.does if rung else None,
        duty.whom(rung) if rung else None,
        HQ,
        language,
        duty.zone,
        duty.late_by(now),
    )
