"""Settlement statement (结算单), per unit and month: what its account held, every entry with its complaint, what it holds now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reports.workbook import Fen, Table, workbook
from store.settlements import Statement

COLUMNS = (
    "时间 posted",
    "类别 kind",
    "投诉 complaint",
    "仲裁 review",
    "条款 clause",
    "冲销 reverses",
    "经办 by",
    "金额 amount",
    "余额 balance",
)


def as_workbook(statement: Statement, computed_at: datetime) -> bytes:
    unit = statement.unit
    head: list[tuple[str, Any]] = [
        ("单位 unit", f"{unit.code} {unit.name_zh} {unit.name_en}"),
        ("月份 month", f"{statement.month} ({'已结账 closed' if statement.closed else '未结账 open'})"),
        ("单位：元 in yuan", "CNY"),
        ("计算时间 computed", computed_at),
        ("期初 opening", Fen(statement.opening)),
        ("期末 closing", Fen(statement.closing)),
    ]
    return workbook(head, Table(statement.month, COLUMNS, (_row(line) for line in statement.lines)))


def _row(line: Any) -> tuple[Any, ...]:
    entry = line.entry
    about = (entry.posted_at, entry.kind, entry.complaint, entry.review, entry.clause, entry.reverses, entry.posted_by)
    return (*about, Fen(entry.amount), Fen(line.balance))
