"""Second looks (复看): what was drawn for HQ quality, and that it was looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Depends

from api import views
from api.auth import HQ, Principal
from api.drafting import canonical, sha256
from api.errors import NotFound, Refused
from api.fields import Body, Words
from api.office import TheOffice, Visible, Who, only
from api.paging import Cursor, Limit, Page
from domain.labels import label
from domain.values import CostNothing, CustomerDiffers, Role
from store import second_looks, texts
from store.tables import Complaint, SecondLook

router = APIRouter(prefix="/second-looks", tags=["penalty reviews"])
READERS = (Role.HQ_REVIEWER, Role.HQ_SUPERVISOR, Role.AUDITOR)


class Looked(Body):
    """Whatever is not fine is a review: `POST /v1/complaints/{number}/penalty-reviews` marks the look by itself."""

    result: Literal["fine"]
    words: Words


@router.get("", summary="Closed complaints to look at again, the longest closed first.", dependencies=[Depends(only(*READERS))])
async def listed(office: TheOffice, person: Who, looked: bool | None = None, cursor: Cursor = None, limit: Limit = 50) -> Page:
    async with office.database.session() as session:
        page = await second_looks.search(session, looked=looked, cursor=cursor, limit=limit)
        reader = await views.Reader.of(session, person, page.items)
    return views.paged(page, (shown(reader, look) for look in page.items))


def shown(reader: views.Reader, look: SecondLook) -> dict[str, Any]:
    """Why it was drawn, in codes and in words."""
    said = [*map(CostNothing, look.why), *map(CustomerDiffers, look.differs)]
    words = {language: [label(code, language) for code in said] for language in ("zh", "en")}
    held: dict[str, Any] = reader.shown(look, "number")
    return {"complaint": look.number} | held | {"labels": words}


@router.post(
    "/{number}/looked", summary="A reviewer looked, and it is as it was said.", dependencies=[Depends(only(Role.HQ_REVIEWER))]
)
async def looked(body: Looked, complaint: Visible, person: Who, office: TheOffice) -> dict[str, Any]:
    """Once, and by somebody who decided nothing in the complaint."""
    number, now = complaint.number, datetime.now(UTC)
    async with office.database.session() as session:
        if await session.get(SecondLook, number) is None:
            raise NotFound(f"{number} was not drawn for a second look.")
        if _of_a_side(person, complaint) or await second_looks.took_part(session, number, person.sub):
            raise Refused("You have a part in this complaint; a reviewer who decided nothing in it looks at it.", kind="TookPart")
        update_id = sha256(person.sub, number, "second-look", canonical(body))
        [words] = await texts.keep(session, number, [body.words], at=now, update_id=update_id, referred=True)
        if not await second_looks.looked(session, number, by=person.sub, at=now, result=body.result, words_ref=words):
            raise Refused(f"{number} was looked at already; a second look is made once.", kind="WrongStage")
        look = await session.get_one(SecondLook, number, populate_existing=True)
        reader = await views.Reader.of(session, person, look)
    return shown(reader, look)


def _of_a_side(person: Principal, complaint: Complaint) -> bool:
    return any(unit != HQ and unit in complaint.units for unit in (person.unit, *person.stands_in))
