"""The HQ penalty sheet (月处罚汇总表): drafted, signed or sent back, published, executed mark by mark (domain §2.4, §7).

A sheet holds every penalty that became final up to the end of its month and stands on no signed sheet before it: so each
penalty is on exactly one, however late it came. What was signed never changes; its SHA-256 is kept and shown.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from domain.errors import RuleBroken
from domain.plan import Frozen
from domain.values import Fen, Role


class SheetNotDrafted(RuleBroken):
    """There is no draft of that month's sheet that could be signed or sent back."""


class AlreadySigned(RuleBroken):
    """What is signed is neither signed again nor changed."""


class SheetOutOfOrder(RuleBroken):
    """A sheet is signed, then published, then executed."""


class SheetHasChanged(RuleBroken):
    """What would be signed is not what was read, or no longer true."""


class UnknownLine(RuleBroken):
    """A mark names a line that the sheet does not charge."""


class Source(StrEnum):
    """Where a line comes from: a review's ruling, a rung of a ladder, or what an appeal or correction took back."""

    REVIEW = "review"
    LATENESS = "lateness"
    REVERSAL = "reversal"


class SheetStatus(StrEnum):
    DRAFT = "draft"
    RETURNED = "returned"
    SIGNED = "signed"
    PUBLISHED = "published"
    EXECUTED = "executed"


class SheetAct(StrEnum):
    """What people do with a revision of a sheet; each at most once."""

    RETURNED = "returned"
    SIGNED = "signed"
    PUBLISHED = "published"


def status_after(acts: Collection[SheetAct], *, unmarked: bool) -> SheetStatus:
    """Where what was done with its latest revision has brought a sheet; `unmarked`: finance has lines left to execute."""
    if SheetAct.PUBLISHED in acts:
        return SheetStatus.PUBLISHED if unmarked else SheetStatus.EXECUTED
    if SheetAct.SIGNED in acts:
        return SheetStatus.SIGNED
    return SheetStatus.RETURNED if SheetAct.RETURNED in acts else SheetStatus.DRAFT


WAITS_FOR: Mapping[SheetStatus, Role] = MappingProxyType(
    {
        SheetStatus.DRAFT: Role.HQ_SUPERVISOR,
        SheetStatus.RETURNED: Role.HQ_REVIEWER,
        SheetStatus.SIGNED: Role.HQ_SUPERVISOR,
        SheetStatus.PUBLISHED: Role.FINANCE,
    }
)
"""Whose turn it is: to sign, to draft again, to publish, to execute."""


class SheetLine(Frozen):
    """One penalty (fen; a reversal is negative). `id` is that of its posting, `<number>:<key>`; `by` who ruled it.

    Not `charged`: ruled in a record-only period, listed, and in no sum.
    """

    id: str
    source: Source
    unit: str
    clause: str
    clause_zh: str
    clause_en: str
    rulebook: str
    parcels: int
    amount: Fen
    charged: bool
    beneficiary: str
    complaint: str
    review: str | None = None
    reverses: str | None = None
    by: str | None = None
    at: datetime


class ClauseTotal(NamedTuple):
    clause: str
    lines: int
    parcels: int
    amount: Fen


class UnitTotal(NamedTuple):
    unit: str
    amount: Fen
    clauses: tuple[ClauseTotal, ...]


class Done(NamedTuple):
    """An act, and by whom and when; `reason` of what was sent back."""

    act: SheetAct
    by: str
    at: datetime
    reason: str | None = None


class Mark(NamedTuple):
    """A line that finance has executed."""

    line: str
    by: str
    at: datetime
    reference: str | None = None


class Sheet(Frozen):
    """The sheet of a month as it stands: its latest revision, what was done with it, and how far it is executed."""

    month: str
    revision: int
    lines: tuple[SheetLine, ...]
    drafted_at: datetime
    drafted_by: str
    acts: tuple[Done, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def hash(self) -> str:
        """The SHA-256 of its content."""
        return hashlib.sha256(content(self.month, self.lines)).hexdigest()

    @property
    def charged(self) -> list[SheetLine]:
        return [line for line in self.lines if line.charged]

    @property
    def total(self) -> Fen:
        return sum(line.amount for line in self.charged)

    @property
    def unmarked(self) -> list[SheetLine]:
        """What finance has still to execute."""
        marked = {mark.line for mark in self.marks}
        return [line for line in self.charged if line.id not in marked]

    @property
    def status(self) -> SheetStatus:
        return status_after({done.act for done in self.acts}, unmarked=bool(self.unmarked))

    def done(self, act: SheetAct) -> Done | None:
        return next((done for done in self.acts if done.act is act), None)

    def check(self, act: SheetAct, hash: str | None = None) -> None:
        """Whether this may be done with it now; `hash` is that of what the person has read."""
        signed = self.done(SheetAct.SIGNED)
        if act is SheetAct.PUBLISHED:
            if signed is None:
                raise SheetOutOfOrder(f"The sheet of {self.month} is {self.status}; it is published once it is signed.")
            if self.done(SheetAct.PUBLISHED):
                raise SheetOutOfOrder(f"The sheet of {self.month} is published.")
            return
        if signed is not None:
            raise AlreadySigned(f"The sheet of {self.month} was signed by {signed.by}; what is signed is not changed.")
        if (back := self.done(SheetAct.RETURNED)) is not None:
            raise SheetOutOfOrder(f"The sheet of {self.month} was sent back by {back.by}; it has to be drafted again first.")
        if hash is not None and hash != self.hash:
            raise SheetHasChanged(
                f"The sheet of {self.month} is at revision {self.revision} now, with hash {self.hash}; read it."
            )

    def check_still_true(self, now_due: Iterable[SheetLine]) -> None:
        """What was drafted is signed only while all of it holds: an objection may have been upheld since."""
        true = set(now_due)
        if gone := [line.id for line in self.lines if line not in true]:
            raise SheetHasChanged(f"{len(gone)} of its lines have changed since it was drafted ({gone[0]}); draft it again.")

    def to_mark(self, lines: Sequence[str]) -> list[SheetLine]:
        """The lines a mark is for: those named, or all that are left. What is marked already is left as it is."""
        if self.done(SheetAct.PUBLISHED) is None:
            raise SheetOutOfOrder(f"The sheet of {self.month} is {self.status}; finance executes it once it is published.")
        if strange := set(lines) - {line.id for line in self.charged}:
            raise UnknownLine(f"The sheet of {self.month} charges no line {', '.join(sorted(strange))}.")
        return [line for line in self.unmarked if not lines or line.id in lines]


def content(month: str, lines: Sequence[SheetLine]) -> bytes:
    """What is signed: the month and its lines as canonical JSON (sorted names, no spaces, UTF-8)."""
    said = {"month": month, "lines": [line.model_dump(mode="json") for line in lines]}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def by_unit(lines: Iterable[SheetLine]) -> list[UnitTotal]:
    """What is charged, by branch and clause; a line that was taken back takes its parcels back."""
    told: dict[str, dict[str, list[SheetLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if line.charged:
            told[line.unit][line.clause].append(line)
    return [
        UnitTotal(
            unit,
            sum(line.amount for of_clause in clauses.values() for line in of_clause),
            tuple(
                ClauseTotal(
                    clause, len(of_clause), sum(_parcels(line) for line in of_clause), sum(line.amount for line in of_clause)
                )
                for clause, of_clause in sorted(clauses.items())
            ),
        )
        for unit, clauses in sorted(told.items())
    ]


def _parcels(line: SheetLine) -> int:
    return -line.parcels if line.source is Source.REVERSAL else line.parcels
