"""One turn of a complaint from investigation to visits: its findings, questions, offers and visits, as plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from domain.claims import ClaimSeen
from domain.commands import LiableParty, ParcelFacts
from domain.offers import Offer, OfferState
from domain.values import Validity, VisitResult


class Findings(BaseModel):
    """What the handler found; the standing findings of a round."""

    key: str
    validity: Validity
    cause_ref: str | None = None
    cause_code: str | None = None
    remedy_ref: str | None = None
    liable: tuple[LiableParty, ...] = ()
    facts: ParcelFacts = ParcelFacts()
    by: str
    by_manager: bool = False
    at: datetime


class Visit(BaseModel):
    visit: int
    result: VisitResult
    at: datetime
    by: str
    final: bool


class Query(BaseModel):
    """协查: what one unit asked another."""

    id: str
    asker: str
    asked: str
    question_ref: str
    at: datetime
    by: str
    obligation: str = ""
    answered: bool = False


class Round(BaseModel):
    """One turn from investigation to visits; an unresolved visit or a repeat begins the next.

    `computed` is what is still owed of `owed_in_all`, what the rulebook computes: less what the customer had before, and what
    other complaints about the parcel were paid (`claim`). `unpaid` are the keys of offers, of earlier rounds too, that came back
    and have nothing in their place yet; `let_go` says that nothing is proposed in their place. `makers` is whoever had a part in
    a sum of the round, `managed` the units whose managers are among them.
    """

    number: int
    began_at: datetime
    findings: Findings | None = None
    findings_count: int = 0
    solved_on_spot: Validity | None = None
    computed: int | None = None
    owed_in_all: int | None = None
    claim: ClaimSeen | None = None
    explanation: list[dict[str, Any]] = []
    missing: list[str] = []
    offers: list[Offer] = []
    unpaid: list[str] = []
    let_go: bool = False
    makers: list[str] = []
    managed: list[str] = []
    told: bool = False
    final_response: bool = False
    visits: list[Visit] = []
    confirm_asked: bool = False
    visited: bool = False

    @property
    def validity(self) -> Validity | None:
        return self.findings.validity if self.findings else self.solved_on_spot

    @property
    def paid(self) -> int:
        return sum(offer.paid for offer in self.offers)

    @property
    def waiting_offer(self) -> Offer | None:
        """The first offer the round waits for, what is made anew last; what exceeds a sum approved by rule holds nobody."""
        waiting = [offer for offer in self.offers if not offer.settled and not offer.waits_for_hq_alone]
        return min(waiting, key=lambda offer: offer.anew, default=None)

    @property
    def waiting_for_a_payee(self) -> list[Offer]:
        """What needs no yes, and is offered or kept ready for want of somebody to pay it to."""
        return [o for o in self.offers if o.state in (OfferState.OFFERED, OfferState.KEPT_READY) and o.needs_no_yes]

    @property
    def replacing(self) -> Offer | None:
        """What was offered in place of a payment that went astray, while the customer has nothing of it yet."""
        replaced = {offer.replaces for offer in self.offers if offer.had}
        return next((offer for offer in reversed(self.offers) if offer.replaces and offer.replaces not in replaced), None)

    @property
    def rest_waits(self) -> bool:
        """What exceeds a sum approved by rule is not decided yet."""
        return any(offer.waits_for_hq_alone for offer in self.offers)

    @property
    def awaits_proposal(self) -> bool:
        """Facts are missing, or something came back, whatever else was paid: a new proposal or a final response is owed."""
        if self.waiting_offer:
            return False
        if self.unpaid:
            return True
        if self.paid or self.final_response or self.let_go:
            return False
        return bool(self.missing) or bool(self.offers and self.offers[-1].came_back)

    @property
    def still_unpaid(self) -> bool:
        """What the customer was to have was refused on its way, or is not made anew: owed again, also where all was settled."""
        if not (self.awaits_proposal and self.offers):
            return False
        if self.unpaid:
            return True
        last = self.offers[-1]
        return last.state is OfferState.REFUSED or (last.state is OfferState.REJECTED and last.replaces is not None)

    @property
    def money_decided(self) -> bool:
        """Nothing of this round's money waits for anybody."""
        return self.waiting_offer is None and not self.awaits_proposal
