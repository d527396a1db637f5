"""The ruling (裁定): lines by clause, shares that make a whole, and what is ruled from the matrix without a hearing (简易裁定).

A fault is judged by the day it happened; what happened once is penalised once per unit and clause, and all penalties of a
complaint together, those for lateness too, have a cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from domain.case import Case
from domain.commands import ClauseLine, Penalised, ShareLine
from domain.errors import RuleBroken, Unacceptable
from domain.penalty_lines import Event, Terms, further, line_of, record_only, spared
from domain.plan import Clause
from domain.reviews import Line, Review, Share
from domain.values import Fen, LatenessState, Party, RuledBy, Stance

_PARTIES_WITH_A_UNIT = (Party.ORIGIN, Party.DESTINATION, Party.HUB, Party.HQ)


class UnknownClause(Unacceptable):
    """A penalty without a clause of the pinned rulebook cannot exist."""


class SharesNotWhole(Unacceptable):
    """The shares of an advance make 100 % together, or there is nothing to share."""


class StatementAwaited(RuleBroken):
    """A respondent may still make its statement."""


class PenalisedAlready(RuleBroken):
    """One event is penalised once per unit and clause."""


def day_of(case: Case, at: datetime) -> date:
    return case.calendar().local_date(at)


def penalised(case: Case, but: Review | None = None) -> dict[Event, str]:
    """What stands against units here and in what this complaint continues, with the review or lateness line it stands in."""
    received = day_of(case, case.intake.received_at)
    ruled = {
        (line.unit, line.clause, line.happened_on or received): review.id
        for review in case.reviews.values()
        if review is not but
        for line in review.lines
        if line.remaining
    }
    late = {
        (line.unit, line.clause, line.happened_on): line.key
        for line in case.lateness.values()
        if line.state is not LatenessState.WAIVED
    }
    before = case.intake.before.penalised if case.intake.before else ()
    continued = {(told.unit, told.clause, told.happened_on or received): told.complaint for told in before}
    return continued | ruled | late


def charged_so_far(case: Case, but: Review | None = None) -> Fen:
    """What counts towards the complaint's cap: charged lines of other reviews, and lateness lines that were not waived."""
    ruled = [line for review in case.reviews.values() if review is not but for line in review.lines]
    late = [line for line in case.lateness.values() if line.state is not LatenessState.WAIVED]
    return sum(line.remaining for line in ruled if line.charged) + sum(line.amount for line in late if line.charged)


# -- penalty lines


def terms_of(case: Case, review: Review, now: datetime) -> Terms:
    """What a ruling made now goes by."""
    return Terms(
        plan=case.plan.penalties,
        severity=review.severity,
        received=day_of(case, case.intake.received_at),
        ruled=day_of(case, now),
        climbed_by=tuple(case.climbed_by),
        record_only=case.dated.record_only,
        found=day_of(case, case.found.at) if case.found else None,
    )


def ruled_lines(
    case: Case, review: Review, now: datetime, clauses: Sequence[ClauseLine], elsewhere: Sequence[Penalised] = ()
) -> list[Line]:
    """The penalty lines of a ruling, in fen: clause × parcels × multiplier, together under the complaint's cap.

    The multiplier for repeat and severe falls only on the unit whose act made severity climb. `elsewhere` is what stands in other
    complaints about the parcel. Raises UnknownClause, PenalisedAlready, Unacceptable.
    """
    plan, lines, terms = case.plan.penalties, list[Line](), terms_of(case, review, now)
    stands = penalised(case, but=review) | {(e.unit, e.clause, e.happened_on): e.complaint for e in elsewhere}
    left = max(plan.cap - charged_so_far(case, but=review), 0)
    for number, given in enumerate(clauses, 1):
        clause = plan.clauses.get(given.code)
        if clause is None:
            version = case.plan.version
            raise UnknownClause(f"Clause {given.code} is not in the rulebook this complaint was received under ({version}).")
        event = _event(case, _unit_of(given, review), given, stands)
        if any((line.unit, line.clause, line.happened_on) == event for line in lines):
            raise Unacceptable(
                f"Clause {given.code} stands twice for {event[0]}; one event is penalised once per unit and clause."
            )
        check_new(event, clause, stands)
        line = line_of(terms, f"{review.id}:{number}", given, event, left)
        left -= line.amount if line.charged else 0
        stands |= {event: "this ruling"} if clause.once else {}
        lines.append(line)
    return lines


def _event(case: Case, unit: str, given: ClauseLine, stands: dict[Event, str]) -> Event:
    """Where no day is said, it is the event that stands already, or else what the complaint was received about."""
    known = next((day for (who, code, day) in stands if (who, code) == (unit, given.code)), None)
    return unit, given.code, given.happened_on or known or day_of(case, case.intake.received_at)


def check_new(event: Event, clause: Clause, stands: dict[Event, str]) -> None:
    """Raises PenalisedAlready."""
    unit, code, day = event
    if event in stands:
        raise PenalisedAlready(
            f"{unit} is penalised under {code} for {day} in {stands[event]}; one event is penalised once per unit and clause. "
            "Another event has a day of its own: say `happened_on`."
        )
    if clause.once and (other := next((at for (_, c, _), at in stands.items() if c == code), None)):
        raise PenalisedAlready(f"Clause {code} is applied once in a complaint, and it was in {other}.")


def _unit_of(line: ClauseLine, review: Review) -> str:
    if line.branch is None:
        if len(review.respondents) == 1:
            return review.respondents[0]
        raise Unacceptable(f"Clause {line.code} needs a branch: this review has {len(review.respondents)} respondents.")
    if line.branch not in review.respondents:
        raise Unacceptable(
            f"{line.branch} is not a respondent of this review; its respondents are {', '.join(review.respondents)}."
        )
    return line.branch


