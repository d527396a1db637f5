"""The HQ penalty sheet: what is due on a month's, its revisions, and what is done with them.

Lateness lines are posted when the sheet they stand on is signed, in the same transaction: until then they charge nobody, and
from then on they are entries like any other penalty. What a review ruled was posted when it became final.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.months import end_of
from domain.penalty_sheets import (
    WAITS_FOR,
    AlreadySigned,
    Done,
    Mark,
    Sheet,
    SheetAct,
    SheetLine,
    SheetNotDrafted,
    SheetStatus,
    Source,
    status_after,
)
from domain.postings import lateness_penalty
from domain.rulebook_sections import ClauseRule
from store import ledger, rulebooks
from store.tables import PenaltySheet, PenaltySheetAct, PenaltySheetLine, PenaltySheetMark

_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('penalty sheets', 0))")

_POSTED = text("""
    SELECT p.number || '\\:' || p.key AS id, CASE WHEN r.key IS NULL THEN 'review' ELSE 'reversal' END AS source,
           substr(unit.account, 6) AS unit, coalesce(p.clause, r.clause) AS clause, -unit.amount AS amount,
           beneficiary.account AS beneficiary, coalesce(l.parcels, 1) AS parcels, true AS charged, p.number AS complaint,
           coalesce(p.review, r.review) AS review, r.number || '\\:' || r.key AS reverses, p.posted_at AS at,
           CASE WHEN r.key IS NULL AND starts_with(p.key, p.review || '\\:') THEN v.ruling ->> 'ruled_by'
           ELSE p.posted_by END AS by,
           c.rulebook_version AS rulebook
    FROM postings p
    JOIN complaints c ON c.number = p.number
    JOIN ledger_entries unit ON unit.id = p.number || '\\:' || p.key || '\\:1'
    JOIN ledger_entries beneficiary ON beneficiary.id = p.number || '\\:' || p.key || '\\:2'
    LEFT JOIN postings r ON r.number = p.number AND r.key = p.reverses
    LEFT JOIN penalty_lines l ON l.number = p.number AND l.key = split_part(coalesce(r.key, p.key), '\\:penalty', 1)
    LEFT JOIN penalty_reviews v ON v.number = p.number AND v.key = p.review
    WHERE coalesce(r.kind, p.kind) = 'penalty' AND p.month <= :month
""")
_LISTED_ONLY = text("""
    SELECT l.number || '\\:' || l.key || '\\:penalty' AS id, 'review' AS source, l.unit, l.clause, l.remaining AS amount,
           l.parcels, NULL AS beneficiary, false AS charged, l.number AS complaint, l.review, NULL AS reverses, v.final_at AS at,
           v.ruling ->> 'ruled_by' AS by, c.rulebook_version AS rulebook
    FROM penalty_lines l
    JOIN complaints c ON c.number = l.number
    JOIN penalty_reviews v ON v.number = l.number AND v.key = l.review
    WHERE l.final AND l.remaining > 0 AND v.final_at < :ends
      AND NOT EXISTS (SELECT FROM postings p WHERE p.number = l.number AND p.key = l.key || '\\:penalty')
""")
_LATE = text("""
    SELECT l.number || '\\:' || l.key || '\\:penalty' AS id, 'lateness' AS source, l.unit, l.clause, l.amount, 1 AS parcels,
           NULL AS beneficiary, l.charged, l.number AS complaint, NULL AS review, NULL AS reverses, l.objection_until AS at,
           NULL AS by, c.rulebook_version AS rulebook
    FROM lateness_lines l
    JOIN complaints c ON c.number = l.number
    WHERE l.amount > 0 AND l.objection_until < :ends AND l.state IN ('open', 'stands')
      AND NOT EXISTS (
          SELECT FROM obligations o
          WHERE o.number = l.number AND o.owed = 'objection' AND o.unit = l.unit AND o.ending IS NULL
      )
""")
_STANDING = text("""
    SELECT DISTINCT ON (s.month) s.month, a.acts, EXISTS (
        SELECT FROM jsonb_array_elements(s.lines) AS listed (told) LEFT JOIN penalty_sheet_marks m ON m.line = told ->> 'id'
        WHERE (told ->> 'charged')::boolean AND m.line IS NULL
    ) AS unmarked
    FROM penalty_sheets s CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(act), '{}') AS acts FROM penalty_sheet_acts
        WHERE month = s.month AND revision = s.revision
    ) a ORDER BY s.month, s.revision DESC
