"""Payments that went astray (domain §2.3): what was booked for them is reversed, and what is in wrong hands is a receivable.

`returned`: the money is back on HQ's payout account, as if it had never left. `misdirected`: somebody else has it; HQ carries it
as a receivable, and no unit does, until it comes back - for the owner is charged anew with the payment that replaces it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.continuation import AstrayBefore
from domain.offers import Offer, OfferState
from domain.postings import PAYOUT_ACCOUNT, advance, is_share_of, reversed_
from domain.record import Entry, PostingRow
from domain.reviews import Review
from domain.values import Fen, LedgerKind, PayoutOutcome, Stage

if TYPE_CHECKING:
    from domain.case import Case

RECEIVABLES = "hq:receivables"
_BY_RULE = ("rule", "silence")


def unbooked(offer: Offer, owner: str, reviews: list[Review], to: OfferState, at: datetime) -> list[PostingRow]:
    """The entries that follow when a payment turns out to be `to`; what reviews shared of it they no longer hold."""
    in_wrong_hands = receivable(offer.key, offer.amount, at)
    if offer.state is OfferState.MISDIRECTED:
        return [reversed_(in_wrong_hands, at)]
    rows = [reversed_(posting, at) for posting in advance(offer, offer.charged or owner, at)]
    for review in reviews:
        shared = [posting for posting in review.postings if is_share_of(posting, offer.key)]
        review.postings = [posting for posting in review.postings if posting not in shared]
        rows += [reversed_(posting, at) for posting in shared]
    return rows if to is OfferState.RETURNED else [*rows, in_wrong_hands]


def unbooked_before(lost: AstrayBefore, at: datetime) -> list[PostingRow]:
    """The same for a payment of a complaint that is closed: its entries are named here, for no process holds them any more."""
    in_wrong_hands = receivable(lost.payment, lost.amount, at)
    if lost.was is PayoutOutcome.MISDIRECTED:
        return [reversed_(in_wrong_hands, at)]
    rows = [reversed_(posting, at) for posting in lost.postings]
    return rows if lost.outcome is PayoutOutcome.RETURNED else [*rows, in_wrong_hands]


def receivable(payment: str, amount: Fen, at: datetime) -> PostingRow:
    entries = [Entry(account=PAYOUT_ACCOUNT, amount=-amount), Entry(account=RECEIVABLES, amount=amount)]
    return PostingRow(key=f"{payment}:receivable", kind=LedgerKind.RECEIVABLE, entries=entries, posted_at=at)


def unreplaced(case: Case, *, ever: bool = False) -> list[Offer]:
    """Payments of which the customer has nothing, and in whose place nothing was offered but in a round that is over.

    `ever` counts what was offered in this round, and taken back, for nothing too.
    """
    if case.ended is not None or case.stage is Stage.CLOSED:
        return []
    before = [_as_offer(lost) for lost in case.lost_before.values() if lost.was is PayoutOutcome.PAID]
    own = [offer for round in case.rounds for offer in round.offers]
    stands = {offer.replaces for offer in own if offer.state is not OfferState.VOID}
    tried = set() if ever else {offer.replaces for offer in case.round.offers}
    return [lost for lost in (*before, *(offer for offer in own if offer.astray)) if lost.key not in stands | tried]


def _as_offer(lost: AstrayBefore) -> Offer:
    held = lost.model_dump(include={"amount", "makers", "payee_ref"})
    return Offer(key=lost.payment, computed=lost.amount - lost.goodwill, proposed=lost.amount, **held)


def replacement(offer: Offer, key: str, *hands: str) -> Offer:
    """The payment in its place: whoever had a hand in the first one, or reported it, does not approve the second."""
    approved_by = [offer.approved_by] if offer.approved_by and offer.approved_by not in _BY_RULE else []
    return Offer(
        key=key,
        amount=offer.amount,
        computed=offer.computed,
        proposed=offer.proposed,
        given=offer.given,
        makers=tuple(dict.fromkeys([*hands, *offer.makers, *approved_by])),
        reason_ref=offer.reason_ref,
        replaces=offer.key,
        anew=True,
    )
