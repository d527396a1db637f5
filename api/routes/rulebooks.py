"""Rulebooks: which there are, what each says, how two differ; and the way of one from its draft to being published."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth import HQ as HQ_UNIT
from api.auth import Principal
from api.errors import Forbidden, NotFound, Refused
from api.examining import examine, lines, source_of, unsound
from api.fields import Body
from api.office import Office, TheOffice, Who, only
from api.paging import Page
from domain.errors import NotPermitted, RuleBroken
from domain.publishing import HQ, Confirmation, Draft, Part, check_role
from domain.rulebook import BrokenRulebook
from domain.rulebook_diff import differences
from store import calendars, publishing, rulebooks
from store.intake import BUSINESS_ZONE
from store.rulebook_text import Checked
from store.rulebooks import Stored

router = APIRouter(prefix="/rulebooks", tags=["rulebooks"])

MEDIA = {"application/yaml": "string", "application/json": "object"}
DOCUMENT = {
    "requestBody": {
        "required": True,
        "description": "The whole document: YAML, as `amends rulebook show` prints it, or the same as JSON.",
        "content": {media: {"schema": {"type": kind}} for media, kind in MEDIA.items()},
    }
}


def _not_the_drafter(part: Part) -> Part:
    if part is Part.DRAFTER:
        raise ValueError("is reviewer or approver: the drafter is who sent the document")
    return part


class Confirming(Body):
    """`hash` is that of the content one has read; left out, the draft as it stands is confirmed."""

    role: Annotated[Part, AfterValidator(_not_the_drafter)]
    hash: str | None = None


@dataclass(frozen=True)
class Shelf:
    """What a line about a version says that does not stand in the version itself."""

    in_force: str | None
    confirmations: dict[str, tuple[Confirmation, ...]]

    @classmethod
    async def of(cls, session: AsyncSession) -> Shelf:
        current = await rulebooks.active(session, today())
        return cls(current.version if current else None, await publishing.confirmed(session))

    def line(self, book: Draft | Stored) -> dict[str, Any]:
        published = isinstance(book, Stored) or not book.waits_for
        status = ("effective" if book.version == self.in_force else "published") if published else "draft"
        said = self.confirmations.get(book.version, ())
        return {name: getattr(book, name) for name in ("version", "hash", "effective", "note")} | {
            "status": status,
            "waits_for": book.waits_for if isinstance(book, Draft) else [],
            "confirmations": [{"role": one.part, "by": one.by, "at": one.at} for one in said],
            "published_at": book.published_at if isinstance(book, Stored) else None,
            "published_by": book.published_by if isinstance(book, Stored) else None,
        }


@router.get("", summary="Every version, the latest effective first; drafts, which HQ sees, before those published.")
async def listed(office: TheOffice, person: Who) -> Page:
    async with office.database.session() as session:
        drafts = await publishing.under_way(session) if person.sees is None else []
        books: list[Draft | Stored] = [*drafts, *await rulebooks.versions(session)]
        shelf = await Shelf.of(session)
    return {"items": [shelf.line(book) for book in books], "next_cursor": None}


@router.post("/check", summary="Whether a document could be published; if not, all that is wrong.", openapi_extra=DOCUMENT)
async def checked(request: Request, office: TheOffice, person: Who) -> dict[str, Any]:
    found = await _examined(request, office)
    said: dict[str, Any] = {"problems": lines(found.problems), "warnings": lines(found.warnings)}
    if (rulebook := found.rulebook) is not None:
        said |= {"version": rulebook.version, "effective": rulebook.effective, "hash": found.hash}
    return {"sound": not found.problems} | said


@router.post(
    "",
    status_code=201,
    summary="Draft a version, or change its draft. When two others have confirmed it, it is published.",
    openapi_extra=DOCUMENT,
    dependencies=[Depends(only(*HQ))],
)
async def drafted(request: Request, response: Response, office: TheOffice, person: Who) -> dict[str, Any]:
    found = await _examined(request, office)
    if found.problems:
        raise unsound(found.problems)
    now = datetime.now(UTC)
    async with office.database.session() as session:
        with refusals():
            book = await publishing.draft(session, found.document, by=person.sub, at=now)
        line = (await Shelf.of(session)).line(book)
        overtaken = await publishing.overtaken(session, book.effective, today())
    if not any(said["at"] == now for said in line["confirmations"]):
        response.status_code = 200  # it stood so already
    remarks = [f"rulebook {overtaken.version}, effective {overtaken.effective}, stays in force: it is later"] if overtaken else []
    return line | {"warnings": lines([*found.warnings, *remarks])}


@router.get("/schema", summary="The JSON Schema of the document, for editors.")
async def schema(person: Who) -> dict[str, Any]:
    return rulebooks.schema()


@router.get("/diff", summary="What changes from one version to another, in sentences.")
async def compared(
    a: str, b: str, office: TheOffice, person: Who, language: Annotated[str, Query(pattern="^(zh|en)$")] = "en"
) -> dict[str, Any]:
    async with office.database.session() as session:
        before, after = [rulebooks.read((await find(session, version, person)).document) for version in (a, b)]
    return {"a": a, "b": b, "language": language, "differences": differences(before, after, language)}


@router.get("/{version}", summary="One version, whole.")
async def shown(version: str, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        book = await find(session, version, person)
        return (await Shelf.of(session)).line(book) | {"document": book.document}


@router.post(
    "/{version}/confirm",
    summary="Confirm a draft, as its reviewer or its approver; the third person's word publishes it.",
    dependencies=[Depends(only(*HQ))],
)
async def confirmed(version: str, body: Confirming, office: TheOffice, person: Who) -> dict[str, Any]:
    async with office.database.session() as session:
        await find(session, version, person)
        with refusals():
            check_role(body.role, person.roles)
            await publishing.confirm(session, version, body.role, by=person.sub, at=datetime.now(UTC), hash=body.hash)
        return (await Shelf.of(session)).line(await find(session, version, person))


async def _examined(request: Request, office: Office) -> Checked:
    source = await source_of(request)
    async with office.database.session() as session:
        calendar = (await calendars.get(session, HQ_UNIT)).calendar
    return await asyncio.to_thread(examine, source, getattr(calendar, "years", ()) or None)


async def find(session: AsyncSession, version: str, person: Principal) -> Draft | Stored:
    """What is published under that name, else the draft, which HQ sees."""
    found: Draft | Stored | None = await rulebooks.get(session, version)
    if found is None and person.sees is None:
        found = await publishing.get(session, version)
    if found is None:
        raise NotFound(f"There is no rulebook {version}.")
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """What the rules refuse, as problems."""
    try:
        yield
    except BrokenRulebook as broken:
        raise unsound(broken.problems) from broken
    except NotPermitted as refused:
        raise Forbidden(str(refused)) from refused
    except RuleBroken as refused:
        raise Refused(str(refused), kind=type(refused).__name__) from refused


def today() -> date:
    return datetime.now(BUSINESS_ZONE).date()
