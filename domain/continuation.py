"""After closing (domain §2.6): what a complaint that continues another begins with; nothing is paid or penalised twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum

from pydantic import Field

from domain.plan import Frozen
from domain.record import PostingRow
from domain.values import Fen, PayoutOutcome, Severity


class Why(StrEnum):
    """What brings a closed complaint back."""

    REPEAT = "repeat"
    REGULATOR_APPEAL = "regulator_appeal"
    EVIDENCE = "evidence"
    PARCEL_FOUND = "parcel_found"
    PAYMENT_RETURNED = "payment_returned"

    @property
    def counts(self) -> bool:
        """True where the customer had to come again: one issue more, and at least a repeat."""
        return self in (Why.REPEAT, Why.REGULATOR_APPEAL, Why.EVIDENCE)


class PenalisedBefore(Frozen):
    """A penalty that stands (fen): one event is penalised once per unit and clause, also across a continuation."""

    complaint: str
    unit: str
    clause: str
    amount: Fen
    happened_on: date | None = None


class PromisedBefore(Frozen):
    """What the customer was promised and, as far as anybody said, has not got."""

    id: str
    what_ref: str
    unit: str
    at: datetime
    by: str
    due: datetime


class AstrayBefore(Frozen):
    """A payment (fen) of a closed complaint that came back, or went to the wrong person, and the entries that stand for it.

    `was` is what was known of it before; `goodwill` what of it was more than the rulebook computed; `makers` had a hand in it:
    none of them approves the payment in its place.
    """

    payment: str
    amount: Fen
    outcome: PayoutOutcome
    postings: tuple[PostingRow, ...] = ()
    was: PayoutOutcome = PayoutOutcome.PAID
    goodwill: Fen = 0
    makers: tuple[str, ...] = ()
    payee_ref: str | None = None


class Before(Frozen):
    """What was before, all complaints that were continued together: sums in fen, `paid` whatever the customer has.

    `goodwill` is what of it was more than the rulebook computed. `postings` are the entries that stand for what was paid and
    how it was shared: a parcel that is found, or a payment that comes back, reverses them.
    """

    number: str
    why: Why
    severity: Severity = Severity.NORMAL
    issue_count: int = 1
    climbed_by: tuple[str, ...] = ()
    paid: Fen = 0
    goodwill: Fen = 0
    penalised: tuple[PenalisedBefore, ...] = ()
    promised: tuple[PromisedBefore, ...] = ()
    postings: tuple[PostingRow, ...] = Field(default=())
    astray: AstrayBefore | None = None


def begins_with(why: Why, severity: Severity, issue_count: int, handler: str) -> tuple[Severity, int, tuple[str, ...]]:
    """Severity, issue count, and by whose act severity climbed, of the complaint that continues one that ended with these.

    Only the customer's own call is the handler's doing, as it is while a complaint is open: an appeal to the authority has
    a clause of its own, and new evidence is nobody's fault.
    """
    if not why.counts:
        return severity, issue_count, ()
    again = max(severity, Severity.REPEAT, key=lambda held: held.rank)
    return again, issue_count + 1, (handler,) if why is Why.REPEAT else ()


def may_repeat(closed_at: datetime, now: datetime, within_days: int) -> bool:
    """A repeat continues what was closed not longer ago than that; later, the same trouble is a complaint of its own."""
    return now - closed_at <= timedelta(days=within_days)
