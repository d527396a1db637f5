"""What the customer, or the authority, has to say at any time, also once the complaint is closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api import bodies, lost_payments
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
    """What came back, or went to the wrong person, is made anew: where a closed complaint goes on, or in one opened for it."""
    route = "compensation/payout"
    lost = await lost_payments.named(office, complaint, body)

    async def hear(running: Complaint) -> Received:
        if lost is None or running.number == lost.number:
            lost_payments.check_own(complaint, running, body.payment)
            return await taking(commands.RecordPayout, route, body, person, office, key)(running)
        brought = await lost_payments.as_known(office, lost, body.outcome)
        heard = await taking(commands.RecordPayout, route, body, person, office, key, lost=brought)(running)
        return Received(heard.status, heard.answer | {"number": running.number})

    if lost is not None and lost.state == body.outcome:
        received = await lost_payments.heard_before(office, person, lost)
    else:
        reopening = lost_payments.reopening(lost, body.outcome)
        if lost is not None and reopening is not None:
            await lost_payments.check_hands(office, person, lost, body.outcome)
        try:
            received = await say(office, person, complaint, reopening, _request(person, complaint, route, body, key), hear)
        except Refused as refused:
            if lost is None or reopening is not None or refused.kind != "AlreadyClosed":
                raise
            received = await lost_payments.recovered(office, person, lost)
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
    command: type[commands.Command], route: str, body: Body, person: Principal, office: Office, key: str | None, **known: Any
) -> Callable[[Complaint], Awaitable[Received]]:
    """How a running complaint hears it: as the decision it is, with what is `known` besides."""

    async def hear(running: Complaint) -> Received:
        decided = await decide(office, person, running, route, command, body, key, **known)
        return Received(200 if decided.recorded else 202, decided.answer)

    return hear


def _request(person: Principal, complaint: Complaint, route: str, body: Body, key: str | None) -> Request:
    hashed = sha256(person.sub, complaint.number, route, key) if key is not None else None
    return Request(person.sub, hashed, sha256(person.sub, complaint.number, route, canonical(body)))
