"""Reading penalty reviews, with their lines. Their id is `<number>-R<round>`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.complaints import visible
from store.paging import Page, page, place_of
from store.tables import Complaint, PenaltyLine, PenaltyReview


@dataclass(frozen=True)
class Review:
    review: PenaltyReview
    complaint: Complaint
    lines: list[PenaltyLine]


async def get(session: AsyncSession, review: str, units: Collection[str] | None = None) -> Review | None:
    found = (
        select(PenaltyReview, Complaint)
        .join(Complaint, col(Complaint.number) == col(PenaltyReview.number))
        .where(col(PenaltyReview.key) == review, col(PenaltyReview.number) == review.rpartition("-R")[0], visible(units))
    )
    row = (await session.execute(found)).one_or_none()
    if row is None:
        return None
    return Review(row[0], row[1], await _lines(session, row[0]))


async def _lines(session: AsyncSession, review: PenaltyReview) -> list[PenaltyLine]:
    lines = (
        select(PenaltyLine)
        .where(col(PenaltyLine.number) == review.number, col(PenaltyLine.review) == review.key)
        .order_by(col(PenaltyLine.key))
    )
    return list((await session.execute(lines)).scalars())


async def search(
    session: AsyncSession,
    *,
    units: Collection[str] | None,
    status: str | None = None,
    respondent: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[PenaltyReview]:
    """Reviews, the latest opened first; raises `BadCursor`."""
    opened, key = col(PenaltyReview.opened_at), col(PenaltyReview.key)
    found = select(PenaltyReview).join(Complaint, col(Complaint.number) == col(PenaltyReview.number)).where(visible(units))
    if status is not None:
        found = found.where(col(PenaltyReview.status) == status)
    if respondent is not None:
        found = found.where(col(PenaltyReview.respondents).op("&&")([respondent]))
    if cursor is not None:
        found = found.where(func.row(opened, key) < func.row(*place_of(cursor)))
    rows = (await session.execute(found.order_by(opened.desc(), key.desc()).limit(limit + 1))).scalars().all()
    return page(rows, limit, lambda review: (review.opened_at, review.key))
