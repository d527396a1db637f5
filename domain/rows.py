"""How a case is told to the register: its parts as rows (see domain/record.py)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.case import Case
from domain.commands import ReplyToQuery
from domain.ladders import late_clock
from domain.obligations import Obligation
from domain.offers import Offer
from domain.reckoning import Step, yuan
from domain.record import (
    CompensationRow,
    DelayRow,
    ExchangeRow,
    FindingsRow,
    LatenessRow,
    LineRow,
    ObligationRow,
    PauseRow,
    PaymentRow,
    PromiseRow,
    ReviewRow,
)
from domain.reviews import LatenessLine, Line, Review
from domain.rounds import Findings, Query, Round
from domain.timekeeping import DelayRequest, Pause, Promise


def obligation_row(case: Case, obligation: Obligation) -> ObligationRow:
    step = obligation.steps[0] if obligation.steps and obligation.is_open else None
    held = {name: getattr(obligation, name) for name in ObligationRow.model_fields if hasattr(obligation, name)}
    role, unit = (step.role, step.unit) if step else (None, None)
    return ObligationRow(**held, next_role=role, next_unit=unit, late_clock=late_clock(case, obligation))


def pause_row(pause: Pause) -> PauseRow:
    held = {name: getattr(pause, name) for name in PauseRow.model_fields if hasattr(pause, name)}
    return PauseRow(key=pause.id, set_by=pause.by, **held)


def delay_row(asked: DelayRequest, **decided: Any) -> DelayRow:
    held = asked.model_dump(include={"obligation", "owed", "until", "reason_ref", "granted"})
    return DelayRow(key=asked.id, asked_at=asked.at, asked_by=asked.by, **held, **decided)


def promise_row(made: Promise, words_ref: str | None = None) -> PromiseRow:
    held = made.model_dump(include={"what_ref", "unit", "due", "kept_at"})
    return PromiseRow(key=made.id, promised_at=made.at, promised_by=made.by, words_ref=words_ref, **held)


def lateness_row(line: LatenessLine) -> LatenessRow:
    objection = line.objection.model_dump(mode="json") if line.objection else None
    held = line.model_dump(exclude={"objection", "happened_on"})
    return LatenessRow(**held, objection=objection)


def findings_row(
    case: Case, findings: Findings, *, resolved_on_spot: bool = False, returned_ref: str | None = None
) -> FindingsRow:
    return FindingsRow(
        key=findings.key,
        round=case.round.number,
        validity=findings.validity,
        cause_ref=findings.cause_ref,
        cause_code=findings.cause_code,
        category=case.category,
        remedy_ref=findings.remedy_ref,
        liable=[{**p.model_dump(mode="json"), "unit": case.unit_of(p.party, p.branch)} for p in findings.liable],
        facts=findings.facts.model_dump(mode="json", exclude_none=True),
        resolved_on_spot=resolved_on_spot,
        submitted_at=findings.at,
        submitted_by=findings.by,
        returned_ref=returned_ref,
    )


def exchange_row(query: Query, round: int, reply: ReplyToQuery | None = None, at: datetime | None = None) -> ExchangeRow:
    return ExchangeRow(
        key=query.id,
        round=round,
        asker=query.asker,
        asked=query.asked,
        question_ref=query.question_ref,
        asked_at=query.at,
        asked_by=query.by,
        reply_ref=reply.words_ref if reply else None,
        confirms=reply.confirms if reply else None,
        replied_at=at,
        replied_by=reply.actor.sub if reply else None,
    )


def compensation_row(round: Round) -> CompensationRow:
    """The round's money as it stands: the last offer, and what was approved and paid of all; what came back counts no more."""
    last = round.offers[-1] if round.offers else None
    approved = [o.amount for o in round.offers if o.approved_by and (o is last or o.stands)]
    return CompensationRow(
        round=round.number,
        computed=round.computed,
        proposed=_proposed(last) - last.elsewhere if last else None,
        approved=sum(approved) if approved else None,
        paid=round.paid,
        state=last.state.value if last else "nothing_owed",
        explanation=[*round.explanation, *_proposal(round, last), *_elsewhere(last)],
        missing=round.missing,
        maker=last.makers[0] if last else None,
        approved_by=last.approved_by if last else None,
        reason_ref=last.reason_ref if last else None,
    )


def _proposed(offer: Offer) -> int:
    return offer.proposed or offer.amount + offer.over


