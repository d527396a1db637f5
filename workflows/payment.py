"""The payment: the customer's yes and the payee, then once and under its own key to the provider, whatever crashes."""

from __future__ import annotations

from domain import postings
from domain.case import Round
from domain.commands import RecordCustomerAnswer, RecordPayout
from domain.errors import RuleBroken, Unacceptable, WrongStage
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.offers import Offer, OfferState
from domain.payouts import PayoutOrder
from domain.record import PaymentRow, PostingRow
from domain.rows import compensation_row, payment_row
from domain.values import Owed, PayoutOutcome, Role, Stage
from workflows import outside
from workflows.claims import Claims
from workflows.desk import Desk, Told

_OUTCOMES = {
    PayoutOutcome.PAID: OfferState.PAID,
    PayoutOutcome.REFUSED: OfferState.REFUSED,
    PayoutOutcome.SETTLED_ELSEWHERE: OfferState.SETTLED_ELSEWHERE,
}


class Payments:
    def __init__(self, desk: Desk, claims: Claims) -> None:
        self.desk = desk
        self.claims = claims
        self.calls_out = 0

    @property
    def at_rest(self) -> bool:
        """No payment is in flight, and the provider has answered whatever it was asked."""
        return self.calls_out == 0 and not self.desk.case.payment_in_flight

    @property
    def round(self) -> Round:
        return self.desk.case.round

    async def make(self, offer: Offer) -> None:
        """From an approved offer to the money's outcome, or to the customer's no or silence; a new round does not wait for it."""
        round = self.round
        if offer.state in (OfferState.APPROVED, OfferState.OFFERED):
            await self._agree(offer)
        if offer.state is OfferState.ACCEPTED and await self._claimed(offer):
            self._send(offer)
        if offer.state is OfferState.SENT:
            await self.desk.until(lambda: not offer.in_flight or self.round is not round)

    async def _claimed(self, offer: Offer) -> bool:
        """One parcel, one claim: the payment is not sent when another complaint was paid for the parcel meanwhile."""
        self.calls_out += 1
        granted = await self.claims.take(offer)
        self.calls_out -= 1
        return granted

    # -- the customer's answer

    async def _agree(self, offer: Offer) -> None:
        """With the payee on record the full computed amount is paid at once; otherwise the customer says yes and to whom."""
        case, desk = self.desk.case, self.desk
        if offer.state is OfferState.APPROVED and not offer.over:
            self._supersede_what_was_kept_ready()
        if case.payee_ref is not None and offer.needs_no_yes and offer.state is OfferState.APPROVED:
            offer.state = OfferState.ACCEPTED
            return
        if case.open_obligation(Owed.CUSTOMER_ANSWER) is None:
            answer = desk.open(Owed.CUSTOMER_ANSWER, case.owner, role=Role.CUSTOMER)
            offer.state = OfferState.OFFERED
            desk.tell("offered", "complainant", amount=offer.amount, answer_by=answer.due.isoformat())
            desk.note("compensation_offered", compensation_row(self.round), amount=offer.amount)
        ending = await desk.owed(Owed.CUSTOMER_ANSWER, case.owner, role=Role.CUSTOMER)
        if ending is Ending.DEFAULT and offer.state is OfferState.OFFERED:
            offer.state = OfferState.KEPT_READY
            case.resolve(desk.now)
            desk.note("offer_kept_ready", compensation_row(self.round), amount=offer.amount)

    def _supersede_what_was_kept_ready(self) -> None:
        """A new offer takes the place of one nobody answered; the customer is never owed both."""
        for earlier in self.round.offers:
            if earlier.state is OfferState.KEPT_READY:
                earlier.state = OfferState.VOID

    def _answerable(self) -> Offer | None:
        return next((o for o in self.round.offers if o.state in (OfferState.OFFERED, OfferState.KEPT_READY)), None)

    def check_answer(self, answer: RecordCustomerAnswer) -> None:
        if self._answerable() is None:
            raise WrongStage("No offer waits for the customer's answer now.")
        if answer.accepted and answer.payee_ref is None and self.desk.case.payee_ref is None:
            raise Unacceptable("To pay, name the payee: person, relation to the parcel, channel and account.")

    def answer(self, answer: RecordCustomerAnswer) -> Told:
        case, desk, offer = self.desk.case, self.desk, self._answerable()
        assert offer is not None
        if answer.payee_ref is not None:
            case.payee_ref = answer.payee_ref
        offer.state = OfferState.ACCEPTED if answer.accepted else OfferState.DECLINED
        desk.answered(Owed.CUSTOMER_ANSWER)
        desk.note(
            "offer_accepted" if answer.accepted else "offer_declined",
            compensation_row(self.round),
            amount=offer.amount,
            words_ref=answer.words_ref,
        )
        return {"accepted": answer.accepted, "amount": offer.amount}

    # -- the payment

    def _send(self, offer: Offer) -> None:
        """Send it once, under its own key. From here until the outcome nobody withdraws, merges or cancels."""
        case, desk = self.desk.case, self.desk
        offer.state, offer.sent_at = OfferState.SENT, desk.now
        case.stage = Stage.COMPENSATION
        owed = desk.open(Owed.PAYOUT, "hq", role=Role.FINANCE)
        desk.tell("payment_to_make", f"{Role.FINANCE}@hq", amount=offer.amount, payment=offer.key)
        desk.note(
            "payout_sent",
            self._row(offer),
            compensation_row(self.round),
            payment=offer.key,
            amount=offer.amount,
            due=owed.due.isoformat(),
        )
        desk.beside(self._await_provider(offer))

    async def _await_provider(self, offer: Offer, *, again: bool = False) -> None:
        """What the provider says by itself; None means that finance confirms by hand."""
        case = self.desk.case
        order = PayoutOrder(key=offer.key, number=case.intake.number, amount=offer.amount, payee_ref=case.payee_ref)
        self.calls_out += 1
        said = await outside.pay(order, again=again)
        self.calls_out -= 1
        if not offer.in_flight:
            return
        offer.provider, offer.reference = said.provider, said.reference
        if said.outcome is not None:
            self._outcome(offer, said.outcome, said.reference)
        else:
            self.desk.note("payout_awaits_finance", self._row(offer), payment=offer.key, reference=said.reference)

    def check_payout(self, payout: RecordPayout) -> None:
        if self._in_flight() is None:
            raise WrongStage("No payment of this complaint waits for an outcome.")
        if payout.outcome not in (*_OUTCOMES, PayoutOutcome.UNKNOWN):
            raise RuleBroken("A payment that went astray or came back is reported after it was paid; that is not taken here yet.")

    def _in_flight(self) -> Offer | None:
        return next((o for round in self.desk.case.rounds for o in round.offers if o.in_flight), None)

    def record_payout(self, payout: RecordPayout) -> Told:
        offer = self._in_flight()
        assert offer is not None
        self.desk.case.part_taken(payout.actor.sub, "payout")
        self._outcome(offer, payout.outcome, payout.reference)
        if payout.outcome is PayoutOutcome.UNKNOWN:  # asked again under the same key, never sent under a new one
            self.desk.beside(self._await_provider(offer, again=True))
        return {"payment": offer.key, "outcome": payout.outcome.value}

    def _outcome(self, offer: Offer, outcome: PayoutOutcome, reference: str | None) -> None:
        case, desk, round = self.desk.case, self.desk, self._round_of(offer)
        if outcome is PayoutOutcome.UNKNOWN:
            desk.note("payout_unknown", self._row(offer, unknown=True), payment=offer.key)
            return
        offer.state, offer.reference = _OUTCOMES[outcome], reference
        desk.answered(Owed.PAYOUT)
        rows: list[PostingRow] = []
        if outcome is PayoutOutcome.REFUSED:
            desk.tell("payment_refused", f"{agent_of(case.owner)}@{case.owner}", amount=offer.amount)
        else:
            self._money_arrived(round)
        if outcome is PayoutOutcome.PAID:
            rows = [*postings.advance(offer, case.owner, desk.now), *self._shares_already_ruled(offer, round)]
            desk.tell("payment_made", "complainant", amount=offer.amount)
        about = {"payment": offer.key, "amount": offer.amount, "reference": reference}
        desk.note(f"payout_{outcome.value}", self._row(offer), compensation_row(round), *rows, **about)

    def _money_arrived(self, round: Round) -> None:
        """The money, and the notice that explains it, is an answer and resolves the round."""
        case, desk = self.desk.case, self.desk
        round.told = True
        if round is not case.round:
            return
        desk.answered(Owed.TELL_SOLUTION, Owed.LEGAL_ANSWER)
        if case.resolved:
            case.stage = Stage.FOLLOW_UP
        else:
            case.resolve(desk.now)

    def _shares_already_ruled(self, offer: Offer, round: Round) -> list[PostingRow]:
        """What is paid after the ruling is shared as ruled when it is paid."""
        case = self.desk.case
        review = next((r for r in case.reviews.values() if r.round == round.number and r.ruled_at), None)
        if review is None or not review.shares:
            return []
        posting = postings.shared(review, offer.key, offer.amount, review.shares, case.owner, self.desk.now)
        if posting is None:
            return []
        review.postings.append(posting)
        return [posting]

    def _round_of(self, offer: Offer) -> Round:
        return next(round for round in self.desk.case.rounds if offer in round.offers)

    def _row(self, offer: Offer, *, unknown: bool = False) -> PaymentRow:
        case = self.desk.case
        return payment_row(offer, self._round_of(offer).number, case.payee_ref, self.desk.now, unknown=unknown)
