"""Penalty sheet (月处罚汇总表), HQ, per month: every final penalty by unit and clause; signed, published, executed."""

from __future__ import annotations

from typing import Any

from domain.penalty_sheets import Sheet, SheetAct, by_unit
from reports.workbook import Fen, Table, workbook

_ACTS = {SheetAct.RETURNED: "退回 returned", SheetAct.SIGNED: "签发 signed", SheetAct.PUBLISHED: "发布 published"}
TOTALS = ("单位 unit", "条款 clause", "笔数 lines", "票数 parcels", "金额 amount")
LINES = (
    *(
        "单位 unit",
        "条款 clause",
        "条款内容 text (zh)",
        "text (en)",
        "细则版本 rulebook",
        "来源 source",
        "投诉 complaint",
        "仲裁 review",
    ),
    *(
        "票数 parcels",
        "金额 amount",
        "计费 charged",
        "受益方 beneficiary",
        "裁定人 ruled by",
        "日期 on",
        "冲销 reverses",
        "执行 executed",
    ),
    *("执行人 by", "凭证 reference", "编号 line"),
)


def as_workbook(sheet: Sheet) -> bytes:
    head: list[tuple[str, Any]] = [
        ("月份 month", sheet.month),
        ("状态 status", f"{sheet.status} (revision {sheet.revision})"),
        ("起草 drafted", sheet.drafted_at),
        *((f"{_ACTS[act]} {done.by}", done.at) for act in SheetAct if (done := sheet.done(act))),
        ("SHA-256", sheet.hash),
        ("合计 total (CNY)", Fen(sheet.total)),
    ]
    totals = [
        (unit.unit, clause.clause, clause.lines, clause.parcels, Fen(clause.amount))
        for unit in by_unit(sheet.lines)
        for clause in unit.clauses
    ]
    return workbook(head, Table("汇总 totals", TOTALS, totals), Table("明细 lines", LINES, _lines(sheet)))


def _lines(sheet: Sheet) -> list[tuple[Any, ...]]:
    marks = {mark.line: mark for mark in sheet.marks}
    rows: list[tuple[Any, ...]] = []
    for line in sheet.lines:
        mark = marks.get(line.id)
        done = (mark.at, mark.by, mark.reference) if mark else (None, None, None)
        which = (line.unit, line.clause, line.clause_zh, line.clause_en, line.rulebook, line.source, line.complaint, line.review)
        sums = (line.parcels, Fen(line.amount), line.charged, line.beneficiary, line.by, line.at, line.reverses)
        rows.append((*which, *sums, *done, line.id))
    return rows
