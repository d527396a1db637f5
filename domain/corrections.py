"""更正: within 30 days of its finality a review is corrected once, by reversing entries and never by an edit (domain §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from domain import postings
from domain.commands import Actor, ClauseLine, ShareLine
from domain.errors import NotPermitted, RuleBroken, TookPart, Unacceptable, WrongStage
from domain.plan import Clause, Frozen
from domain.record import CorrectionRow, PostingRow
from domain.reviews import Line, Review, Share
from domain.rulings import ruled_shares
from domain.values import CorrectionStatus, Fen, LedgerKind, Party, Role

DECIDERS = frozenset({Role.HQ_REVIEWER, Role.HQ_SUPERVISOR})


class CorrectedAlready(RuleBroken):
    """A review is corrected once."""


class TooLateToCorrect(RuleBroken):
    """The time to correct a final review is over."""


class Ground(Frozen):
    """What a correction is decided on: the review as it became final, what was posted for it and stands, who had a part in it.

    `paid` are the payments of the round (fen by key); `parties` the units that the parties of the complaint are; `room` is what
    the complaint's other penalties leave of its cap (fen).
    """

    number: str
    review: Review
    owner: str
    paid: dict[str, Fen] = Field(default_factory=dict)
    standing: tuple[PostingRow, ...] = ()
    clauses: dict[str, Clause] = Field(default_factory=dict)
    parties: dict[Party, str | None] = Field(default_factory=dict)
    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    room: Fen | None = None


class Correction(Frozen):
    """A correction as HQ quality opened it; due, and given up, at these times."""

    id: str
    ground: Ground
    opened_by: str
    opened_at: datetime
    reasons_ref: str
    evidence: tuple[str, ...] = ()
    due: datetime
    lapses: datetime


class DecideCorrection(Frozen):
    """What shall remain of lines (`amount`, fen) and how the advance shall be shared; neither: it is not corrected.

    `ground` is what stands when it is decided: since the correction was opened a payment may have come back.
    """

    actor: Actor
    reasons_ref: str
    lines: tuple[ClauseLine, ...] = ()
    shares: tuple[ShareLine, ...] | None = None
    ground: Ground | None = None


class Corrected(BaseModel):
    """What a decision comes to."""

    status: CorrectionStatus
    lines: list[Line] = []
    shares: list[Share] = []
    postings: list[PostingRow] = []


class ReviewCorrected(Frozen):
    """What a complaint that is still running is told of it: the lines that changed, and the shares where they did."""

    review: str
    lines: tuple[Line, ...] = ()
    shares: tuple[Share, ...] | None = None
    postings: tuple[PostingRow, ...] = ()


def check_decider(correction: Correction, actor: Actor) -> None:
    """Somebody new: of HQ, who did nothing in the complaint and did not open the correction."""
    if not set(actor.roles) & DECIDERS:
        raise NotPermitted(f"This is for {', '.join(sorted(DECIDERS))}; you act as {', '.join(sorted(actor.roles))}.")
    for unit in (actor.unit, *actor.stands_in):
        if unit != "hq" and unit in correction.ground.units:
            raise TookPart(f"You act for {unit}, which has a part in this complaint; somebody else must do this.")
    if actor.sub in (*correction.ground.people, correction.opened_by):
        raise TookPart("You took part in this case or opened its correction; somebody new decides it.")


def corrected(correction: Correction, decision: DecideCorrection, now: datetime) -> Corrected:
    """What was posted and changes is reversed, and posted anew; each posting once. Raises Unacceptable, SharesNotWhole."""
    ground = decision.ground or correction.ground
    correction = correction.model_copy(update={"ground": ground})
    lines = [_changed(ground.review, said) for said in decision.lines]
    if len({line.key for line in lines}) != len(lines):
        raise Unacceptable("A line is corrected once; say what remains of it.")
    before = {line.key: line.remaining for line in ground.review.lines}
    lines = [line for line in lines if line.remaining != before[line.key]]
    _check_cap(ground, {line.key: line for line in lines})
    entries = [row for line in lines for row in _penalty(correction, line, now)]
    shares = list(ground.review.shares)
    if decision.shares is not None:
        stated = ruled_shares(decision.shares, ground.parties, ground.units, paid=sum(ground.paid.values()))
        if stated != shares:
            shares, entries = stated, [*entries, *_shares(correction, stated, now)]
    changed = bool(lines) or shares != list(ground.review.shares)
    status = CorrectionStatus.CORRECTED if changed else CorrectionStatus.DISMISSED
    return Corrected(status=status, lines=lines, shares=shares if changed else [], postings=entries)


def _changed(review: Review, said: ClauseLine) -> Line:
    found = [line for line in review.lines if line.is_meant(said.code, said.branch, said.happened_on)]
    if len(found) != 1:
        raise Unacceptable(f"Line {said.code} of {said.branch or 'the respondent'} is not one line of {review.id}.")
    [line] = found
    if said.amount is None or said.amount > line.full:
        raise Unacceptable(f"Say what shall remain of {said.code}: from nothing to {line.full} fen, which its clause allows.")
    return line.model_copy(update={"remaining": said.amount})


def _check_cap(ground: Ground, changed: Mapping[str, Line]) -> None:
    """A line may be raised to what its clause allows, as far as the cap on all penalties of the complaint leaves room."""
    before = ground.review.lines
    raised = any(changed[line.key].remaining > line.remaining for line in before if line.key in changed)
    together = sum(line.remaining for line in (changed.get(line.key, line) for line in before) if line.charged)
    if raised and ground.room is not None and together > ground.room:
        raise Unacceptable(
            f"So corrected, the penalties of this review make {together} fen; the cap of the complaint leaves {ground.room} fen."
        )


def _penalty(correction: Correction, line: Line, now: datetime) -> list[PostingRow]:
    """The penalty anew; what a record-only period spared stays uncharged."""
    ground = correction.ground
    before = [row for row in ground.standing if row.kind is LedgerKind.PENALTY and row.key == f"{line.key}:penalty"]
    reversals = [postings.reversed_(row, now) for row in before]
    if not line.remaining or not line.charged:
        return reversals
    renamed = line.model_copy(update={"key": f"{correction.id}:{line.key}"})
    return [*reversals, postings.penalty(ground.review, renamed, ground.clauses[line.clause], now)]


def _shares(correction: Correction, shares: list[Share], now: datetime) -> list[PostingRow]:
    ground = correction.ground
    reversals = [postings.reversed_(row, now) for row in ground.standing if row.kind is LedgerKind.SHARE]
    renamed = ground.review.model_copy(update={"id": correction.id})
    rows = [postings.shared(renamed, key, paid, shares, ground.owner, now) for key, paid in ground.paid.items()]
    return [*reversals, *(row.model_copy(update={"review": ground.review.id}) for row in rows if row is not None)]


def correction_row(
    correction: Correction, decision: DecideCorrection | None = None, result: Corrected | None = None, at: datetime | None = None
) -> CorrectionRow:
    """As it stands: opened, decided, or given up (`result` without a decision)."""
    lines = result.lines if result else []
    return CorrectionRow(
        key=correction.id,
        review=correction.ground.review.id,
        status=result.status if result else CorrectionStatus.OPEN,
        opened_at=correction.opened_at,
        opened_by=correction.opened_by,
        reasons_ref=correction.reasons_ref,
        evidence=list(correction.evidence),
        due=correction.due,
        decided_at=at,
        decided_by=decision.actor.sub if decision else None,
        decision_ref=decision.reasons_ref if decision else None,
        lines=[_told(correction.ground.review, line) for line in lines],
        shares=[share.model_dump(mode="json") for share in result.shares] if result else [],
    )


def _told(review: Review, line: Line) -> dict[str, object]:
    [before] = [was.remaining for was in review.lines if was.key == line.key]
    return {"key": line.key, "code": line.clause, "branch": line.unit, "before": before, "remaining": line.remaining}


def check_open(result: Corrected | None) -> None:
    if result is not None:
        raise WrongStage(f"This correction is {result.status}; a review is corrected once.")