def judged_today(case: Case, review: Review) -> list[Line]:
    """The lines when they become final: a record-only period may have been set, or taken back, since the ruling.

    What is charged after all is charged as far as the complaint's cap leaves room.
    """
    received, periods = day_of(case, case.intake.received_at), case.dated.record_only
    left = max(case.plan.penalties.cap - charged_so_far(case, but=review), 0)
    left -= sum(line.remaining for line in review.lines if line.charged)
    lines: list[Line] = []
    for line in review.lines:
        day = line.happened_on or received
        charged = not record_only(periods, day) if line.remaining else line.charged
        if line.charged and not charged:
            line = further(line, *spared(day))
        if charged and not line.charged:
            remaining = min(line.remaining, max(left, 0))
            zh, en = (f"，至多 {remaining} 分", f", up to {remaining} fen") if remaining < line.remaining else ("", "")
            line = further(line, f"；不再豁免，照常收取{zh}", f"; charged after all{en}", remaining=remaining)
            left -= remaining
        lines.append(line.model_copy(update={"charged": charged}))
    return lines


# -- share lines


def advance_of(case: Case, review: Review) -> Fen:
    return case.rounds[review.round - 1].paid


def shares_of(case: Case, review: Review, given: Sequence[ShareLine]) -> list[Share]:
    units = {party: case.unit_of(party) for party in _PARTIES_WITH_A_UNIT}
    return ruled_shares(given, units, case.units, paid=advance_of(case, review))


def ruled_shares(given: Sequence[ShareLine], units: dict[Party, str | None], known: Sequence[str], *, paid: Fen) -> list[Share]:
    """The shares of the advance as units; 100 % together, or none when the round paid nothing."""
    if not given:
        if paid:
            raise SharesNotWhole(f"The round paid {paid} fen: say who bears it, 100 % together.")
        return []
    if not paid:
        raise SharesNotWhole("The round paid nothing; there is no advance to share.")
    total = sum(share.share for share in given)
    if total != 100:
        raise SharesNotWhole(f"The shares make {total} %; they must make 100 % together.")
    shares: list[Share] = []
    for share in given:
        if share.branch is None and share.party is None:
            raise Unacceptable("A share names a party or a branch.")
        unit = share.branch if share.branch is not None else units.get(share.party) if share.party else None
        if share.branch is not None and share.branch not in known:
            raise Unacceptable(f"{share.branch} has no part in this complaint; it cannot bear a share of it.")
        if unit is None and share.party not in (Party.CUSTOMER, Party.FORCE_MAJEURE):
            raise Unacceptable(f"This complaint has no {share.party}; name the branch instead.")
        shares.append(Share(party=share.party, unit=unit, share=share.share))
    return shares


# -- ruled from the matrix


def shares_of_the_matrix(case: Case, review: Review) -> list[Share]:
    """Who bears the advance as the findings have it; nothing where nothing was paid."""
    findings = case.rounds[review.round - 1].findings
    if findings is None or not advance_of(case, review):
        return []
    return [Share(party=p.party, unit=case.unit_of(p.party, p.branch), share=p.share) for p in findings.liable]


def clauses_of_the_matrix(case: Case, review: Review) -> list[ClauseLine]:
    """The clauses of the findings' cause, for each respondent, as far as the event was not penalised already."""
    stands = {(unit, clause) for unit, clause, _ in penalised(case, but=review)}
    lines: list[ClauseLine] = []
    for code in _codes(case, review):
        once = case.plan.penalties.clauses[code].once
        if once and any(clause == code for _, clause in stands):
            continue
        lines += [ClauseLine(code=code, branch=unit) for unit in review.respondents if (unit, code) not in stands][
            : 1 if once else None
        ]
    return lines


def _codes(case: Case, review: Review) -> list[str]:
    """Of the findings' cause; of what HQ quality opened itself, those that it is about."""
    if review.opened_by is not None:
        return review.about
    findings = case.rounds[review.round - 1].findings
    cause = case.plan.causes.get(findings.cause_code) if findings and findings.cause_code else None
    return [code for code in cause.clauses if code in case.plan.penalties.clauses] if cause else []


def _told_by_the_matrix(case: Case, review: Review) -> bool:
    """What HQ quality opened is ruled by rule where it named the clauses, and the findings say who bears what was paid."""
    findings = case.rounds[review.round - 1].findings
    liable = {case.unit_of(p.party, p.branch) for p in findings.liable} if findings else set()
    return bool(review.about) and (not advance_of(case, review) or set(review.respondents) <= liable)


def summary(case: Case, review: Review) -> RuledBy | None:
    """Why it is ruled without a hearing, or None: admitted, agreed, or small and not contested.

    A side that said no to a summary ruling has its hearing, and so has a unit in an emergency that exempts: it is weighed.
    """
    plan, paid = case.plan.penalties.summary, advance_of(case, review)
    nothing = not clauses_of_the_matrix(case, review) and not shares_of_the_matrix(case, review)
    if plan is None or review.contested or nothing or case.exemptions(review.respondents):
        return None
    if review.opened_by is not None and not _told_by_the_matrix(case, review):
        return None
    if review.agreed is not None:
        return RuledBy.AGREED
    stances = {made.unit: made.stance for made in review.statements}
    if all(stances.get(unit) is Stance.ADMITS for unit in review.respondents):
        return RuledBy.ADMITTED
    uncontested = all(stance is Stance.ADMITS for stance in stances.values())
    small = paid <= plan.up_to and len(_codes(case, review)) <= plan.clauses
    return RuledBy.SMALL if small and uncontested else None
