"""Further calls: kept when they come, handed to their complaint at once or by housekeeping, answered once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.commands import FurtherCall as Command
from domain.errors import KeyUsedForAnotherDecision
from store import texts
from store.intake import Request
from store.keys import text_digest
from store.tables import FurtherCall, IntakeRequest


async def keep(
    session: AsyncSession, number: str, command: Command, *, words: str | None, at: datetime, request: Request
) -> FurtherCall:
    """Keep a call under `command.call`; a call already kept under the request's key, or that id, is answered as it is.

    Call it in the session that answered `Kind.FURTHER`, so that its locks still hold.
    """
    known = await under_key(session, request)
    if (kept := await session.get(FurtherCall, known or command.call)) is not None:
        return kept
    text_ref = (await texts.keep(session, number, [words], at=at, referred=True))[0] if words is not None else None
    call = FurtherCall(
        id=command.call,
        number=number,
        at=at,
        text_ref=text_ref,
        text_digest=text_digest(words) if words is not None else None,
        command=command.model_dump(mode="json"),
    )
    session.add(call)
    if request.key is not None:
        session.add(
            IntakeRequest(principal=request.principal, key=request.key, digest=request.digest, number=number, call=command.call)
        )
    await session.flush()
    return call


async def under_key(session: AsyncSession, request: Request) -> str | None:
    """The call kept under the request's Idempotency-Key; raises `KeyUsedForAnotherDecision` when the body was another."""
    if request.key is None or (known := await session.get(IntakeRequest, (request.principal, request.key))) is None:
        return None
    if known.digest != request.digest:
        raise KeyUsedForAnotherDecision("This Idempotency-Key was used for another call; send a new key with a new body.")
    return known.call


async def get(session: AsyncSession, call: str) -> FurtherCall | None:
    return await session.get(FurtherCall, call)


async def waiting(session: AsyncSession, limit: int) -> list[FurtherCall]:
    """Calls their complaint has not taken yet, oldest first."""
    found = select(FurtherCall).where(col(FurtherCall.handed_over_at).is_(None)).order_by(col(FurtherCall.at)).limit(limit)
    return list((await session.execute(found)).scalars())


async def handed_over(session: AsyncSession, call: str, *, at: datetime, answer: dict[str, Any]) -> None:
    """The complaint has taken the call; the first answer stays."""
    kept = await session.get(FurtherCall, call, with_for_update=True)
    if kept is not None and kept.handed_over_at is None:
        kept.handed_over_at, kept.answer = at, answer
        await session.flush()
