"""HQ quality opens a review itself: against whom, of which round, and until when (domain §2.2, §2.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.case import HQ, Case
from domain.commands import Actor, OpenReview
from domain.errors import RuleBroken, TookPart, Unacceptable, WrongStage
from domain.plan import Frozen
from domain.recusal import check_of_no_side
from domain.reviews import Review
from domain.rounds import Round
from domain.rulings import UnknownClause, day_of
from domain.values import Outcome, ReviewStatus

OPENING = "opening of a review"


class ReviewedAlready(RuleBroken):
    """A round is reviewed once."""


class TooLateToOpen(RuleBroken):
    """The time in which HQ quality opens a review itself is over."""


class Undone(Frozen):
    """Entries of a closed complaint, by key, that one which continues it (`by`) reversed: reviews opened later hold them too."""

    by: str
    postings: tuple[str, ...]


def later_reviews(number: str) -> str:
    """The process of the reviews that were opened after a complaint's own process had ended."""
    return f"{number}-reviews"


def round_settled(case: Case, round: Round) -> bool:
    """What was found is on record, its money is decided, and the customer has an answer or the money: it can be ruled on."""
    return round.validity is not None and round.money_decided and (case.resolved or round.paid > 0)


def check_opening(case: Case, opening: OpenReview, now: datetime) -> None:
    """Raises TookPart, WrongStage, TooLateToOpen, ReviewedAlready, UnknownClause, Unacceptable."""
    _check_opener(case, opening.actor)
    number, days = case.intake.number, case.plan.penalties.opened_until_days
    if Outcome.MERGED in (case.ended, case.outcome):
        raise WrongStage(f"{number} was merged into {case.merged_into}, where its matter goes on; open the review there.")
    if case.closed_at is not None and now > case.closed_at + timedelta(days=days):
        closed = day_of(case, case.closed_at)
        raise TooLateToOpen(f"HQ quality opens a review until {days} days after closing; {number} was closed on {closed}.")
    round = _round(case, opening)
    if (there := next((r for r in case.reviews.values() if r.round == round.number), None)) is not None:
        raise ReviewedAlready(
            f"{there.id} is the review of round {round.number}, opened on {day_of(case, there.opened_at)}; a round is reviewed "
            "once. What is wrong with it is put right in an appeal or, once it is final, in a correction."
        )
    for code in opening.clauses:
        if code not in case.plan.penalties.clauses:
            raise UnknownClause(f"Clause {code} is not in the rulebook {number} was received under ({case.plan.version}).")
    units = [respondent.branch for respondent in opening.respondents]
    if not units or len(set(units)) != len(units):
        raise Unacceptable("A review has respondents, each named once.")
    if unknown := [unit for unit in units if unit not in case.units_known and unit not in {u.code for u in opening.units}]:
        raise Unacceptable(f"There is no unit {unknown[0]} in the network.")


def _check_opener(case: Case, actor: Actor) -> None:
    """Who opens it claims, and does not judge: having decided something is no bar, standing too near is."""
    check_of_no_side(case, actor)
    if "recusal" in case.took_part.get(actor.sub, ()):
        raise TookPart("You recused yourself from this complaint; somebody else must do this.")


def _round(case: Case, opening: OpenReview) -> Round:
    wanted = opening.round or case.round.number
    if wanted > len(case.rounds):
        raise Unacceptable(f"{case.intake.number} has had {len(case.rounds)} rounds; there is no round {wanted} to review.")
    return case.rounds[wanted - 1]


def opened(case: Case, opening: OpenReview, now: datetime) -> Review:
    """The review as HQ quality claims it; of a round whose money is still being decided it is ruled on when that is done."""
    round = _round(case, opening)
    under_way = round is case.round and case.ended is None and case.closed_at is None
    return Review(
        id=f"{case.intake.number}-R{round.number}",
        round=round.number,
        severity=case.severity,
        claimant=HQ,
        claimant_is_quality=True,
        respondents=[respondent.branch for respondent in opening.respondents],
        opened_at=now,
        opened_by=opening.actor.sub,
        opening_ref=opening.reasons_ref,
        about=list(dict.fromkeys(opening.clauses)),
        evidence=opening.evidence,
        awaits_money=under_way and not round_settled(case, round),
    )


def may_be_joined(review: Review) -> bool:
    """HQ quality opened it before the findings were in: the units they name belong into it, as long as nothing is ruled."""
    return review.opened_by is not None and review.status is ReviewStatus.STATEMENT


def held_back(case: Case, review: Review) -> bool:
    """Nobody rules on a round whose money is not decided; a round that is over, or a complaint that ended, waits no longer."""
    return review.awaits_money and case.ended is None and review.round == case.round.number
