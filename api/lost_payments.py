"""A payment of a closed complaint that came back, or went to the wrong person: where it is heard, and what of it is known."""

from __future__ import annotations

from datetime import UTC, datetime

from api import bodies
from api.after_closing import Reopening
from api.auth import Principal
from api.errors import Refused
from api.office import Office
from api.received import Received, answer
from api.refusing import rules
from domain.astray import receivable
from domain.continuation import AstrayBefore, Why
from domain.offers import HAD_A_PART
from domain.payouts import number_of
from domain.postings import reversed_
from domain.record import Fact, LostRow, Row
from domain.values import PayoutOutcome, Role, Status
from store import complaints, continuation
from store.register import Register
from store.tables import Complaint, Payment


async def named(office: Office, complaint: Complaint, body: bodies.Payout) -> Payment | None:
    """The payment that is meant, where the process that made it has ended; `complaint` may be one that goes on with it."""
    if body.outcome not in (PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED):
        return None
    number = number_of(body.payment) if body.payment else complaint.number
    async with office.database.session() as session:
        made_in = await complaints.row(session, number)
        if made_in is None or made_in.status != Status.CLOSED:
            return None
        if complaint.number not in {row.number for row in await continuation.onward(session, number)}:
            return None
        return await continuation.payment_of(session, number, body.payment, body.outcome)


def check_own(complaint: Complaint, running: Complaint, payment: str | None) -> None:
    """What is said of a closed complaint's payments is never taken for another's."""
    if running.number != complaint.number and not (payment or "").startswith(f"{running.number}-"):
        raise Refused(
            f"{complaint.number} is closed; {running.number} goes on with it, and its payments are reported there. "
            "Of those made before, only one that was paid can come back or have gone astray.",
            kind="WrongStage",
        )


def reopening(lost: Payment | None, outcome: PayoutOutcome) -> Reopening | None:
    """What a closed complaint is continued for: the customer has nothing of it. What went astray before was seen to then."""
    if lost is None or lost.state != PayoutOutcome.PAID:
        return None
    how = "赔款退回" if outcome is PayoutOutcome.RETURNED else "赔款错付"
    return Reopening(Why.PAYMENT_RETURNED, f"{how}：{lost.key}", astray=(lost.key, outcome))


async def as_known(office: Office, lost: Payment, outcome: PayoutOutcome) -> AstrayBefore:
    async with office.database.session() as session:
        with rules():
            return await continuation.astray(session, lost.key, outcome)


async def check_hands(office: Office, person: Principal, lost: Payment, outcome: PayoutOutcome) -> None:
    """Who made a payment does not say that it was lost: the complaint that would refuse it may have to be opened first."""
    if person.sub in (await as_known(office, lost, outcome)).makers:
        raise Refused(HAD_A_PART, kind="MakerIsChecker")


async def heard_before(office: Office, person: Principal, lost: Payment) -> Received:
    """Said again: where it is seen to."""
    async with office.database.session() as session:
        now = await continuation.tail(session, lost.number)
    return await answer(office, person, now.number, 200)


async def recovered(office: Office, person: Principal, lost: Payment) -> Received:
    """What went to the wrong person is back, and was made anew before: taken off the receivables, and nothing is opened."""
    async with office.database.session() as session:
        booked_in = await continuation.receivable_in(session, lost)
    now = datetime.now(UTC)
    back = LostRow(of=lost.number, key=lost.key, state=PayoutOutcome.RETURNED, settled_at=now)
    rows: list[Row] = [reversed_(receivable(lost.key, lost.amount, now), now), back]
    fact = Fact(seq=0, at=now, name="receivable_recovered", actor=person.sub, role=Role.FINANCE, rows=rows)
    await Register(office.database).add(booked_in, fact)
    return await heard_before(office, person, lost)
