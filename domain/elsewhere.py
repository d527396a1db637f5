"""What a platform has deducted or refunded already (`settled_elsewhere`): never paid again, and never more than is owed."""

from __future__ import annotations

from domain.errors import Unacceptable
from domain.offers import Offer, OfferState
from domain.reckoning import Parcel, yuan
from domain.rounds import Round
from domain.values import Fen


def check_elsewhere(round: Round, parcel: Parcel, cap: Fen, had: Fen, amount: Fen, instead_of: Offer | None) -> None:
    """`amount` was settled elsewhere, in place of an offer or of none; `had` is what the customer has had already.

    Computed or on offer, whichever is higher, less what was had; before the sum is computed in full, what was declared, claimed
    or may be paid for any parcel (`cap`) stands for it: a platform refunds before a branch has found anything.
    """
    back = [o for o in round.offers if o.key in round.unpaid and o.state is not OfferState.REJECTED]
    on_offer = {o.key: o.amount for o in round.offers if o.stands and not o.had} | {o.key: o.amount for o in back}
    owed = round.owed_in_all or 0
    if round.computed is None or round.missing:
        owed = max(owed, parcel.declared_value or 0, parcel.claimed or 0, cap)
    elsewhere = round.claim.paid_elsewhere if round.claim else 0
    others = sum(on_offer.values()) - (instead_of.amount if instead_of else 0)
    most = max(owed - elsewhere - had, sum(on_offer.values())) - (others if instead_of else 0)
    if amount > most:
        raise Unacceptable(
            f"{yuan(amount)} cannot have been settled elsewhere: {yuan(max(most, 0))} is owed for this parcel and not paid yet. "
            "Where more is due, supply what was declared or claimed, or propose the sum with its reason, first."
        )
