"""Reading complaints: one with all its parts, lists by filter, timelines. `units` is what the reader may see (None: all)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from domain.payouts import number_of
from domain.values import PayoutOutcome
from store import tables as t
from store.keys import phone_digits
from store.paging import Page, page, place_of

Part = TypeVar("Part", bound=SQLModel)


FOUND = ("parcel_found", "parcel_taken", "money_kept", "compensation_repaid")
"""Events of a parcel that was found after it was paid for."""


@dataclass(frozen=True)
class Dossier:
    """A complaint with everything the process wrote about it, each list in the order it happened."""

    complaint: t.Complaint
    complainant: t.Complainant
    obligations: list[t.Obligation]
    findings: list[t.Findings]
    exchange: list[t.Exchange]
    answers: list[t.Answer]
    compensations: list[t.Compensation]
    payments: list[t.Payment]
    reviews: list[t.PenaltyReview]
    lines: list[t.PenaltyLine]
    visits: list[t.Visit]
    evidence: list[t.Evidence]
    pauses: list[t.Pause]
    delays: list[t.Delay]
    promises: list[t.Promise]
    lateness: list[t.Lateness]
    found: list[t.TimelineEntry]
    lost_before: list[t.Payment]
    same_waybill: list[str]


@dataclass(frozen=True)
class Filters:
    """What a list asks for; `waiting_on` is an obligation's code, a role or a unit; `q` a waybill, number, phone or ticket."""

    status: str | None = None
    stage: str | None = None
    branch: str | None = None
    liable_branch: str | None = None
    category: str | None = None
    severity: str | None = None
    waiting_on: str | None = None
    overdue: bool | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    q: str | None = None


def visible(units: Collection[str] | None) -> ColumnElement[bool]:
    """The one scope: complaints in which one of the reader's units takes part."""
    return col(t.Complaint.units).op("&&")(sorted(units)) if units is not None else col(t.Complaint.number).is_not(None)


async def row(session: AsyncSession, number: str, units: Collection[str] | None = None) -> t.Complaint | None:
    found = select(t.Complaint).where(col(t.Complaint.number) == number, visible(units))
    return (await session.execute(found)).scalar_one_or_none()


async def applied_seq(session: AsyncSession, number: str) -> int:
    """The last fact the register has of a complaint; 0 when there is none."""
    return await session.scalar(select(col(t.Complaint.applied_seq)).where(col(t.Complaint.number) == number)) or 0


async def dossier(session: AsyncSession, number: str, units: Collection[str] | None = None) -> Dossier | None:
    complaint = await row(session, number, units)
    if complaint is None:
        return None
    return Dossier(
        complaint=complaint,
        complainant=await session.get_one(t.Complainant, complaint.complainant_id),
        obligations=await obligations(session, number),
        findings=await _parts(session, t.Findings, number, t.Findings.submitted_at),
        exchange=await _parts(session, t.Exchange, number, t.Exchange.asked_at),
        answers=await _parts(session, t.Answer, number, t.Answer.told_at),
        compensations=await _parts(session, t.Compensation, number, t.Compensation.round),
        payments=await _parts(session, t.Payment, number, t.Payment.sent_at),
        reviews=await _parts(session, t.PenaltyReview, number, t.PenaltyReview.round),
        lines=await _parts(session, t.PenaltyLine, number, t.PenaltyLine.key),
        visits=await _parts(session, t.Visit, number, t.Visit.made_at),
        evidence=await _parts(session, t.Evidence, number, t.Evidence.brought_at),
        pauses=await _parts(session, t.Pause, number, t.Pause.starts),
        delays=await _parts(session, t.Delay, number, t.Delay.asked_at),
        promises=await _parts(session, t.Promise, number, t.Promise.promised_at),
        lateness=await _parts(session, t.Lateness, number, t.Lateness.opened_at),
        found=await _told(session, number, FOUND),
        lost_before=await _lost_before(session, complaint),
        same_waybill=await same_waybill(session, complaint, units),
    )


