"""The HQ penalty review (仲裁): who answers for what, by clause and by share, and what an appeal leaves of it (domain §2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from domain.commands import ClauseLine, DecideAppeal, Rule, ShareLine
from domain.errors import RuleBroken, Unacceptable
from domain.plan import PenaltyPlan
from domain.record import PostingRow
from domain.values import AppealOutcome, Fen, Party, ReviewStatus, Severity, Stance


class UnknownClause(Unacceptable):
    """A penalty without a clause of the pinned rulebook cannot exist."""


class SharesNotWhole(Unacceptable):
    """The shares of an advance make 100 % together, or there is nothing to share."""


class AppealInvariant(Unacceptable):
    """Overturn recovers all, partial some, sustain nothing."""


class StatementAwaited(RuleBroken):
    """A respondent may still make its statement."""


class Statement(BaseModel):
    unit: str
    stance: Stance
    statement_ref: str
    at: datetime
    by: str


class Line(BaseModel):
    """A penalty line; `remaining` is what an appeal left of `amount` (fen). `arithmetic` says how it came about."""

    key: str
    unit: str
    clause: str
    parcels: int
    amount: Fen
    remaining: Fen
    full: Fen
    arithmetic: str
    appealed: AppealOutcome | None = None


class Share(BaseModel):
    """A party's percent of the round's advance; `unit` None is borne by the owner (customer, force majeure)."""

    party: Party | None = None
    unit: str | None = None
    share: int


class SideAppeal(BaseModel):
    unit: str
    reasons_ref: str
    at: datetime
    by: str


class Review(BaseModel):
    """One review of one round: its lines and shares as ruled, then as the appeal leaves them."""

    id: str
    round: int
    severity: Severity
    claimant: str
    claimant_is_quality: bool
    respondents: list[str]
    opened_at: datetime
    status: ReviewStatus = ReviewStatus.STATEMENT
    statements: list[Statement] = []
    lines: list[Line] = []
    shares: list[Share] = []
    ruled_by: str | None = None
    ruled_at: datetime | None = None
    reasons_ref: str | None = None
    exemptions: tuple[str, ...] = ()
    appeals: list[SideAppeal] = []
    decided_by: str | None = None
    decision_ref: str | None = None
    decision: AppealOutcome | None = None
    lapsed: bool = False
    postings: list[PostingRow] = []
    final_at: datetime | None = None

    @property
    def sides(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([self.claimant, *self.respondents]))

    @property
    def appealed_lines(self) -> list[Line]:
        """A respondent's appeal touches its own lines, the claimant's all."""
        by = {appeal.unit for appeal in self.appeals}
        return [line for line in self.lines if line.unit in by or self.claimant in by]


def ruled_lines(review: Review, ruling: Rule, plan: PenaltyPlan, *, climbed_by: Sequence[str], already: Fen) -> list[Line]:
    """The penalty lines of a ruling, in fen: clause × parcels × multiplier, together under the complaint's cap.

    The multiplier for repeat and severe falls only on the unit whose act made severity climb. `already` is what earlier
    reviews of the complaint have ruled. Raises UnknownClause, Unacceptable.
    """
    lines: list[Line] = []
    left = max(plan.cap - already, 0)
    for number, given in enumerate(ruling.clauses, 1):
        clause = plan.clauses.get(given.code)
        if clause is None:
            raise UnknownClause(f"Clause {given.code} is not in the rulebook this complaint was received under.")
        unit = _unit_of(given, review)
        if any(line.unit == unit and line.clause == given.code for line in lines):
            raise Unacceptable(f"Clause {given.code} stands twice for {unit}; one event is penalised once per unit and clause.")
        percent = plan.multipliers[review.severity] if clause.multiplied and unit in climbed_by else 100
        full = clause.amount * given.parcels * percent // 100
        if given.amount is not None and given.amount > full:
            raise Unacceptable(f"Clause {given.code} allows at most {full} fen here; {given.amount} fen was asked.")
        wanted = full if given.amount is None else given.amount
        amount = min(wanted, left)
        left -= amount
        arithmetic = f"{clause.amount} fen × {given.parcels} × {percent} %"
        if amount < wanted:
            arithmetic += f", cut to {amount} fen by the cap of {plan.cap} fen a complaint"
        key = f"{review.id}:{number}"
        parcels = given.parcels
        lines.append(
            Line(
                key=key,
                unit=unit,
                clause=given.code,
                parcels=parcels,
                amount=amount,
                remaining=amount,
                full=full,
                arithmetic=arithmetic,
            )
        )
    return lines


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


def split(amount: Fen, shares: Sequence[Share]) -> list[Fen]:
    """Split fen by percent with the largest remainder: the parts sum to the amount, ties go to the earlier share."""
    exact = [amount * share.share for share in shares]
    parts = [value // 100 for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (-(exact[i] % 100), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def decided_lines(review: Review, decision: DecideAppeal) -> list[Line]:
    """The lines as an appeal decision leaves them; what nobody appealed against stands.

    A respondent's line: overturn leaves nothing, partial less than ruled and more than nothing, sustain all of it.
    Where only the claimant appealed a line, it may be raised to the clause's full amount, never cut. Raises AppealInvariant.
    """
    touched = {(line.clause, line.unit) for line in review.appealed_lines}
    own = {}
    for said in decision.lines:
        matching = [key for key in touched if key[0] == said.code and said.branch in (None, key[1])]
        if len(matching) != 1:
            raise Unacceptable(f"Line {said.code} of {said.branch or 'the respondent'} is not one that was appealed against.")
        own[matching[0]] = said
    if not touched and decision.outcome is AppealOutcome.PARTIAL and not decision.shares:
        raise AppealInvariant("No line was appealed against, only shares: partly won, say the shares that remain.")
    lines: list[Line] = []
    for line in review.lines:
        if (line.clause, line.unit) not in touched:
            lines.append(line)
            continue
        said_line = own.get((line.clause, line.unit))
        outcome = said_line.outcome if said_line else decision.outcome
        amount = said_line.amount if said_line else None
        by_respondent = any(appeal.unit == line.unit for appeal in review.appeals)
        remaining = _remaining(line, outcome, amount, by_respondent=by_respondent)
        lines.append(line.model_copy(update={"appealed": outcome, "remaining": remaining}))
    return lines


def _remaining(line: Line, outcome: AppealOutcome, amount: Fen | None, *, by_respondent: bool) -> Fen:
    if outcome is AppealOutcome.SUSTAIN:
        if amount not in (None, line.amount):
            raise AppealInvariant(f"Sustained, {line.clause} stays at {line.amount} fen.")
        return line.amount
    if not by_respondent:
        if outcome is AppealOutcome.PARTIAL and amount is not None and line.amount < amount <= line.full:
            return amount
        raise AppealInvariant(
            f"A claimant's appeal may only raise {line.clause}, to at most {line.full} fen: `partial` with the new amount."
        )
    if outcome is AppealOutcome.OVERTURN:
        if amount not in (None, 0):
            raise AppealInvariant(f"Overturned, nothing of {line.clause} remains.")
        return 0
    if amount is None or not 0 < amount < line.amount:
        raise AppealInvariant(
            f"Partly won, {line.clause} keeps more than 0 and less than {line.amount} fen: say the amount that remains."
        )
    return amount


def shares_after_appeal(review: Review, lines: Sequence[Line], outcome: AppealOutcome) -> list[Share]:
    """Shares where the decision says none: an overturned unit's share falls to the owner, otherwise shares stand.

    A respondent that was ruled a share and no line appeals against the share; the decision's `outcome` says what becomes of it.
    """
    overturned = {line.unit for line in lines if line.appealed is AppealOutcome.OVERTURN}
    if outcome is AppealOutcome.OVERTURN:
        only_shares = set(review.respondents) - {line.unit for line in lines}
        overturned |= only_shares & {appeal.unit for appeal in review.appeals}
    kept = {line.unit for line in lines if line.remaining > 0}
    return [share.model_copy(update={"unit": None}) if share.unit in overturned - kept else share for share in review.shares]
