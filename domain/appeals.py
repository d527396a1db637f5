"""The appeal (复核): what a decision may leave of lines and shares, so that nobody recovers more or less than was said."""

from __future__ import annotations

from collections.abc import Sequence

from domain.commands import AppealedLine, DecideAppeal
from domain.errors import Unacceptable
from domain.reviews import Line, Review, Share
from domain.values import AppealOutcome, Fen


class AppealInvariant(Unacceptable):
    """Overturn recovers all, partial some, sustain nothing."""


def decided_lines(review: Review, decision: DecideAppeal) -> list[Line]:
    """The lines as an appeal decision leaves them; what nobody appealed against stands.

    A respondent's line: overturn leaves nothing, partial less than ruled and more than nothing, sustain all of it.
    Where the claimant appealed it may be raised to the clause's full amount, and where only the claimant did, never cut.
    Raises AppealInvariant.
    """
    touched = {line.key: line for line in review.appealed_lines}
    own: dict[str, AppealedLine] = {}
    for said in decision.lines:
        meant = [line.key for line in touched.values() if line.is_meant(said.code, said.branch, said.happened_on)]
        if len(meant) > 1:
            raise Unacceptable(f"{said.code} stands {len(meant)} times; say which line is meant: `branch`, `happened_on`.")
        if not meant:
            raise Unacceptable(f"Line {said.code} of {said.branch or 'the respondent'} is not one that was appealed against.")
        if meant[0] in own:
            raise Unacceptable(f"Line {said.code} is decided twice; say once what becomes of it.")
        own[meant[0]] = said
    if not touched and decision.outcome is AppealOutcome.PARTIAL and not decision.shares:
        raise AppealInvariant("No line was appealed against, only shares: partly won, say the shares that remain.")
    lines: list[Line] = []
    for line in review.lines:
        if line.key not in touched:
            lines.append(line)
            continue
        said_line = own.get(line.key)
        outcome = said_line.outcome if said_line else decision.outcome
        amount = said_line.amount if said_line else None
        sides = {appeal.unit for appeal in review.appeals}
        remaining = _remaining(
            line, outcome, amount, by_respondent=line.unit in sides, by_claimant=review.claimant in sides - {line.unit}
        )
        lines.append(line.model_copy(update={"appealed": outcome, "remaining": remaining}))
    return lines


def _remaining(line: Line, outcome: AppealOutcome, amount: Fen | None, *, by_respondent: bool, by_claimant: bool) -> Fen:
    if outcome is AppealOutcome.SUSTAIN:
        if amount not in (None, line.amount):
            raise AppealInvariant(f"Sustained, {line.clause} stays at {line.amount} fen.")
        return line.amount
    if by_claimant and outcome is AppealOutcome.PARTIAL and amount is not None and line.amount < amount <= line.full:
        return amount
    if not by_respondent:
        raise AppealInvariant(
            f"A claimant's appeal may only raise {line.clause}, to at most {line.full} fen: `partial` with the new amount."
        )
    if outcome is AppealOutcome.OVERTURN:
        if amount not in (None, 0):
            raise AppealInvariant(f"Overturned, nothing of {line.clause} remains.")
        return 0
    if amount is None or not 0 < amount < line.amount:
        raised = f", or on the claimant's appeal more, up to {line.full} fen" if by_claimant and line.amount < line.full else ""
        raise AppealInvariant(
            f"Partly won, {line.clause} keeps more than 0 and less than {line.amount} fen{raised}: say the amount that remains."
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
