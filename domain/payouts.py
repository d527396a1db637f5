"""A payment as it leaves the house, and what came back."""

from __future__ import annotations

from pydantic import Field

from domain.plan import Frozen
from domain.values import Fen, PayoutOutcome


class PayoutOrder(Frozen):
    """One payment to one customer. `key` makes it happen once, however often it is sent; the payee stays in the register."""

    key: str = Field(min_length=1, max_length=200)
    number: str
    amount: Fen = Field(gt=0)
    payee_ref: str | None = None


class PayoutAnswer(Frozen):
    """What the provider says of an order. `outcome` None: under way, or waiting for a person to confirm it by hand."""

    outcome: PayoutOutcome | None = None
    reference: str | None = None
    provider: str
