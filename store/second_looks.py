"""Second looks (复看): drawn from closed complaints, each looked at once by somebody who decided nothing in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.second_looks import Closed, drawn
from domain.values import Outcome, Party, Validity, VisitResult
from store import rulebooks
from store.paging import Page, page, place_of
from store.tables import Complaint, Findings, PenaltyReview, SecondLook, TimelineEntry, Visit


async def weigh(session: AsyncSession, limit: int, *, at: datetime) -> int:
    """Draw among what was closed since the last time, and what came back after it was closed; answers how many were weighed."""
    waits = or_(col(Complaint.weighed_at).is_(None), col(Complaint.reopened_at) > col(Complaint.weighed_at))
    found = select(Complaint).where(col(Complaint.closed_at).is_not(None), waits).order_by(col(Complaint.closed_at)).limit(limit)
    rows = (await session.execute(found.with_for_update(skip_locked=True))).scalars().all()
    for complaint in rows:
        await _weigh(session, complaint, at)
        complaint.weighed_at = at
    return len(rows)


async def _weigh(session: AsyncSession, complaint: Complaint, at: datetime) -> None:
    version = await rulebooks.get(session, complaint.rulebook_version)
    rule = version.rulebook.sampling.second_look if version else None
    if version is None or rule is None or complaint.closed_at is None or await _reviewed_already(session, complaint.number):
        return
    draw = drawn(await _closed(session, complaint), rule)
    if draw is not None:
        row = SecondLook(
            number=complaint.number,
            closed_at=complaint.closed_at,
            drawn_at=at,
            why=list(draw.why),
            differs=list(draw.differs),
            until=complaint.closed_at + timedelta(days=version.rulebook.reviews.opened_until_days),
        )
        new = insert(SecondLook).values(**row.model_dump())
        heard = {"differs": new.excluded.differs}  # drawn before by lot, and the customer came again since
        unlooked = col(SecondLook.looked_at).is_(None)
        await session.execute(new.on_conflict_do_update(index_elements=["number"], set_=heard, where=unlooked))


async def _reviewed_already(session: AsyncSession, number: str) -> bool:
    """HQ quality opened a review of it without being asked."""
    opened = select(func.count()).where(col(PenaltyReview.number) == number, col(PenaltyReview.opened_by).is_not(None))
    return bool(await session.scalar(opened))


async def _closed(session: AsyncSession, complaint: Complaint) -> Closed:
    number = complaint.number
    submitted = select(Findings).where(col(Findings.number) == number, col(Findings.returned_ref).is_(None))
    last = (await session.execute(submitted.order_by(col(Findings.submitted_at).desc()).limit(1))).scalar_one_or_none()
    visits = (await session.execute(select(Visit).where(col(Visit.number) == number).order_by(col(Visit.made_at)))).scalars()
    assert complaint.closed_at is not None
    return Closed(
        number=number,
        closed_at=complaint.closed_at,
        outcome=Outcome(complaint.outcome or Outcome.RESOLVED),
        validity=Validity(last.validity) if last else None,
        liable=frozenset(Party(told["party"]) for told in last.liable if told["share"]) if last else frozenset(),
        solved_on_spot=complaint.solved_on_spot or bool(last and last.resolved_on_spot),
        visits=tuple((VisitResult(visit.result), visit.score) for visit in visits),
        came_again=complaint.issue_count > 1 or complaint.continued_by is not None,
    )


async def search(
    session: AsyncSession, *, looked: bool | None = None, cursor: str | None = None, limit: int = 50
) -> Page[SecondLook]:
    """What was drawn, the longest closed first; raises `BadCursor`."""
    closed, number = col(SecondLook.closed_at), col(SecondLook.number)
    found = select(SecondLook).order_by(closed, number).limit(limit + 1)
    if looked is not None:
        found = found.where(col(SecondLook.looked_at).is_not(None) if looked else col(SecondLook.looked_at).is_(None))
    if cursor is not None:
        found = found.where(func.row(closed, number) > func.row(*place_of(cursor)))
    rows = (await session.execute(found)).scalars().all()
    return page(rows, limit, lambda look: (look.closed_at, look.number))


async def took_part(session: AsyncSession, number: str, sub: str) -> bool:
    """Whether somebody decided anything in a complaint."""
    acted = select(func.count()).where(col(TimelineEntry.number) == number, col(TimelineEntry.actor) == sub)
    return bool(await session.scalar(acted))


async def looked(
    session: AsyncSession,
    number: str,
    *,
    by: str,
    at: datetime,
    result: str,
    words_ref: str | None = None,
    review: str | None = None,
) -> bool:
    """Mark it, once: `fine`, or `reviewed` with the review that was opened; False when it is marked, or was never drawn."""
    mark = update(SecondLook).where(col(SecondLook.number) == number, col(SecondLook.looked_at).is_(None))
    held = {"looked_by": by, "looked_at": at, "result": result, "words_ref": words_ref, "review": review}
    return (await session.execute(mark.values(**held).returning(col(SecondLook.number)))).first() is not None
