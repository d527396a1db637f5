"""Corrections of final reviews: what they are decided on, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.corrections import Ground
from domain.plan import CasePlan
from domain.record import Entry, PostingRow
from domain.reviews import Line, Review, Share
from domain.values import LatenessState, Party, ReviewStatus, Severity
from store.reviews import Review as Found
from store.tables import Correction, Lateness, LedgerEntry, Payment, PenaltyLine, Posting, TimelineEntry


async def of_review(session: AsyncSession, number: str, review: str) -> list[Correction]:
    found = select(Correction).where(col(Correction.number) == number, col(Correction.review) == review)
    return list((await session.execute(found.order_by(col(Correction.opened_at)))).scalars())


async def ground(session: AsyncSession, found: Found, plan: CasePlan) -> Ground:
    """What stands of a final review, as the register has it."""
    row, complaint = found.review, found.complaint
    number = complaint.number
    paid = select(Payment).where(col(Payment.number) == number, col(Payment.round) == row.round, col(Payment.state) == "paid")
    payments = {payment.key: payment.amount for payment in (await session.execute(paid)).scalars()}
    undone = await reversed_among(session, [f"{key}:paid" for key in payments])
    acted = select(col(TimelineEntry.actor)).where(col(TimelineEntry.number) == number).distinct()
    ruling: dict[str, Any] = row.ruling or {}
    shares = [Share(party=said.get("party"), unit=said.get("branch"), share=said["share"]) for said in ruling.get("shares", ())]
    review = Review(
        id=row.key,
        round=row.round,
        severity=Severity(row.severity),
        claimant=row.claimant,
        claimant_is_quality=row.claimant == "hq",
        respondents=row.respondents,
        opened_at=row.opened_at,
        status=ReviewStatus(row.status),
        lines=[_line(line, ruling) for line in found.lines if (line.final and ":S" not in line.key) or line.remaining],
        shares=shares,
        final_at=row.final_at,
    )
    return Ground(
        number=number,
        review=review,
        owner=complaint.owner,
        paid={key: amount for key, amount in payments.items() if f"{key}:paid" not in undone},
        standing=tuple(await _standing(session, number, row.key)),
        clauses={line.clause: plan.penalties.clauses[line.clause] for line in found.lines},
        parties={
            Party.ORIGIN: complaint.origin,
            Party.DESTINATION: complaint.destination,
            Party.HUB: complaint.hub,
            Party.HQ: "hq",
        },
        units=tuple(complaint.units),
        people=tuple(sorted((await session.execute(acted)).scalars())),
        room=max(plan.penalties.cap - await _charged_besides(session, number, row.key), 0),
    )


async def _charged_besides(session: AsyncSession, number: str, review: str) -> int:
    """What counts towards the complaint's cap beside a review: what its others charge, and lateness that was not waived."""
    ruled = select(func.coalesce(func.sum(col(PenaltyLine.remaining)), 0)).where(
        col(PenaltyLine.number) == number, col(PenaltyLine.review) != review, col(PenaltyLine.charged)
    )
    late = select(func.coalesce(func.sum(col(Lateness.amount)), 0)).where(
        col(Lateness.number) == number, col(Lateness.state) != LatenessState.WAIVED, col(Lateness.charged)
    )
    return int(await session.scalar(ruled) or 0) + int(await session.scalar(late) or 0)


def _line(line: PenaltyLine, ruling: dict[str, Any]) -> Line:
    said = [told for told in ruling.get("clauses", ()) if (told["code"], told["branch"]) == (line.clause, line.unit)]
    held = line.model_dump(include={"key", "unit", "clause", "parcels", "amount", "remaining", "happened_on", "charged"})
    return Line(**held, full=max([line.amount, *(told["full"] for told in said)]), arithmetic=line.arithmetic or "")


async def reversed_among(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Those of the postings that were reversed, here or in a complaint that continues this one."""
    reversals = select(col(Posting.reverses)).where(col(Posting.reverses).in_(keys))
    return {key for key in (await session.execute(reversals)).scalars() if key is not None}


async def remaining(session: AsyncSession, number: str) -> dict[str, int]:
    """What remains of every penalty line of a complaint (fen by key), as corrections left it."""
    lines = select(col(PenaltyLine.key), col(PenaltyLine.remaining)).where(col(PenaltyLine.number) == number)
    return {line.key: line.remaining for line in (await session.execute(lines)).all()}


async def _standing(session: AsyncSession, number: str, review: str) -> list[PostingRow]:
    """What was posted for a review and not reversed."""
    posted = select(Posting).where(col(Posting.number) == number, col(Posting.review) == review).order_by(col(Posting.key))
    rows = list((await session.execute(posted)).scalars())
    undone = await reversed_among(session, [row.key for row in rows])
    moves = select(LedgerEntry).where(col(LedgerEntry.number) == number).order_by(col(LedgerEntry.id))
    entries: dict[str, list[Entry]] = {}
    for entry in (await session.execute(moves)).scalars():
        entries.setdefault(entry.key, []).append(Entry(account=entry.account, amount=entry.amount))
    return [
        PostingRow(**row.model_dump(include={"key", "kind", "posted_at", "review", "clause"}), entries=entries[row.key])
        for row in rows
        if row.key not in undone and row.reverses is None
    ]