async def _lost_before(session: AsyncSession, complaint: t.Complaint) -> list[t.Payment]:
    """Payments of complaints that this one continues, counted when it began, that came back or went astray since."""
    booked = [posting["key"] for posting in (complaint.intake.get("before") or {}).get("postings", ())]
    paid = [key.removesuffix(":paid") for key in booked if key.endswith(":paid")]
    if not paid:
        return []
    lost = select(t.Payment).where(
        col(t.Payment.number).in_({number_of(key) for key in paid}),
        col(t.Payment.key).in_(paid),
        col(t.Payment.state).in_((PayoutOutcome.RETURNED, PayoutOutcome.MISDIRECTED)),
    )
    return list((await session.execute(lost.order_by(col(t.Payment.key)))).scalars())


async def _told(session: AsyncSession, number: str, names: tuple[str, ...]) -> list[t.TimelineEntry]:
    found = select(t.TimelineEntry).where(col(t.TimelineEntry.number) == number, col(t.TimelineEntry.name).in_(names))
    return list((await session.execute(found.order_by(col(t.TimelineEntry.seq)))).scalars())


async def _parts(session: AsyncSession, table: type[Part], number: str, order: Any) -> list[Part]:
    keyed = "key" if hasattr(table, "key") else "round" if hasattr(table, "round") else "id"
    found = select(table).where(getattr(table, "number") == number).order_by(order, getattr(table, keyed))  # noqa: B009 - typed by name
    return list((await session.execute(found)).scalars())


async def obligations(session: AsyncSession, number: str, *, waiting: bool = False) -> list[t.Obligation]:
    """What the complaint owes and owed, by due time; only what is open now when `waiting`."""
    found = select(t.Obligation).where(col(t.Obligation.number) == number).order_by(col(t.Obligation.due), col(t.Obligation.key))
    if waiting:
        found = found.where(is_open())
    return list((await session.execute(found)).scalars())


def is_open() -> ColumnElement[bool]:
    return col(t.Obligation.opened) & col(t.Obligation.ending).is_(None)


async def same_waybill(session: AsyncSession, complaint: t.Complaint, units: Collection[str] | None = None) -> list[str]:
    """Other complaints about the same parcel, whoever brought them."""
    if complaint.waybill is None:
        return []
    others = (
        select(col(t.Complaint.number))
        .where(col(t.Complaint.waybill) == complaint.waybill, col(t.Complaint.number) != complaint.number, visible(units))
        .order_by(col(t.Complaint.received_at), col(t.Complaint.number))
    )
    return list((await session.execute(others)).scalars())


async def timeline(session: AsyncSession, number: str, *, after: int = 0, limit: int = 200) -> list[t.TimelineEntry]:
    """Business events in order of `seq`, from the one after `after`."""
    found = (
        select(t.TimelineEntry)
        .where(col(t.TimelineEntry.number) == number, col(t.TimelineEntry.seq) > after)
        .order_by(col(t.TimelineEntry.seq))
        .limit(limit)
    )
    return list((await session.execute(found)).scalars())


async def notices(session: AsyncSession, number: str) -> list[t.Notice]:
    """What was, or will be, told to people, with its delivery; `seq` is the event it tells."""
    found = select(t.Notice).where(col(t.Notice.number) == number).order_by(col(t.Notice.seq), col(t.Notice.key))
    return list((await session.execute(found)).scalars())


async def supply(session: AsyncSession, number: str, **facts: Any) -> None:
    """Intake fields that were missing and do not move the process: freight, values, times, payee."""
    known = {
        *("freight", "declared_value", "claimed", "promised_at", "delivered_at", "customer_deadline", "payee_ref"),
        *("pieces", "region", "hold_for_release", "remedy_sought"),
    }
    if given := {name: value for name, value in facts.items() if name in known and value is not None}:
        await session.execute(update(t.Complaint).where(col(t.Complaint.number) == number).values(**given))


