"""One parcel, one claim (一票一赔): complaints about one waybill are together never paid more than the rulebook computes once.

The register keeps the claim; what it is asked and what it answers is here, with the rule that it goes by.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from domain.errors import RuleBroken
from domain.plan import Frozen
from domain.values import Fen


class ParcelClaimed(RuleBroken):
    """Another complaint about the parcel was paid for it; no more is paid than the rulebook computes once."""


class ClaimAsked(Frozen):
    """`number` asks about its parcel; with the `key` of a payment it claims that `amount`.

    `computed` is what the rulebook computes for it in all, `before` what complaints that it continues were paid: that is its own.
    """

    waybill: str
    number: str
    computed: Fen = Field(ge=0)
    key: str | None = None
    amount: Fen = Field(default=0, ge=0)
    before: Fen = Field(default=0, ge=0)
    at: datetime


class ClaimSeen(Frozen):
    """What complaints about the parcel were paid, or are being paid, `elsewhere`, by number: `before` of it is the asker's own.

    `ceiling` is the most that was computed for any payment of it that stands; `granted`: a claimed payment may be sent.
    """

    ceiling: Fen = 0
    elsewhere: dict[str, Fen] = Field(default_factory=dict)
    granted: bool = True
    before: Fen = 0

    @property
    def paid_elsewhere(self) -> Fen:
        """What others have of the parcel."""
        return max(sum(self.elsewhere.values()) - self.before, 0)

    def left(self, computed: Fen, had: Fen) -> Fen | None:
        """What may still be paid to a complaint that computes `computed` and `had` so much, before included; None if it is alone.

        A complaint alone is bound by its own approvals, goodwill included.
        """
        if not self.paid_elsewhere:
            return None
        return max(max(self.ceiling, computed) - self.paid_elsewhere - had, 0)

    def leaves(self, amount: Fen, computed: Fen, had: Fen) -> bool:
        left = self.left(computed, had)
        return left is None or amount <= left
