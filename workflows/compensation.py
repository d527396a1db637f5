"""Advance compensation (先行理赔): what is owed is computed and explained, approved, accepted, and paid by the owner at once."""

from __future__ import annotations

from domain.astray import unreplaced
from domain.ladders import agent_of
from domain.offers import Offer
from domain.rounds import Round
from domain.rows import compensation_row
from domain.values import Owed, Stage
from workflows.approvals import Approvals
from workflows.desk import Desk
from workflows.lost import going_anew, replace
from workflows.payment import Payments
from workflows.proposals import Proposals

_UNPAID = "unpaid though resolved is owed again"


class Compensation:
    def __init__(self, desk: Desk, proposals: Proposals, approvals: Approvals, payments: Payments) -> None:
        self.desk = desk
        self.proposals = proposals
        self.approvals = approvals
        self.payments = payments
        self.settling: set[str] = set()

    @property
    def round(self) -> Round:
        return self.desk.case.round

    async def run(self) -> None:
        """Until the round's money is paid, kept ready or not owed, and the customer has an answer; or the findings went back."""
        case = self.desk.case
        while case.findings_stand:
            if self.round.computed is None:
                await self.proposals.reckon()
            elif offer := self.round.waiting_offer:
                await self._settle(offer)
            elif case.resolved and self._owed_again():
                await self._wait_for_a_proposal()
            elif case.resolved and self.round.visited and case.money_waits:
                await self._wait_for_the_rest()
            elif case.resolved:
                case.stage = Stage.FOLLOW_UP
                return
            elif self.round.awaits_proposal:
                await self._wait_for_a_proposal()
            else:
                await self._wait_until_told()

    async def keep_replacing(self) -> None:
        """What came back is made anew beside whatever else is looked into, or is on its way; for ever."""
        case = self.desk.case
        while True:
            await self.desk.until(lambda: bool(self._to_settle() or unreplaced(case)))
            replace(self.desk)
            for offer in self._to_settle():
                self.desk.beside(self._settle(offer))

    def _to_settle(self) -> list[Offer]:
        return [offer for offer in going_anew(self.desk.case) if offer.key not in self.settling]

    async def _settle(self, offer: Offer) -> None:
        """One at a time: what is being settled beside is waited for."""
        if offer.key in self.settling:
            await self.desk.until(lambda: offer.key not in self.settling)
            return
        self.settling.add(offer.key)
        await self.approvals.run(offer)
        await self.payments.make(offer)
        self.settling.discard(offer.key)

    def _owed_again(self) -> bool:
        return bool(self.round.unpaid) or (self.round.still_unpaid and self.desk.works_as_since(_UNPAID))

    # -- nothing owed, or nothing agreed

    async def _wait_for_a_proposal(self) -> None:
        """A new offer after a rejection, a refusal, a no, or a missing fact; a final response ends it as well."""
        case, desk, round = self.desk.case, self.desk, self.round
        if case.open_obligation(Owed.PROPOSAL) is None:
            why = ", ".join(round.missing) if round.missing else (case.unpaid or round.offers)[-1].state.value
            desk.tell("proposal_needed", f"{agent_of(case.owner)}@{case.owner}", why=why)
            desk.open(Owed.PROPOSAL, case.owner)
            desk.note("proposal_needed", compensation_row(self.round), missing=round.missing)
        await desk.owed(Owed.PROPOSAL, case.owner, unless=lambda: not case.findings_stand or not round.awaits_proposal)

    async def _wait_for_the_rest(self) -> None:
        """After the visits: what exceeds a sum approved by rule held nobody, but it is not dropped without a word either."""
        case, round = self.desk.case, self.round
        await self.desk.until(
            lambda: not case.findings_stand or not round.rest_waits or round.waiting_offer is not None or round.unpaid != []
        )

    async def _wait_until_told(self) -> None:
        """The same day: the owner tells the customer the solution, or why not. A proposal made meanwhile goes first."""
        case, desk, round = self.desk.case, self.desk, self.round
        if not round.told:
            await desk.owed(
                Owed.TELL_SOLUTION,
                case.owner,
                since=round.findings.at if round.findings else None,
                unless=lambda: not case.findings_stand or round.waiting_offer is not None or round.computed is None,
            )
        if round.told and case.findings_stand and round.waiting_offer is None:
            case.resolve(desk.now)
            desk.note("resolved", round=round.number)
