"""After closing: what a complaint leaves to the one that continues it, and the mark that it was reopened.

The process of a closed complaint has ended; the mark is the register's own, and the process never writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from domain.commands import Intake
from domain.continuation import AstrayBefore, Before, PenalisedBefore, PromisedBefore, Why, begins_with
from domain.errors import WrongStage
from domain.months import BUSINESS_ZONE
from domain.payouts import number_of
from domain.postings import is_about
from domain.record import Entry, PostingRow
from domain.values import LedgerKind, PayoutOutcome, Role, Severity
from store import tables as t

Part = TypeVar("Part", bound=SQLModel)

HAD = ("paid", "settled_elsewhere", "repaid")
"""States of a payment of which the customer has the money, or the parcel that was found in its place."""
HANDS = ("findings_submitted", "compensation_proposed", "compensation_approved")
"""What people do to make a payment: who did does not approve the one in its place."""


async def onward(session: AsyncSession, number: str) -> list[t.Complaint]:
    """The complaint, and where its matter went: those that continue it, or that it was merged into, the newest last."""
    rows = [await session.get_one(t.Complaint, number)]
    while (further := rows[-1].continued_by or rows[-1].merged_into) and further not in {row.number for row in rows}:
        rows.append(await session.get_one(t.Complaint, further))
    return rows


async def tail(session: AsyncSession, number: str) -> t.Complaint:
    """Where the matter of a complaint is now."""
    return (await onward(session, number))[-1]


async def _back(session: AsyncSession, complaint: t.Complaint) -> list[str]:
    """The complaint and those it continues, the newest first."""
    numbers, row = [complaint.number], complaint
    while row.continues:
        row = await session.get_one(t.Complaint, row.continues)
        numbers.append(row.number)
    return numbers


async def reopened(session: AsyncSession, number: str, *, by: str, at: datetime) -> None:
    """The closed complaint counts as reopened, by the one that continues it."""
    mark = update(t.Complaint).where(col(t.Complaint.number) == number, col(t.Complaint.continued_by).is_(None))
    await session.execute(mark.values(continued_by=by, reopened_at=at))


async def payment_of(session: AsyncSession, number: str, key: str | None, outcome: PayoutOutcome) -> t.Payment | None:
    """The payment of that key, or the last, that can have come back or gone astray; else one that is known to have done so."""
    made = [p for p in await _of(session, t.Payment, number) if key in (None, p.key)]
    may = {PayoutOutcome.PAID} | ({PayoutOutcome.MISDIRECTED} if outcome is PayoutOutcome.RETURNED else set())
    meant = [p for p in made if p.state in may] or [p for p in made if p.state == outcome]
    return max(meant, key=lambda payment: payment.sent_at, default=None)


async def before(session: AsyncSession, old: t.Complaint, why: Why, lost: tuple[str, PayoutOutcome] | None = None) -> Before:
    """What stands of `old` and of whatever it continued, as the register has it today.

    A payment that is lost counts no more: the register says so where it stands, for its process has ended.
    """
    earlier = Intake.model_validate(old.intake).before
    numbers = await _back(session, old)
    gone = await astray(session, *lost) if lost else None
    if gone is not None:
        (await session.get_one(t.Payment, (number_of(gone.payment), gone.payment), with_for_update=True)).state = gone.outcome
        await session.flush()
    postings = await _standing(session, numbers)
    payments = [p for p in await _of(session, t.Payment, *numbers) if p.state in HAD]
    lines = [line for line in await _of(session, t.PenaltyLine, old.number) if line.final and line.remaining]
    promises = [promise for promise in await _of(session, t.Promise, old.number) if promise.kept_at is None]
    severity, issue_count, climbed_by = begins_with(why, Severity(old.severity), old.issue_count, old.handler)
    return Before(
        number=old.number,
        why=why,
        severity=severity,
        issue_count=issue_count,
        climbed_by=tuple(dict.fromkeys([*(earlier.climbed_by if earlier else ()), *climbed_by])),
        paid=sum(payment.amount for payment in payments),
        goodwill=_goodwill(payments, await _of(session, t.Compensation, *numbers)),
        penalised=(
            *(earlier.penalised if earlier else ()),
            *(_penalised(old, line) for line in lines),
        ),
        promised=tuple(
            PromisedBefore(id=p.key, what_ref=p.what_ref, unit=p.unit, at=p.promised_at, by=p.promised_by, due=p.due)
            for p in promises
        ),
        postings=tuple(p for p in postings if gone is None or p not in gone.postings),
        astray=gone,
    )


def _goodwill(payments: Sequence[t.Payment], rounds: Sequence[t.Compensation]) -> int:
    """What of these payments is more than the rulebook computed, round by round."""
    computed = {(row.number, row.round): row.computed or 0 for row in rounds}
    paid: dict[tuple[str, int], int] = {}
    for payment in payments:
        paid[payment.number, payment.round] = paid.get((payment.number, payment.round), 0) + payment.amount
    return sum(max(amount - computed.get(round, 0), 0) for round, amount in paid.items())


async def astray(session: AsyncSession, key: str, outcome: PayoutOutcome) -> AstrayBefore:
    """A payment of a closed complaint that is `outcome` now, with what stands of it and who had a hand in it.

    Raises `WrongStage` where the customer has repaid it.
    """
    payment = await session.get_one(t.Payment, (number_of(key), key))
    path = [row.number for row in await onward(session, payment.number)]
    booked = [posting for posting in await _standing(session, path) if is_about(posting, key)]
    if payment.state == PayoutOutcome.PAID and not booked:
        raise WrongStage(f"{key} was repaid when its parcel was found; it cannot have come back.")
    of_round = [p for p in await _of(session, t.Payment, payment.number) if p.round == payment.round and p.state in HAD]
    rounds = await _of(session, t.Compensation, payment.number)
    others = [p for p in of_round if p.key != key]
    acted = select(col(t.TimelineEntry.actor)).where(
        col(t.TimelineEntry.number) == payment.number,
        col(t.TimelineEntry.name).in_(HANDS),
        col(t.TimelineEntry.role) != Role.SYSTEM,
    )
    return AstrayBefore(
        payment=key,
        amount=payment.amount,
        outcome=outcome,
        was=PayoutOutcome(payment.state),
        postings=tuple(booked),
        goodwill=min(_goodwill([*others, payment], rounds) - _goodwill(others, rounds), payment.amount),
        makers=tuple(sorted(set((await session.execute(acted)).scalars()))),
        payee_ref=payment.payee_ref,
    )


async def was_found(session: AsyncSession, closed: t.Complaint) -> bool:
    """Its parcel was reported found after it was paid for, in this complaint or in one that it continues."""
    row: t.Complaint | None = closed
    while row is not None:
        told = select(t.TimelineEntry).where(
            col(t.TimelineEntry.number) == row.number, col(t.TimelineEntry.name) == "parcel_found"
        )
        if (await session.execute(told)).first() is not None:
            return True
        row = await session.get(t.Complaint, row.continues) if row.continues else None
    return False


async def receivable_in(session: AsyncSession, lost: t.Payment) -> str:
    """The complaint in which a misdirected payment was booked as a receivable: its own, or one that goes on with it."""
    path = [row.number for row in await onward(session, lost.number)]
    booked = select(col(t.Posting.number)).where(col(t.Posting.number).in_(path), col(t.Posting.key) == f"{lost.key}:receivable")
    return (await session.execute(booked)).scalar_one()


def _penalised(old: t.Complaint, line: t.PenaltyLine) -> PenalisedBefore:
    """A fault without a day of its own is judged by the day the complaint came in: of the continuation just as before."""
    came_in = old.received_at.astimezone(BUSINESS_ZONE).date()
    day = line.happened_on if line.happened_on != came_in else None
    return PenalisedBefore(complaint=old.number, unit=line.unit, clause=line.clause, amount=line.remaining, happened_on=day)


async def _standing(session: AsyncSession, numbers: Sequence[str]) -> list[PostingRow]:
    """The entries for what was paid in these complaints and how it was shared, but for what has been reversed in one of them."""
    posted = await _of(session, t.Posting, *numbers)
    reversed_ = {posting.reverses for posting in posted if posting.reverses}
    entries: dict[str, list[Entry]] = {}
    for entry in sorted(await _of(session, t.LedgerEntry, *numbers), key=lambda entry: int(entry.id.rpartition(":")[2])):
        entries.setdefault(entry.key, []).append(Entry(account=entry.account, amount=entry.amount))
    return [
        PostingRow(key=p.key, kind=LedgerKind(p.kind), entries=entries[p.key], posted_at=p.posted_at, review=p.review)
        for p in sorted(posted, key=lambda posting: (posting.posted_at, posting.key))
        if p.kind in (LedgerKind.ADVANCE, LedgerKind.SHARE) and p.key not in reversed_
    ]


async def _of(session: AsyncSession, table: type[Part], *numbers: str) -> list[Part]:
    found = select(table).where(getattr(table, "number").in_(numbers))  # noqa: B009 - typed by name
    return list((await session.execute(found)).scalars())


async def complainant(session: AsyncSession, complaint: t.Complaint) -> t.Complainant:
    return await session.get_one(t.Complainant, complaint.complainant_id)


async def opened_under(session: AsyncSession, principal: str, key: str | None, digest: str) -> str | None:
    """The complaint that was opened under an Idempotency-Key with this very body, if any."""
    known = await session.get(t.IntakeRequest, (principal, key)) if key is not None else None
    return known.number if known is not None and known.call is None and known.digest == digest else None
