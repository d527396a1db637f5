"""A parcel that is found after it was paid for (domain §2.6): the customer keeps the money or takes the parcel, never both.

Who keeps the money leaves the goods to the units that bore it. Who takes the parcel repays, and what was booked is reversed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from domain.astray import unbooked
from domain.continuation import Before
from domain.offers import OfferState
from domain.postings import CUSTOMERS, advance, is_share_of, reversed_, shares_in
from domain.record import PostingRow
from domain.values import Fen, Keeps

if TYPE_CHECKING:
    from domain.case import Case

_UNIT = "unit:"


class FoundParcel(BaseModel):
    """That it was found, and what the customer made of it; None until they chose, or their time was over.

    Without `choice` nothing had been paid for it. `lessened`: nothing of final penalties is left to be given back.
    """

    at: datetime
    by: str
    words_ref: str | None = None
    choice: bool = True
    lessened: bool = True
    keeps: Keeps | None = None
    repaid_at: datetime | None = None

    @property
    def chosen(self) -> bool:
        """The customer has one of the two, or there was nothing to choose."""
        return not self.choice or self.keeps is Keeps.MONEY or self.repaid_at is not None

    @property
    def settled(self) -> bool:
        return self.chosen and self.lessened


def paid_for_it(case: Case) -> Fen:
    """What headquarters paid for the parcel and the customer has: here, and in complaints that this one continues."""
    return _to_customers(_booked(case))


def paid_before(before: Before) -> Fen:
    """The same of what is closed."""
    return _to_customers(before.postings)


def _to_customers(postings: Iterable[PostingRow]) -> Fen:
    return sum(entry.amount for posting in postings for entry in posting.entries if entry.account == CUSTOMERS)


def goods_to(case: Case) -> dict[str, Fen]:
    """The units that bore it as far as it is shared today, each with how much."""
    borne: dict[str, Fen] = {}
    for posting in _booked(case):
        for entry in posting.entries:
            if entry.account.startswith(_UNIT):
                unit = entry.account.removeprefix(_UNIT)
                borne[unit] = borne.get(unit, 0) - entry.amount
    return {unit: amount for unit, amount in borne.items() if amount > 0}


def _booked(case: Case) -> Iterator[PostingRow]:
    """The entries that stand for what was paid for the parcel and how it was shared."""
    yield from case.booked_before
    for offer in (offer for round in case.rounds for offer in round.offers if offer.paid):
        yield from advance(offer, offer.charged or case.owner, case.opened_at)
        shares = shares_in([posting for review in case.reviews.values() for posting in review.postings])
        yield from (posting for posting in shares if is_share_of(posting, offer.key))


def given_back(case: Case, at: datetime) -> list[PostingRow]:
    """The customer repaid and has the parcel: the entries that reverse what stands, each naming its own."""
    rows = [reversed_(posting, at) for posting in case.booked_before]
    for offer in (offer for round in case.rounds for offer in round.offers if offer.paid):
        rows += unbooked(offer, case.owner, list(case.reviews.values()), OfferState.RETURNED, at)
        offer.state = OfferState.REPAID
    return rows
