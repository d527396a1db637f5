"""What evidence there is; the bytes lie with the evidence storage."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.values import AnswerKind
from store.tables import Answer, Evidence

_LETTER = "final"


async def keep(session: AsyncSession, evidence: Evidence) -> None:
    session.add(evidence)
    await session.flush()


async def get(session: AsyncSession, number: str, identity: str) -> Evidence | None:
    found = await session.get(Evidence, identity)
    return found if found is not None and found.number == number else None


async def known(session: AsyncSession, number: str, sha256: str) -> bool:
    """True when the complaint has the very same file."""
    same = select(col(Evidence.id)).where(col(Evidence.number) == number, col(Evidence.sha256) == sha256)
    return (await session.execute(same.limit(1))).first() is not None


async def keep_once(session: AsyncSession, evidence: Evidence) -> None:
    """Keep what may have been kept already, under the same id."""
    await session.execute(insert(Evidence).values(**evidence.model_dump()).on_conflict_do_nothing())


def letter_id(number: str, answer: str) -> str:
    """The id of the letter that says a final response."""
    return f"{_LETTER}-{number}-{answer}"


async def final_responses_without_letter(session: AsyncSession, limit: int, number: str | None = None) -> list[Answer]:
    """Final responses (of one complaint) whose letter was not written yet."""
    written = select(col(Evidence.id)).where(
        col(Evidence.id) == func.concat_ws("-", _LETTER, col(Answer.number), col(Answer.key))
    )
    found = select(Answer).where(col(Answer.kind) == AnswerKind.FINAL_RESPONSE.value, ~written.exists())
    if number is not None:
        found = found.where(col(Answer.number) == number)
    return list((await session.execute(found.order_by(col(Answer.told_at)).limit(limit))).scalars())
