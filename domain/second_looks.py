"""复看: what cost its author nothing is drawn for a second look by HQ quality (domain §2.2).

The lot falls from the complaint's number and the moment it was closed: nobody knows it before, and anybody can work it out
afterwards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.rulebook_conduct import SecondLook
from domain.values import CostNothing, CustomerDiffers, Outcome, Party, Validity, VisitResult

_LOTS = 10_000
_LOW_SCORE = 2
_BY_OUTCOME = {
    Outcome.UNFOUNDED: CostNothing.UNFOUNDED,
    Outcome.WITHDRAWN: CostNothing.WITHDRAWN,
    Outcome.MERGED: CostNothing.MERGED,
    Outcome.UNVERIFIED: CostNothing.UNVERIFIED,
}
_BY_VALIDITY = {Validity.UNFOUNDED: CostNothing.UNFOUNDED, Validity.GENERAL: CostNothing.GENERAL}
_BY_PARTY = {Party.CUSTOMER: CostNothing.CUSTOMER, Party.FORCE_MAJEURE: CostNothing.FORCE_MAJEURE}
_BY_RESULT = {
    VisitResult.UNRESOLVED: CustomerDiffers.UNRESOLVED,
    VisitResult.SOLUTION_NOT_DELIVERED: CustomerDiffers.SOLUTION_NOT_DELIVERED,
    VisitResult.COMPLAINT_UNTRUE: CustomerDiffers.COMPLAINT_UNTRUE,
}


@dataclass(frozen=True)
class Closed:
    """A closed complaint as the draw sees it: its last findings (`liable` are who bears something) and what the customer said."""

    number: str
    closed_at: datetime
    outcome: Outcome
    validity: Validity | None = None
    liable: frozenset[Party] = frozenset()
    solved_on_spot: bool = False
    visits: tuple[tuple[VisitResult, int | None], ...] = ()
    came_again: bool = False


@dataclass(frozen=True)
class Drawn:
    """Why it is looked at again: what it is, and what the customer says otherwise."""

    why: tuple[CostNothing, ...]
    differs: tuple[CustomerDiffers, ...]


def drawn(closed: Closed, rule: SecondLook) -> Drawn | None:
    """All where the customer says otherwise, where the rulebook wants that; of the rest its share, by lot."""
    why = tuple(kind for kind in dict.fromkeys(_cost_nothing(closed)) if kind in rule.of)
    differs = tuple(dict.fromkeys(_says_otherwise(closed)))
    by_lot = lot(closed.number, closed.closed_at) < rule.percent * _LOTS // 100
    if not why or not (by_lot or (differs and rule.all_where_customer_differs)):
        return None
    return Drawn(why, differs)


def lot(number: str, closed_at: datetime) -> int:
    """From 0 to 9999."""
    digest = hashlib.sha256(f"{number} {closed_at.astimezone(UTC).isoformat()}".encode()).digest()
    return int.from_bytes(digest[:8]) % _LOTS


def _cost_nothing(closed: Closed) -> Iterator[CostNothing]:
    if closed.outcome in _BY_OUTCOME:
        yield _BY_OUTCOME[closed.outcome]
    if closed.validity in _BY_VALIDITY:
        yield _BY_VALIDITY[closed.validity]
    if closed.liable <= _BY_PARTY.keys():
        yield from (_BY_PARTY[party] for party in sorted(closed.liable))
    if closed.solved_on_spot:
        yield CostNothing.SOLVED_ON_SPOT


def _says_otherwise(closed: Closed) -> Iterator[CustomerDiffers]:
    for result, score in closed.visits:
        if result in _BY_RESULT:
            yield _BY_RESULT[result]
        if score is not None and score <= _LOW_SCORE:
            yield CustomerDiffers.LOW_SCORE
    if closed.came_again:
        yield CustomerDiffers.CAME_AGAIN
