"""One parcel, one claim: before money is promised or sent, the register is asked what others had for the same parcel.

Looked at when a sum is computed or proposed, so that nobody is offered what will not be paid; claimed when it is sent, so that
two complaints paying at the same moment do not both pay.
"""

from __future__ import annotations

from domain.case import Case
from domain.claims import ClaimAsked, ClaimSeen
from domain.offers import Offer, OfferState
from domain.rounds import Round
from domain.rows import compensation_row
from domain.values import Owed
from workflows import outside
from workflows.desk import Desk


class Claims:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def look(self, computed: int) -> ClaimSeen | None:
        """What other complaints about the parcel have; None where there is no waybill to go by, or the complaint began before."""
        if self.desk.case.waybill is None or not self.desk.works_as_since("claim-looked-at"):
            return None
        return await self._ask(computed)

    async def take(self, offer: Offer) -> bool:
        """Claim the payment of an accepted offer; False when it is not to be sent: claimed by others, or ended meanwhile."""
        round = self.desk.case.round
        if self.desk.case.waybill is None or not self.desk.works_as_since("claim-taken"):
            return True
        computed = max(round.owed_in_all or 0, offer.computed)
        seen = await self._ask(computed, offer)
        if offer.state is not OfferState.ACCEPTED:  # withdrawn while it was asked for
            if seen.granted:
                await outside.release_claim(offer.key)
            return False
        if not seen.granted:
            self.refuse(round, offer, seen)
        return seen.granted

    def refuse(self, round: Round, offer: Offer, seen: ClaimSeen) -> None:
        """The parcel was paid for in another complaint: what is left is computed anew, and explained."""
        for waiting in round.offers:
            if not waiting.settled:
                waiting.state = OfferState.VOID
        self.desk.moot(Owed.APPROVAL, Owed.CUSTOMER_ANSWER)
        round.claim, round.computed, round.missing = seen, None, []
        self.desk.note(
            "claim_held_by_another",
            compensation_row(round),
            amount=offer.amount,
            paid_elsewhere=seen.paid_elsewhere,
            complaints=sorted(seen.elsewhere),
        )

    def left(self, round: Round) -> int | None:
        """What may still be paid for the parcel, as far as is known; None where only this complaint is about it."""
        return round.claim.left(round.owed_in_all or 0, had(self.desk.case)) if round.claim else None

    async def _ask(self, computed: int, offer: Offer | None = None) -> ClaimSeen:
        if self.desk.case.lost_before:  # the register must have heard of them: what was lost is held no more
            await self.desk.until(lambda: self.desk.chronicle.written)
        return await outside.ask_claim(self._asked(computed, offer))

    def _asked(self, computed: int, offer: Offer | None = None) -> ClaimAsked:
        case = self.desk.case
        assert case.waybill is not None
        key, amount = (offer.key, offer.amount) if offer else (None, 0)
        return ClaimAsked(
            waybill=case.waybill,
            number=case.intake.number,
            computed=computed,
            key=key,
            amount=amount,
            before=case.had_before,
            at=self.desk.now,
        )


def had(case: Case) -> int:
    """What the customer has of this complaint, in all its rounds, and of those it continues."""
    return sum(offer.had for round in case.rounds for offer in round.offers) + case.had_before
