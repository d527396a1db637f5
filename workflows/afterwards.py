"""What is heard of money besides the outcome of its sending: it came back, went to the wrong person, or came from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from domain.astray import unbooked
from domain.commands import RecordPayout
from domain.compensation import parcel_of
from domain.continuation import AstrayBefore
from domain.elsewhere import check_elsewhere
from domain.errors import MakerIsChecker, Unacceptable, WrongStage
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.offers import HAD_A_PART, Offer, OfferState, approval_for
from domain.payouts import PayoutOrder, number_of
from domain.rounds import Round
from domain.values import Owed, PayoutOutcome, Role, Stage
from workflows.claims import had
from workflows.desk import Told
from workflows.lost import check_lost, is_news, lose, replace

if TYPE_CHECKING:
    from workflows.payment import Payments

_ASTRAY = {PayoutOutcome.RETURNED: OfferState.RETURNED, PayoutOutcome.MISDIRECTED: OfferState.MISDIRECTED}


class Afterwards:
    """A payment that was settled is not over for ever: its provider, or finance, may have something to add."""

    def __init__(self, payments: Payments) -> None:
        self.payments, self.desk = payments, payments.desk

    @property
    def round(self) -> Round:
        return self.desk.case.round

    def is_about(self, payout: RecordPayout) -> bool:
        """True for everything but the outcome of the payment that is on its way."""
        elsewhere = payout.outcome is PayoutOutcome.SETTLED_ELSEWHERE and self.payments.in_flight is None
        return elsewhere or payout.outcome in _ASTRAY

    def check(self, payout: RecordPayout) -> None:
        if payout.lost is not None:
            if payout.actor.sub in payout.lost.makers:
                raise MakerIsChecker(HAD_A_PART)
            check_lost(self.desk.case, payout.lost)
        elif payout.outcome not in _ASTRAY:
            self._check_elsewhere(payout)
        elif (offer := self._astray(payout)) is not None:
            self.payments.check_hands(offer, payout.actor.sub)
        else:
            raise WrongStage("A payment that went astray or came back is reported after it was paid; here is none it can be.")

    def report(self, payout: RecordPayout) -> Told:
        if payout.lost is not None:
            return self.lost(payout.lost, by=payout.actor.sub, reference=payout.reference)
        offer = self._astray(payout) if payout.outcome in _ASTRAY else None
        if offer is None:
            offer = self._import(payout)
        else:
            self.goes_astray(offer, payout.outcome, payout.reference, by=payout.actor.sub)
        return {"payment": offer.key, "outcome": payout.outcome.value, "amount": offer.amount}

    def lost(self, lost: AstrayBefore, by: str = "system", reference: str | None = None) -> Told:
        """A payment of a complaint that this one continues: unbooked here, and made anew here."""
        told: Told = {"payment": lost.payment, "outcome": lost.outcome.value, "amount": lost.amount}
        rows = lose(self.desk, lost, by)
        self.desk.note(f"payout_{lost.outcome.value}", *rows, **told, reference=reference)
        replace(self.desk)
        return told

    async def look_before(self, lost: AstrayBefore) -> None:
        """The provider spoke of one of those payments: asked, it says itself what became of it; told again, it is no news."""
        order = PayoutOrder(key=lost.payment, number=number_of(lost.payment), amount=lost.amount, payee_ref=lost.payee_ref)
        said, case = await self.payments.ask_about(order), self.desk.case
        if said.outcome not in _ASTRAY:
            return
        lost = lost.model_copy(update={"outcome": said.outcome})
        if not is_news(case, lost):
            return
        try:
            check_lost(case, lost)
        except WrongStage:  # finance reports it, in its time and place
            about: dict[str, Any] = {"amount": lost.amount, "payment": lost.payment, "outcome": lost.outcome.value}
            self.desk.tell("payment_astray", f"{Role.FINANCE}@hq", **about)
            self.desk.note("payment_astray", **about)
        else:
            self.lost(lost, reference=said.reference)

    # -- returned, misdirected

    def _astray(self, payout: RecordPayout) -> Offer | None:
        """The payment that is meant: the one named, else the last. What went to the wrong person may yet come back."""
        may_be = {OfferState.PAID} | ({OfferState.MISDIRECTED} if payout.outcome is PayoutOutcome.RETURNED else set())
        made = [o for round in self.desk.case.rounds for o in round.offers if o.state in may_be]
        return next((o for o in reversed(made) if payout.payment in (None, o.key)), None)

    def goes_astray(self, offer: Offer, outcome: PayoutOutcome, reference: str | None, by: str = "system") -> None:
        """What was booked is reversed, and the customer is to be paid anew: to a payee named again, approved by somebody else."""
        case, desk, payments, to = self.desk.case, self.desk, self.payments, _ASTRAY[outcome]
        first_heard = offer.state is OfferState.PAID
        rows = unbooked(offer, case.owner, list(case.reviews.values()), to, desk.now)
        offer.state, offer.reference = to, reference or offer.reference
        for whom in (f"{Role.FINANCE}@hq", f"{agent_of(case.owner)}@{case.owner}"):
            desk.tell("payment_astray", whom, amount=offer.amount, payment=offer.key, outcome=outcome.value)
        payments.note(offer, f"payout_{outcome.value}", *rows)
        if first_heard and case.ended is None and case.stage is not Stage.CLOSED:
            case.payee_ref = None
            replace(desk, by)

    def _key(self) -> str:
        return f"{self.desk.case.intake.number}-R{self.round.number}-P{len(self.round.offers) + 1}"

    async def look(self, offer: Offer) -> None:
        """The provider spoke of a payment that was settled: asked, it says whether it is still as it was."""
        said = await self.payments.ask(offer)
        if said.outcome in _ASTRAY and offer.state is OfferState.REFUSED:
            return  # never booked as paid, and the money is not with the customer: nothing to undo
        if said.outcome in _ASTRAY and offer.state in (OfferState.PAID, OfferState.MISDIRECTED):
            if _ASTRAY[said.outcome] is not offer.state:
                self.goes_astray(offer, said.outcome, said.reference)
        elif said.outcome is PayoutOutcome.PAID and offer.state is OfferState.REFUSED:
            self._paid_after_all(offer, said.reference)

    def _paid_after_all(self, offer: Offer, reference: str | None) -> None:
        """Finance had it as refused, and it was paid: booked as what it is, and what was to replace it goes no further."""
        desk, round = self.desk, self.payments.round_of(offer)
        for other in round.offers:
            if not other.settled and not other.in_flight:
                other.state = OfferState.VOID
        desk.moot(Owed.APPROVAL, Owed.CUSTOMER_ANSWER, Owed.PROPOSAL)
        outcome = PayoutOutcome.PAID.value
        desk.tell("payment_astray", f"{Role.HQ_SUPERVISOR}@hq", amount=offer.amount, payment=offer.key, outcome=outcome)
        self.payments.paid(offer, reference)

    # -- settled elsewhere

    def _check_elsewhere(self, payout: RecordPayout) -> None:
        if self.desk.case.ended is not None:
            raise WrongStage("The complaint ended; nothing is to be paid in it any more.")
        if payout.payment is not None and payout.payment not in {offer.key for offer in self.round.offers}:
            raise Unacceptable(f"This round has no payment {payout.payment}.")
        case, waiting = self.desk.case, self._waiting(payout)
        amount = payout.amount or (waiting.amount if waiting else 0)
        if not amount:
            raise Unacceptable("Nothing waits to be paid; say how much was settled elsewhere.")
        if waiting is not None:
            self.payments.check_hands(waiting, payout.actor.sub)
        elif payout.actor.sub in self.round.makers:
            raise MakerIsChecker(HAD_A_PART)
        check_elsewhere(self.round, parcel_of(case), case.plan.compensation.cap.ceiling, had(case), amount, waiting)

    def _waiting(self, payout: RecordPayout) -> Offer | None:
        """What was to be paid, also the rest that waits for HQ alone and what is kept ready for a customer who did not answer."""
        waiting = [o for o in self.round.offers if not o.settled or o.state is OfferState.KEPT_READY]
        return next((o for o in waiting if payout.payment in (None, o.key)), None)

    def _import(self, payout: RecordPayout) -> Offer:
        """What a platform has paid is never paid again: it takes the place of what was to be paid, or of a part of it."""
        desk, payments, waiting = self.desk, self.payments, self._waiting(payout)
        amount = payout.amount or (waiting.amount if waiting else 0)
        if waiting is None or amount < waiting.amount:
            return self._import_part(waiting, amount, payout)
        waiting.amount = amount
        desk.moot(Owed.APPROVAL, Owed.CUSTOMER_ANSWER)
        payments.settled_elsewhere(waiting, payout.reference)
        return waiting

    def _import_part(self, waiting: Offer | None, amount: int, payout: RecordPayout) -> Offer:
        place = self.round.offers.index(waiting) if waiting else len(self.round.offers)
        settled = Offer(
            key=self._key(),
            amount=amount,
            computed=amount,
            makers=(payout.actor.sub,),
            state=OfferState.SETTLED_ELSEWHERE,
            reference=payout.reference,
            sent_at=self.desk.now,
        )
        self.round.offers.insert(place, settled)
        if waiting is None:
            self._cover(amount)
        else:
            self._leave_the_rest(waiting, amount)
        self.payments.note(settled, "payout_settled_elsewhere")
        return settled

    def _leave_the_rest(self, waiting: Offer, paid: int) -> None:
        """What is left is approved as what it is by now: perhaps by nobody, or by somebody else than the whole was."""
        if not self.desk.works_as_since("what a platform left to pay is approved as such"):
            waiting.amount, waiting.computed = waiting.amount - paid, max(waiting.computed - paid, 0)
            return
        limits, owed = self.desk.case.plan.limits, self.desk.case.obligations.get(waiting.approval or "")
        whole = approval_for(waiting, limits)
        waiting.less(paid)
        left = approval_for(waiting, limits)
        if owed is not None and owed.is_open and (left is None or whole is None or left.first is not whole.first):
            self.desk.close([owed], Ending.MOOT)

    def _cover(self, amount: int) -> None:
        """What came back, and is now with the customer from elsewhere, is owed no more."""
        for offer in self.desk.case.unpaid:
            if offer.amount <= amount:
                self.round.unpaid.remove(offer.key)
                amount -= offer.amount
