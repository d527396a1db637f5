"""Quality fund (质量基金), published per month: its income by clause and unit, its use, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.fund import FundUse
from domain.postings import QUALITY_FUND
from reports.workbook import Fen, Table, workbook
from store import fund, ledger

USES = (
    *("编号 use", "用途 purpose", "账户 account", "状态 status", "提出人 proposed by", "批准人 approved by", "批准时间 approved"),
    *("说明 reason", "金额 amount"),
)
COLUMNS = ("条款 clause", "单位 unit", "类别 kind", "笔数 entries", "收入 income", "支出 use")
_MOVED = text("""
    SELECT coalesce(p.clause, r.clause) AS clause, substr(other.account, 6) AS unit, p.kind, count(*) AS entries,
           coalesce(sum(fund.amount) FILTER (WHERE coalesce(r.kind, p.kind) = 'penalty'), 0) AS income,
           coalesce(-sum(fund.amount) FILTER (WHERE coalesce(r.kind, p.kind) <> 'penalty'), 0) AS use
    FROM ledger_entries fund
    JOIN postings p ON p.number = fund.number AND p.key = fund.key
    LEFT JOIN postings r ON r.number = p.number AND r.key = p.reverses
    LEFT JOIN LATERAL (
        SELECT account FROM ledger_entries e
        WHERE e.number = fund.number AND e.key = fund.key AND e.account LIKE 'unit\\:%' ORDER BY e.id LIMIT 1
    ) other ON true
    WHERE fund.account = 'hq\\:quality_fund' AND p.month = :month
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")


@dataclass(frozen=True)
class Moved:
    """What a clause brought the fund from a unit, or what a unit had of it (fen); what was taken back is less of the same."""

    clause: str | None
    unit: str | None
    kind: str
    entries: int
    income: int
    use: int


@dataclass(frozen=True)
class FundReport:
    month: str
    opening: int
    moved: list[Moved]
    uses: list[FundUse]

    @property
    def income(self) -> int:
        return sum(moved.income for moved in self.moved)

    @property
    def use(self) -> int:
        return sum(moved.use for moved in self.moved)

    @property
    def closing(self) -> int:
        return self.opening + self.income - self.use


async def of(session: AsyncSession, month: str) -> FundReport:
    rows = (await session.execute(_MOVED, {"month": month})).all()
    moved = [Moved(row.clause, row.unit, row.kind, int(row.entries), int(row.income), int(row.use)) for row in rows]
    return FundReport(month, await ledger.balance(session, QUALITY_FUND, until=month), moved, await fund.of_month(session, month))


def as_workbook(report: FundReport, computed_at: datetime) -> bytes:
    head: list[tuple[str, Any]] = [
        ("账户 account", QUALITY_FUND),
        ("月份 month", report.month),
        ("单位：元 in yuan", "CNY"),
        ("计算时间 computed", computed_at),
        ("期初 opening", Fen(report.opening)),
        ("收入 income", Fen(report.income)),
        ("支出 use", Fen(report.use)),
        ("期末 closing", Fen(report.closing)),
    ]
    rows = [(m.clause, m.unit, m.kind, m.entries, Fen(m.income), Fen(m.use)) for m in report.moved]
    uses = [
        (u.id, u.purpose, u.beneficiary, u.status, u.proposed_by, u.acts[0].by, u.acts[0].at, u.acts[-1].reason, Fen(u.amount))
        for u in report.uses
    ]
    return workbook(head, Table(report.month, COLUMNS, rows), Table("支出 uses", USES, uses))
