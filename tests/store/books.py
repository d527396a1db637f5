"""Complaints with money in their books, as their processes would tell it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from domain import postings
from domain.offers import Offer, OfferState
from domain.plan import Clause
from domain.record import LatenessRow, LineRow, PostingRow, ReviewRow
from domain.reviews import Line, Review
from domain.values import Owed, ReviewStatus, Severity
from store.database import Database
from store.register import Register
from tests.store.cases import MONDAY, fact

Receive = Callable[..., Awaitable[str]]
CLAUSE = Clause(amount=10000)


def offer(key: str, amount: int) -> Offer:
    return Offer(key=key, amount=amount, computed=amount, makers=("maker",), state=OfferState.PAID)


def penalty(number: str, place: int = 1, unit: str = "foshan", amount: int = 10000, at: datetime = MONDAY) -> PostingRow:
    review = Review(
        id=f"{number}-R1",
        round=1,
        severity=Severity.NORMAL,
        claimant="minhang",
        claimant_is_quality=False,
        respondents=[unit],
        opened_at=MONDAY,
    )
    line = Line(
        key=f"{review.id}:{place}",
        unit=unit,
        clause="Q-203",
        parcels=1,
        amount=amount,
        remaining=amount,
        full=amount,
        arithmetic="",
    )
    return postings.penalty(review, line, CLAUSE, at)


def final_review(number: str, at: datetime = MONDAY) -> ReviewRow:
    return ReviewRow(
        key=f"{number}-R1",
        round=1,
        status=ReviewStatus.FINAL,
        severity=Severity.NORMAL,
        claimant="minhang",
        respondents=["foshan"],
        ruling={"ruled_by": "reviewer-7"},
        opened_at=at,
        final_at=at,
    )


def final_line(number: str, place: int = 1, unit: str = "foshan", amount: int = 10000) -> LineRow:
    key, review = f"{number}-R1:{place}", f"{number}-R1"
    return LineRow(key=key, review=review, unit=unit, clause="Q-203", parcels=1, amount=amount, remaining=amount, final=True)


def late(key: str = "1:findings", unit: str = "foshan", charged: bool = True, until: datetime = MONDAY) -> LatenessRow:
    return LatenessRow(
        key=key,
        obligation=key,
        owed=Owed.FINDINGS,
        unit=unit,
        clause="Q-603",
        amount=2000,
        late_since=until - timedelta(days=5),
        opened_at=until - timedelta(days=4),
        objection_until=until,
        charged=charged,
    )


async def penalised(database: Database, receive: Receive, waybill: str, *, amount: int = 10000, at: datetime = MONDAY) -> str:
    """A complaint whose one line of Foshan's is final and posted."""
    number = await receive(waybill=waybill)
    rows = (final_review(number, at), final_line(number, amount=amount), penalty(number, amount=amount, at=at))
    await Register(database).apply(number, [fact(1, "review_final", *rows)])
    return number
