"""Who approves a sum: nobody, its owner's manager, HQ, or the rule when all are silent; never who had a part in it."""

from __future__ import annotations

from domain.case import HQ
from domain.commands import DecideCompensation
from domain.errors import MakerIsChecker, Unacceptable, WrongStage
from domain.ladders import manager_of
from domain.obligations import Ending, Obligation
from domain.offers import AmountChanged, Approval, Offer, OfferState, approval_for, check_approver
from domain.permits import in_a_makers_stead, permit
from domain.rounds import Round
from domain.rows import compensation_row
from domain.values import Owed, Role
from workflows.desk import Desk, Told
from workflows.lost import comes_back
from workflows.proposals import Proposals


class Approvals:
    def __init__(self, desk: Desk, proposals: Proposals) -> None:
        self.desk = desk
        self.proposals = proposals

    @property
    def round(self) -> Round:
        return self.desk.case.round

    async def run(self, offer: Offer) -> None:
        """Until it is approved, rejected, or somebody proposed another sum."""
        if offer.state is OfferState.PROPOSED and await self._fits(offer):
            await self._approve(offer)

    async def _fits(self, offer: Offer) -> bool:
        """Nobody approves, or is offered, what other complaints about the parcel have already."""
        round, claims = self.round, self.proposals.claims
        if round.claim is None and (seen := await claims.look(round.owed_in_all or 0)):
            round.claim = seen
            left = claims.left(round)
            if offer.state is OfferState.PROPOSED and left is not None and offer.amount > left:
                claims.refuse(round, offer, seen)
        return offer.state is OfferState.PROPOSED

    async def _approve(self, offer: Offer) -> None:
        case, desk = self.desk.case, self.desk
        approval = approval_for(offer, case.plan.limits)
        if approval is None:
            offer.state, offer.approved_by = OfferState.APPROVED, "rule"
            desk.note("compensation_approved", compensation_row(self.round), amount=offer.amount, by="rule: within the limit")
            return
        role, unit = self._approver(offer, approval)
        owed = self._owed(offer)
        if owed is None:
            owed = desk.open(Owed.APPROVAL, unit, role=role, without_default=approval.by_rule == 0)
            desk.tell("approval_needed", f"{role}@{unit}", amount=offer.amount, due=owed.due.isoformat())
            desk.note("approval_needed", compensation_row(self.round), amount=offer.amount, by=f"{role}@{unit}")
        offer.approval = owed.key
        await desk.until(lambda: owed.ending is not None)
        if owed.ending is Ending.DEFAULT and offer.state is OfferState.PROPOSED:
            left = approval_for(offer, case.plan.limits) if offer.elsewhere else None  # a platform paid a part meanwhile
            self._approve_by_rule(offer, left or approval)

    def _owed(self, offer: Offer) -> Obligation | None:
        """The approval that is owed for this offer; one opened by 0.1.0 does not say for which, and there was one."""
        others = {other.approval for other in self.round.offers if other is not offer}
        owed = [o for o in self.desk.case.obligations.values() if o.owed is Owed.APPROVAL and o.ending is None]
        return next((o for o in reversed(owed) if o.key == offer.approval or (not offer.approval and o.key not in others)), None)

    def _approver(self, offer: Offer, approval: Approval) -> tuple[Role, str]:
        """Who owes the decision. A unit whose manager had a part in it borrows its checker from the unit above (domain §1)."""
        case = self.desk.case
        if approval.first is Role.HQ_SUPERVISOR:
            return approval.first, HQ
        managed = {*self.round.managed, *([case.owner] if offer.borrowed else [])}
        unit = next((unit for unit in (case.owner, *case.ancestors(case.owner)) if unit not in managed), HQ)
        return manager_of(unit), unit

    def _approve_by_rule(self, offer: Offer, approval: Approval) -> None:
        """HQ's silence never holds a customer's money: the computed amount is approved, only what exceeds it may wait."""
        rest, offer.amount = max(offer.amount - approval.by_rule, 0), approval.by_rule
        offer.state, offer.approved_by = OfferState.APPROVED, "silence"
        if rest:
            over = self.proposals.offer(rest, 0, offer.makers, over=offer.amount, reason_ref=offer.reason_ref)
            waits_for = approval_for(over, self.desk.case.plan.limits)
            assert waits_for is not None
            role, unit = self._approver(over, waits_for)
            over.approval = self.desk.open(Owed.APPROVAL, unit, role=role, without_default=True).key
        self.desk.tell("approved_by_rule", f"{Role.HQ_SUPERVISOR}@hq", amount=offer.amount)
        self.desk.note("compensation_approved_by_rule", compensation_row(self.round), amount=offer.amount, waits=rest)

    def _meant(self, decision: DecideCompensation) -> Offer | None:
        """The offer that is decided: of several, the one of that amount, else the first that is theirs to decide."""
        waiting = [o for o in self.round.offers if o.state is OfferState.PROPOSED and self._owed(o) is not None]
        named = [offer for offer in waiting if offer.amount == decision.amount] or waiting
        firsts = [o for o in named if (a := approval_for(o, self.desk.case.plan.limits)) and a.first in decision.actor.acts_as]
        return next(iter(firsts or named), None)

    def check_decision(self, decision: DecideCompensation) -> None:
        case, offer = self.desk.case, self._meant(decision)
        obligation = self._owed(offer) if offer else None
        approval = approval_for(offer, case.plan.limits) if offer else None
        if offer is None or approval is None or obligation is None:
            raise WrongStage("No payment waits for approval now.")
        if decision.amount is not None and decision.amount != offer.amount:
            raise AmountChanged(f"The amount changed meanwhile: {offer.amount} fen wait for approval, not {decision.amount}.")
        role = permit(case, decision)
        if in_a_makers_stead(case, decision.actor, role):
            raise MakerIsChecker("You stand in for a manager who had a part in this payment; another person must approve it.")
        if case.owner == HQ and approval.first is Role.BRANCH_MANAGER and role is Role.HQ_SUPERVISOR:
            role = Role.BRANCH_MANAGER
        borrowed = offer.borrowed and approval.first is Role.BRANCH_MANAGER
        check_approver(offer, approval, role, decision.actor.sub, first_was_silent=borrowed or self.desk.now >= obligation.due)
        if not decision.approve and decision.reason_ref is None:
            raise Unacceptable("A rejection needs a reason; it goes back to the maker.")

    def decide(self, decision: DecideCompensation) -> Told:
        case, desk, offer = self.desk.case, self.desk, self._meant(decision)
        owed = self._owed(offer) if offer else None
        assert offer is not None
        assert owed is not None
        offer.state = OfferState.APPROVED if decision.approve else OfferState.REJECTED
        offer.approved_by = decision.actor.sub if decision.approve else None
        if not decision.approve:
            comes_back(desk, offer)
        case.part_taken(decision.actor.sub, "approval")
        desk.answered(Owed.APPROVAL, key=owed.key)
        name = "compensation_approved" if decision.approve else "compensation_rejected"
        desk.note(name, compensation_row(self.round), amount=offer.amount, reason_ref=decision.reason_ref)
        return {"approved": decision.approve, "amount": offer.amount}
