"""The HQ penalty sheet: drafted on the 1st, signed or sent back by the HQ supervisor, published, executed by finance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api import duties, views
from api.errors import NotFound
from api.fields import Body, Line, Words
from api.files import file
from api.months import AMonth, is_over
from api.office import Office, TheOffice, Who, only
from api.paging import Page
from api.refusing import rules
from domain.penalty_sheets import WAITS_FOR, Done, Sheet, SheetAct, by_unit, content
from domain.values import Role
from reports import penalty_sheet
from store import duties as owed
from store import penalty_sheets
from store.sheet_rounds import tell_published

router = APIRouter(prefix="/penalty-sheets", tags=["ledger"])

supervisors = [Depends(only(Role.HQ_SUPERVISOR))]


class Signing(Body):
    """`hash` is that of what one has read; left out, the draft as it stands is signed."""

    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Returning(Body):
    reason: Words


class Executing(Body):
    """The lines that finance has executed; none named: all that are left. `reference` is finance's own."""

    lines: Annotated[tuple[Line, ...], Field(max_length=10_000)] = ()
    reference: Line | None = None


_AS_IT_STANDS, _ALL_OF_IT = Signing(), Executing()


@router.get("", summary="Months with a sheet, and where each stands.")
async def listed(office: TheOffice, person: Who) -> Page:
    async with office.database.session() as session:
        found = [await penalty_sheets.get(session, month) for month in await penalty_sheets.months(session)]
    seen = [sheet for sheet in found if sheet is not None and (person.sees is None or sheet.done(SheetAct.PUBLISHED))]
    return {"items": [_head(sheet) for sheet in seen], "next_cursor": None}


@router.get("/{month}", summary="A month's sheet. `canonical` is what its SHA-256 is taken of.", response_model=None)
async def shown(
    month: AMonth,
    office: TheOffice,
    person: Who,
    format: Annotated[Literal["json", "xlsx", "canonical"], Query()] = "json",
) -> dict[str, Any] | Response:
    """HQ sees it at any time; the units once it is published."""
    async with office.database.session() as session:
        sheet = await penalty_sheets.get(session, month)
        if sheet is None or (person.sees is not None and sheet.done(SheetAct.PUBLISHED) is None):
            raise NotFound(f"There is no penalty sheet of {month}.")
        if format == "canonical":
            return Response(content(sheet.month, sheet.lines), media_type="application/json")
        if format == "xlsx":
            return file(f"penalty-sheet-{month}", penalty_sheet.as_workbook(sheet))
        return await _view(office, session, sheet)


@router.post(
    "/{month}",
    status_code=201,
    summary="Draft it, or draft it again, by hand.",
    dependencies=[Depends(only(Role.HQ_REVIEWER, Role.HQ_SUPERVISOR, Role.FINANCE))],
)
async def drafted(month: AMonth, office: TheOffice, person: Who) -> dict[str, Any]:
    """The schedule does so on the 1st. A draft that says the same stays as it is."""
    now = datetime.now(UTC)
    async with office.database.session() as session:
        with rules():
            await is_over(office, session, month, now)
            return await _view(office, session, await penalty_sheets.draft(session, month, by=person.sub, at=now))


@router.post("/{month}/sign", summary="Sign what was drafted; it never changes again.", dependencies=supervisors)
async def signed(month: AMonth, office: TheOffice, person: Who, body: Signing = _AS_IT_STANDS) -> dict[str, Any]:
    """Its lateness lines are posted with it."""
    async with office.database.session() as session:
        with rules():
            sheet = await penalty_sheets.sign(session, month, by=person.sub, at=datetime.now(UTC), hash=body.hash)
        return await _view(office, session, sheet)


@router.post("/{month}/return", summary="Send the draft back, with a reason.", dependencies=supervisors)
async def returned(month: AMonth, body: Returning, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        with rules():
            sheet = await penalty_sheets.send_back(session, month, reason=body.reason, by=person.sub, at=datetime.now(UTC))
        return await _view(office, session, sheet)


@router.post("/{month}/publish", summary="Publish it to all units.", dependencies=supervisors)
async def published(month: AMonth, office: TheOffice, person: Who) -> dict[str, Any]:
    """Units that are charged are told what their penalties come to."""
    now = datetime.now(UTC)
    async with office.database.session() as session:
        with rules():
            sheet = await penalty_sheets.publish(session, month, by=person.sub, at=now)
        await tell_published(session, sheet, now)
        return await _view(office, session, sheet)


@router.post("/{month}/executed", summary="Mark lines as executed.", dependencies=[Depends(only(Role.FINANCE))])
async def executed(month: AMonth, office: TheOffice, person: Who, body: Executing = _ALL_OF_IT) -> dict[str, Any]:
    """What was marked keeps its first mark."""
    now = datetime.now(UTC)
    async with office.database.session() as session:
        with rules():
            sheet = await penalty_sheets.mark(session, month, body.lines, reference=body.reference, by=person.sub, at=now)
        return await _view(office, session, sheet)


def _head(sheet: Sheet) -> dict[str, Any]:
    return {
        "month": sheet.month,
        "status": sheet.status,
        "revision": sheet.revision,
        "hash": sheet.hash,
        "total": views.money(sheet.total),
        "lines_total": len(sheet.lines),
        "unexecuted": len(sheet.unmarked),
        "waits_for": WAITS_FOR.get(sheet.status),
        "drafted_at": sheet.drafted_at,
        "drafted_by": sheet.drafted_by,
        "signed": _done(sheet.done(SheetAct.SIGNED)),
        "published": _done(sheet.done(SheetAct.PUBLISHED)),
    }


def _done(done: Done | None) -> dict[str, Any] | None:
    return {"by": done.by, "at": done.at} if done else None


async def _view(office: Office, session: AsyncSession, sheet: Sheet) -> dict[str, Any]:
    marks = {mark.line: {"by": mark.by, "at": mark.at, "reference": mark.reference} for mark in sheet.marks}
    lines = [line.model_dump() | {"amount": views.money(line.amount), "executed": marks.get(line.id)} for line in sheet.lines]
    units = [
        {
            "unit": unit.unit,
            "amount": views.money(unit.amount),
            "clauses": [clause._asdict() | {"amount": views.money(clause.amount)} for clause in unit.clauses],
        }
        for unit in by_unit(sheet.lines)
    ]
    back = [
        {"revision": act.revision, "reason": act.reason, "by": act.by, "at": act.at}
        for act in await penalty_sheets.sent_back(session, sheet.month)
    ]
    now = datetime.now(UTC)
    steps = [duties.shown(step, now) for step in await owed.of_sheet(session, await office.dated.look(session), sheet, now)]
    return _head(sheet) | {"returned": back, "steps": steps, "units": units, "lines": lines}
