"""Corrections of final reviews: what they are decided on, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.commands import Penalised
from domain.corrections import Ground
from domain.months import BUSINESS_ZONE
from domain.plan import CasePlan, PenaltyPlan
from domain.record import Entry, PostingRow
from domain.reviews import Line, Review, Share, set_aside
from domain.values import Fen, LatenessState, Party, ReviewStatus, Severity
from store.reviews import Review as Found
from store.reviews import penalised_elsewhere
from store.tables import Complaint, Correction, Lateness, LedgerEntry, Payment, PenaltyLine, Posting, TimelineEntry

FOUND = "-F"
"""Ends the id of what the rulebook gave back because the parcel was found."""
_FOUND_AT = text("""
    WITH RECURSIVE chain AS (
        SELECT number, continued_by FROM complaints WHERE number = :number
        UNION SELECT c.number, c.continued_by FROM complaints c JOIN chain ON c.number = chain.continued_by
    ) SELECT min(t.at) FROM timeline t JOIN chain USING (number) WHERE t.name IN ('parcel_found', 'parcel_found_elsewhere')
""")


async def of_review(session: AsyncSession, number: str, review: str) -> list[Correction]:
    """All that corrected it, by somebody or by rule (`…-F`: the parcel was found)."""
    found = select(Correction).where(col(Correction.number) == number, col(Correction.review) == review)
    return list((await session.execute(found.order_by(col(Correction.opened_at)))).scalars())


def opened_by_people(corrections: Sequence[Correction]) -> list[Correction]:
    return [row for row in corrections if not row.key.endswith(FOUND)]


async def ground(session: AsyncSession, found: Found, plan: CasePlan) -> Ground:
    """What stands of a final review, as the register has it."""
    row, complaint = found.review, found.complaint
    number = complaint.number
    paid = select(Payment).where(col(Payment.number) == number, col(Payment.round) == row.round, col(Payment.state) == "paid")
    payments = {payment.key: payment.amount for payment in (await session.execute(paid)).scalars()}
    undone = await reversed_among(session, [f"{key}:paid" for key in payments])
    days = await _days(session, found)
    return Ground(
        number=number,
        review=_review(found, plan.penalties),
        owner=complaint.owner,
        paid={key: amount for key, amount in payments.items() if f"{key}:paid" not in undone},
        standing=tuple(await _standing(session, number, row.key)),
        plan=plan.penalties,
        received=days.received,
        ruled=day_of(days.ruled),
        found=day_of(days.found) if days.found else None,
        record_only=plan.dated.record_only,
        stands=tuple(await _stands_elsewhere(session, complaint, row.key)),
        parties={
            Party.ORIGIN: complaint.origin,
            Party.DESTINATION: complaint.destination,
            Party.HUB: complaint.hub,
            Party.HQ: "hq",
        },
        units=tuple(complaint.units),
        people=await _people(session, number, row.key),
        room=max(plan.penalties.cap - await _charged_besides(session, number, row.key), 0),
    )


class _Days(NamedTuple):
    received: date
    ruled: datetime
    found: datetime | None


async def _days(session: AsyncSession, found: Found) -> _Days:
    row, found_at = found.review, await first_found(session, found.complaint.number)
    ruled = datetime.fromisoformat(row.ruling["ruled_at"]) if row.ruling else row.final_at or row.opened_at
    return _Days(day_of(found.complaint.received_at), ruled, found_at)


async def first_found(session: AsyncSession, number: str) -> datetime | None:
    """When the parcel of a complaint was first reported found, there or in a complaint that continues it."""
    at: datetime | None = await session.scalar(_FOUND_AT, {"number": number})
    return at


def _review(found: Found, penalties: PenaltyPlan) -> Review:
    row, ruling = found.review, found.review.ruling or {}
    lines = [_line(line, ruling, penalties) for line in found.lines if line.final and not set_aside(line.key, ruling.get("how"))]
    return Review(
        id=row.key,
        round=row.round,
        severity=Severity(row.severity),
        claimant=row.claimant,
        claimant_is_quality=row.claimant == "hq",
        respondents=row.respondents,
        opened_at=row.opened_at,
        status=ReviewStatus(row.status),
        lines=lines,
        shares=[
            Share(party=said.get("party"), unit=said.get("branch"), share=said["share"]) for said in ruling.get("shares", ())
        ],
        climbed_by=ruling.get("climbed_by", []),
        ruled_at=ruling.get("ruled_at"),
        lapsed=row.lapsed,
        final_at=row.final_at,
    )


async def _people(session: AsyncSession, number: str, review: str) -> tuple[str, ...]:
    """Whoever did anything in the complaint, or in an earlier correction of the review."""
    acted = select(col(TimelineEntry.actor)).where(col(TimelineEntry.number) == number).distinct()
    earlier = await of_review(session, number, review)
    said = {sub for row in earlier for sub in (row.opened_by, row.decided_by) if sub}
    return tuple(sorted({*(await session.execute(acted)).scalars(), *said}))


async def _charged_besides(session: AsyncSession, number: str, review: str) -> int:
    """What counts towards the complaint's cap beside a review: what its others charge, and lateness that was not waived."""
    ruled = select(func.coalesce(func.sum(col(PenaltyLine.remaining)), 0)).where(
        col(PenaltyLine.number) == number, col(PenaltyLine.review) != review, col(PenaltyLine.charged)
    )
    late = select(func.coalesce(func.sum(col(Lateness.amount)), 0)).where(
        col(Lateness.number) == number, col(Lateness.state) != LatenessState.WAIVED, col(Lateness.charged)
    )
    return int(await session.scalar(ruled) or 0) + int(await session.scalar(late) or 0)


