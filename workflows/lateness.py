"""Lateness lines: opened by the rungs of ladders for the monthly sheet, with time to object; the complaint stays to hear it."""

from __future__ import annotations

from typing import Any

from domain.clocks import working_days_after
from domain.commands import DecideObjection, ObjectToLateness
from domain.errors import RuleBroken, WrongStage
from domain.ladders import manager_of
from domain.lateness import lateness_line
from domain.obligations import Ending, Obligation, Step
from domain.recusal import check_uninvolved
from domain.reviews import LatenessLine, SideAppeal
from domain.rows import lateness_row
from domain.values import LatenessState, Owed, Role
from workflows.desk import Desk, Told


class UnknownLine(RuleBroken):
    """There is no such lateness line in this complaint."""


class Lateness:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.penalise = self.open

    def open(self, obligation: Obligation, step: Step, about: dict[str, Any]) -> None:
        """A rung opens it; what is not late, or nobody's clause, has none."""
        desk, case, code = self.desk, self.desk.case, step.clause or ""
        clause = case.plan.penalties.clauses.get(code)
        if clause is None or not obligation.late:
            return
        unit = case.acting_for(obligation.late_unit or obligation.unit)
        window = (desk.now, working_days_after(desk.now, case.plan.penalties.objection_days, case.calendar(unit)))
        line = lateness_line(case, obligation, code, clause, desk.now, window[1])
        heard = case.plan.penalties.summary is not None  # 0.2.0 opened no window: what was received under it replays without
        if heard:
            case.lateness[line.key] = line
            desk.open(Owed.OBJECTION, unit, about=line.key, role=manager_of(unit), window=window)
        said: dict[str, Any] = {"clause": code, "amount": line.amount, "objection_until": window[1].isoformat()}
        desk.tell("lateness_opened", f"{manager_of(unit)}@{unit}", owed=obligation.owed.value, **said)
        desk.note("lateness_opened", lateness_row(line), **about, **said, line=line.key, charged=line.charged)
        if heard:
            desk.beside(self.run(line))

    def resume(self) -> None:
        for line in self.desk.case.lateness.values():
            if not line.settled:
                self.desk.beside(self.run(line))

    async def run(self, line: LatenessLine) -> None:
        """Nobody objects: it stands. HQ quality is too late with an objection: it is waived."""
        window = self.desk.case.open_obligation(Owed.OBJECTION, about=line.key)
        await self.desk.until(lambda: window is None or window.ending is not None)
        if line.state is LatenessState.OPEN:
            self._settle(line, LatenessState.STANDS, "lateness_stands")
        if line.state is LatenessState.OBJECTED:
            ending = await self.desk.owed(Owed.OBJECTION_DECISION, "hq", about=line.key, role=Role.HQ_REVIEWER)
            if ending is not Ending.ANSWERED:
                self._settle(line, LatenessState.WAIVED, "objection_lapsed")

    def _settle(self, line: LatenessLine, state: LatenessState, name: str, **about: Any) -> None:
        line.state = state
        self.desk.note(name, lateness_row(line), line=line.key, **about)

    # -- the objection

    def _line(self, id: str) -> LatenessLine:
        line = self.desk.case.lateness.get(id)
        if line is None:
            raise UnknownLine(f"There is no lateness line {id} in this complaint.")
        return line

    def check_objection(self, objection: ObjectToLateness) -> None:
        line = self._line(objection.line)
        if line.objection is not None:
            raise WrongStage(f"{line.unit} has objected to this line; it objects once.")
        if line.state is not LatenessState.OPEN:
            raise WrongStage(f"The time to object ended on {self.desk.said(line.objection_until)}.")

    def object(self, objection: ObjectToLateness) -> Told:
        desk, line = self.desk, self._line(objection.line)
        held = objection.model_dump(include={"reasons_ref", "evidence"})
        line.objection = SideAppeal(unit=line.unit, at=desk.now, by=objection.actor.sub, **held)
        line.state = LatenessState.OBJECTED
        desk.case.part_taken(objection.actor.sub, "objection")
        desk.answered(Owed.OBJECTION, about=line.key)
        owed = desk.open(Owed.OBJECTION_DECISION, "hq", about=line.key, role=Role.HQ_REVIEWER)
        about = {"line": line.key, "unit": line.unit, "reasons_ref": objection.reasons_ref, "due": owed.due.isoformat()}
        desk.note("lateness_objected", lateness_row(line), **about)
        return {"line": line.key, "due": owed.due.isoformat()}

    def check_decision(self, decision: DecideObjection) -> None:
        line = self._line(decision.line)
        if line.state is not LatenessState.OBJECTED:
            raise WrongStage("No objection to this line waits for a decision.")
        check_uninvolved(self.desk.case, decision.actor)

    def decide(self, decision: DecideObjection) -> Told:
        """Decided once, by an HQ reviewer who decided nothing in the case."""
        desk, line = self.desk, self._line(decision.line)
        line.decided_by, line.decided_at, line.decision_ref = decision.actor.sub, desk.now, decision.reasons_ref
        desk.case.part_taken(decision.actor.sub, "objection decision")
        desk.answered(Owed.OBJECTION_DECISION, about=line.key)
        state = LatenessState.WAIVED if decision.waive else LatenessState.STANDS
        name = "lateness_waived" if decision.waive else "lateness_stands"
        self._settle(line, state, name, reasons_ref=decision.reasons_ref)
        return {"line": line.key, "waived": decision.waive}
