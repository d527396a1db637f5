"""Less is left of a penalty where the parcel is found in time, as its clause says (domain §4: half if found within 7 days).

The days count from the ruling, or from the receipt where the rulebook says so, to the day on which it is reported found. What is
ruled later is ruled so; what is ruled already is lessened where it stands, and given back where it was posted.
"""

from __future__ import annotations

from datetime import datetime

from domain.case import Case
from domain.penalty_lines import in_time, less_if_found
from domain.plan import Frozen
from domain.reviews import Line, Review
from domain.rulings import terms_of
from domain.values import Fen, ReviewStatus

_STANDS = (ReviewStatus.APPEAL_WINDOW, ReviewStatus.APPEAL)


class GiveBack(Frozen):
    """Ask the register to give back what the finding of a parcel leaves too much, in all complaints about it."""

    number: str
    at: datetime
    by: str
    words_ref: str | None = None


class GivenBack(Frozen):
    """A final penalty of which less is left (fen), in the complaint of its review."""

    complaint: str
    review: str
    line: str
    unit: str
    clause: str
    before: Fen
    remaining: Fen


class Given(Frozen):
    """What was given back, and the other complaints about the parcel, whose processes are to hear of it."""

    lines: tuple[GivenBack, ...] = ()
    others: tuple[str, ...] = ()


def lessened(case: Case, review: Review, now: datetime) -> dict[str, Line]:
    """The lines of a ruling that may still be appealed, as the finding of the parcel leaves them; only those that change."""
    if review.status not in _STANDS or review.ruled_at is None:
        return {}
    terms, lines = terms_of(case, review, review.ruled_at), dict[str, Line]()
    for line in review.lines:
        rule = case.plan.penalties.clauses[line.clause].found
        if rule and line.remaining and not line.found and in_time(rule, terms.found, received=terms.received, ruled=terms.ruled):
            lines[line.key] = less_if_found(line, rule)
    return lines
