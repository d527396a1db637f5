"""The payment: once and under its own key to the provider, whatever crashes."""

from __future__ import annotations

from domain import postings
from domain.commands import RecordPayout
from domain.errors import MakerIsChecker, Unacceptable, WrongStage
from domain.ladders import agent_of
from domain.offers import HAD_A_PART, Offer, OfferState
from domain.payouts import FINANCE_IS_TOLD_AT, SENT_AGAIN_WITHIN, PayoutAnswer, PayoutNews, PayoutOrder, asked_again_after
from domain.record import PaymentRow, PostingRow
from domain.rounds import Round
from domain.rows import compensation_row, payment_row
from domain.values import Owed, PayoutOutcome, Role, Stage
from workflows import outside
from workflows.afterwards import Afterwards
from workflows.answers import CustomerAnswers
from workflows.claims import Claims
from workflows.desk import Desk, Told
from workflows.lost import comes_back

_ASKED_AGAIN = "payments are asked about again"


class Payments:
    def __init__(self, desk: Desk, claims: Claims, answers: CustomerAnswers) -> None:
        self.desk = desk
        self.claims = claims
        self.answers = answers
        self.afterwards = Afterwards(self)
        self.calls_out = 0
        self.pursued: set[str] = set()
        self.news: set[str] = set()

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
            await self.answers.run(offer)
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

    # -- the payment

    def _send(self, offer: Offer) -> None:
        """Send it once, under its own key. From here until the outcome nobody withdraws, merges or cancels."""
        case, desk = self.desk.case, self.desk
        offer.state, offer.sent_at, offer.payee_ref = OfferState.SENT, desk.now, case.payee_ref
        if self.round.validity is not None:
            case.stage = Stage.COMPENSATION
        owed = desk.open(Owed.PAYOUT, "hq", role=Role.FINANCE)
        desk.tell("payment_to_make", f"{Role.FINANCE}@hq", amount=offer.amount, payment=offer.key)
        desk.note(
            "payout_sent",
            self.row(offer),
            compensation_row(self.round),
            payment=offer.key,
            amount=offer.amount,
            due=owed.due.isoformat(),
        )
        desk.beside(self._pursue(offer))

    async def _pursue(self, offer: Offer, *, again: bool = False) -> None:
        """Sent once; then asked under the same key for as long as the provider may yet say by itself what became of it."""
        self.pursued.add(offer.key)
        asked = in_vain = 0
        while self._hear(offer, await self.ask(offer, again=again)) and self.desk.works_as_since(_ASKED_AGAIN):
            asked, in_vain = asked + 1, in_vain + offer.unknown
            if offer.unknown and in_vain == FINANCE_IS_TOLD_AT:
                self.desk.tell("payment_unknown", f"{Role.FINANCE}@hq", amount=offer.amount, payment=offer.key)
                self.desk.note("payout_still_unknown", payment=offer.key, asked=asked)
            await self.desk.rest(asked_again_after(asked), unless=lambda: offer.key in self.news or not offer.in_flight)
            if not offer.in_flight:
                break
            self.news.discard(offer.key)
            again = offer.under_way or offer.sent_at is None or self.desk.now - offer.sent_at > SENT_AGAIN_WITHIN
        self.pursued.discard(offer.key)

    async def ask(self, offer: Offer, *, again: bool = True) -> PayoutAnswer:
        payee = offer.payee_ref or self.desk.case.payee_ref
        order = PayoutOrder(key=offer.key, number=self.desk.case.intake.number, amount=offer.amount, payee_ref=payee)
        return await self.ask_about(order, again=again)

    async def ask_about(self, order: PayoutOrder, *, again: bool = True) -> PayoutAnswer:
        self.calls_out += 1
        said = await outside.pay(order, again=again)
        self.calls_out -= 1
        return said

    def _hear(self, offer: Offer, said: PayoutAnswer) -> bool:
        """What the provider says of a payment; True when it is to be asked again. By hand, finance confirms."""
        if not offer.in_flight:
            return False
        known, unknown = offer.under_way or offer.unknown, said.outcome is PayoutOutcome.UNKNOWN
        changed = not known or (offer.under_way, offer.unknown) != (said.under_way, unknown)
        offer.under_way, offer.unknown = said.under_way, unknown
        if not (unknown and known):
            offer.provider, offer.reference = said.provider, said.reference
        if said.outcome is not None and not unknown:
            self._outcome(offer, said.outcome, said.reference)
            return False
        if unknown and changed:
            self.desk.note("payout_unknown", self.row(offer), payment=offer.key)
        elif changed:
            name = "payout_under_way" if said.under_way else "payout_awaits_finance"
            self.desk.note(name, self.row(offer), payment=offer.key, reference=said.reference)
        return unknown or said.under_way

    def hear(self, news: PayoutNews) -> None:
        """The provider has something to say: of a payment on its way, or of one that was settled."""
        offer = next((o for round in self.desk.case.rounds for o in round.offers if o.key == news.payment), None)
        if offer is not None and offer.in_flight:
            self._ask_now(offer)
        elif offer is not None and offer.sent_at is not None:
            self.desk.beside(self.afterwards.look(offer))
        elif news.lost is not None:
            self.desk.beside(self.afterwards.look_before(news.lost))

    def _ask_now(self, offer: Offer) -> None:
        if offer.key in self.pursued and self.desk.works_as_since(_ASKED_AGAIN):
            self.news.add(offer.key)
        else:
            self.desk.beside(self._pursue(offer, again=True))

    # -- its outcome

    def check_payout(self, payout: RecordPayout) -> None:
        if self.afterwards.is_about(payout):
            self.afterwards.check(payout)
            return
        offer = self.in_flight
        if offer is not None:
            self.check_hands(offer, payout.actor.sub)
        if offer is None or payout.payment not in (None, offer.key):
            raise WrongStage("No payment of this complaint waits for an outcome.")
        if payout.amount not in (None, offer.amount):
            raise Unacceptable(f"{offer.amount} fen were sent; a payment is settled whole.")
        if offer.under_way and payout.outcome is not PayoutOutcome.UNKNOWN:
            raise WrongStage("Its provider has this payment in hand and says itself what becomes of it; `unknown` asks it now.")

    def check_hands(self, offer: Offer, sub: str) -> None:
        """Also where nobody approves: no one person makes a payment and says that it was made."""
        case = self.desk.case
        reported = set(case.took_part.get(sub, ())) == {"payout"}  # no more than that: they approve nothing, but may confirm
        if (sub in offer.makers and not reported) or sub in (offer.approved_by, offer.agreed_by, case.payee_by):
            raise MakerIsChecker(HAD_A_PART)

    @property
    def in_flight(self) -> Offer | None:
        return next((o for round in self.desk.case.rounds for o in round.offers if o.in_flight), None)

    def record_payout(self, payout: RecordPayout) -> Told:
        self.desk.case.part_taken(payout.actor.sub, "payout")
        if self.afterwards.is_about(payout):
            return self.afterwards.report(payout)
        offer = self.in_flight
        assert offer is not None
        if payout.outcome is PayoutOutcome.UNKNOWN:  # asked again under the same key, never sent under a new one
            self.desk.note("payout_unknown", self.row(offer, unknown=True), payment=offer.key)
            self._ask_now(offer)
        else:
            self._outcome(offer, payout.outcome, payout.reference)
        return {"payment": offer.key, "outcome": payout.outcome.value}

    def _outcome(self, offer: Offer, outcome: PayoutOutcome, reference: str | None) -> None:
        if outcome is PayoutOutcome.REFUSED:
            self._refused(offer, reference)
        elif outcome is PayoutOutcome.SETTLED_ELSEWHERE:
            self.settled_elsewhere(offer, reference)
        else:  # what went astray was paid first
            self.paid(offer, reference)
            if outcome is not PayoutOutcome.PAID:
                self.afterwards.goes_astray(offer, outcome, reference)

    def _refused(self, offer: Offer, reference: str | None) -> None:
        case, desk = self.desk.case, self.desk
        offer.state, offer.reference = OfferState.REFUSED, reference
        comes_back(self.desk, offer)
        desk.answered(Owed.PAYOUT)
        desk.tell("payment_refused", f"{agent_of(case.owner)}@{case.owner}", amount=offer.amount)
        self.note(offer, "payout_refused")

    def paid(self, offer: Offer, reference: str | None) -> None:
        """HQ pays, the owner is charged, and what was ruled already is shared as it is paid."""
        case, desk, round = self.desk.case, self.desk, self.round_of(offer)
        offer.state, offer.reference, offer.charged = OfferState.PAID, reference, case.owner
        case.round.unpaid = [key for key in case.round.unpaid if key != offer.key]  # refused, it was said, and paid after all
        desk.answered(Owed.PAYOUT)
        self._money_arrived(round)
        rows = [*postings.advance(offer, case.owner, desk.now), *self._shares_already_ruled(offer, round)]
        desk.tell("payment_made", "complainant", amount=offer.amount)
        self.note(offer, "payout_paid", *rows)

    def settled_elsewhere(self, offer: Offer, reference: str | None) -> None:
        """Somebody else has paid it: it counts as had, and nothing moves on the network's accounts."""
        offer.state, offer.reference = OfferState.SETTLED_ELSEWHERE, reference
        self.desk.answered(Owed.PAYOUT)
        self._money_arrived(self.round_of(offer))
        self.note(offer, "payout_settled_elsewhere")

    def note(self, offer: Offer, name: str, *rows: PostingRow) -> None:
        about = {"payment": offer.key, "amount": offer.amount, "reference": offer.reference}
        self.desk.note(name, self.row(offer), compensation_row(self.round_of(offer)), *rows, **about)

    def _money_arrived(self, round: Round) -> None:
        """The money, and the notice that explains it, is an answer and resolves the round; before its findings it is none."""
        case, desk = self.desk.case, self.desk
        if round.validity is None:
            return
        round.told = True
        if round is not case.round or case.ended is not None or case.stage is Stage.CLOSED:
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

    def round_of(self, offer: Offer) -> Round:
        return next(round for round in self.desk.case.rounds if offer in round.offers)

    def row(self, offer: Offer, *, unknown: bool = False) -> PaymentRow:
        case = self.desk.case
        unknown = unknown or (offer.unknown and offer.in_flight)
        payee = offer.payee_ref or case.payee_ref
        return payment_row(offer, self.round_of(offer).number, payee, self.desk.now, unknown=unknown)
