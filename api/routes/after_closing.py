"""What the customer, or the authority, has to say at any time, also once the complaint is closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api import bodies
from api.after_closing import Reopening, say
from api.auth import Principal
from api.calling import by_hand, call_again
from api.deciding import decide
from api.drafting import canonical, sha256
from api.errors import Refused
from api.fields import Body
from api.office import Key, Office, TheOffice, Visible, Who
from api.received import Received
from api.routes.decisions import may
from domain import commands
from domain.continuation import Why
from domain.values import PayoutOutcome, Status
from store import continuation
from store.intake import Request
from store.tables import Complaint

router = APIRouter(tags=["decisions"])
HEARD: dict[int | str, dict[str, Any]] = {
    201: {"description": "The complaint is closed; one that continues it was opened."},
    202: {"description": "Taken; the register follows."},
}


async def called(
    reopening: Reopening | None,
    body: bodies.FurtherCall,
    complaint: Complaint,
    person: Principal,
    office: Office,
    key: str | None,
) -> JSONResponse:
    async def hear(running: Complaint) -> Received:
        return await call_again(office, person, running, body.reason, key)

    request = by_hand(person, complaint.number, body.reason, key)
    received = await say(office, person, complaint, reopening, request, hear)
    return JSONResponse(received.answer, received.status)


@router.post("/complaints/{number}/chase", summary="The customer asks how it stands.", dependencies=may(commands.FurtherCall))
async def chase(body: bodies.FurtherCall, complaint: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
    """Records a further call: whether it was a chase or a repeat the rule says, not the route."""
    return await called(None, body, complaint, person, office, key)


@router.post(
    "/complaints/{number}/repeat",
    summary="The customer called again.",
    responses=HEARD,
    dependencies=may(commands.FurtherCall),
)
async def repeat(body: bodies.FurtherCall, complaint: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
    """Records a further call, like `/chase`; once the complaint is closed it opens one that continues it."""
    return await called(Reopening(Why.REPEAT, body.reason), body, complaint, person, office, key)


@router.post(
    "/complaints/{number}/regulator-appeal",
    summary="The customer went to 12305.",
    responses=HEARD,
    dependencies=may(commands.RegulatorAppeal),
)
async def appealed(
    body: bodies.RegulatorAppeal, complaint: Visible, person: Who, office: TheOffice, key: Key = None
) -> JSONResponse:
    route = "regulator-appeal"
    words = body.reason or f"12305 {body.appeal_number}"
    reopening = Reopening(Why.REGULATOR_APPEAL, words, body.appeal_number, body.transferred_on)
    hear = taking(commands.RegulatorAppeal, route, body, person, office, key)
    received = await say(office, person, complaint, reopening, _request(person, complaint, route, body, key), hear)
    return JSONResponse(received.answer, received.status)


@router.post(
    "/complaints/{number}/compensation/payout",
    summary="Finance confirms what became of a payment.",
    responses=HEARD,
    dependencies=may(commands.RecordPayout),
)
async def paid(body: bodies.Payout, complaint: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
    """A payment of a closed complaint that came back, or went to the wrong person, is made anew in one that continues it."""
    route = "compensation/payout"
    take = taking(commands.RecordPayout, route, body, person, office, key)

    async def hear(running: Complaint) -> Received:
        if running.number != complaint.number and not (body.payment or "").startswith(f"{running.number}-"):
            raise Refused(
                f"{complaint.number} is closed; {running.number} goes on with it, and its payments are reported there. "
                "A payment made before counts in it already: the HQ desk looks into it.",
                kind="WrongStage",
            )
        return await take(running)

    received = await say(
        office, person, complaint, await _lost(office, complaint, body), _request(person, complaint, route, body, key), hear
    )
    return JSONResponse(received.answer, received.status)


@router.post(
    "/complaints/{number}/parcel-found",
    summary="The parcel turned up after it was paid for.",
    responses=HEARD,
    dependencies=may(commands.ReportParcelFound),
)
async def found(body: bodies.ParcelFound, complaint: Visible, person: Who, office: TheOffice, key: Key = None) -> JSONResponse:
    """The customer chooses between the money and the parcel: here or, after closing, in one that continues it."""
    route = "parcel-found"
    words = f"{body.where}：{body.words}" if body.where else body.words
    reopening, request = Reopening(Why.PARCEL_FOUND, words), _request(person, complaint, route, body, key)
    hear = taking(commands.ReportParcelFound, route, body, person, office, key)
    received = await say(office, person, complaint, reopening, request, hear)
    return JSONResponse(received.answer, received.status)


def taking(
    command: type[commands.Command], route: str, body: Body, person: Principal, office: Office, key: str | None
) -> Callable[[Complaint], Awaitable[Received]]:
    """How a running complaint hears it: as the decision it is."""

    async def hear(running: Complaint) -> Received:
        decided = await decide(office, person, running, route, command, body, key)
        return Received(200 if decided.recorded else 202, decided.answer)

    return hear


async def _lost(office: Office, complaint: Complaint, body: bodies.Payout) -> Reopening | None:
    if complaint.status != Status.CLOSED or body.outcome not in (PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED):
        return None
    async with office.database.session() as session:
        payment = await continuation.payment_of(session, complaint.number, body.payment)
    if payment is None:
        return None
    return Reopening(Why.PAYMENT_RETURNED, f"赔款退回或错付：{payment.key}", astray=(payment.key, body.outcome))


def _request(person: Principal, complaint: Complaint, route: str, body: Body, key: str | None) -> Request:
    hashed = sha256(person.sub, complaint.number, route, key) if key is not None else None
    return Request(person.sub, hashed, sha256(person.sub, complaint.number, route, canonical(body)))
