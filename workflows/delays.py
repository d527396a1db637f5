"""申请延迟: who holds something asks for more time, and who the rulebook names grants it. Contract clocks only."""

from __future__ import annotations

from datetime import timedelta

from domain.case import HQ
from domain.clocks import working_days_after
from domain.commands import DecideDelay, RequestDelay
from domain.errors import MakerIsChecker, NotPermitted, RuleBroken, Unacceptable
from domain.ladders import grant, manager_of
from domain.obligations import Obligation
from domain.plan import DelayRule
from domain.rows import delay_row
from domain.timekeeping import DelayRequest
from domain.values import ClockKind, Owed, Role
from workflows.desk import Desk, Told


class NoSuchObligation(RuleBroken):
    """Nothing of that key or kind is open in the complaint."""


class NoMoreTime(RuleBroken):
    """The rules give no more time for this."""


class Delays:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def check_request(self, request: RequestDelay) -> None:
        case, now = self.desk.case, self.desk.now
        obligation = self._open(request.obligation)
        rule = self._rule(obligation)
        if obligation.late or now > obligation.due:
            raise NoMoreTime("It is late already, and stays late; more time is asked for before it is due.")
        if any(d.obligation == obligation.key and case.obligations[d.decision].ending is None for d in case.delays.values()):
            raise RuleBroken("More time was asked for already and is being decided.")
        granted = sum(d.granted is True and d.owed is obligation.owed for d in case.delays.values())
        if granted >= rule.times:
            raise NoMoreTime(f"More time was granted {granted} times for {obligation.owed}, as often as the rulebook allows.")
        last_day = obligation.due - timedelta.resolution  # 24:00 belongs to the day that ends
        farthest = max(obligation.due, working_days_after(last_day, rule.days, case.calendar(obligation.hours_of)))
        if not obligation.due < request.until <= farthest:
            due, most = self.desk.said(obligation.due), self.desk.said(farthest)
            raise Unacceptable(f"It is due on {due}; more time goes beyond that, at most to {most}.")

    def _open(self, named: str) -> Obligation:
        going = [o for o in self.desk.case.obligations.values() if o.ending is None and o.opened and named in (o.key, o.owed)]
        if len(going) != 1:
            raise NoSuchObligation(
                f"Nothing open is called {named}." if not going else f"Name one of: {', '.join(o.key for o in going)}."
            )
        return going[0]

    def _rule(self, obligation: Obligation) -> DelayRule:
        rule = self.desk.case.plan.delays.get(obligation.owed)
        if obligation.kind is ClockKind.LEGAL:
            raise NoMoreTime("The law's time cannot be made longer.")
        if rule is None:
            raise NoMoreTime(f"The rulebook gives no more time for {obligation.owed}.")
        return rule

    def _decider(self, obligation: Obligation) -> tuple[Role, str]:
        by = self._rule(obligation).by
        return (Role.HQ_REVIEWER, HQ) if by is Role.HQ_REVIEWER else (manager_of(obligation.unit), obligation.unit)

    def request(self, request: RequestDelay) -> Told:
        case, desk = self.desk.case, self.desk
        obligation = self._open(request.obligation)
        role, unit = self._decider(obligation)
        decision = desk.open(Owed.DELAY_DECISION, unit, role=role, about=request.request)
        case.delays[request.request] = asked = DelayRequest(
            id=request.request,
            obligation=obligation.key,
            owed=obligation.owed,
            until=request.until,
            reason_ref=request.reason_ref,
            at=desk.now,
            by=request.actor.sub,
            decision=decision.key,
        )
        until = request.until.isoformat()
        desk.tell("delay_asked", f"{role}@{unit}", owed=obligation.owed.value, until=until, unit=obligation.unit)
        desk.note("delay_requested", delay_row(asked), obligation=obligation.key, until=until, reason_ref=request.reason_ref)
        return {"id": asked.id, "due": decision.due.isoformat()}

    def check_decision(self, decision: DecideDelay) -> None:
        asked = self.desk.case.delays.get(decision.request)
        if asked is None or asked.granted is not None:
            raise NoSuchObligation("No request of this id waits for a decision.")
        obligation = self.desk.case.obligations[asked.obligation]
        if obligation.ending is not None:
            raise NoSuchObligation("It was done meanwhile; no more time is needed.")
        if self.desk.case.obligations[asked.decision].ending is not None:
            raise NoSuchObligation("Nobody decided in time, so no more time was granted; it may be asked for again.")
        role, unit = self._decider(obligation)
        if role not in decision.actor.acts_as:
            raise NotPermitted(f"This is decided by the {role} of {unit}.")
        if decision.actor.sub == asked.by:
            raise MakerIsChecker("You asked for this yourself; somebody else decides.")
        if decision.approve and self.desk.now >= asked.until:
            raise NoMoreTime("The time asked for has passed; ask again.")

    def decide(self, decision: DecideDelay) -> Told:
        """Granted, it is due at the new time; what was late when it was decided stays late."""
        case, desk = self.desk.case, self.desk
        asked = case.delays[decision.request]
        asked.granted = decision.approve
        obligation = case.obligations[asked.obligation]
        if decision.approve:
            grant(case, obligation, asked.until, desk.now)
        moved = desk.rewind()
        desk.answered(Owed.DELAY_DECISION, about=asked.id)
        holder = f"{obligation.role}@{obligation.unit}"
        desk.tell("delay_decided", holder, owed=asked.owed.value, until=asked.until.isoformat(), granted=decision.approve)
        row = delay_row(asked, decision_ref=decision.reason_ref, decided_at=desk.now, decided_by=decision.actor.sub)
        name = "delay_granted" if decision.approve else "delay_refused"
        desk.note(name, row, obligation=asked.obligation, reason_ref=decision.reason_ref, moved=moved)
        return {"granted": decision.approve, "due": obligation.due.isoformat()}
