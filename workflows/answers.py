"""The customer's answer to an offer: yes and to whom, or no; silence keeps the money ready."""

from __future__ import annotations

from domain.commands import RecordCustomerAnswer
from domain.errors import Unacceptable, WrongStage
from domain.obligations import Ending
from domain.offers import Offer, OfferState
from domain.reckoning import reasons
from domain.rounds import Round
from domain.rows import compensation_row
from domain.values import Owed, Role
from workflows.desk import Desk, Told
from workflows.lost import comes_back


class CustomerAnswers:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def round(self) -> Round:
        return self.desk.case.round

    async def run(self, offer: Offer) -> None:
        """With the payee on record the full computed amount is paid at once; otherwise the customer says yes and to whom."""
        case, desk = self.desk.case, self.desk
        if offer.state is OfferState.APPROVED and not offer.over and not offer.anew:
            self._supersede_what_was_kept_ready()
        if case.payee_ref is not None and offer.needs_no_yes and offer.state is OfferState.APPROVED:
            offer.state = OfferState.ACCEPTED
            return
        if case.open_obligation(Owed.CUSTOMER_ANSWER) is None:
            answer = desk.open(Owed.CUSTOMER_ANSWER, case.owner, role=Role.CUSTOMER)
            offer.state = OfferState.OFFERED
            desk.tell(
                "offered",
                "complainant",
                amount=offer.amount,
                answer_by=answer.due.isoformat(),
                reasons=reasons(self.round.explanation, case.intake.language),
            )
            if case.intake.by_letter and self.round.validity is not None:  # an offer with its reasons is a solution told (ADR 7)
                desk.answered(Owed.LEGAL_ANSWER)
            desk.note("compensation_offered", compensation_row(self.round), amount=offer.amount)
        ending = await desk.owed(Owed.CUSTOMER_ANSWER, case.owner, role=Role.CUSTOMER)
        if ending is Ending.DEFAULT and offer.state is OfferState.OFFERED:
            offer.state = OfferState.KEPT_READY
            if self.round.validity is not None:
                case.resolve(desk.now)
            desk.note("offer_kept_ready", compensation_row(self.round), amount=offer.amount)

    def _supersede_what_was_kept_ready(self) -> None:
        """A new offer takes the place of one nobody answered; the customer is never owed both."""
        for earlier in self.round.offers:
            if earlier.state is OfferState.KEPT_READY:
                earlier.state = OfferState.VOID

    def _answerable(self) -> Offer | None:
        offers = [o for o in self.round.offers if o.state in (OfferState.OFFERED, OfferState.KEPT_READY)]
        return min(offers, key=lambda offer: offer.state is OfferState.KEPT_READY, default=None)

    def check(self, answer: RecordCustomerAnswer) -> None:
        if self._answerable() is None:
            raise WrongStage("No offer waits for the customer's answer now.")
        if answer.accepted and answer.payee_ref is None and self.desk.case.payee_ref is None:
            raise Unacceptable("To pay, name the payee: person, relation to the parcel, channel and account.")

    def answer(self, answer: RecordCustomerAnswer) -> Told:
        case, desk, offer = self.desk.case, self.desk, self._answerable()
        assert offer is not None
        if answer.payee_ref is not None:
            case.payee_ref, case.payee_by = answer.payee_ref, answer.actor.sub
        offer.state, offer.agreed_by = OfferState.ACCEPTED if answer.accepted else OfferState.DECLINED, answer.actor.sub
        if not answer.accepted:
            comes_back(self.desk, offer)
        desk.answered(Owed.CUSTOMER_ANSWER)
        if self.round.validity is not None and desk.works_as_since("who answers was told"):
            desk.answered(Owed.LEGAL_ANSWER)
        desk.note(
            "offer_accepted" if answer.accepted else "offer_declined",
            compensation_row(self.round),
            amount=offer.amount,
            words_ref=answer.words_ref,
        )
        return {"accepted": answer.accepted, "amount": offer.amount}