""")
_ON_A_SIGNED_SHEET = text("SELECT line FROM penalty_sheet_lines WHERE line = ANY(:lines)")


async def due(session: AsyncSession, month: str) -> list[SheetLine]:
    """Every penalty final by the end of the month that is on no signed sheet yet, by unit and clause."""
    known = {"month": month, "ends": end_of(month)}
    found = [row for query in (_POSTED, _LISTED_ONLY, _LATE) for row in (await session.execute(query, known)).mappings()]
    signed = set((await session.execute(_ON_A_SIGNED_SHEET, {"lines": [row["id"] for row in found]})).scalars())
    lines = [await _line(session, row) for row in found if row["id"] not in signed]
    return sorted(lines, key=lambda line: (line.unit, line.clause, line.id))


async def _line(session: AsyncSession, row: Any) -> SheetLine:
    """A row with the words of its clause, as the complaint's own rulebook has them."""
    clause = await _clause(session, row["rulebook"], row["clause"])
    words = clause.text if clause else {"zh": row["clause"], "en": row["clause"]}
    pays = row["beneficiary"] or (clause.beneficiary if clause else "hq:quality_fund")
    return SheetLine(
        **{**row, "source": Source(row["source"]), "beneficiary": pays}, clause_zh=words["zh"], clause_en=words["en"]
    )


async def _clause(session: AsyncSession, version: str, code: str) -> ClauseRule | None:
    pinned = await rulebooks.get(session, version)
    return pinned.rulebook.penalties.clauses.get(code) if pinned is not None else None


async def draft(session: AsyncSession, month: str, *, by: str, at: datetime) -> Sheet:
    """Draft it, or draft it anew; while it is a draft that says the same, nothing changes. Raises `AlreadySigned`."""
    await session.execute(_ALONE)
    standing, lines = await get(session, month), await due(session, month)
    if standing is not None:
        if (signed := standing.done(SheetAct.SIGNED)) is not None:
            raise AlreadySigned(f"The sheet of {month} was signed by {signed.by}; what came since is on the next one.")
        if not standing.acts and list(standing.lines) == lines:
            return standing
    revision = standing.revision + 1 if standing is not None else 1
    sheet = Sheet(month=month, revision=revision, lines=tuple(lines), drafted_at=at, drafted_by=by)
    told = [line.model_dump(mode="json") for line in lines]
    session.add(PenaltySheet(month=month, revision=revision, lines=told, hash=sheet.hash, drafted_at=at, drafted_by=by))
    await session.flush()
    return sheet


async def send_back(session: AsyncSession, month: str, *, reason: str, by: str, at: datetime) -> Sheet:
    sheet = await _at_hand(session, month)
    sheet.check(SheetAct.RETURNED)
    return await _done(session, sheet, Done(SheetAct.RETURNED, by, at, reason))


async def sign(session: AsyncSession, month: str, *, by: str, at: datetime, hash: str | None = None) -> Sheet:
    """Sign what was drafted, provided that it still holds; its lateness lines are posted with it."""
    sheet = await _at_hand(session, month)
    sheet.check(SheetAct.SIGNED, hash)
    sheet.check_still_true(await due(session, month))
    session.add_all([PenaltySheetLine(line=line.id, month=month) for line in sheet.lines])
    late = [line for line in sheet.charged if line.source is Source.LATENESS]
    await ledger.post(session, [(line.complaint, _posting(line, at)) for line in late], by=by)
    return await _done(session, sheet, Done(SheetAct.SIGNED, by, at))


def _posting(line: SheetLine, at: datetime) -> Any:
    key = line.id.removeprefix(f"{line.complaint}:").removesuffix(":penalty")
    return lateness_penalty(key, line.unit, line.clause, line.amount, line.beneficiary, at)


async def publish(session: AsyncSession, month: str, *, by: str, at: datetime) -> Sheet:
    sheet = await _at_hand(session, month)
    sheet.check(SheetAct.PUBLISHED)
    return await _done(session, sheet, Done(SheetAct.PUBLISHED, by, at))


