"""A payment the customer does not have after all: unbooked where its own process has ended, and always made anew.

It was turned down on its way, came back, or went to the wrong person.
The payment in its place is offered at once, whatever else is being looked into.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain.astray import replacement, unbooked_before, unreplaced
from domain.case import Case
from domain.continuation import AstrayBefore
from domain.errors import WrongStage
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.offers import Offer, OfferState
from domain.opening import Undone
from domain.payouts import number_of
from domain.record import LostRow, PostingRow, Row
from domain.rows import compensation_row
from domain.values import Fen, PayoutOutcome, Role, Stage
from workflows import outside
from workflows.desk import Desk


def comes_back(desk: Desk, offer: Offer) -> None:
    """Rejected, declined or refused, whatever else was paid: owed until proposed anew, answered with reasons, or let go."""
    if desk.works_as_since("what came back is owed"):
        desk.case.round.unpaid.append(offer.key)


def check_lost(case: Case, lost: AstrayBefore) -> None:
    """It is told once; what went to the wrong person may yet come back."""
    if not is_news(case, lost):
        raise WrongStage(f"That {lost.payment} was {_was(case, lost)} is on record, and what follows from it is on its way.")
    if case.ended is not None or case.stage is Stage.CLOSED:
        raise WrongStage(
            f"The complaint ended as {case.ended or case.outcome} and closes with its penalty review. Report {lost.payment} "
            "then: it is paid anew in a complaint that continues it."
        )
    if case.found is not None and case.found.repaid_at and any(p.key == f"{lost.payment}:paid" for p in case.booked_before):
        raise WrongStage(f"The customer has repaid {lost.payment} and has the parcel; it cannot have come back.")


def is_news(case: Case, lost: AstrayBefore) -> bool:
    return _was(case, lost) not in (lost.outcome, PayoutOutcome.RETURNED)


def _was(case: Case, lost: AstrayBefore) -> PayoutOutcome:
    """What is known of it: here first, since the register follows."""
    known = case.lost_before.get(lost.payment)
    return known.outcome if known else lost.was


def lose(desk: Desk, lost: AstrayBefore, by: str) -> list[Row]:
    """The customer has nothing of it: the entries that reverse what was booked, and letters to who has to know."""
    case, known = desk.case, desk.case.lost_before.get(lost.payment)
    rows: list[Row] = list(unbooked_before(lost.model_copy(update={"was": _was(case, lost)}), desk.now))
    makers = tuple(dict.fromkeys([by, *lost.makers]))
    was = known.was if known else lost.was
    case.lost_before[lost.payment] = lost.model_copy(update={"postings": (), "makers": makers, "was": was})
    if case.payee_ref == lost.payee_ref:
        case.payee_ref = None  # to whom, this time
    for whom in (f"{Role.FINANCE}@hq", f"{agent_of(case.owner)}@{case.owner}"):
        desk.tell("payment_astray", whom, amount=lost.amount, payment=lost.payment, outcome=lost.outcome.value)
    tell_of_reversals(desk, rows)
    state = lost.outcome.value
    return [*rows, LostRow(of=number_of(lost.payment), key=lost.payment, state=state, settled_at=desk.now)]


def tell_of_reversals(desk: Desk, rows: Sequence[Row]) -> None:
    """What closed complaints booked for a payment is reversed here: reviews of theirs opened since share it no more."""
    undone = tuple(row.reverses for row in rows if isinstance(row, PostingRow) and row.reverses)
    for number in dict.fromkeys(number_of(key) for key in undone if key.endswith(":paid")):
        if number != desk.case.intake.number:
            desk.beside(outside.tell_later_reviews(number, Undone(by=desk.case.intake.number, postings=undone)))


def replace(desk: Desk, *by: str, ever: bool = False, most: int | None = None) -> None:
    """Offer anew what was lost, as reported `by` somebody, and not offered anew yet; `most` may still be paid for the parcel."""
    case, round = desk.case, desk.case.round
    for lost in unreplaced(case, ever=ever):
        hands = [*by, *(maker for tried in case.rounds for o in tried.offers if o.replaces == lost.key for maker in o.makers)]
        again = replacement(lost, f"{case.intake.number}-R{round.number}-P{len(round.offers) + 1}", *hands)
        again.amount = lost.amount if most is None else min(lost.amount, most)
        if not again.amount:
            continue
        round.offers.append(again)
        if round.validity is not None:
            case.stage = Stage.COMPENSATION
        desk.note("compensation_proposed", compensation_row(round), amount=again.amount, replaces=lost.key)


def going_anew(case: Case) -> list[Offer]:
    """What is made anew: it waits neither for the findings of the round nor for its other money."""
    return [offer for offer in case.round.offers if offer.anew and not offer.settled] if case.ended is None else []


def made_anew(desk: Desk, computed: Fen) -> Fen:
    """What is on its way in place of lost payments; one that still waits for approval is left out where more is computed."""
    going = [o for o in desk.case.round.offers if o.replaces and not o.settled and not o.in_flight]
    if len(going) == 1 and going[0].state is OfferState.PROPOSED and computed > going[0].amount:
        void = going.pop()
        void.state = OfferState.VOID
        desk.close([o for o in desk.case.obligations.values() if o.key == void.approval and o.ending is None], Ending.MOOT)
    return sum(offer.amount for offer in going)
