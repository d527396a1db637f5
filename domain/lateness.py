"""Lateness lines: what a rung opens against whoever let something become late, under the same cap as every penalty."""

from __future__ import annotations

from datetime import datetime

from domain.case import Case
from domain.obligations import Obligation
from domain.penalty_lines import record_only
from domain.plan import Clause
from domain.reviews import LatenessLine
from domain.rulings import charged_so_far, day_of


def lateness_line(case: Case, obligation: Obligation, code: str, clause: Clause, now: datetime, until: datetime) -> LatenessLine:
    """Of the unit that let it become late, judged by the day that happened; its id is the complaint's own.

    Under a plan of 0.2.0, where nobody could object, it goes by the obligation.
    """
    assert obligation.late_since is not None
    day = day_of(case, obligation.late_since)
    charged = not record_only(case.dated.record_only, day)
    left = max(case.plan.penalties.cap - charged_so_far(case), 0)
    return LatenessLine(
        key=f"{case.intake.number}-L{len(case.lateness) + 1}" if case.plan.penalties.summary else f"{obligation.key}:{code}",
        obligation=obligation.key,
        owed=obligation.owed,
        unit=obligation.late_unit or obligation.unit,
        clause=code,
        amount=min(clause.amount, left) if charged else clause.amount,
        late_since=obligation.late_since,
        opened_at=now,
        objection_until=until,
        happened_on=day,
        charged=charged,
    )
