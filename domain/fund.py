"""What the quality fund is used for: finance proposes, an HQ supervisor who is somebody else approves, then it is posted."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.errors import MakerIsChecker, RuleBroken
from domain.plan import Frozen
from domain.postings import PAYOUT_ACCOUNT, QUALITY_FUND, reversed_, spent, unit_account
from domain.record import PostingRow
from domain.values import Fen


class FundTooSmall(RuleBroken):
    """The fund does not hold what would be spent."""


class UseDecided(RuleBroken):
    """It was approved or refused already, or taken back."""


class UseNotPosted(RuleBroken):
    """Only what was approved can be taken back."""


class UseStatus(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    REVERSED = "reversed"


class UseAct(NamedTuple):
    """Approved, refused or reversed: by whom, when and why."""

    act: UseStatus
    by: str
    at: datetime
    reason: str | None = None


class FundUse(Frozen):
    """A use of the fund: how much (fen), for what, and to whom: a unit's account or, without one, HQ's payout account."""

    id: str
    amount: Fen
    purpose: str
    branch: str | None = None
    proposed_at: datetime
    proposed_by: str
    acts: tuple[UseAct, ...] = ()

    @property
    def status(self) -> UseStatus:
        return self.acts[-1].act if self.acts else UseStatus.PROPOSED

    @property
    def beneficiary(self) -> str:
        return unit_account(self.branch) if self.branch else PAYOUT_ACCOUNT

    def check_decision(self, by: str, *, approve: bool, balance: Fen) -> None:
        """`balance` is what the fund holds now."""
        if self.acts:
            raise UseDecided(f"{self.id} is {self.status}; it was decided by {self.acts[0].by}.")
        if approve and by == self.proposed_by:
            raise MakerIsChecker(f"You proposed {self.id}; somebody else approves it.")
        if approve and balance < self.amount:
            raise FundTooSmall(f"{QUALITY_FUND} holds {balance} fen, {self.id} would spend {self.amount}; the fund has no debts.")

    def check_reversal(self) -> None:
        if self.status is UseStatus.REVERSED:
            raise UseDecided(f"{self.id} was taken back by {self.acts[-1].by}.")
        if self.status is not UseStatus.APPROVED:
            raise UseNotPosted(f"{self.id} is {self.status}; only what was approved and posted is taken back.")

    @property
    def posting(self) -> PostingRow:
        """What its approval posted."""
        return spent(self.beneficiary, self.amount, self.acts[0].at)

    def counter_posting(self, at: datetime) -> PostingRow:
        return reversed_(self.posting, at)