def _proposal(round: Round, offer: Offer | None) -> list[dict[str, Any]]:
    """What somebody proposed instead of the computed amount, beside it; a step that adds nothing to the reckoning."""
    had = 0 if offer is None or offer.over else sum(o.had for o in round.offers if o is not offer) - offer.elsewhere
    if offer is None or offer.reason_ref is None or (_proposed(offer) == round.computed and not had):
        return []
    proposed, computed = yuan(_proposed(offer)), yuan(round.computed or 0)
    text = {
        "zh": f"规则计算 {computed}，经办人提出 {proposed}，理由见记录。",
        "en": f"The rulebook computes {computed}; {proposed} was proposed instead, for the reason on record.",
    }
    if had:
        text = {
            "zh": f"规则计算 {computed}，客户已得 {yuan(had)}，经办人另提出 {proposed}，理由见记录。",
            "en": f"The rulebook computes {computed}, of which the customer has {yuan(had)}; {proposed} was proposed besides, "
            "for the reason on record.",
        }
    return [Step(rule="proposed", text=text, facts={"proposed": _proposed(offer)}).model_dump(mode="json")]


def _elsewhere(offer: Offer | None) -> list[dict[str, Any]]:
    """What of the offer a platform had paid already, and what that leaves; a step that adds nothing to the reckoning either."""
    if offer is None or not offer.elsewhere:
        return []
    paid, left = yuan(offer.elsewhere), yuan(offer.amount)
    text = {
        "zh": f"其中 {paid} 已由平台等另行赔付或退款，不重复支付，余 {left}。",
        "en": f"{paid} of it was settled elsewhere and is not paid again; {left} is left.",
    }
    return [Step(rule="settled_elsewhere", text=text, facts={"settled_elsewhere": offer.elsewhere}).model_dump(mode="json")]


def payment_row(offer: Offer, round: int, payee_ref: str | None, now: datetime, *, unknown: bool = False) -> PaymentRow:
    return PaymentRow(
        key=offer.key,
        round=round,
        amount=offer.amount,
        state="unknown" if unknown else offer.state.value,
        provider=offer.provider,
        payee_ref=payee_ref,
        reference=offer.reference,
        sent_at=offer.sent_at or now,
        settled_at=None if offer.in_flight else now,
    )


def review_row(review: Review) -> ReviewRow:
    ruling = None
    if review.ruled_at is not None:
        ruling = {
            "clauses": [_clause(line) for line in review.lines],
            "shares": [{"party": share.party, "branch": share.unit, "share": share.share} for share in review.shares],
            "exemptions": list(review.exemptions),
            "how": review.ruled_how.value,
            "advance": review.advance,
            "facts": review.facts,
            "climbed_by": review.climbed_by,
            "reasons_ref": review.reasons_ref,
            "ruled_by": review.ruled_by,
            "ruled_at": review.ruled_at.isoformat(),
        }
    decision = None
    if review.decision is not None:
        decision = {"outcome": review.decision.value, "reasons_ref": review.decision_ref, "by": review.decided_by}
    return ReviewRow(
        key=review.id,
        round=review.round,
        status=review.status,
        severity=review.severity,
        claimant=review.claimant,
        respondents=review.respondents,
        statements=[statement.model_dump(mode="json") for statement in review.statements],
        agreements=[agreement.model_dump(mode="json") for agreement in review.agreements],
        contested=[said.model_dump(mode="json") for said in review.contested],
        ruling=ruling,
        appeals=[appeal.model_dump(mode="json") for appeal in review.appeals],
        appeal_decision=decision,
        opened_at=review.opened_at,
        opened_by=review.opened_by,
        opening_ref=review.opening_ref,
        about=review.about,
        evidence=list(review.evidence),
        final_at=review.final_at,
        lapsed=review.lapsed,
    )


def _clause(line: Line) -> dict[str, Any]:
    """A line as it was ruled, in the words of the ruling; `full` is what the clause allows, `remaining` what an appeal left."""
    held = line.model_dump(mode="json", exclude={"key", "unit", "clause"})
    return {"code": line.clause, "branch": line.unit, **held}


def line_rows(review: Review, lines: list[Line] | None = None, *, final: bool = False) -> list[LineRow]:
    """The review's lines, or others of it that stand no more."""
    return [
        LineRow(
            key=line.key,
            review=review.id,
            unit=line.unit,
            clause=line.clause,
            parcels=line.parcels,
            amount=line.amount,
            appealed=line.appealed.value if line.appealed else None,
            remaining=line.remaining,
            final=final,
            happened_on=line.happened_on,
            charged=line.charged,
            arithmetic=line.arithmetic,
            arithmetic_zh=line.arithmetic_zh or None,
            found=line.found,
        )
        for line in (review.lines if lines is None else lines)
    ]
