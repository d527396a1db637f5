"""The writer's side of the register: facts applied once, in order, in one transaction and one round trip.

A batch is one statement: the complaint's row is locked, and where the batch brings news each table takes its rows from
one JSON parameter. Its text depends only on which tables a batch touches, so the server prepares a few dozen of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast

from psycopg import AsyncConnection
from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel import SQLModel

from domain import record
from domain.months import month_of
from domain.record import ComplaintRow, Fact, Held, LineRow, LostRow, PostingRow
from store import tables
from store.database import Database

PROJECTIONS: dict[type[BaseModel], type[SQLModel]] = {
    record.ObligationRow: tables.Obligation,
    record.ExchangeRow: tables.Exchange,
    record.FindingsRow: tables.Findings,
    record.CompensationRow: tables.Compensation,
    record.PaymentRow: tables.Payment,
    record.ReviewRow: tables.PenaltyReview,
    record.LineRow: tables.PenaltyLine,
    record.VisitRow: tables.Visit,
    record.DecisionRow: tables.Decision,
    record.PauseRow: tables.Pause,
    record.DelayRow: tables.Delay,
    record.PromiseRow: tables.Promise,
    record.LatenessRow: tables.Lateness,
    record.CorrectionRow: tables.Correction,
}
"""Rows that say how something stands: written again they replace."""

ADDITIONS: dict[type[BaseModel], type[SQLModel]] = {
    record.AnswerRow: tables.Answer,
    record.NoticeRow: tables.Notice,
}
"""Rows that say what happened: written again they stay as they were."""


class UnknownComplaint(LookupError):
    """Facts arrived for a complaint the register never received."""


def _insert(table: type[SQLModel], columns: list[str], *, replace: bool) -> str:
    key = [column.name for column in _table(table).primary_key]
    named = ", ".join(f'"{column}"' for column in columns)
    renewed = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column not in key)
    conflict = f"({', '.join(key)}) DO UPDATE SET {renewed}" if replace else "DO NOTHING"
    name = _table(table).name
    rows = f"SELECT {named} FROM news, jsonb_populate_recordset(NULL::{name}, %({name})s::jsonb)"
    return f"INSERT INTO {name} ({named}) {rows} ON CONFLICT {conflict}"


def _table(table: type[SQLModel]) -> Any:
    return cast(Any, table).__table__


def columns_of(row: type[BaseModel], table: type[SQLModel]) -> list[str]:
    """The columns a row fills: its own fields, the complaint's number, and the fact's `seq` where the table keeps it."""
    own = [field for field in row.model_fields if field != "table"]
    return ["number", *own, *(["seq"] if "seq" in _table(table).columns and "seq" not in own else [])]


_STANDING = [field for field in ComplaintRow.model_fields if field != "table"]
_HELD = "held AS MATERIALIZED (SELECT applied_seq FROM complaints WHERE number = %(number)s FOR UPDATE)"
_NEWS = "news AS MATERIALIZED (SELECT 1 FROM held WHERE applied_seq < %(last)s)"
_BESIDE = "news AS MATERIALIZED (SELECT 1 FROM held)"
_WRITES: dict[str, str] = {
    _table(table).name: _insert(table, columns_of(row, table), replace=row in PROJECTIONS)
    for row, table in (PROJECTIONS | ADDITIONS).items()
} | {
    "timeline": _insert(tables.TimelineEntry, [*_table(tables.TimelineEntry).columns.keys()], replace=False),
    "postings": _insert(tables.Posting, [*_table(tables.Posting).columns.keys()], replace=False),
    "ledger_entries": _insert(tables.LedgerEntry, [*_table(tables.LedgerEntry).columns.keys()], replace=False),
    "lost": (
        "UPDATE payments p SET state = told.state, settled_at = told.settled_at FROM news, "
        "jsonb_to_recordset(%(lost)s::jsonb) told(of text, key text, state text, settled_at timestamptz) "
        "WHERE p.number = told.of AND p.key = told.key"
    ),
    "texts": "UPDATE texts SET referred = true FROM news WHERE id = ANY(%(texts)s) AND number = %(number)s",
    "seq": "UPDATE complaints SET applied_seq = %(last)s FROM news WHERE number = %(number)s",
    "complaints": (
        f"UPDATE complaints c SET applied_seq = %(last)s, {', '.join(f'{field} = told.{field}' for field in _STANDING)} "
        "FROM news, jsonb_populate_record(NULL::complaints, %(complaints)s::jsonb) told WHERE c.number = %(number)s"
    ),
}
_HELD_ELSEWHERE = text("""
    SELECT l.key, e.review FROM penalty_lines l JOIN complaints c ON c.number = l.number
    JOIN penalty_events e ON (e.waybill, e.unit, e.clause) = (c.waybill, l.unit, l.clause) AND e.number <> l.number
         AND e.happened_on = coalesce(l.happened_on, (c.received_at AT TIME ZONE 'Asia/Shanghai')::date)
    WHERE l.number = :number AND l.key = ANY(:lines) AND l.remaining > 0 ORDER BY l.key
