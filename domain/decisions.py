"""One decision is taken once, however often it is sent (api.md, *Deciding twice*)."""

from __future__ import annotations

from datetime import datetime

from domain.case import Case, Taken
from domain.commands import (
    Command,
    DecideCompensation,
    Pause,
    ProposeCompensation,
    RecordPayout,
    RequestDelay,
    Resume,
    ReturnFindings,
)
from domain.errors import KeyUsedForAnotherDecision
from domain.offers import OfferState
from domain.plan import EDITION
from domain.values import Owed, PayoutOutcome

_REMEMBERED = 400
_VISITS = frozenset({Owed.VISIT_1, Owed.VISIT_2})


def taken_before(case: Case, command: Command, now: datetime) -> Taken | None:
    """The decision this command repeats, if it does.

    With an Idempotency-Key: the same key, and then the body must be the same. Without: the same body from the same person,
    as long as nothing new waits for it; for acts that end no obligation within ten minutes of the complaint's clock.
    """
    if command.key is not None:
        taken = case.decisions.get(command.key)
        if taken is not None and taken.digest != command.digest:
            raise KeyUsedForAnotherDecision("This Idempotency-Key was used for a decision with another body; use a new key.")
        return taken
    taken = case.decisions.get(command.digest)
    if taken is None or _moved_on(case, command, taken):
        return None
    if taken.answered is None:
        return taken if now - taken.at <= case.plan.same_act_within else None
    answered = case.obligations[taken.answered]
    if answered.owed in _VISITS:  # a second visit often says just what the first one said, and may be another unit's
        return None if any(owed.owed in _VISITS and owed.may_be_met(now) for owed in case.obligations.values()) else taken
    return taken if case.open_obligation(answered.owed, answered.unit, answered.about) is None else None


def _moved_on(case: Case, command: Command, taken: Taken) -> bool:
    """True when what such an act asks for is wanted anew, so that the same words are no longer the same decision."""
    match command:
        case ReturnFindings():  # findings stand again since the last return
            return case.round.findings is not None
        case Pause():  # the pause it set is over
            return not any(pause.starts == taken.at and not pause.ended for pause in case.pauses.values())
        case Resume():  # paused again since
            return any(pause.starts >= taken.at and not pause.ended for pause in case.pauses.values())
        case RequestDelay():  # what was asked for is decided
            return not any(asked.at == taken.at and asked.granted is None for asked in case.delays.values())
        case ProposeCompensation():  # a proposal is owed again: rejected, refused or declined
            return case.open_obligation(Owed.PROPOSAL) is not None
        case RecordPayout(outcome=PayoutOutcome.RETURNED | PayoutOutcome.MISDIRECTED, payment=None):  # another was made since
            made = [o.sent_at for round in case.rounds for o in round.offers if o.state is OfferState.PAID and o.sent_at]
            return any(sent_at >= taken.at for sent_at in made)
        case DecideCompensation():  # another sum waits since, perhaps for a decision that another unit owes
            waiting = [o for o in case.obligations.values() if o.owed is Owed.APPROVAL and o.ending is None]
            return case.plan.edition >= EDITION and any(o.since > taken.at for o in waiting)
        case _:
            return False


def remember(case: Case, command: Command, taken: Taken) -> None:
    case.decisions[command.key or command.digest] = taken
    while len(case.decisions) > _REMEMBERED:
        case.decisions.pop(next(iter(case.decisions)))
