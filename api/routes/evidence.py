"""Evidence: files with their SHA-256, kept beside the register and seen by whoever sees the case."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, Response, UploadFile

from adapters.evidence import NotTaken
from api.errors import BadInput, NotFound
from api.office import TheOffice, Visible, Who, only
from domain.values import STAFF_ROLES, Role
from store import evidence
from store.tables import Evidence

router = APIRouter(prefix="/complaints/{number}/evidence", tags=["evidence"])

bringers = only(*STAFF_ROLES - {Role.AUDITOR, Role.OPERATOR})
readers = only(*STAFF_ROLES - {Role.OPERATOR})


@router.post("", status_code=201, summary="Bring a file as evidence.", dependencies=[Depends(bringers)])
async def brought(file: UploadFile, complaint: Visible, office: TheOffice, person: Who) -> dict[str, Any]:
    content, media_type = await file.read(), (file.content_type or "").partition(";")[0].strip().lower()
    try:
        sha256 = await office.evidence.keep(content, media_type)
    except NotTaken as refused:
        raise BadInput(str(refused), "file") from refused
    row = Evidence(
        id=uuid4().hex,
        number=complaint.number,
        name=_name(file.filename),
        media_type=media_type,
        size=len(content),
        sha256=sha256,
        brought_by=person.sub,
        brought_at=datetime.now(UTC),
    )
    async with office.database.session() as session:
        await evidence.keep(session, row)
    return row.model_dump(exclude={"number"})


@router.get("/{evidence_id}", summary="The file itself.", dependencies=[Depends(readers)])
async def fetched(evidence_id: str, complaint: Visible, office: TheOffice) -> Response:
    async with office.database.session() as session:
        row = await evidence.get(session, complaint.number, evidence_id)
    if row is None:
        raise NotFound(f"There is no evidence {evidence_id} in {complaint.number}.")
    # Always a download: what people bring is never shown as a page of ours.
    headers = {
        "Content-Disposition": f'attachment; filename="{row.id}"',
        "X-Content-Type-Options": "nosniff",
        "X-Content-SHA256": row.sha256,
    }
    return Response(await office.evidence.fetch(row.sha256), media_type=row.media_type, headers=headers)


def _name(given: str | None) -> str:
    """The last part of the name, printable and not too long."""
    return re.sub(r"[^\w.() -]", "_", (given or "").replace("\\", "/").rpartition("/")[2])[:120] or "file"
