"""Evidence: files with their SHA-256, kept beside the register and seen by whoever sees the case."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Response, UploadFile

from adapters.evidence import NotTaken
from api.after_closing import Reopening, say
from api.auth import Principal
from api.errors import CLOSED, BadInput, NotFound, Refused
from api.office import Office, TheOffice, Visible, Who, only
from api.received import Received
from domain.continuation import Why
from domain.values import STAFF_ROLES, Role, Status
from store import evidence
from store.intake import Request
from store.tables import Complaint, Evidence

router = APIRouter(prefix="/complaints/{number}/evidence", tags=["evidence"])

bringers = only(*STAFF_ROLES - {Role.AUDITOR, Role.OPERATOR})
readers = only(*STAFF_ROLES - {Role.OPERATOR})


REOPENS = frozenset({Role.BRANCH_AGENT, Role.BRANCH_MANAGER, Role.HQ_AGENT})
"""Whose evidence opens a closed complaint again; what HQ quality brings to one is for a correction, and stays with it."""


@router.post("", status_code=201, summary="Bring a file as evidence.", dependencies=[Depends(bringers)])
async def brought(file: UploadFile, complaint: Visible, office: TheOffice, person: Who) -> dict[str, Any]:
    """What is new of a closed complaint opens one that continues it; the answer then says its `number`."""
    content, media_type = await file.read(), (file.content_type or "").partition(";")[0].strip().lower()
    try:
        sha256 = await office.evidence.keep(content, media_type)
    except NotTaken as refused:
        raise BadInput(str(refused), "file") from refused
    number = await _where_it_goes(office, person, complaint, _name(file.filename), sha256)
    row = Evidence(
        id=uuid4().hex,
        number=number,
        name=_name(file.filename),
        media_type=media_type,
        size=len(content),
        sha256=sha256,
        brought_by=person.sub,
        brought_at=datetime.now(UTC),
    )
    async with office.database.session() as session:
        await evidence.keep(session, row)
    return row.model_dump(exclude={"number"} if number == complaint.number else None)


async def _where_it_goes(office: Office, person: Principal, complaint: Complaint, name: str, sha256: str) -> str:
    """The complaint itself while it is open, or the one that continues it; a file it has already is not new."""
    async with office.database.session() as session:
        known = await evidence.known(session, complaint.number, sha256)
    if known or complaint.status != Status.CLOSED or not person.roles & REOPENS:
        return complaint.number

    async def hear(running: Complaint) -> Received:
        if running.status == Status.CLOSED:
            raise Refused(CLOSED, kind="AlreadyClosed")
        return Received(200, {"number": running.number})

    reopening = Reopening(Why.EVIDENCE, f"新证据：{name}（{sha256[:12]}）")
    received = await say(office, person, complaint, reopening, Request(person.sub), hear)
    return str(received.answer["number"])


@router.get("/{evidence_id}", summary="The file itself.", dependencies=[Depends(readers)])
async def fetched(evidence_id: str, complaint: Visible, office: TheOffice) -> Response:
    async with office.database.session() as session:
        row = await evidence.get(session, complaint.number, evidence_id)
    if row is None:
        raise NotFound(f"There is no evidence {evidence_id} in {complaint.number}.")
    # Always a download: what people bring is never shown as a page of ours.
    saved_as = f"{row.id}.html" if row.brought_by == "system" else row.id
    headers = {
        "Content-Disposition": f'attachment; filename="{saved_as}"',
        "X-Content-Type-Options": "nosniff",
        "X-Content-SHA256": row.sha256,
    }
    return Response(await office.evidence.fetch(row.sha256), media_type=row.media_type, headers=headers)


def _name(given: str | None) -> str:
    """The last part of the name, printable and not too long."""
    return re.sub(r"[^\w.() -]", "_", (given or "").replace("\\", "/").rpartition("/")[2])[:120] or "file"
