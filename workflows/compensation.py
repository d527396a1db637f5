"""Advance compensation (先行理赔): what is owed is computed and explained, approved, accepted, and paid by the owner at once."""

from __future__ import annotations

from domain.astray import unreplaced
from domain.case import HQ
from domain.claims import ParcelClaimed
from domain.commands import DecideCompensation, ProposeCompensation
from domain.compensation import Computation, compute, parcel_of
from domain.errors import Unacceptable, WrongStage
from domain.ladders import agent_of, manager_of
from domain.obligations import Ending
from domain.offers import AmountChanged, Approval, Offer, OfferState, approval_for, check_approver
from domain.permits import permit
from domain.reckoning import yuan
from domain.rounds import Round
from domain.rows import compensation_row
from domain.values import Owed, Role, Stage, Validity
from workflows.claims import Claims, had
from workflows.desk import Desk, Told
from workflows.lost import beside_findings, made_anew, replace
from workflows.payment import Payments

_UNPAID = "unpaid though resolved is owed again"


class Compensation:
    def __init__(self, desk: Desk, payments: Payments, claims: Claims) -> None:
        self.desk = desk
        self.payments = payments
        self.claims = claims
        self.settling: set[str] = set()

    @property
    def round(self) -> Round:
        return self.desk.case.round

    async def run(self) -> None:
        """Until the round's money is paid, kept ready or not owed, and the customer has an answer; or the findings went back."""
        while self._findings_stand():
            if self.round.computed is None:
                await self._reckon()
            elif offer := self.round.waiting_offer:
                await self._settle(offer)
            elif self.desk.case.resolved and self.round.still_unpaid and self.desk.works_as_since(_UNPAID):
                await self._wait_for_a_proposal()
            elif self.desk.case.resolved:
                self.desk.case.stage = Stage.FOLLOW_UP
                return
            elif self.round.awaits_proposal:
                await self._wait_for_a_proposal()
            else:
                await self._wait_until_told()

    async def keep_replacing(self) -> None:
        """What came back is made anew also before the findings are there, beside whatever else is looked into; for ever."""
        while True:
            await self.desk.until(lambda: bool(beside_findings(self.desk.case) or unreplaced(self.desk.case)))
            replace(self.desk)
            if offer := beside_findings(self.desk.case):
                await self._settle(offer)

    def _findings_stand(self) -> bool:
        return self.desk.case.ended is None and self.round.validity is not None

    # -- what is owed

    async def _reckon(self) -> None:
        """Compute; first, where money is owed, look whether another complaint about the parcel was paid for it."""
        round, owed = self.round, self._owed()
        if owed and owed.amount and (seen := await self.claims.look(owed.amount)):
            if round is not self.round or round.computed is not None or not self._findings_stand():
                return  # meanwhile it ended, or somebody proposed a sum
            round.claim = seen
        self._compute()

    def _owed(self) -> Computation | None:
        case, findings = self.desk.case, self.round.findings
        if findings is None or findings.validity is not Validity.EFFECTIVE:
            return None
        return compute(case.category, case.plan, parcel_of(case), findings.facts)

    def _compute(self) -> None:
        """What the rulebook computes from the facts of the findings; what is computed in full is proposed by itself."""
        case, round, findings = self.desk.case, self.round, self.round.findings
        if findings is None:
            round.computed = round.owed_in_all = 0
            return
        owed = self._owed()
        round.owed_in_all = owed.amount if owed else 0
        computed = owed.less(had(case)).less_elsewhere(round.claim) if owed else None
        computed = computed.less_made_anew(made_anew(self.desk, computed.amount)) if computed else None
        round.computed = computed.amount if computed else 0
        round.explanation = computed.explanation if computed else []
        round.missing = list(computed.missing) if computed else []
        if round.computed and not round.missing:
            # Whose findings were returned made the sum all the same.
            before = [maker for offer in round.offers for maker in offer.makers]
            self._offer(round.computed, round.computed, tuple(dict.fromkeys([findings.by, *before])))
        self.desk.note("compensation_computed", compensation_row(self.round), amount=round.computed, missing=round.missing)
        replace(self.desk, ever=True, most=self.claims.left(round))

    def _offer(
        self, amount: int, computed: int, makers: tuple[str, ...], *, over: int = 0, reason_ref: str | None = None
    ) -> Offer:
        case = self.desk.case
        key = f"{case.intake.number}-R{case.round.number}-P{len(self.round.offers) + 1}"
        given = sum(offer.goodwill for round in case.rounds for offer in round.offers) + case.goodwill_before
        replacing = self.round.replacing
        offer = Offer(
            key=key,
            amount=amount,
            computed=computed,
            over=over,
            proposed=amount + over,
            given=given,
            makers=makers,
            reason_ref=reason_ref,
            borrowed=bool(self.round.findings and self.round.findings.by_manager),
            replaces=replacing.replaces if replacing and replacing.settled else None,
        )
        self.round.offers.append(offer)
        case.stage = Stage.COMPENSATION
        return offer

    def check_proposal(self, proposal: ProposeCompensation) -> None:
        if self.round.validity is None:
            raise WrongStage("There are no findings yet; a proposal rests on findings.")
        if self.round.visited:
            raise WrongStage("The visits of this round are over; the customer's next call begins another.")
        waiting = self.round.waiting_offer
        if waiting is not None and waiting.state is not OfferState.PROPOSED:
            raise WrongStage("A payment of this round is already approved; propose again when it is settled.")
        self._check_amount(proposal.amount)

    def _check_amount(self, amount: int) -> None:
        """An insured parcel is worth what was declared, goodwill besides; and one parcel is one claim."""
        case, round = self.desk.case, self.round
        declared, goodwill = case.declared_value, case.plan.compensation.goodwill_ceiling
        most = max(declared or 0, round.owed_in_all or 0) + goodwill - had(case)
        if declared is not None and amount > most:
            raise Unacceptable(
                f"The parcel is insured for {yuan(declared)}: with goodwill of {yuan(goodwill)} at most, and what was paid "
                f"already, no more than {yuan(max(most, 0))} can be proposed."
            )
        left = self.claims.left(round)
        if left is not None and amount > left:
            raise ParcelClaimed(
                f"Other complaints about this parcel were paid {yuan(round.claim.paid_elsewhere if round.claim else 0)}; "
                f"one parcel is one claim, and {yuan(left)} may still be paid."
            )

    def propose(self, proposal: ProposeCompensation) -> Told:
        """Another amount with a reason; it takes the place of what waited for approval, and the explanation shows both."""
        case, round = self.desk.case, self.round
        if round.computed is None:
            self._compute()
        for offer in round.offers:
            if not offer.settled:
                offer.state = OfferState.VOID
        self.desk.moot(Owed.APPROVAL)
        self.desk.answered(Owed.PROPOSAL)
        before = [maker for offer in round.offers for maker in offer.makers]  # who asked for a sum of this round, in any turn
        makers = dict.fromkeys([proposal.actor.sub, *([round.findings.by] if round.findings else []), *before])
        by_manager = proposal.actor.manages(case.owner) or any(offer.borrowed for offer in round.offers)
        round.missing = []
        offer = self._offer(proposal.amount, self._still_owed(), tuple(makers), reason_ref=proposal.reason_ref)
        offer.borrowed = offer.borrowed or by_manager
        case.part_taken(proposal.actor.sub, "proposal")
        self.desk.note(
            "compensation_proposed",
            compensation_row(self.round),
            amount=proposal.amount,
            computed=round.computed,
            reason_ref=proposal.reason_ref,
        )
        return {"amount": proposal.amount, "computed": round.computed}

    def _still_owed(self) -> int:
        round = self.round
        if round.owed_in_all is None:  # computed by 0.1.0
            return max((round.computed or 0) - sum(offer.had for offer in round.offers), 0)
        elsewhere = round.claim.paid_elsewhere if round.claim else 0
        return max(round.owed_in_all - elsewhere - had(self.desk.case), 0)

    # -- one offer on its way

    async def _settle(self, offer: Offer) -> None:
        """One at a time: what is being settled beside the findings is waited for."""
        if offer.key in self.settling:
            await self.desk.until(lambda: offer.key not in self.settling)
            return
        self.settling.add(offer.key)
        if offer.state is OfferState.PROPOSED and await self._fits(offer):
            await self._approve(offer)
        await self.payments.make(offer)
        self.settling.discard(offer.key)

    async def _fits(self, offer: Offer) -> bool:
        """Nobody approves, or is offered, what other complaints about the parcel have already."""
        round = self.round
        if round.claim is None and (seen := await self.claims.look(round.owed_in_all or 0)):
            round.claim = seen
            left = self.claims.left(round)
            if offer.state is OfferState.PROPOSED and left is not None and offer.amount > left:
                self.claims.refuse(round, offer, seen)
        return offer.state is OfferState.PROPOSED

    async def _approve(self, offer: Offer) -> None:
        case, desk = self.desk.case, self.desk
        approval = approval_for(offer, case.plan.limits)
        if approval is None:
            offer.state, offer.approved_by = OfferState.APPROVED, "rule"
            desk.note("compensation_approved", compensation_row(self.round), amount=offer.amount, by="rule: within the limit")
            return
        role, unit = self._approver(offer, approval)
        if case.open_obligation(Owed.APPROVAL, unit) is None:
            owed = desk.open(Owed.APPROVAL, unit, role=role, without_default=approval.by_rule == 0)
            desk.tell("approval_needed", f"{role}@{unit}", amount=offer.amount, due=owed.due.isoformat())
            desk.note("approval_needed", compensation_row(self.round), amount=offer.amount, by=f"{role}@{unit}")
        ending = await desk.owed(Owed.APPROVAL, unit)
        if ending is Ending.DEFAULT and offer.state is OfferState.PROPOSED:
            self._approve_by_rule(offer, approval)

    def _approver(self, offer: Offer, approval: Approval) -> tuple[Role, str]:
        """Who owes the decision. A unit whose manager is the maker borrows its checker from the unit above (domain §1)."""
        case = self.desk.case
        if approval.first is Role.HQ_SUPERVISOR:
            return approval.first, HQ
        unit = next(iter(case.ancestors(case.owner)), HQ) if offer.borrowed else case.owner
        return manager_of(unit), unit

    def _approve_by_rule(self, offer: Offer, approval: Approval) -> None:
        """HQ's silence never holds a customer's money: the computed amount is approved, only what exceeds it may wait."""
        rest, offer.amount = max(offer.amount - approval.by_rule, 0), approval.by_rule
        offer.state, offer.approved_by = OfferState.APPROVED, "silence"
        if rest:
            over = self._offer(rest, 0, offer.makers, over=offer.amount, reason_ref=offer.reason_ref)
            waits_for = approval_for(over, self.desk.case.plan.limits)
            assert waits_for is not None
            role, unit = self._approver(over, waits_for)
            self.desk.open(Owed.APPROVAL, unit, role=role, without_default=True)
        self.desk.tell("approved_by_rule", f"{Role.HQ_SUPERVISOR}@hq", amount=offer.amount)
        self.desk.note("compensation_approved_by_rule", compensation_row(self.round), amount=offer.amount, waits=rest)

    def check_decision(self, decision: DecideCompensation) -> None:
        case, offer = self.desk.case, self.round.offer_to_decide
        obligation = case.open_obligation(Owed.APPROVAL)
        approval = approval_for(offer, case.plan.limits) if offer else None
        if offer is None or approval is None or obligation is None:
            raise WrongStage("No payment waits for approval now.")
        if decision.amount is not None and decision.amount != offer.amount:
            raise AmountChanged(f"The amount changed meanwhile: {offer.amount} fen wait for approval, not {decision.amount}.")
        role = permit(case, decision)
        if case.owner == "hq" and approval.first is Role.BRANCH_MANAGER and role is Role.HQ_SUPERVISOR:
            role = Role.BRANCH_MANAGER
        silent = offer.borrowed or self.desk.now >= obligation.due
        check_approver(offer, approval, role, decision.actor.sub, first_was_silent=silent)
        if not decision.approve and decision.reason_ref is None:
            raise Unacceptable("A rejection needs a reason; it goes back to the maker.")

    def decide(self, decision: DecideCompensation) -> Told:
        case, desk, offer = self.desk.case, self.desk, self.round.offer_to_decide
        assert offer is not None
        offer.state = OfferState.APPROVED if decision.approve else OfferState.REJECTED
        offer.approved_by = decision.actor.sub if decision.approve else None
        case.part_taken(decision.actor.sub, "approval")
        desk.answered(Owed.APPROVAL)
        name = "compensation_approved" if decision.approve else "compensation_rejected"
        desk.note(name, compensation_row(self.round), amount=offer.amount, reason_ref=decision.reason_ref)
        return {"approved": decision.approve, "amount": offer.amount}

    # -- nothing owed, or nothing agreed

    async def _wait_for_a_proposal(self) -> None:
        """A new offer after a rejection, a refusal, a no, or a missing fact; a final response ends it as well."""
        case, desk, round = self.desk.case, self.desk, self.round
        if case.open_obligation(Owed.PROPOSAL) is None:
            why = ", ".join(round.missing) if round.missing else round.offers[-1].state.value
            desk.tell("proposal_needed", f"{agent_of(case.owner)}@{case.owner}", why=why)
            desk.open(Owed.PROPOSAL, case.owner)
            desk.note("proposal_needed", compensation_row(self.round), missing=round.missing)
        await desk.owed(Owed.PROPOSAL, case.owner, unless=lambda: not self._findings_stand() or not round.awaits_proposal)

    async def _wait_until_told(self) -> None:
        """The same day: the owner tells the customer the solution, or why not. A proposal made meanwhile goes first."""
        case, desk, round = self.desk.case, self.desk, self.round
        if not round.told:
            await desk.owed(
                Owed.TELL_SOLUTION,
                case.owner,
                since=round.findings.at if round.findings else None,
                unless=lambda: not self._findings_stand() or round.waiting_offer is not None or round.computed is None,
            )
        if round.told and self._findings_stand() and round.waiting_offer is None:
            case.resolve(desk.now)
            desk.note("resolved", round=round.number)
