"""Reading penalty reviews, with their lines. Their id is `<number>-R<round>`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.months import BUSINESS_ZONE
from store.complaints import visible
from store.paging import Page, page, place_of
from store.tables import Complaint, Lateness, PenaltyLine, PenaltyReview


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


async def penalised_elsewhere(session: AsyncSession, number: str) -> list[dict[str, Any]]:
    """What stands against units in other complaints about the same parcel: one event is penalised once per unit and clause."""
    this, other = aliased(Complaint), aliased(Complaint)
    day = func.coalesce(col(PenaltyLine.happened_on), cast(func.timezone(BUSINESS_ZONE.key, other.received_at), Date))
    found = (
        select(col(PenaltyLine.number), col(PenaltyLine.unit), col(PenaltyLine.clause), day)
        .join(other, col(other.number) == col(PenaltyLine.number))
        .join(this, (col(this.waybill) == col(other.waybill)) & (col(this.number) != col(other.number)))
        .where(col(this.number) == number, col(PenaltyLine.remaining) > 0)
    )
    return [
        {"complaint": complaint, "unit": unit, "clause": clause, "happened_on": happened}
        for complaint, unit, clause, happened in (await session.execute(found)).all()
    ]


async def going_on_after_closing(session: AsyncSession) -> list[Complaint]:
    """Closed complaints of which a review is not final."""
    going = select(col(PenaltyReview.number)).where(col(PenaltyReview.final_at).is_(None))
    found = select(Complaint).where(col(Complaint.number).in_(going), col(Complaint.closed_at).is_not(None))
    return list((await session.execute(found)).scalars())


async def opened_by_quality(session: AsyncSession, numbers: Collection[str]) -> set[str]:
    """Those of the complaints in which HQ quality opened a review itself."""
    opened = select(col(PenaltyReview.number)).where(col(PenaltyReview.opened_by).is_not(None))
    return set((await session.execute(opened.where(col(PenaltyReview.number).in_(numbers)))).scalars())


async def lateness(session: AsyncSession, key: str, units: Collection[str] | None = None) -> tuple[Lateness, Complaint] | None:
    """One lateness line, by its id (`<number>-L<n>`), with the complaint it is of."""
    found = (
        select(Lateness, Complaint)
        .join(Complaint, col(Complaint.number) == col(Lateness.number))
        .where(col(Lateness.key) == key, col(Lateness.number) == key.rpartition("-L")[0], visible(units))
    )
    row = (await session.execute(found)).one_or_none()
    return None if row is None else (row[0], row[1])


async def lateness_lines(
    session: AsyncSession,
    *,
    units: Collection[str] | None,
    state: str | None = None,
    unit: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Lateness]:
    """Lateness lines of units in scope, the latest opened first; raises `BadCursor`."""
    opened, key = col(Lateness.opened_at), col(Lateness.key)
    found = select(Lateness)
    if units is not None:
        found = found.where(col(Lateness.unit).in_(sorted(units)))
    for column, wanted in ((Lateness.state, state), (Lateness.unit, unit)):
        if wanted is not None:
            found = found.where(col(column) == wanted)
    if cursor is not None:
        found = found.where(func.row(opened, key) < func.row(*place_of(cursor)))
    rows = (await session.execute(found.order_by(opened.desc(), key.desc()).limit(limit + 1))).scalars().all()
    return page(rows, limit, lambda line: (line.opened_at, line.key))


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
