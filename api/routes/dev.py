"""Virtual time, on an embedded installation only: moves one complaint's own clock."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BeforeValidator
from temporalio.service import RPCError

from api.errors import Away, Problem, Refused
from api.fields import Body
from api.office import TheOffice, Visible, only
from domain.errors import RuleBroken
from domain.opening import later_reviews
from domain.values import Role

router = APIRouter(prefix="/dev", tags=["virtual time"], dependencies=[Depends(only(Role.OPERATOR))])

FARTHEST = timedelta(days=3660)
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?")


def duration(value: Any) -> timedelta:
    """An ISO 8601 duration of days, hours, minutes and seconds."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        raise ValueError("must be a duration of days, hours, minutes and seconds, as in P1DT2H")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    by = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < by <= FARTHEST:
        raise ValueError("must be more than nothing and at most ten years")
    return by


class Forward(Body):
    by: Annotated[timedelta, BeforeValidator(duration)]


@router.post("/complaints/{number}/fast-forward", summary="Move this complaint's clock.")
async def fast_forward(body: Forward, complaint: Visible, office: TheOffice) -> dict[str, Any]:
    """Answers the complaint's new time. 409 while it is being moved or when closed; 503 naming the activity it waits for.

    Once it is closed, the clock of the reviews that were opened since.
    """
    assert office.fast_forward is not None
    closed = complaint.status == "closed"
    try:
        now = await office.fast_forward(later_reviews(complaint.number) if closed else complaint.number, body.by)
    except RuleBroken as refused:
        raise Refused(str(refused), kind=type(refused).__name__) from refused
    except TimeoutError as late:
        raise Away(str(late)) from late
    except RPCError as away:
        raise Away("Temporal does not answer at the moment; the clock was not moved.") from away
    except LookupError as unknown:
        if closed:
            raise Refused(f"{complaint.number} is closed; its clock stands still.", kind="AlreadyClosed") from unknown
        raise Problem(str(unknown), status=409) from unknown
    return {"now": now}
