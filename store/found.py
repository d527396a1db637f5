"""A parcel was found in time: what was posted too much for its loss is reversed by name and posted anew, once a review.

Asked by the process that heard of it, for the final reviews of all complaints about the parcel: one event is penalised in one of
them. It stands beside
the corrections of a review, under an id of its own (`<review>-F`), by rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.commands import Actor
from domain.corrections import Corrected, Correction, DecideCorrection, correction_row, moved
from domain.lessened import GiveBack, Given, GivenBack
from domain.penalty_lines import in_time, less_if_found
from domain.plan import CasePlan
from domain.record import PostingRow
from domain.reviews import Line
from domain.values import CorrectionStatus, ReviewStatus, Role
from store import corrections, ledger, reviews, rulebooks
from store import tables as t
from store.database import Database

_ABOUT = text("""
    WITH RECURSIVE chain AS (
        SELECT number, continues, waybill FROM complaints WHERE number = :number
        UNION SELECT c.number, c.continues, c.waybill FROM complaints c JOIN chain ON c.number = chain.continues
    ) SELECT number FROM chain UNION SELECT c.number FROM complaints c JOIN chain ON c.waybill = chain.waybill
""")
BY_RULE = Actor(sub="system", roles=(Role.SYSTEM,), unit="hq")


class Penalties:
    """Implements `activities.found.PenaltiesPort` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def give_back(self, asked: GiveBack) -> Given:
        given: list[GivenBack] = []
        posted: list[tuple[str, PostingRow]] = []
        async with self._database.session() as session:
            complaints = await _about_the_parcel(session, asked.number)
            for complaint in complaints:
                pinned = await rulebooks.get(session, complaint.rulebook_version)
                assert pinned is not None, f"rulebook {complaint.rulebook_version} is pinned by {complaint.number}"
                for review in await _final(session, complaint.number):
                    told, rows = await _give_back(session, review, pinned.rulebook.resolved, asked)
                    given += told
                    posted += [(complaint.number, row) for row in rows]
            await ledger.post(session, posted, by=BY_RULE.sub)
        return Given(lines=tuple(given), others=tuple(c.number for c in complaints if c.number != asked.number))


async def _about_the_parcel(session: AsyncSession, number: str) -> Sequence[t.Complaint]:
    """The complaint, those that it continues, and those linked by the waybill, each held until the transaction ends.

    Always in the same order, as their own writers hold one of them.
    """
    numbers = (await session.execute(_ABOUT, {"number": number})).scalars().all()
    held = select(t.Complaint).where(col(t.Complaint.number).in_(numbers)).order_by(col(t.Complaint.number)).with_for_update()
    return (await session.execute(held)).scalars().all()


async def _final(session: AsyncSession, number: str) -> Sequence[str]:
    final = select(col(t.PenaltyReview.key)).where(
        col(t.PenaltyReview.number) == number, col(t.PenaltyReview.status) == ReviewStatus.FINAL
    )
    return (await session.execute(final.order_by(col(t.PenaltyReview.key)))).scalars().all()


async def _give_back(
    session: AsyncSession, key: str, plan: CasePlan, asked: GiveBack
) -> tuple[list[GivenBack], list[PostingRow]]:
    found = await reviews.get(session, key)
    assert found is not None
    number, identity = found.complaint.number, f"{key}{corrections.FOUND}"
    done = await session.get(t.Correction, (number, identity))
    if done is not None:
        return [_told(number, key, line) for line in done.lines], []
    ground = await corrections.ground(session, found, plan)
    day, lines = corrections.day_of(asked.at), list[Line]()
    for line in ground.review.lines:
        rule = plan.penalties.clauses[line.clause].found
        if rule and line.remaining and not line.found and in_time(rule, day, received=ground.received, ruled=ground.ruled):
            lines.append(less_if_found(line, rule).model_copy(update={"amount": line.amount}))
    if not lines:
        return [], []
    correction = Correction(
        id=identity,
        ground=ground,
        opened_by=asked.by,
        opened_at=asked.at,
        reasons_ref=asked.words_ref or found.complaint.description_ref,
        due=asked.at,
        lapses=asked.at,
    )
    result = Corrected(status=CorrectionStatus.CORRECTED, lines=lines, postings=moved(correction, lines, asked.at))
    row = correction_row(correction, DecideCorrection(actor=BY_RULE, reasons_ref=correction.reasons_ref), result, asked.at)
    session.add(t.Correction(number=number, **row.model_dump(exclude={"table"})))
    held = {line.key: line for line in found.lines}
    for line in lines:
        kept = held[line.key]
        kept.remaining, kept.found = line.remaining, True
        kept.arithmetic, kept.arithmetic_zh = line.arithmetic, line.arithmetic_zh
    return [_told(number, key, line) for line in row.lines], result.postings


def _told(number: str, review: str, line: dict[str, object]) -> GivenBack:
    names = {"line": "key", "unit": "branch", "clause": "code", "before": "before", "remaining": "remaining"}
    return GivenBack.model_validate({"complaint": number, "review": review, **{name: line[of] for name, of in names.items()}})
