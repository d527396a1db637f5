"""What the customer is to have: computed and explained by the rulebook, proposed by people, or let go."""

from __future__ import annotations

from domain.claims import ClaimSeen, ParcelClaimed
from domain.commands import LetGo, ProposeCompensation
from domain.compensation import Computation, compute, parcel_of
from domain.errors import MakerIsChecker, Unacceptable, WrongStage
from domain.offers import Offer, OfferState
from domain.plan import EDITION
from domain.reckoning import yuan
from domain.rounds import Round
from domain.rows import compensation_row
from domain.values import Owed, Stage, Validity
from workflows.claims import Claims, had
from workflows.desk import Desk, Told
from workflows.lost import made_anew, replace


class Proposals:
    def __init__(self, desk: Desk, claims: Claims) -> None:
        self.desk = desk
        self.claims = claims

    @property
    def round(self) -> Round:
        return self.desk.case.round

    # -- what the rulebook computes

    async def reckon(self) -> None:
        """Compute; first, where money is owed, look whether another complaint about the parcel was paid for it."""
        round, owed = self.round, self._owed()
        if owed and owed.amount and (seen := await self.claims.look(owed.amount)):
            if round is not self.round or round.computed is not None or not self.desk.case.findings_stand:
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
        round, findings = self.round, self.round.findings
        if findings is None:
            round.computed = round.owed_in_all = 0
            return
        self._reckon_what_is_left()
        if round.computed and not round.missing:
            self.offer(round.computed, round.computed, self._makers())
        self.desk.note("compensation_computed", compensation_row(self.round), amount=round.computed, missing=round.missing)
        replace(self.desk, ever=True, most=self.claims.left(round))

    def _reckon_what_is_left(self) -> None:
        """What is owed in all, and what of it is left after all that the customer, and others for the same parcel, have had."""
        case, round, owed = self.desk.case, self.round, self._owed()
        round.owed_in_all = owed.amount if owed else 0
        computed = owed.less(had(case)).less_elsewhere(round.claim) if owed else None
        computed = computed.less_made_anew(made_anew(self.desk, computed.amount)) if computed else None
        round.computed = computed.amount if computed else 0
        round.explanation = computed.explanation if computed else []
        round.missing = list(computed.missing) if computed else []

    def _makers(self, *first: str) -> tuple[str, ...]:
        """Whoever asked for a sum of this round in any turn, made its findings, or brought a fact its sum lacked."""
        round = self.round
        found = [round.findings.by] if round.findings else []
        before = [maker for offer in round.offers for maker in offer.makers]
        return tuple(dict.fromkeys([*first, *found, *before, *round.makers]))

    def offer(
        self, amount: int, computed: int, makers: tuple[str, ...], *, over: int = 0, reason_ref: str | None = None
    ) -> Offer:
        """One sum on its way. What people propose replaces all that came back; what is computed, not promised goodwill."""
        case, round = self.desk.case, self.round
        given = sum(offer.goodwill for round in case.rounds for offer in round.offers) + case.goodwill_before
        borrowed = case.owner in round.managed or any(offer.borrowed for offer in round.offers)
        replacing = round.replacing
        offer = Offer(
            key=f"{case.intake.number}-R{round.number}-P{len(round.offers) + 1}",
            amount=amount,
            computed=computed,
            over=over,
            proposed=amount + over,
            given=given,
            before=had(case) if case.plan.edition >= EDITION else 0,
            makers=makers,
            reason_ref=reason_ref,
            borrowed=borrowed or bool(round.findings and round.findings.by_manager),
            replaces=replacing.replaces if replacing and replacing.settled else None,
        )
        if not over:
            stays = [o.key for o in case.unpaid if o.promised and o.amount > o.computed and reason_ref is None]
            round.unpaid = stays
        round.offers.append(offer)
        case.stage = Stage.COMPENSATION
        return offer

    def still_owed(self) -> int:
        """What the rulebook computes, less what the customer had of this parcel already."""
        round = self.round
        if round.owed_in_all is None:  # computed by 0.1.0
            return max((round.computed or 0) - sum(offer.had for offer in round.offers), 0)
        elsewhere = round.claim.paid_elsewhere if round.claim else 0
        return max(round.owed_in_all - elsewhere - had(self.desk.case), 0)

    # -- what people propose

    def check_proposal(self, proposal: ProposeCompensation) -> None:
        if self.round.validity is None:
            raise WrongStage("There are no findings yet; a proposal rests on findings.")
        if self.round.visited and not self.round.unpaid:
            raise WrongStage("The visits of this round are over; the customer's next call begins another.")
        waiting = self.round.waiting_offer
        if waiting is not None and waiting.state is not OfferState.PROPOSED:
            raise WrongStage("A payment of this round is already approved; propose again when it is settled.")
        self._check_amount(proposal.amount, self._claim(proposal))

    def _claim(self, proposal: ProposeCompensation) -> ClaimSeen | None:
        """What others have of the parcel now, else as it was last looked at: what was sent may have been refused."""
        case = self.desk.case
        if proposal.claim is None or case.lost_before or case.plan.edition < EDITION:
            return self.round.claim
        return proposal.claim.model_copy(update={"before": case.had_before})

    def _look_again(self, claim: ClaimSeen | None) -> None:
        """Where others have more or less of the parcel by now, the sum beside which one is proposed is reckoned from that."""
        round = self.round
        before, round.claim = round.claim.paid_elsewhere if round.claim else 0, claim
        untouched = not any(offer.had or offer.replaces for offer in round.offers)
        if before != (claim.paid_elsewhere if claim else 0) and untouched and round.findings is not None:
            self._reckon_what_is_left()

    def _check_amount(self, amount: int, claim: ClaimSeen | None) -> None:
        """An insured parcel is worth what was declared, goodwill besides; and one parcel is one claim."""
        case, round = self.desk.case, self.round
        declared, goodwill = case.declared_value, case.plan.compensation.goodwill_ceiling
        most = max(declared or 0, round.owed_in_all or 0) + goodwill - had(case)
        if declared is not None and amount > most:
            raise Unacceptable(
                f"The parcel is insured for {yuan(declared)}: with goodwill of {yuan(goodwill)} at most, and what was paid "
                f"already, no more than {yuan(max(most, 0))} can be proposed."
            )
        left = claim.left(round.owed_in_all or 0, had(case)) if claim else None
        if left is not None and amount > left:
            raise ParcelClaimed(
                f"Other complaints about this parcel were paid {yuan(claim.paid_elsewhere if claim else 0)}; "
                f"one parcel is one claim, and {yuan(left)} may still be paid."
            )

    def propose(self, proposal: ProposeCompensation) -> Told:
        """Another amount with a reason; it takes the place of what waited for approval, and the explanation shows both."""
        case, round = self.desk.case, self.round
        if round.computed is None:
            self._compute()
        self._look_again(self._claim(proposal))
        for offer in round.offers:
            if not offer.settled:
                offer.state = OfferState.VOID
        self.desk.moot(Owed.APPROVAL)
        self.desk.answered(Owed.PROPOSAL)
        case.made_by(proposal.actor)
        round.missing = []
        self.offer(proposal.amount, self.still_owed(), self._makers(proposal.actor.sub), reason_ref=proposal.reason_ref)
        case.part_taken(proposal.actor.sub, "proposal")
        self.desk.note(
            "compensation_proposed",
            compensation_row(self.round),
            amount=proposal.amount,
            computed=round.computed,
            reason_ref=proposal.reason_ref,
        )
        return {"amount": proposal.amount, "computed": round.computed}

    # -- what people let go

    def check_let_go(self, command: LetGo) -> None:
        """Only goodwill that the customer was not promised: what is owed, or was agreed with them, they are told about."""
        case, round = self.desk.case, self.round
        back = case.unpaid
        if not back or not round.awaits_proposal:
            raise WrongStage("Nothing came back that could be let go.")
        on_its_way = sum(o.amount for o in round.offers if o.stands and not o.had)
        if (owing := self.still_owed() - on_its_way) > 0:
            raise WrongStage(
                f"{yuan(owing)} of what the rulebook computes is still unpaid: propose it anew, or give the customer a final "
                "response with reasons."
            )
        if any(offer.promised for offer in back):
            raise WrongStage("The customer agreed to this payment: propose it anew, or give a final response with reasons.")
        if "approval" in case.took_part.get(command.actor.sub, ()):
            raise MakerIsChecker("You decided on this sum; whoever proposed it, or a colleague, lets it go.")

    def let_go(self, command: LetGo) -> Told:
        """Nothing is proposed in place of goodwill that came back; the money already paid stays paid."""
        case, round = self.desk.case, self.round
        amount = sum(offer.amount for offer in case.unpaid)
        round.unpaid.clear()
        round.let_go = True
        self.desk.answered(Owed.PROPOSAL)
        case.part_taken(command.actor.sub, "proposal")
        self.desk.note("proposal_let_go", compensation_row(round), amount=amount, reason_ref=command.reason_ref)
        return {"amount": amount}
