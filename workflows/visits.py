"""Follow-up visits (回访): the handler says it is done, then the customer is asked; an unresolved visit begins the next round."""

from __future__ import annotations

from domain.calendar import zone_named
from domain.case import HQ
from domain.commands import ConfirmDone, RecordVisit
from domain.errors import NotPermitted, TookPart, WrongStage
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.offers import OfferState
from domain.plan import VisitTier
from domain.record import VisitRow
from domain.rounds import Visit
from domain.values import Owed, Role, Severity, Validity, VisitResult
from workflows.desk import Desk, Told

_VISITS = (Owed.VISIT_1, Owed.VISIT_2)


class Visits:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def run(self) -> None:
        """Until the customer was asked as often as the plan says; a new proposal or a repeat comes first."""
        case, round = self.desk.case, self.desk.case.round
        if not self._may_go_on():
            return
        if case.open_obligation(Owed.CONFIRM_DONE) is None and not round.visits and not round.confirm_asked:
            round.confirm_asked = True
            self.desk.open(Owed.CONFIRM_DONE, case.handler, since=case.resolved_at)
        while self._may_go_on() and not round.visited:
            done = [visit for visit in round.visits if visit.final]
            if len(done) >= self._planned() or any(visit.result is VisitResult.UNREACHABLE for visit in done):
                round.visited = True
                return
            await self._visit(len(done) + 1)

    def _may_go_on(self) -> bool:
        case, round = self.desk.case, self.desk.case.round
        return case.resolved and case.ended is None and round.waiting_offer is None and not round.unpaid

    def _planned(self) -> int:
        most = self.desk.case.plan.visits.count[self.desk.case.round.validity or Validity.EFFECTIVE]
        return min(most, tier.visits) if (tier := self._tier()) else most

    def _tier(self) -> VisitTier | None:
        case = self.desk.case
        return case.plan.visits.tier(case.severity, sum(round.paid for round in case.rounds))

    async def _visit(self, number: int) -> Ending:
        case, round, plan = self.desk.case, self.desk.case.round, self.desk.case.plan.visits
        assert case.resolved_at is not None
        since = case.resolved_at if number == 1 else [visit for visit in round.visits if visit.final][-1].at
        days = (plan.first_from, plan.first_to) if number == 1 else (plan.second_from, plan.second_to)
        planned = case.open_obligation(_VISITS[number - 1])
        unit = planned.unit if planned else self._visiting_unit()
        return await self.desk.owed(
            _VISITS[number - 1],
            unit,
            role=agent_of(unit),
            since=since,
            window_days=days,
            unless=lambda: case.round is not round or not self._may_go_on(),
        )

    def _visiting_unit(self) -> str:
        """The owner's unit; the HQ desk for repeat, severe and regulator cases."""
        case = self.desk.case
        tier = self._tier()
        by_hq = tier.visitor == "hq_desk" if tier else case.severity is not Severity.NORMAL
        return HQ if by_hq or case.regulator_appeal else case.owner

    # -- a visit

    def check_visit(self, visit: RecordVisit) -> None:
        case = self.desk.case
        planned = next((o for owed in _VISITS if (o := case.open_obligation(owed)) is not None), None)
        if planned is None:
            raise WrongStage("No visit is planned now.")
        if not planned.may_be_met(self.desk.now):
            opens = self.desk.said(planned.opens_at)
            raise WrongStage(f"The window of this visit opens on {opens}; a visit before it does not count.")
        if planned.unit == HQ and Role.HQ_AGENT not in visit.actor.roles:
            raise NotPermitted("Visits of repeat, severe and regulator cases are made by the HQ desk.")
        acts = case.took_part.get(visit.actor.sub)
        if acts:
            raise TookPart(f"You took part in this case ({', '.join(dict.fromkeys(acts))}); a colleague must ask the customer.")

    def visit(self, made: RecordVisit) -> Told:
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        number = 1 if case.open_obligation(Owed.VISIT_1) else 2
        owed = _VISITS[number - 1]
        visit = Visit(visit=number, result=made.result, at=desk.now, by=made.actor.sub, final=True)
        round.visits.append(visit)
        visit.final = made.result is not VisitResult.UNREACHABLE or self._tried_enough(number)
        if visit.final:
            desk.answered(owed)
        row = VisitRow(
            key=f"{round.number}:{number}:{len(round.visits)}",
            round=round.number,
            visit=number,
            result=made.result.value,
            channel=made.channel.value,
            words_ref=made.words_ref,
            score=made.score,
            made_at=desk.now,
            made_by=made.actor.sub,
            final=visit.final,
        )
        if visit.final and made.result is VisitResult.UNREACHABLE:
            desk.tell("could_not_reach", "complainant")
        desk.note("visit_made", row, visit=number, result=made.result.value, words_ref=made.words_ref)
        if made.result.reopens:
            case.repeated()
            self.reopen(made.result.value)
        return {"visit": number, "final": visit.final, "round": case.round.number}

    def _tried_enough(self, number: int) -> bool:
        """Three tries on different days, one of them in the evening."""
        plan, zone = self.desk.case.plan.visits, zone_named(self.desk.case.plan.timezone)
        tries = [visit.at.astimezone(zone) for visit in self.desk.case.round.visits if visit.visit == number]
        evening = any(at.strftime("%H:%M") >= plan.evening_from for at in tries)
        return len({at.date() for at in tries}) >= plan.tries and evening

    def reopen(self, why: str) -> None:
        """The next round: investigation again; money that was still only proposed is proposed anew."""
        case, desk = self.desk.case, self.desk
        for offer in case.round.offers:
            if not offer.settled and not offer.in_flight:
                offer.state = OfferState.VOID
        desk.end_all(Ending.MOOT, but=frozenset({Owed.PROMISE}))  # a word given stands, whatever round it was given in
        case.begin_round(desk.now)
        desk.open(Owed.LEGAL_ANSWER, case.owner)
        desk.tell("reopened", "complainant")
        desk.note("round_begun", round=case.round.number, why=why, severity=case.severity.value)

    # -- done as promised

    def check_confirm(self, confirmed: ConfirmDone) -> None:
        if self.desk.case.open_obligation(Owed.CONFIRM_DONE) is None:
            raise WrongStage("Nothing waits for this confirmation.")

    def confirm(self, confirmed: ConfirmDone) -> None:
        self.desk.answered(Owed.CONFIRM_DONE)
        self.desk.note("done_confirmed", words_ref=confirmed.words_ref)
