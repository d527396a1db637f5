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
from domain.months import BUSINESS_ZONE
from domain.record import Entry, PostingRow
from domain.values import LedgerKind, PayoutOutcome, Severity
from store import tables as t

Part = TypeVar("Part", bound=SQLModel)

HAD = ("paid", "settled_elsewhere", "repaid")
"""States of a payment of which the customer has the money, or the parcel that was found in its place."""
MADE = (PayoutOutcome.PAID, PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED)


async def tail(session: AsyncSession, number: str) -> t.Complaint:
    """Where the matter of a complaint is now: the last of those that continue it, or that it was merged into."""
    row = await session.get_one(t.Complaint, number)
    seen = {number}
    while (further := row.continued_by or row.merged_into) and further not in seen:
        seen.add(further)
        row = await session.get_one(t.Complaint, further)
    return row


async def reopened(session: AsyncSession, number: str, *, by: str, at: datetime) -> None:
    """The closed complaint counts as reopened, by the one that continues it."""
    mark = update(t.Complaint).where(col(t.Complaint.number) == number, col(t.Complaint.continued_by).is_(None))
    await session.execute(mark.values(continued_by=by, reopened_at=at))


async def payment_of(session: AsyncSession, number: str, key: str | None = None) -> t.Payment | None:
    """The payment of that key that was made, or the last one, wherever it is by now."""
    made = [p for p in await _of(session, t.Payment, number) if p.state in MADE and key in (None, p.key)]
    return max(made, key=lambda payment: payment.sent_at, default=None)


async def before(session: AsyncSession, old: t.Complaint, why: Why, lost: tuple[str, PayoutOutcome] | None = None) -> Before:
    """What stands of `old` and of whatever it continued.

    A payment that is lost counts no more: the register says so where it stands, for its process has ended.
    """
    earlier = Intake.model_validate(old.intake).before
    postings = await _standing(session, old.number, earlier.postings if earlier else ())
    astray = await _astray(session, old.number, *lost, postings) if lost else None
    payments = [p for p in await _of(session, t.Payment, old.number) if p.state in HAD]
    rounds = {row.round: row.computed or 0 for row in await _of(session, t.Compensation, old.number)}
    by_round = {round: sum(p.amount for p in payments if p.round == round) for round in {p.round for p in payments}}
    lines = [line for line in await _of(session, t.PenaltyLine, old.number) if line.final and line.remaining]
    promises = [promise for promise in await _of(session, t.Promise, old.number) if promise.kept_at is None]
    severity, issue_count, climbed_by = begins_with(why, Severity(old.severity), old.issue_count, old.handler)
    return Before(
        number=old.number,
        why=why,
        severity=severity,
        issue_count=issue_count,
        climbed_by=tuple(dict.fromkeys([*(earlier.climbed_by if earlier else ()), *climbed_by])),
        paid=sum(by_round.values()) + (earlier.paid if earlier else 0),
        goodwill=sum(max(paid - rounds.get(round, 0), 0) for round, paid in by_round.items())
        + (earlier.goodwill if earlier else 0),
        penalised=(
            *(earlier.penalised if earlier else ()),
            *(_penalised(old, line) for line in lines),
        ),
        promised=tuple(
            PromisedBefore(id=p.key, what_ref=p.what_ref, unit=p.unit, at=p.promised_at, by=p.promised_by, due=p.due)
            for p in promises
        ),
        postings=tuple(p for p in postings if astray is None or p not in astray.postings),
        astray=astray,
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


async def _astray(
    session: AsyncSession, number: str, key: str, outcome: PayoutOutcome, postings: Sequence[PostingRow]
) -> AstrayBefore:
    payment = await session.get_one(t.Payment, (number, key), with_for_update=True)
    payment.state = outcome
    await session.flush()
    booked = [p for p in postings if p.key.startswith(f"{key}:") or f":share:{key}:" in p.key]
    return AstrayBefore(payment=key, amount=payment.amount, outcome=outcome, postings=tuple(booked))


def _penalised(old: t.Complaint, line: t.PenaltyLine) -> PenalisedBefore:
    """A fault without a day of its own is judged by the day the complaint came in: of the continuation just as before."""
    came_in = old.received_at.astimezone(BUSINESS_ZONE).date()
    day = line.happened_on if line.happened_on != came_in else None
    return PenalisedBefore(complaint=old.number, unit=line.unit, clause=line.clause, amount=line.remaining, happened_on=day)


async def _standing(session: AsyncSession, number: str, earlier: Sequence[PostingRow]) -> list[PostingRow]:
    """The entries for what was paid and how it was shared, but for what has been reversed since."""
    posted = await _of(session, t.Posting, number)
    reversed_ = {posting.reverses for posting in posted if posting.reverses}
    entries: dict[str, list[Entry]] = {}
    for entry in sorted(await _of(session, t.LedgerEntry, number), key=lambda entry: int(entry.id.rpartition(":")[2])):
        entries.setdefault(entry.key, []).append(Entry(account=entry.account, amount=entry.amount))
    own = [
        PostingRow(key=p.key, kind=LedgerKind(p.kind), entries=entries[p.key], posted_at=p.posted_at, review=p.review)
        for p in sorted(posted, key=lambda posting: (posting.posted_at, posting.key))
        if p.kind in (LedgerKind.ADVANCE, LedgerKind.SHARE)
    ]
    return [posting for posting in (*earlier, *own) if posting.key not in reversed_]


async def _of(session: AsyncSession, table: type[Part], number: str) -> list[Part]:
    found = select(table).where(getattr(table, "number") == number)  # noqa: B009 - typed by name
    return list((await session.execute(found)).scalars())


async def complainant(session: AsyncSession, complaint: t.Complaint) -> t.Complainant:
    return await session.get_one(t.Complainant, complaint.complainant_id)


async def opened_under(session: AsyncSession, principal: str, key: str | None, digest: str) -> str | None:
    """The complaint that was opened under an Idempotency-Key with this very body, if any."""
    known = await session.get(t.IntakeRequest, (principal, key)) if key is not None else None
    return known.number if known is not None and known.call is None and known.digest == digest else None