async def mark_lost(session: AsyncSession, numbers: Sequence[str], at: datetime) -> list[str]:
    """Those of `numbers` that are not closed and were not known to be lost; they are from now on."""
    lost = update(t.Complaint).where(
        col(t.Complaint.number).in_(numbers), col(t.Complaint.closed_at).is_(None), col(t.Complaint.lost_at).is_(None)
    )
    return list((await session.execute(lost.values(lost_at=at).returning(col(t.Complaint.number)))).scalars())


async def lost(session: AsyncSession) -> list[str]:
    """Complaints whose process is known to be lost."""
    open_ = col(t.Complaint.lost_at).is_not(None) & col(t.Complaint.closed_at).is_(None)
    return list((await session.execute(select(col(t.Complaint.number)).where(open_))).scalars())


async def found_again(session: AsyncSession, number: str) -> None:
    """An operator has set its process going again."""
    await session.execute(update(t.Complaint).where(col(t.Complaint.number) == number).values(lost_at=None))


async def search(
    session: AsyncSession,
    filters: Filters,
    *,
    units: Collection[str] | None,
    cursor: str | None = None,
    limit: int = 50,
    sort: Literal["newest", "oldest"] = "newest",
) -> Page[t.Complaint]:
    """Complaints by filter; raises `BadCursor`."""
    received, number = col(t.Complaint.received_at), col(t.Complaint.number)
    newest = sort == "newest"
    found = _filtered(select(t.Complaint).where(visible(units)), filters)
    found = found.order_by(received.desc(), number.desc()) if newest else found.order_by(received, number)
    if cursor is not None:
        moment, last = place_of(cursor)
        here = func.row(received, number)
        found = found.where(here < func.row(moment, last) if newest else here > func.row(moment, last))
    rows: Sequence[Any] = (await session.execute(found.limit(limit + 1))).scalars().all()
    return page(rows, limit, lambda complaint: (complaint.received_at, complaint.number))


def _filtered(found: Select[Any], filters: Filters) -> Select[Any]:
    for name in ("status", "stage", "category", "severity"):
        if (wanted := getattr(filters, name)) is not None:
            found = found.where(getattr(t.Complaint, name) == wanted)
    if filters.branch is not None:
        found = found.where(col(t.Complaint.units).op("&&")([filters.branch]))
    if filters.liable_branch is not None:
        found = found.where(col(t.Complaint.liable).op("&&")([filters.liable_branch]))
    if filters.opened_from is not None:
        found = found.where(col(t.Complaint.received_at) >= filters.opened_from)
    if filters.opened_to is not None:
        found = found.where(col(t.Complaint.received_at) < filters.opened_to)
    owed = select(col(t.Obligation.number)).where(col(t.Obligation.number) == col(t.Complaint.number), is_open())
    if (wanted := filters.waiting_on) is not None:
        on = or_(col(t.Obligation.owed) == wanted, col(t.Obligation.role) == wanted, col(t.Obligation.unit) == wanted)
        found = found.where(owed.where(on).exists())
    if filters.overdue is not None:
        late = owed.where(col(t.Obligation.late)).exists()
        found = found.where(late if filters.overdue else ~late)
    if filters.q:
        found = found.where(_asked(filters.q.strip()))
    return found


def _asked(q: str) -> ColumnElement[bool]:
    matches = [col(t.Complaint.number) == q.upper(), col(t.Complaint.waybill) == q, col(t.Complaint.ticket) == q]
    if digits := phone_digits(q):
        phones = select(col(t.Complainant.id)).where(col(t.Complainant.phone) == digits)
        matches.append(col(t.Complaint.complainant_id).in_(phones))
    return or_(*matches)


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many complaints are open and obligations late: metrics."""
    open_ = await session.scalar(select(func.count()).select_from(t.Complaint).where(col(t.Complaint.status) != "closed"))
    late = await session.scalar(select(func.count()).select_from(t.Obligation).where(is_open(), col(t.Obligation.late)))
    lost = await session.scalar(select(func.count()).select_from(t.Complaint).where(col(t.Complaint.lost_at).is_not(None)))
    return {"open": open_ or 0, "late": late or 0, "lost": lost or 0}
