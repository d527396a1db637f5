"""The uses of the quality fund: proposed, decided once, posted with their approval, taken back by a counter entry."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.errors import KeyUsedForAnotherDecision
from domain.fund import FundUse, UseAct, UseStatus
from domain.months import BUSINESS_ZONE
from domain.postings import QUALITY_FUND
from store import ledger, tables
from store.paging import Page, page, place_of

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('quality fund', 0))")


async def propose(
    session: AsyncSession, *, amount: int, purpose: str, branch: str | None, by: str, at: datetime, key: str | None = None
) -> FundUse:
    """Numbered by its day; under the same key, the same again. Raises `KeyUsedForAnotherDecision`."""
    await session.execute(_ALONE)
    if key is not None and (known := await _proposed(session, by, key)) is not None:
        if (amount, purpose, branch) != (known.amount, known.purpose, known.branch):
            raise KeyUsedForAnotherDecision("This Idempotency-Key was used for another use of the fund; use a new key.")
        return known
    day = f"F{at.astimezone(BUSINESS_ZONE):%y%m%d}-"
    count = await session.scalar(select(func.count()).where(col(tables.FundUse.id).startswith(day)))
    id = f"{day}{(count or 0) + 1:03}"
    row = tables.FundUse(id=id, amount=amount, purpose=purpose, branch=branch, proposed_at=at, proposed_by=by, key=key)
    session.add(row)
    await session.flush()
    return _use(row, [])


async def decide(session: AsyncSession, id: str, *, approve: bool, reason: str | None, by: str, at: datetime) -> FundUse | None:
    """Approve it and post it, or refuse it; None when there is no such use. Raises what `check_decision` does."""
    await session.execute(_ALONE)
    use = await get(session, id)
    if use is None:
        return None
    use.check_decision(by, approve=approve, balance=await ledger.balance(session, QUALITY_FUND))
    use = await _done(session, use, UseAct(UseStatus.APPROVED if approve else UseStatus.REFUSED, by, at, reason))
    if approve:
        await ledger.post(session, [(id, use.posting)], by=by)
    return use


async def take_back(session: AsyncSession, id: str, *, reason: str, by: str, at: datetime) -> FundUse | None:
    """A counter entry in the open month, which names what it reverses. Raises what `check_reversal` does."""
    await session.execute(_ALONE)
    use = await get(session, id)
    if use is None:
        return None
    use.check_reversal()
    await ledger.post(session, [(id, use.counter_posting(at))], by=by)
    return await _done(session, use, UseAct(UseStatus.REVERSED, by, at, reason))


async def get(session: AsyncSession, id: str) -> FundUse | None:
    row = await session.get(tables.FundUse, id)
    return (await _with_acts(session, [row]))[0] if row is not None else None


async def listed(
    session: AsyncSession, *, only: Iterable[UseStatus] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[FundUse]:
    """The latest proposed first; `only` those that stand so. Raises `BadCursor`."""
    at, id = col(tables.FundUse.proposed_at), col(tables.FundUse.id)
    found = select(tables.FundUse).order_by(at.desc(), id.desc())
    if only is not None:
        act = col(tables.FundUseAct.act)
        stands = (
            select(act).where(col(tables.FundUseAct.use) == id).order_by(col(tables.FundUseAct.at).desc(), act.desc()).limit(1)
        )
        found = found.where(func.coalesce(stands.scalar_subquery(), UseStatus.PROPOSED.value).in_([one.value for one in only]))
    if cursor is not None:
        found = found.where(func.row(at, id) < func.row(*place_of(cursor)))
    rows = (await session.execute(found.limit(limit + 1))).scalars().all()
    return page(await _with_acts(session, rows), limit, lambda use: (use.proposed_at, use.id))


async def of_month(session: AsyncSession, month: str) -> list[FundUse]:
    """What was posted or taken back in a month of the ledger, in the order it was proposed."""
    posted = select(col(tables.Posting.number)).where(col(tables.Posting.month) == month)
    found = select(tables.FundUse).where(col(tables.FundUse.id).in_(posted)).order_by(col(tables.FundUse.id))
    return await _with_acts(session, (await session.execute(found)).scalars().all())


async def _proposed(session: AsyncSession, by: str, key: str) -> FundUse | None:
    found = select(tables.FundUse).where(col(tables.FundUse.proposed_by) == by, col(tables.FundUse.key) == key)
    row = (await session.execute(found)).scalar_one_or_none()
    return (await _with_acts(session, [row]))[0] if row is not None else None


async def _with_acts(session: AsyncSession, rows: Iterable[tables.FundUse]) -> list[FundUse]:
    rows = list(rows)
    of_these = select(tables.FundUseAct).where(col(tables.FundUseAct.use).in_([row.id for row in rows]))
    acts = (await session.execute(of_these)).scalars().all()
    return [_use(row, [act for act in acts if act.use == row.id]) for row in rows]


def _use(row: tables.FundUse, acts: Iterable[tables.FundUseAct]) -> FundUse:
    done = [UseAct(UseStatus(act.act), act.by, act.at, act.reason) for act in acts]
    order = list(UseStatus)
    told = row.model_dump(exclude={"key"})
    return FundUse(**told, acts=tuple(sorted(done, key=lambda act: order.index(act.act))))


async def _done(session: AsyncSession, use: FundUse, act: UseAct) -> FundUse:
    session.add(tables.FundUseAct(use=use.id, **act._asdict()))
    await session.flush()
    return use.model_copy(update={"acts": (*use.acts, act)})