async def mark(session: AsyncSession, month: str, lines: Sequence[str], *, reference: str | None, by: str, at: datetime) -> Sheet:
    """Finance has executed these lines, or all that are left; what was marked before keeps its mark."""
    sheet = await _at_hand(session, month)
    marks = [Mark(line.id, by, at, reference) for line in sheet.to_mark(lines)]
    session.add_all([PenaltySheetMark(**mark._asdict()) for mark in marks])
    await session.flush()
    return sheet.model_copy(update={"marks": (*sheet.marks, *marks)})


async def get(session: AsyncSession, month: str) -> Sheet | None:
    """The latest revision of a month's sheet, with all that was done with it."""
    latest = select(PenaltySheet).where(col(PenaltySheet.month) == month).order_by(col(PenaltySheet.revision).desc()).limit(1)
    row = (await session.execute(latest)).scalar_one_or_none()
    if row is None:
        return None
    said = select(PenaltySheetAct).where(col(PenaltySheetAct.month) == month, col(PenaltySheetAct.revision) == row.revision)
    acts = (await session.execute(said.order_by(col(PenaltySheetAct.at)))).scalars().all()
    held = select(col(PenaltySheetLine.line)).where(col(PenaltySheetLine.month) == month)
    executed = select(PenaltySheetMark).where(col(PenaltySheetMark.line).in_(held)).order_by(col(PenaltySheetMark.at))
    return Sheet(
        month=month,
        revision=row.revision,
        lines=tuple(SheetLine.model_validate(line) for line in row.lines),
        drafted_at=row.drafted_at,
        drafted_by=row.drafted_by,
        acts=tuple(Done(SheetAct(act.act), act.by, act.at, act.reason) for act in acts),
        marks=tuple(Mark(m.line, m.by, m.at, m.reference) for m in (await session.execute(executed)).scalars()),
    )


async def sent_back(session: AsyncSession, month: str) -> list[PenaltySheetAct]:
    """Every time it was sent back, with the revision and the reason."""
    returned = select(PenaltySheetAct).where(col(PenaltySheetAct.month) == month, col(PenaltySheetAct.act) == SheetAct.RETURNED)
    return list((await session.execute(returned.order_by(col(PenaltySheetAct.revision)))).scalars())


async def unfinished(session: AsyncSession) -> dict[str, SheetStatus]:
    """Sheets that wait for somebody, the oldest month first."""
    rows = (await session.execute(_STANDING)).all()
    found = {row.month: status_after([SheetAct(act) for act in row.acts], unmarked=row.unmarked) for row in rows}
    return {month: status for month, status in found.items() if status in WAITS_FOR}


async def way(session: AsyncSession, month: str) -> tuple[list[datetime], list[tuple[int, Done]]]:
    """When its revisions were drafted, and what was done with which of them, in order."""
    drafted = select(col(PenaltySheet.drafted_at)).where(col(PenaltySheet.month) == month).order_by(col(PenaltySheet.revision))
    acts = (await session.execute(select(PenaltySheetAct).where(col(PenaltySheetAct.month) == month))).scalars()
    done = [(act.revision, Done(SheetAct(act.act), act.by, act.at, act.reason)) for act in acts]
    order = list(SheetAct)
    return list((await session.execute(drafted)).scalars()), sorted(done, key=lambda each: (each[0], order.index(each[1].act)))


async def months(session: AsyncSession) -> list[str]:
    """Months with a sheet, the latest first."""
    month = col(PenaltySheet.month)
    return list((await session.execute(select(month).distinct().order_by(month.desc()))).scalars())


async def _at_hand(session: AsyncSession, month: str) -> Sheet:
    """The sheet, held until the transaction ends: two people never do something with it at once."""
    await session.execute(_ALONE)
    sheet = await get(session, month)
    if sheet is None:
        raise SheetNotDrafted(f"The sheet of {month} has not been drafted.")
    return sheet


async def _done(session: AsyncSession, sheet: Sheet, done: Done) -> Sheet:
    session.add(PenaltySheetAct(month=sheet.month, revision=sheet.revision, hash=sheet.hash, **done._asdict()))
    await session.flush()
    return sheet.model_copy(update={"acts": (*sheet.acts, done)})
