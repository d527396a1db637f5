"""The inbox: open obligations of a person's roles and units, by due time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.complaints import is_open
from store.paging import Page, page, place_of
from store.tables import Complaint, Obligation


@dataclass(frozen=True)
class Desk:
    """Whose inbox: obligations of one of `roles` at one of `units` (None: any unit), or reassigned to `sub`.

    `in_stead` are (role, unit) of those they stand in for.
    """

    roles: frozenset[str]
    units: frozenset[str] | None
    sub: str
    in_stead: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Item:
    obligation: Obligation
    complaint: Complaint


async def items(
    session: AsyncSession,
    desk: Desk,
    *,
    overdue: bool | None = None,
    obligation: str | None = None,
    mine: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Item]:
    """What the desk owes now, the soonest due first; raises `BadCursor`. `mine`: only what names this very person."""
    own = col(Obligation.sub) == desk.sub
    of_desk: ColumnElement[bool] = col(Obligation.role).in_(desk.roles)
    if desk.units is not None:
        of_desk = and_(of_desk, col(Obligation.unit).in_(desk.units))
    if desk.in_stead:
        of_desk = or_(of_desk, tuple_(col(Obligation.role), col(Obligation.unit)).in_(sorted(desk.in_stead)))
    found = (
        select(Obligation, Complaint)
        .join(Complaint, col(Complaint.number) == col(Obligation.number))
        .where(is_open(), own if mine else or_(own, of_desk))
        .order_by(col(Obligation.due), col(Obligation.number), col(Obligation.key))
    )
    if overdue is not None:
        found = found.where(col(Obligation.late).is_(overdue))
    if obligation is not None:
        found = found.where(col(Obligation.owed) == obligation)
    if cursor is not None:
        due, place = place_of(cursor)
        number, _, key = place.partition("/")
        here = func.row(col(Obligation.due), col(Obligation.number), col(Obligation.key))
        found = found.where(here > func.row(due, number, key))
    rows = [Item(owed, complaint) for owed, complaint in (await session.execute(found.limit(limit + 1))).all()]
    return page(rows, limit, lambda item: (item.obligation.due, f"{item.obligation.number}/{item.obligation.key}"))
