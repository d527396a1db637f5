"""The HQ penalty review (仲裁) as the case holds it: who said what, what was ruled, and what an appeal left (domain §2.4).

How lines come about is in `rulings`, what an appeal may leave of them in `appeals`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from domain.record import PostingRow
from domain.values import (
    AppealOutcome,
    Fen,
    LatenessState,
    Owed,
    Party,
    ReviewStatus,
    RuledBy,
    Severity,
    Stance,
)


class Statement(BaseModel):
    """申辩; `evidence` names files brought to the complaint."""

    unit: str
    stance: Stance
    statement_ref: str
    at: datetime
    by: str
    evidence: tuple[str, ...] = ()


class Line(BaseModel):
    """A penalty line; `remaining` is what an appeal left of `amount` (fen). `arithmetic` says how it came about.

    `happened_on` is the day of the fault, by which it is judged: in a record-only period it is not `charged`. `found`: less is
    left because the parcel was found in time.
    """

    key: str
    unit: str
    clause: str
    parcels: int
    amount: Fen
    remaining: Fen
    full: Fen
    arithmetic: str
    arithmetic_zh: str = ""
    appealed: AppealOutcome | None = None
    happened_on: date | None = None
    charged: bool = True
    found: bool = False

    def is_meant(self, code: str, unit: str | None, day: date | None) -> bool:
        """By its clause, its unit, and, where one event is not enough to tell, the day it happened."""
        return self.clause == code and unit in (None, self.unit) and day in (None, self.happened_on)


class Share(BaseModel):
    """A party's percent of the round's advance; `unit` None is borne by the owner (customer, force majeure)."""

    party: Party | None = None
    unit: str | None = None
    share: int


def borne(shares: Sequence[Share]) -> Counter[str]:
    """Who bears how much, in whatever order it was said, and whether by the party or by the unit it is here."""
    together = Counter[str]()
    for share in shares:
        together[share.unit or str(share.party)] += share.share
    return +together


class SideAppeal(BaseModel):
    """A side's appeal, its no to a summary ruling, or its objection to a lateness line."""

    unit: str
    reasons_ref: str
    at: datetime
    by: str
    evidence: tuple[str, ...] = ()


class Agreement(BaseModel):
    """What one side agrees to bear and to have borne; when all sides say the same, it is ruled so."""

    unit: str
    shares: list[Share]
    at: datetime
    by: str


class Review(BaseModel):
    """One review of one round: its lines and shares as ruled, then as the appeal leaves them.

    `facts` and `advance` (fen) are what was ruled upon, `climbed_by` the respondents whose act made severity climb; `turn` counts
    how often shares were posted, so that no key comes twice.
    Where HQ quality opened it itself: who did, why (`opening_ref`), the clauses it is `about`, and its evidence.
    """

    id: str
    round: int
    severity: Severity
    claimant: str
    claimant_is_quality: bool
    respondents: list[str]
    opened_at: datetime
    status: ReviewStatus = ReviewStatus.STATEMENT
    statements: list[Statement] = []
    agreements: list[Agreement] = []
    contested: list[SideAppeal] = []
    lines: list[Line] = []
    shares: list[Share] = []
    climbed_by: list[str] = []
    ruled_how: RuledBy = RuledBy.REVIEWER
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    reasons_ref: str | None = None
    exemptions: tuple[str, ...] = ()
    facts: dict[str, Any] = {}
    advance: Fen = 0
    appeals: list[SideAppeal] = []
    decided_by: str | None = None
    decision_ref: str | None = None
    decision: AppealOutcome | None = None
    lapsed: bool = False
    postings: list[PostingRow] = []
    turn: int = 0
    final_at: datetime | None = None
    opened_by: str | None = None
    opening_ref: str | None = None
    about: list[str] = []
    evidence: tuple[str, ...] = ()
    awaits_money: bool = False

    @property
    def sides(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([self.claimant, *self.respondents]))

    @property
    def appealed_lines(self) -> list[Line]:
        """A respondent's appeal touches its own lines, the claimant's all."""
        by = {appeal.unit for appeal in self.appeals}
        return [line for line in self.lines if line.unit in by or self.claimant in by]

    @property
    def agreed(self) -> list[Share] | None:
        """The shares that every side last said, when they are the same; None while they are not."""
        last = {agreement.unit: agreement.shares for agreement in self.agreements}
        said = [last.get(side) for side in self.sides]
        return said[0] if all(shares is not None and borne(shares) == borne(said[0] or []) for shares in said) else None

    @property
    def summarily_ruled(self) -> bool:
        return self.status is ReviewStatus.APPEAL_WINDOW and self.ruled_how.summary

    def next_turn(self) -> int:
        """Before it was counted, shares were posted with the ruling (1) and with the appeal's decision (2)."""
        self.turn = max(self.turn, 1 if self.postings else 0) + 1
        return self.turn


class LatenessLine(BaseModel):
    """A penalty for lateness that a rung opened: a line of the monthly sheet, with time to object. Sums are fen."""

    key: str
    obligation: str
    owed: Owed
    unit: str
    clause: str
    amount: Fen
    late_since: datetime
    opened_at: datetime
    objection_until: datetime
    happened_on: date
    charged: bool = True
    state: LatenessState = LatenessState.OPEN
    objection: SideAppeal | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_ref: str | None = None

    @property
    def settled(self) -> bool:
        return self.state in (LatenessState.STANDS, LatenessState.WAIVED)


def split(amount: Fen, shares: Sequence[Share]) -> list[Fen]:
    """Split fen by percent with the largest remainder: the parts sum to the amount, ties go to the earlier share."""
    exact = [amount * share.share for share in shares]
    parts = [value // 100 for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (-(exact[i] % 100), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def summary_key(review: str, place: int) -> str:
    """The key of a summary ruling's line: a full ruling, whose lines are counted by themselves, leaves it as it was."""
    return f"{review}:S{place}"


def set_aside(key: str, how: str | None) -> bool:
    """Whether a line is one of a summary ruling that stands no more; `how` it is ruled now, None: not yet again."""
    stands = how is not None and RuledBy(how).summary
    return key.rpartition(":")[2].startswith("S") and not stands
