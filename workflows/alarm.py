"""The alarm of one complaint: one timer for all its obligations, set to the earliest of their moments (ADR 4)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from temporalio import workflow

from domain.ladders import NOT_THE_NETWORKS_LATENESS, agent_of, hand_over, stands_still_until
from domain.obligations import DUTY, LATE, Ending, Obligation, Step
from domain.plan import RungDoes
from domain.rows import pause_row
from domain.values import Owed

if TYPE_CHECKING:
    from workflows.desk import Desk


class Alarm:
    """Takes the rungs of every ladder when their moment comes, and says when clocks stop and run again."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def keep_time(self) -> None:
        """One alarm for all ladders: what happens by itself, when."""
        loop = asyncio.get_running_loop()
        while True:
            at = self.desk.case.next_moment()
            if at is not None and at <= self.desk.now:
                self.climb()
                continue
            # A bare timer: a wait with a time-out orders its commands otherwise from one Python version to the next.
            rang = asyncio.Event()
            timer = None if at is None else loop.call_later((at - self.desk.now).total_seconds(), rang.set)
            await workflow.wait_condition(lambda at=at, rang=rang: rang.is_set() or self.desk.case.next_moment() != at)  # type: ignore[misc]
            if timer is not None and not rang.is_set():
                timer.cancel()

    def climb(self) -> None:
        """Take every rung whose moment has come, the earliest first."""
        while (at := self.desk.case.next_moment()) is not None and at <= self.desk.now:
            if at == self.desk.case.next_boundary():
                self._turn(at)
                continue
            obligation = next(o for o in self.desk.case.obligations.values() if o.ending is None and o.next_at == at)
            self.desk.changed[obligation.key] = obligation
            if obligation.opened:
                self._rung(obligation, obligation.steps.pop(0))
            else:
                self._open(obligation)

    def _turn(self, at: datetime) -> None:
        """Clocks stop, or run again: a pause came to its limit, an emergency began or is over."""
        case, desk = self.desk.case, self.desk
        case.boundaries_seen_to = at
        over = [pause for pause in case.pauses.values() if not pause.ended and pause.ends <= at]
        for pause in over:
            pause.ended = True
            desk.show(pause_row(pause))
            desk.tell("pause_ended", f"{agent_of(case.handler)}@{case.handler}")
        turned: dict[str, str | None] = {}
        for obligation in case.obligations.values():
            still_until = stands_still_until(case, obligation, desk.now)  # `at` may be long past: news of what began before
            if still_until != obligation.paused_until:
                obligation.paused_until, desk.changed[obligation.key] = still_until, obligation
                turned[obligation.key] = still_until.isoformat() if still_until else None
        if over or turned:
            stopped = [key for key, until in turned.items() if until]
            running = [key for key, until in turned.items() if until is None]
            desk.note("pause_ended" if over else "clocks_turned", stopped=stopped, running=running)

    def _open(self, obligation: Obligation) -> None:
        """A planned one opens: the window of a visit."""
        desk, owed = self.desk, obligation.owed
        obligation.opened = True
        by, due = f"{obligation.role}@{obligation.unit}", obligation.due.isoformat()
        if owed in (Owed.VISIT_1, Owed.VISIT_2):
            desk.tell("visit_due", by, visit=1 if owed is Owed.VISIT_1 else 2, due=due)
        desk.note("obligation_opened", obligation=obligation.key, owed=owed.value, unit=obligation.unit, by=by, due=due)

    def _rung(self, obligation: Obligation, step: Step) -> None:
        """What the rung says happens. What is late stays late."""
        desk, owed, unit, due = self.desk, obligation.owed, obligation.unit, obligation.due.isoformat()
        obligation.taken.append(step.rung)
        newly_late = step.at_due and not obligation.late and owed not in NOT_THE_NETWORKS_LATENESS
        if newly_late:
            desk.late(obligation)
        about = {"obligation": obligation.key, "owed": owed.value, "unit": unit}
        if step.does == RungDoes.DEFAULT:
            desk.close([obligation], Ending.DEFAULT)
            desk.note("obligation_lapsed", **about)
        elif step.does == LATE:
            desk.note("obligation_late", **about, due=due)
        elif step.does == RungDoes.PENALTY:
            desk.penalise(obligation, step, about)
        elif step.does in (RungDoes.REASSIGN, DUTY):
            self._take_over(obligation, step, about)
        else:
            told = f"{step.role}@{step.unit}"
            above = step.does == RungDoes.TELL
            desk.tell("late" if step.at_due else "reminder", told, digest=above, owed=owed.value, due=due, unit=unit)
            earlier = "obligation_escalated" if above else "obligation_reminded"
            desk.note("obligation_late" if newly_late else earlier, **about, due=due, told=told)

    def _take_over(self, obligation: Obligation, step: Step, about: dict[str, Any]) -> None:
        """Somebody above owes it now; the law's answer before a closed day is the duty desk's (值班)."""
        assert step.unit is not None
        desk, case = self.desk, self.desk.case
        hand_over(case, obligation, step.unit, desk.now, step.role)
        to, due = f"{step.role}@{step.unit}", obligation.due.isoformat()
        template = "duty_desk" if step.does == DUTY else "taken_over"
        desk.tell(template, to, owed=obligation.owed.value, due=due, unit=str(about["unit"]))
        desk.note("handed_to_duty_desk" if step.does == DUTY else "obligation_reassigned", **about, due=due, to=to)
