"""更正: within 30 days of its finality a review is corrected once, by reversing entries and never by an edit (domain §2.4).

A correction changes what remains of lines, restates the shares, and adds lines against units that were heard in the review. What
the rulebook gives back because the parcel was found is posted the same way, by rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, Field

from domain import postings
from domain.commands import Actor, ClauseLine, Penalised, ShareLine
from domain.errors import NotPermitted, RuleBroken, TookPart, Unacceptable, WrongStage
from domain.months import BUSINESS_ZONE
from domain.penalty_lines import Event, Terms, further, line_of
from domain.plan import Frozen, PenaltyPlan, Period
from domain.record import CorrectionRow, PostingRow
from domain.reviews import Line, Review, Share, borne
from domain.rulings import UnknownClause, check_new, ruled_shares
from domain.values import CorrectionStatus, Fen, LedgerKind, Party, Role

DECIDERS = frozenset({Role.HQ_REVIEWER, Role.HQ_SUPERVISOR})


class CorrectedAlready(RuleBroken):
    """A review is corrected once."""


class NotHeard(Unacceptable):
    """Only a unit that was heard in a review is penalised in its correction."""


class TooLateToCorrect(RuleBroken):
    """The time to correct a final review is over."""


class Ground(Frozen):
    """What a correction is decided on: the review as it became final, what was posted for it and stands, who had a part in it.

    `paid` are the payments of the round (fen by key); `parties` the units that the parties of the complaint are; `room` is what
    the complaint's other penalties leave of its cap (fen). `plan` says what clauses allow, `received` and `found` when the
    complaint was received and its parcel found; `stands` is what is penalised elsewhere.
    """

    number: str
    review: Review
    owner: str
    paid: dict[str, Fen] = Field(default_factory=dict)
    standing: tuple[PostingRow, ...] = ()
    plan: PenaltyPlan
    received: date
    ruled: date
    found: date | None = None
    record_only: tuple[Period, ...] = ()
    stands: tuple[Penalised, ...] = ()
    parties: dict[Party, str | None] = Field(default_factory=dict)
    units: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    room: Fen | None = None

    @property
    def terms(self) -> Terms:
        held = {name: getattr(self, name) for name in ("plan", "received", "ruled", "found", "record_only")}
        return Terms(severity=self.review.severity, climbed_by=tuple(self.review.climbed_by), **held)


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
    """What shall remain of lines (`amount`, fen), which are `added`, and how the advance shall be shared; none: not corrected.

    `ground` is what stands when it is decided: since the correction was opened a payment may have come back.
    """

    actor: Actor
    reasons_ref: str
    lines: tuple[ClauseLine, ...] = ()
    shares: tuple[ShareLine, ...] | None = None
    ground: Ground | None = None
    added: tuple[ClauseLine, ...] = ()


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
    changed_lines = [_changed(correction, said) for said in decision.lines]
    if len({line.key for line in changed_lines}) != len(changed_lines):
        raise Unacceptable("A line is corrected once; say what remains of it.")
    before = {line.key: line.remaining for line in ground.review.lines}
    changed_lines = [line for line in changed_lines if line.remaining != before[line.key]]
    left = _left(ground, {line.key: line for line in changed_lines})
    lines = [*changed_lines, *_added(correction, decision.added, left, now)]
    _check_lapsed(ground.review, lines, ground.received)
    entries = moved(correction, lines, now)
    shares = list(ground.review.shares)
    if decision.shares is not None:
        stated = ruled_shares(decision.shares, ground.parties, ground.units, paid=sum(ground.paid.values()))
        if borne(stated) != borne(shares):
            shares, entries = stated, [*entries, *_shares(correction, stated, now)]
    changed = bool(lines) or shares != list(ground.review.shares)
    status = CorrectionStatus.CORRECTED if changed else CorrectionStatus.DISMISSED
    return Corrected(status=status, lines=lines, shares=shares if changed else [], postings=entries)


def _changed(correction: Correction, said: ClauseLine) -> Line:
    review = correction.ground.review
    found = [line for line in review.lines if line.is_meant(said.code, said.branch, said.happened_on)]
    if len(found) > 1:
        raise Unacceptable(f"{said.code} stands {len(found)} times; say which line is meant: `branch`, `happened_on`.")
    if not found:
        raise Unacceptable(f"Line {said.code} of {said.branch or 'the respondent'} is not one line of {review.id}.")
    [line] = found
    if said.amount is None or said.amount > line.full:
        raise Unacceptable(f"Say what shall remain of {said.code}: from nothing to {line.full} fen, which its clause allows.")
    zh, en = f"；经 {correction.id} 更正为 {said.amount} 分", f"; corrected to {said.amount} fen by {correction.id}"
    return further(line, zh, en, remaining=said.amount)


def _check_lapsed(review: Review, lines: Sequence[Line], received: date) -> None:
    """HQ ruled or decided too late: what lapsed with that stays gone, whatever comes to light; shares may be put right."""
    if not review.lapsed:
        return
    gone = {(line.unit, line.clause, line.happened_on or received) for line in review.lines if not line.remaining}
    for line in lines:
        back = (line.unit, line.clause, line.happened_on or received) in gone
        if line.remaining and (back or review.ruled_at is None):
            raise Unacceptable(
                f"Headquarters was too late: in {review.id} the penalty of {line.unit} under {line.clause} lapsed."
            )


def _left(ground: Ground, changed: Mapping[str, Line]) -> Fen:
    """What the cap on all penalties of the complaint leaves; a line is raised to what its clause allows, as far as that does."""
    before = ground.review.lines
    raised = any(changed[line.key].remaining > line.remaining for line in before if line.key in changed)
    together = sum(line.remaining for line in (changed.get(line.key, line) for line in before) if line.charged)
    if raised and ground.room is not None and together > ground.room:
        raise Unacceptable(
            f"So corrected, the penalties of this review make {together} fen; the cap of the complaint leaves {ground.room} fen."
        )
    return max((ground.plan.cap if ground.room is None else ground.room) - together, 0)


def _added(correction: Correction, given: Sequence[ClauseLine], left: Fen, now: datetime) -> list[Line]:
    """New evidence shows that a unit which was heard broke a clause as well; one event is penalised once, here and elsewhere."""
    ground, lines = correction.ground, list[Line]()
    review, plan = ground.review, ground.plan
    stands: dict[Event, str] = {(e.unit, e.clause, e.happened_on): e.complaint for e in ground.stands}
    stands |= {
        (line.unit, line.clause, line.happened_on or ground.received): review.id for line in review.lines if line.remaining
    }
    for number, said in enumerate(given, 1):
        clause = plan.clauses.get(said.code)
        if clause is None:
            raise UnknownClause(f"Clause {said.code} is not in the rulebook this complaint was received under.")
        event = (_heard(review, said), said.code, said.happened_on or ground.received)
        if event[2] > now.astimezone(BUSINESS_ZONE).date():
            raise Unacceptable(f"{event[2]} is yet to come; a fault is judged by the day it happened.")
        check_new(event, clause, stands)
        line = line_of(ground.terms, f"{correction.id}:{number}", said, event, left)
        left -= line.amount if line.charged else 0
        stands[event] = "this correction"
        lines.append(line)
    return lines


def _heard(review: Review, said: ClauseLine) -> str:
    unit = review.respondents[0] if said.branch is None and len(review.respondents) == 1 else said.branch
    if unit is None:
        raise Unacceptable(f"Clause {said.code} needs a branch: {review.id} has {len(review.respondents)} respondents.")
    if unit not in review.respondents:
        raise NotHeard(
            f"{unit} was not heard in {review.id}: a correction penalises only units that could make a statement "
            f"in it ({', '.join(review.respondents)}). HQ quality opens a review for another unit."
        )
    return unit


def moved(correction: Correction, lines: Sequence[Line], now: datetime) -> list[PostingRow]:
    """What stands for these lines is reversed, and what remains of them posted anew."""
    return [row for line in lines for row in _penalty(correction, line, now)]


def _penalty(correction: Correction, line: Line, now: datetime) -> list[PostingRow]:
    """The penalty anew; what a record-only period spared stays uncharged."""
    ground = correction.ground
    before = [row for row in ground.standing if row.kind is LedgerKind.PENALTY and postings.is_penalty_of(row, line.key)]
    reversals = [postings.reversed_(row, now) for row in before]
    if not line.remaining or not line.charged:
        return reversals
    new = line.key.startswith(f"{correction.id}:")
    renamed = line if new else line.model_copy(update={"key": f"{correction.id}:{line.key}"})
    return [*reversals, postings.penalty(ground.review, renamed, ground.plan.clauses[line.clause], now)]


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
    before = next((was.remaining for was in review.lines if was.key == line.key), 0)
    said = {"key": line.key, "code": line.clause, "branch": line.unit, "before": before, "remaining": line.remaining}
    words = {"arithmetic": line.arithmetic, "arithmetic_zh": line.arithmetic_zh}
    return said | {"happened_on": line.happened_on.isoformat() if line.happened_on else None} | words


def check_open(result: Corrected | None) -> None:
    if result is not None:
        raise WrongStage(f"This correction is {result.status}; a review is corrected once.")
