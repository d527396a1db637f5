"""A payment as it leaves the house, what came back, and how long a provider that says nothing is asked."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from domain.continuation import AstrayBefore
from domain.plan import Frozen
from domain.values import Fen, PayoutOutcome

SENT_AGAIN_WITHIN = timedelta(hours=12)
"""So long a payment nobody knows of is sent again under its key; then only asked about: providers forget keys within days."""

FINANCE_IS_TOLD_AT = 5
"""Which asking in vain finance hears of; the payment is in its inbox from the beginning."""

_FIRST, _LAST = timedelta(seconds=15), timedelta(hours=6)


class PayoutOrder(Frozen):
    """One payment to one customer. `key` makes it happen once, however often it is sent; the payee stays in the register."""

    key: str = Field(min_length=1, max_length=200)
    number: str
    amount: Fen = Field(gt=0)
    payee_ref: str | None = None


class PayoutAnswer(Frozen):
    """What the provider says of an order.

    `outcome` None: not settled yet. It is `under_way` when the provider will know by itself and is asked again, otherwise it
    waits for a person who confirms it by hand.
    """

    outcome: PayoutOutcome | None = None
    reference: str | None = None
    provider: str
    under_way: bool = False


class PayoutNews(Frozen):
    """The provider has something to say of a payment: it is asked, not believed unasked.

    `lost` is one of a complaint that this one continues, as the register has it.
    """

    payment: str
    lost: AstrayBefore | None = None


def number_of(key: str) -> str:
    """The complaint a payment belongs to: `A261122-000001-R1-P1` is of `A261122-000001`."""
    return key.rsplit("-R", 1)[0]


def asked_again_after(asked: int) -> timedelta:
    """How long to wait after the `asked`-th asking in vain: a quarter of a minute, twice as long each time, six hours at most."""
    doubled: int = 2 ** min(asked - 1, 16)
    return min(_FIRST * doubled, _LAST)
