"""The register's writer, which locks, numbers, renews and adds once, against plain multi-row inserts of the same rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import insert, update
from sqlmodel import SQLModel, col

from benchmarks.ground import Ground
from benchmarks.race import race
from benchmarks.received import plan_of_lost, receive
from domain.case import Case
from domain.commands import Intake
from domain.plan import CasePlan
from domain.record import ComplaintRow, DecisionRow, Entry, Fact, NoticeRow, ObligationRow, PostingRow, Row
from domain.values import ClockKind, LedgerKind, Measure, Owed, Role
from store import tables
from store.database import Database
from store.register import ADDITIONS, PROJECTIONS, Register

COMPLAINTS, DECISIONS, SECONDS = 8, 20, 12
FACTS = 3  # of one decision

TABLES: dict[type[BaseModel], type[SQLModel]] = PROJECTIONS | ADDITIONS
TABLES = TABLES | {PostingRow: tables.Posting, ComplaintRow: tables.Complaint}


def written(intake: Intake, plan: CasePlan, turn: int) -> list[Fact]:
    """What one decision usually comes to: three facts, two obligations, a letter, a posting, and where the complaint stands."""
    now, first = datetime.now(UTC), turn * FACTS + 1
    return [
        Fact(seq=seq, at=now, name="decided", actor="bench", role=Role.BRANCH_AGENT, details={"turn": turn}, rows=rows)
        for seq, rows in enumerate(_rows(intake, plan, turn, now), first)
    ]


def _rows(intake: Intake, plan: CasePlan, turn: int, now: datetime) -> list[list[Row]]:
    ended, opened = (
        ObligationRow(
            key=f"{turn}:{owed}",
            owed=owed,
            role=Role.BRANCH_AGENT,
            unit="minhang",
            since=now,
            opens_at=now,
            due=now + timedelta(days=1),
            measure=Measure.WORKING_DAYS,
            kind=ClockKind.CONTRACT,
            opened=True,
            late=False,
        )
        for owed in (Owed.FINDINGS, Owed.APPROVAL)
    )
    letter = NoticeRow(key=f"{turn}", template="reminder", to="branch_agent@minhang", language="zh", noted_at=now)
    moved = [Entry(account="unit:minhang", amount=-1), Entry(account="customers", amount=1)]
    posting = PostingRow(key=f"{turn}", kind=LedgerKind.ADVANCE, entries=moved, posted_at=now)
    decision = DecisionRow(key=uuid4().hex, digest=uuid4().hex)
    return [[ended, decision], [opened, letter], [posting, Case.received(intake, plan, now).row()]]


async def plainly(database: Database, number: str, facts: list[Fact]) -> None:
    """One transaction, one multi-row insert a table, and the complaint's own row as it now is."""
    rows: dict[type[SQLModel], list[dict[str, Any]]] = {
        tables.TimelineEntry: [fact.model_dump(exclude={"rows"}) for fact in facts]
    }
    for fact in facts:
        for row in fact.rows:
            rows.setdefault(TABLES[type(row)], []).append(row.model_dump(exclude={"table", "entries"}) | {"seq": fact.seq})
            if isinstance(row, PostingRow):
                rows[tables.Posting][-1]["month"] = f"{row.posted_at:%Y-%m}"
                rows[tables.LedgerEntry] = [
                    entry.model_dump() | {"key": row.key, "id": f"{number}:{row.key}:{place}"}
                    for place, entry in enumerate(row.entries)
                ]
    standing = rows.pop(tables.Complaint)[-1]
    async with database.session() as session:
        for table, told in rows.items():
            columns = _columns(table)
            values = [{"number": number} | {name: row[name] for name in row.keys() & columns} for row in told]
            await session.execute(insert(table), values)
        now = {name: standing[name] for name in standing.keys() & _columns(tables.Complaint)}
        await session.execute(update(tables.Complaint).where(col(tables.Complaint.number) == number).values(now))


def _columns(table: type[SQLModel]) -> set[str]:
    return set(table.model_fields)


async def run(ground: Ground) -> list[str]:
    plan = await plan_of_lost(ground)
    register, turns = Register(ground.database), count()

    async def ours(intake: Intake, turn: int) -> None:
        await register.apply(intake.number, written(intake, plan, turn))

    async def bare(intake: Intake, turn: int) -> None:
        await plainly(ground.database, intake.number, written(intake, plan, turn))

    async def lap(write: Callable[[Intake, int], Awaitable[None]], intakes: list[Intake]) -> None:
        """Every complaint tells its decisions one after the other, all complaints at once."""

        async def tell(intake: Intake) -> None:
            for turn in islice(turns, DECISIONS):
                await write(intake, turn)

        async with asyncio.TaskGroup() as all_:
            for intake in intakes:
                all_.create_task(tell(intake))

    told = [await receive(ground, plan) for _ in range(COMPLAINTS)]
    kept = [await receive(ground, plan) for _ in range(COMPLAINTS)]
    facts = COMPLAINTS * DECISIONS * FACTS
    result = await race("register", lambda: lap(ours, told), lambda: lap(bare, kept), each=facts, seconds=SECONDS)
    return [str(result)]