def _line(line: PenaltyLine, ruling: dict[str, Any], penalties: PenaltyPlan) -> Line:
    """Given back since it was ruled, it is raised no further than to what is left of what its clause allows."""
    said = [told for told in ruling.get("clauses", ()) if (told["code"], told["branch"]) == (line.clause, line.unit)]
    full, rule = max([line.amount, *(told["full"] for told in said)]), penalties.clauses[line.clause].found
    if line.found and rule is not None and not any(told.get("found") for told in said):
        full = full * rule.percent // 100
    return _plain(line, full)


def _plain(line: PenaltyLine, full: Fen) -> Line:
    words: dict[str, Any] = {"arithmetic": line.arithmetic or "", "arithmetic_zh": line.arithmetic_zh or ""}
    return Line(**line.model_dump(include=_HELD), **words, full=full)


_HELD = {"key", "unit", "clause", "parcels", "amount", "remaining", "appealed", "happened_on", "charged", "found"}


async def _stands_elsewhere(session: AsyncSession, complaint: Complaint, review: str) -> list[Penalised]:
    """What is penalised in the complaint's other reviews, for lateness, and in other complaints about the parcel."""
    lines = select(PenaltyLine).where(
        col(PenaltyLine.number) == complaint.number, col(PenaltyLine.review) != review, col(PenaltyLine.remaining) > 0
    )
    late = select(Lateness).where(col(Lateness.number) == complaint.number, col(Lateness.state) != LatenessState.WAIVED)
    received = day_of(complaint.received_at)
    ruled = [(line.review, line.unit, line.clause, line.happened_on) for line in (await session.execute(lines)).scalars()]
    said = [(line.key, line.unit, line.clause, day_of(line.late_since)) for line in (await session.execute(late)).scalars()]
    own = [Penalised(complaint=at, unit=u, clause=c, happened_on=day or received) for at, u, c, day in (*ruled, *said)]
    return [*own, *(Penalised(**told) for told in await penalised_elsewhere(session, complaint.number))]


def day_of(moment: datetime) -> date:
    return moment.astimezone(BUSINESS_ZONE).date()


async def reversed_among(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Those of the postings that were reversed, here or in a complaint that continues this one."""
    reversals = select(col(Posting.reverses)).where(col(Posting.reverses).in_(keys))
    return {key for key in (await session.execute(reversals)).scalars() if key is not None}


async def lines_now(session: AsyncSession, number: str, review: Review) -> list[Line]:
    """The lines of a review that was final, as corrections left them; with those that one of them added."""
    said = select(PenaltyLine).where(col(PenaltyLine.number) == number, col(PenaltyLine.review) == review.id)
    rows = {row.key: row for row in (await session.execute(said.order_by(col(PenaltyLine.key)))).scalars()}
    now = {key: row.model_dump(include={"remaining", "found"}) for key, row in rows.items()}
    kept = [line.model_copy(update=now.get(line.key, {})) for line in review.lines]
    known, added = {line.key for line in review.lines}, f"{review.id}-C"
    return [*kept, *(_plain(row, row.amount) for key, row in rows.items() if key not in known and key.startswith(added))]


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
