"""The alarm of one complaint: one timer for all its obligations, set to the earliest of their moments (ADR 4)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import workflow

from domain.ladders import NOT_THE_NETWORKS_LATENESS
from domain.obligations import Ending, Obligation, Step
from domain.plan import RungDoes
from domain.values import Owed

if TYPE_CHECKING:
    from workflows.desk import Desk


class Alarm:
    """Takes the rungs of every ladder when their moment comes."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def keep_time(self) -> None:
        """One alarm for all ladders: what happens by itself, when."""
        loop = asyncio.get_running_loop()
        while True:
            at = self.next_moment()
            if at is not None and at <= self.desk.now:
                self.climb()
                continue
            # A bare timer: a wait with a time-out orders its commands otherwise from one Python version to the next.
            rang = asyncio.Event()
            timer = None if at is None else loop.call_later((at - self.desk.now).total_seconds(), rang.set)
            await workflow.wait_condition(lambda at=at, rang=rang: rang.is_set() or self.next_moment() != at)  # type: ignore[misc]
            if timer is not None and not rang.is_set():
                timer.cancel()

    def next_moment(self) -> datetime | None:
        moments = [o.next_at for o in self.desk.case.obligations.values() if o.ending is None]
        return min((at for at in moments if at is not None), default=None)

    def climb(self) -> None:
        """Take every rung whose moment has come, the earliest first."""
        while (at := self.next_moment()) is not None and at <= self.desk.now:
            obligation = next(o for o in self.desk.case.obligations.values() if o.ending is None and o.next_at == at)
            self.desk.changed[obligation.key] = obligation
            if obligation.opened:
                self._rung(obligation, obligation.steps.pop(0))
            else:
                self._open(obligation)

    def _open(self, obligation: Obligation) -> None:
        """A planned one opens: the window of a visit."""
        desk, owed = self.desk, obligation.owed
        obligation.opened = True
        by, due = f"{obligation.role}@{obligation.unit}", obligation.due.isoformat()
        if owed in (Owed.VISIT_1, Owed.VISIT_2):
            desk.tell("visit_due", by, visit=1 if owed is Owed.VISIT_1 else 2, due=due)
        desk.note("obligation_opened", obligation=obligation.key, owed=owed.value, unit=obligation.unit, by=by, due=due)

    def _rung(self, obligation: Obligation, step: Step) -> None:
        """Somebody is reminded or told, or the wait ends by default. What is late stays late."""
        desk, owed, unit, due = self.desk, obligation.owed, obligation.unit, obligation.due.isoformat()
        newly_late = step.at_due and not obligation.late and owed not in NOT_THE_NETWORKS_LATENESS
        obligation.late = obligation.late or newly_late
        about = {"obligation": obligation.key, "owed": owed.value, "unit": unit}
        if step.does == RungDoes.DEFAULT:
            desk.close([obligation], Ending.DEFAULT)
            desk.note("obligation_lapsed", **about)
            return
        told = f"{step.role}@{step.unit}"
        desk.tell("late" if step.at_due else "reminder", told, owed=owed.value, due=due, unit=unit)
        earlier = "obligation_reminded" if step.does == RungDoes.REMIND else "obligation_escalated"
        desk.note("obligation_late" if newly_late else earlier, **about, due=due, told=told)
