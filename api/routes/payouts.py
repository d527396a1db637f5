"""Where payout providers speak (webhook): signed, of our time, each event once.

What it says wakes the complaint's process, which then asks the provider itself; nothing is paid, booked or refused on the word
of a message that came in unasked. So its order, its copies and its loss change nothing but how soon the outcome is known.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.http_payouts import event_subject
from adapters.signatures import Forged, SigningKey
from api.errors import BadInput, NotFound, Problem
from api.office import Office, TheOffice
from domain.errors import WrongStage
from domain.payouts import PayoutNews, number_of
from domain.values import PayoutOutcome, Role
from settings import Settings
from store import complaints, continuation, payout_events
from store.tables import Payment, PayoutEvent

router = APIRouter(prefix="/v1/adapters/payouts", tags=["adapters"])
log = structlog.get_logger(__name__)

_ASTRAY = (PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED)
Code = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,200}$")]


class Event(BaseModel):
    """`event` is the provider's own id of this message, `key` the payment's."""

    event: Code
    key: Code
    state: Literal["pending", "paid", "refused", "returned", "misdirected"]


class NotOurProvider(Problem):
    """The signature does not hold; nothing was changed."""

    status = 401


@router.post("/{provider}", summary="What a payout provider has to say of a payment.")
async def heard(provider: str, request: Request, office: TheOffice) -> dict[str, str]:
    body, now = await request.body(), datetime.now(UTC)
    try:
        _key(office.settings, provider).check(request.headers, "webhook", event_subject(provider), body, now)
    except Forged as forged:
        log.warning("webhook_forged", provider=provider)
        raise NotOurProvider(str(forged), kind="ForgedSignature") from None
    said = Event.model_validate_json(body)
    number = number_of(said.key)
    event = PayoutEvent(provider=provider, event=said.event, payment=said.key, state=said.state, received_at=now)
    async with office.database.session() as session:
        if await complaints.row(session, number) is None:
            raise BadInput("There is no such payment here.", "key")
        if not await payout_events.keep(session, event):
            return {"heard": "before"}
    running = await office.desk.bring_payout_news(number, PayoutNews(payment=said.key)) or await _goes_on(office, event)
    async with office.database.session() as session:
        if not running:
            await _nobody_hears(session, number, event)
        await payout_events.heard(session, provider, said.event, now)
    return {"heard": "now"}


async def _goes_on(office: Office, event: PayoutEvent) -> bool:
    """The complaint is closed: is there one that goes on with it, and hears of the money the customer has not got after all?"""
    number = number_of(event.payment)
    async with office.database.session() as session:
        payment, now = await session.get(Payment, (number, event.payment)), await continuation.tail(session, number)
        if now.number == number or payment is None or event.state not in _ASTRAY or payment.state not in (*_ASTRAY, "paid"):
            return False
        try:
            lost = await continuation.astray(session, event.payment, PayoutOutcome(event.state))
        except WrongStage:
            return False
    return await office.desk.bring_payout_news(now.number, PayoutNews(payment=event.payment, lost=lost))


async def _nobody_hears(session: AsyncSession, number: str, event: PayoutEvent) -> None:
    """The complaint is closed. Money that is not where the register has it is for finance, who brings it again."""
    payment = await session.get(Payment, (number, event.payment))
    astray = event.state in _ASTRAY or (event.state == "paid" and payment and payment.state == "refused")
    if payment is not None and astray and payment.state != event.state:
        await payout_events.tell_finance(session, number, event, f"{Role.FINANCE}@hq", payment.amount)


def _key(settings: Settings, provider: str) -> SigningKey:
    if provider != "http" or settings.payout_secret is None:
        raise NotFound("No such payout provider speaks to us.")
    return SigningKey(settings.payout_key_id, settings.payout_secret.get_secret_value())
