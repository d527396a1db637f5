"""Money offered to the customer: who must approve it, when it may be paid, and where an offer stands (domain §2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from domain.errors import MakerIsChecker, NotPermitted, RuleBroken
from domain.plan import ApprovalLimits
from domain.values import Fen, Role


class AmountChanged(RuleBroken):
    """The amount approved is not the amount that waits for approval."""


HAD_A_PART = "You had a part in making this payment; somebody else of finance, who had none, records what became of it."


class OfferState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SENT = "sent"
    PAID = "paid"
    SETTLED_ELSEWHERE = "settled_elsewhere"
    RETURNED = "returned"
    MISDIRECTED = "misdirected"
    REPAID = "repaid"
    KEPT_READY = "kept_ready"
    DECLINED = "declined"
    REJECTED = "rejected"
    REFUSED = "refused"
    VOID = "void"


_SETTLED = frozenset(OfferState) - {
    OfferState.PROPOSED,
    OfferState.APPROVED,
    OfferState.OFFERED,
    OfferState.ACCEPTED,
    OfferState.SENT,
}
_HAD = (OfferState.SENT, OfferState.PAID, OfferState.SETTLED_ELSEWHERE, OfferState.REPAID)


class Offer(BaseModel):
    """One sum on its way to the customer (fen). `computed` is what the rulebook computes; `key` the payment's idempotency key.

    `over` is what of the same proposal was approved by rule already; such an offer is only the rest; `proposed` is what
    somebody asked for, whatever was approved of it. `given` is the goodwill the customer has of this complaint already, `before`
    all they have of it: limits hold for all of it together, so that none is passed in small sums. `borrowed`: a maker manages
    the owner, so that its checker is borrowed from the unit above, at once. `agreed_by` recorded the customer's answer.
    `replaces` is the payment that went astray and is made anew: with this one alone where `anew`; `approval` is the obligation in
    which it is decided; `payee_ref` and `charged` are whom this one was sent to and which unit it was charged to; `under_way` and
    `unknown` what its provider said; `elsewhere` what of it a platform had paid already: still in `proposed`, not in `amount`.
    """

    key: str
    amount: Fen
    computed: Fen
    over: Fen = 0
    proposed: Fen = 0
    given: Fen = 0
    before: Fen = 0
    makers: tuple[str, ...]
    reason_ref: str | None = None
    state: OfferState = OfferState.PROPOSED
    approved_by: str | None = None
    agreed_by: str | None = None
    reference: str | None = None
    provider: str = ""
    sent_at: datetime | None = None
    borrowed: bool = False
    replaces: str | None = None
    anew: bool = False
    approval: str | None = None
    payee_ref: str | None = None
    charged: str | None = None
    under_way: bool = False
    unknown: bool = False
    elsewhere: Fen = 0

    def less(self, paid: Fen) -> None:
        """So much of it was settled elsewhere: the rest is what waits, and limits hold for all of it together."""
        self.given += max(paid - self.computed, 0)
        self.before += paid
        self.elsewhere += paid
        self.amount, self.computed = self.amount - paid, max(self.computed - paid, 0)

    @property
    def settled(self) -> bool:
        return self.state in _SETTLED

    @property
    def waits_for_hq_alone(self) -> bool:
        return self.over > 0 and self.state is OfferState.PROPOSED

    @property
    def came_back(self) -> bool:
        """Rejected by an approver, declined by the customer, refused by the provider, or paid and gone astray."""
        return self.astray or self.state in (OfferState.REJECTED, OfferState.DECLINED, OfferState.REFUSED)

    @property
    def astray(self) -> bool:
        """Paid, and the money came back or went to somebody else: the customer has nothing of it."""
        return self.state in (OfferState.RETURNED, OfferState.MISDIRECTED)

    @property
    def promised(self) -> bool:
        """It came back though the customer had said yes to it, or had it already: they are told what becomes of it."""
        return self.state is OfferState.REFUSED or self.replaces is not None

    @property
    def stands(self) -> bool:
        return not self.came_back and self.state is not OfferState.VOID

    @property
    def in_flight(self) -> bool:
        return self.state is OfferState.SENT

    @property
    def paid(self) -> Fen:
        return self.amount if self.state is OfferState.PAID else 0

    @property
    def had(self) -> Fen:
        """What the customer has of it, or is being sent, from us or from elsewhere, or the parcel for it: never owed again."""
        return self.amount if self.state in _HAD else 0

    @property
    def goodwill(self) -> Fen:
        """What of it the customer has beyond what the rulebook computes."""
        return max(self.had - self.computed, 0)

    @property
    def needs_no_yes(self) -> bool:
        """With the payee on record, the full computed amount is paid at once; the customer's yes is not awaited."""
        return 0 < self.computed <= self.amount


@dataclass(frozen=True)
class Approval:
    """Who approves: `first`, and after their silence `then` too; `by_rule` is approved when all stay silent (0: nothing)."""

    first: Role
    then: Role | None
    by_rule: Fen


def approval_for(offer: Offer, limits: ApprovalLimits) -> Approval | None:
    """Who must approve an offer, or None when nobody must.

    None for the computed amount up to `computed_free`, nor for goodwill up to `goodwill_free`. Up to `manager` the
    manager, then the HQ supervisor too. Above, the HQ supervisor, then the manager too, up to the computed amount.
    More than that and than the rulebook computes always needs the HQ supervisor. Money that goes out in place of money that
    went astray always needs somebody, and silence never sends it.
    """
    amount, computed = offer.amount, offer.computed
    if offer.replaces:
        return Approval(Role.HQ_SUPERVISOR, Role.BRANCH_MANAGER if amount <= limits.manager else None, 0)
    if offer.over:
        whole = amount + offer.over + max(offer.given, offer.before)
        by_manager = whole <= limits.manager
        return Approval(Role.BRANCH_MANAGER, Role.HQ_SUPERVISOR, 0) if by_manager else Approval(Role.HQ_SUPERVISOR, None, 0)
    with_given = amount + offer.given if amount > computed else amount
    whole = amount + max(offer.given, offer.before) if amount > computed else amount
    if (amount == computed and amount <= limits.computed_free) or (computed == 0 and with_given <= limits.goodwill_free):
        return None
    if whole <= limits.manager:
        return Approval(Role.BRANCH_MANAGER, Role.HQ_SUPERVISOR, computed)
    return Approval(Role.HQ_SUPERVISOR, Role.BRANCH_MANAGER if amount <= computed else None, computed)


def check_approver(offer: Offer, approval: Approval, role: Role, sub: str, *, first_was_silent: bool) -> None:
    """Maker ≠ checker, and the second approver only after the first one's silence."""
    if sub in offer.makers:
        raise MakerIsChecker(
            "You proposed this payment, or brought findings or a fact it rests on; another person must approve it."
        )
    if role is approval.first or (role is approval.then and first_was_silent):
        return
    if role is approval.then:
        raise NotPermitted(f"The {approval.first} decides first; after their two service hours you may too.")
    raise NotPermitted(f"{offer.amount} fen is decided by the {approval.first}.")
