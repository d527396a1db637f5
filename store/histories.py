"""Workflow histories of closed complaints, so that they outlive the server's memory of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import Complaint, History


async def unarchived(session: AsyncSession, limit: int) -> list[str]:
    """Closed complaints whose history is not kept yet, the longest closed first."""
    found = (
        select(col(Complaint.number))
        .where(col(Complaint.closed_at).is_not(None), col(Complaint.archived_at).is_(None))
        .order_by(col(Complaint.closed_at))
        .limit(limit)
    )
    return list((await session.execute(found)).scalars())


async def archive(session: AsyncSession, number: str, runs: Sequence[tuple[str, dict[str, Any]]], at: datetime) -> None:
    """Keep a complaint's runs, (run id, history as JSON) in their order; kept ones stay."""
    rows = [
        {"number": number, "run_id": run_id, "position": position, "archived_at": at, "history": history}
        for position, (run_id, history) in enumerate(runs)
    ]
    if rows:
        await session.execute(insert(History).values(rows).on_conflict_do_nothing())
    await session.execute(update(Complaint).where(col(Complaint.number) == number).values(archived_at=at))


async def go_on(session: AsyncSession, number: str) -> None:
    """A review was opened after closing: what is kept is not all any more."""
    await session.execute(update(Complaint).where(col(Complaint.number) == number).values(archived_at=None))


async def runs(session: AsyncSession, number: str) -> list[dict[str, Any]]:
    """The kept histories of a complaint, run by run."""
    found = select(col(History.history)).where(col(History.number) == number).order_by(col(History.position))
    return list((await session.execute(found)).scalars())