""")
_KEYS = {row: [column.name for column in _table(table).primary_key] for row, table in (PROJECTIONS | ADDITIONS).items()}
_TABLES = {row: _table(table).name for row, table in (PROJECTIONS | ADDITIONS).items()}


@cache
def _statement(written: tuple[str, ...], news: str = _NEWS) -> bytes:
    """The statement for a batch that touches these tables."""
    writes = ", ".join(f"w{place} AS ({_WRITES[name]})" for place, name in enumerate(written))
    return f"WITH {_HELD}, {news}, {writes} SELECT applied_seq FROM held".encode()


class Register:
    """Implements `activities.register.RegisterPort` on PostgreSQL."""

    def __init__(self, database: Database) -> None:
        # One statement is its own transaction: no BEGIN and COMMIT to wait for.
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def apply(self, number: str, facts: list[Fact]) -> list[str | Held]:
        """Facts come without gaps: a batch whose last one is known brings nothing new, any other restates what it overlaps."""
        if facts:
            batch = _batch(number, sorted(facts, key=lambda fact: fact.seq))
            statement, last = _statement(tuple(sorted(batch))), max(fact.seq for fact in facts)
            await self._write(statement, {**batch, "number": number, "last": last})
        told = [f"{fact.seq} {fact.name}" for fact in facts]
        return [*told, *await self._held(number, facts)]

    async def _held(self, number: str, facts: list[Fact]) -> list[Held]:
        """Of the lines just written, those whose event another complaint about the parcel has; asked again, the same."""
        lines = sorted({row.key for fact in facts for row in fact.rows if isinstance(row, LineRow) and row.remaining})
        if not lines:
            return []
        async with self._engine.connect() as connection:
            found = await connection.execute(_HELD_ELSEWHERE, {"number": number, "lines": lines})
            return [Held(line=key, review=review) for key, review in found.all()]

    async def add(self, number: str, fact: Fact) -> None:
        """Rows told beside the complaint's own story (a correction's): they stand by their keys, and number nothing."""
        batch = {name: held for name, held in _batch(number, [fact]).items() if name not in ("timeline", "seq")}
        await self._write(_statement(tuple(sorted(batch)), _BESIDE), {**batch, "number": number})

    async def _write(self, statement: bytes, batch: dict[str, Any]) -> None:
        async with self._engine.connect() as checked_out:
            raw = cast("AsyncConnection[Any]", (await checked_out.get_raw_connection()).driver_connection)
            cursor = await raw.execute(statement, batch, prepare=True)
            if await cursor.fetchone() is None:
                raise UnknownComplaint(f"complaint {batch['number']} is not in the register")


def _batch(number: str, facts: list[Fact]) -> dict[str, Any]:
    """What facts come to, by table."""
    told = [fact.model_dump(mode="json") for fact in facts]
    standing: dict[str, Any] | None = None
    rows: dict[type[BaseModel], dict[tuple[Any, ...], dict[str, Any]]] = {}
    postings: dict[str, tuple[PostingRow, Fact]] = {}
    lost: dict[str, dict[str, Any]] = {}
    for fact, spoken in zip(facts, told, strict=True):
        for row, values in zip(fact.rows, spoken["rows"], strict=True):
            if isinstance(row, ComplaintRow):
                standing = values
            elif isinstance(row, PostingRow):
                postings.setdefault(row.key, (row, fact))
            elif isinstance(row, LostRow):
                lost[row.key] = values
            else:
                _keep(rows.setdefault(type(row), {}), type(row), {**values, "number": number, "seq": fact.seq})
    batch: dict[str, Any] = {_TABLES[row_type]: _json(kept.values()) for row_type, kept in rows.items()}
    batch["timeline"] = _json({**fact, "number": number, "rows": None} for fact in told)
    if postings:
        batch["postings"] = _json(_posting(number, posting, fact) for posting, fact in postings.values())
        batch["ledger_entries"] = _json(entry for posting, _ in postings.values() for entry in _entries(number, posting))
    if lost:
        batch["lost"] = _json(lost.values())
    if references := sorted(set(_references(told))):
        batch["texts"] = references
    return batch | ({"seq": facts[-1].seq} if standing is None else {"complaints": json.dumps(standing)})


def _keep(rows: dict[tuple[Any, ...], dict[str, Any]], row_type: type[BaseModel], values: dict[str, Any]) -> None:
    """One row per key: of what stands the last word counts, of what happened the first."""
    key = tuple(values[column] for column in _KEYS[row_type])
    if row_type in PROJECTIONS:
        rows[key] = values
    else:
        rows.setdefault(key, values)


def _json(rows: Iterable[Any]) -> str:
    return json.dumps(list(rows), ensure_ascii=False)


def _posting(number: str, posting: PostingRow, fact: Fact) -> dict[str, Any]:
    """The month is the fact's own; if that is closed, the database takes the first open one."""
    whose = {"seq": fact.seq, "posted_by": fact.actor}
    return {**posting.model_dump(mode="json"), "number": number, "month": month_of(posting.posted_at), **whose}


def _entries(number: str, posting: PostingRow) -> Iterator[dict[str, Any]]:
    for position, entry in enumerate(posting.entries, start=1):
        identity = f"{number}:{posting.key}:{position}"
        yield {"id": identity, "number": number, "key": posting.key, "account": entry.account, "amount": entry.amount}


def _references(told: Any) -> Iterator[str]:
    """Every text a fact refers to: the value of any `*_ref`, however deep."""
    if isinstance(told, dict):
        for name, value in told.items():
            if name.endswith("_ref") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(told, list):
        for value in told:
            yield from _references(value)
