"""The facts of a complaint and how decisions move them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case import Case
from domain.commands import LiableParty
from domain.ladders import arm
from domain.obligations import Ending
from domain.offers import Offer, OfferState
from domain.rounds import Findings, Round, Visit
from domain.rows import compensation_row, obligation_row
from domain.values import OWED_TO_THE_CUSTOMER, Outcome, Owed, Party, Severity, Stage, Status, Validity, VisitResult
from tests.domain.complaints import MONDAY, PLAN, case


@pytest.mark.parametrize(
    ("said", "status", "owner", "handler"),
    [
        ({}, Status.OPEN, "minhang", "minhang"),
        ({"category": "false_signoff"}, Status.OPEN, "minhang", "foshan"),  # only the delivering branch can look
        ({"category": "pickup_delivery"}, Status.OPEN, "minhang", "foshan"),
        ({"category": "rough_handling", "destination": None}, Status.OPEN, "minhang", "minhang"),
        ({"category": "service_attitude"}, Status.OPEN, "minhang", "minhang"),
        ({"waybill": None}, Status.INCOMPLETE, "hq", "hq"),
        ({"origin": None}, Status.INCOMPLETE, "hq", "hq"),
        ({"origin": None, "category": "false_signoff"}, Status.INCOMPLETE, "hq", "hq"),
    ],
)
def test_who_sends_the_parcel_answers_and_the_category_says_who_looks(
    said: dict[str, Any], status: Status, owner: str, handler: str
) -> None:
    complaint = case(**said)
    assert (complaint.status, complaint.owner, complaint.handler) == (status, owner, handler)


@given(st.lists(st.sampled_from(Severity)))
def test_severity_climbs_and_never_falls(climbs: list[Severity]) -> None:
    complaint = case()
    for severity in climbs:
        before = complaint.severity
        complaint.climb(severity, by="foshan")
        assert complaint.severity.rank == max(before.rank, severity.rank)
    assert complaint.climbed_by == ["foshan"] * len(climbs)


@pytest.mark.parametrize("owed", Owed)
@pytest.mark.parametrize("ending", [None, *Ending])
def test_the_next_call_is_a_repeat_once_something_owed_to_the_customer_was_late(owed: Owed, ending: Ending | None) -> None:
    complaint = case()
    obligation = arm(complaint, owed, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    complaint.obligations["k"] = obligation
    assert not complaint.customer_kept_waiting
    obligation.late, obligation.ending = True, ending  # met afterwards or not: late stays late
    assert complaint.customer_kept_waiting is (owed in OWED_TO_THE_CUSTOMER)


@pytest.mark.parametrize(
    ("validity", "last", "ended", "outcome"),
    [
        (Validity.EFFECTIVE, VisitResult.SATISFIED, None, Outcome.RESOLVED),
        (Validity.GENERAL, VisitResult.REFUSED, None, Outcome.RESOLVED),
        (Validity.UNFOUNDED, VisitResult.SATISFIED_AFTER_EXPLANATION, None, Outcome.UNFOUNDED),
        (Validity.EFFECTIVE, VisitResult.UNREACHABLE, None, Outcome.UNVERIFIED),
        (Validity.EFFECTIVE, None, Outcome.WITHDRAWN, Outcome.WITHDRAWN),
        (Validity.UNFOUNDED, VisitResult.SATISFIED, Outcome.CANCELLED, Outcome.CANCELLED),
    ],
)
def test_how_a_complaint_closes(validity: Validity, last: VisitResult | None, ended: Outcome | None, outcome: Outcome) -> None:
    complaint = case()
    complaint.round.findings, complaint.ended = found(validity), ended
    if last:
        complaint.round.visits = [Visit(visit=1, result=last, at=MONDAY, by="visitor", final=True)]
    assert complaint.close(MONDAY) is outcome
    assert (complaint.status, complaint.stage, complaint.closed_at) == (Status.CLOSED, Stage.CLOSED, MONDAY)


def found(validity: Validity = Validity.EFFECTIVE, *liable: Party) -> Findings:
    parties = tuple(LiableParty(party=party, share=100 // len(liable)) for party in liable)
    return Findings(key="1:1", validity=validity, by="agent", at=MONDAY, liable=parties)


def test_the_next_round_begins_with_nothing_resolved() -> None:
    complaint = case()
    complaint.resolve(MONDAY)
    assert (complaint.status, complaint.stage, complaint.resolved) == (Status.RESOLVED, Stage.FOLLOW_UP, True)
    complaint.begin_round(MONDAY + timedelta(days=4))
    assert (complaint.round.number, complaint.status, complaint.stage) == (2, Status.OPEN, Stage.INVESTIGATION)
    assert not complaint.resolved
    assert complaint.in_progress


def offers(*states: OfferState, over: int = 0) -> list[Offer]:
    return [Offer(key=f"P{i}", amount=100, computed=100, over=over, makers=("m",), state=state) for i, state in enumerate(states)]


@pytest.mark.parametrize("state", OfferState)
def test_a_rounds_money_waits_for_somebody_or_is_decided_and_never_both(state: OfferState) -> None:
    round = Round(number=1, began_at=MONDAY, offers=offers(state))
    assert [round.waiting_offer is not None, round.awaits_proposal, round.money_decided].count(True) == 1
    came_back = (OfferState.REJECTED, OfferState.DECLINED, OfferState.REFUSED, OfferState.RETURNED, OfferState.MISDIRECTED)
    assert round.awaits_proposal is (state in came_back)


def test_what_exceeds_a_sum_approved_by_rule_holds_nobody() -> None:
    round = Round(number=1, began_at=MONDAY, offers=[*offers(OfferState.PAID), *offers(OfferState.PROPOSED, over=100)])
    assert round.money_decided
    assert round.paid == 100


def test_an_approved_sum_that_came_back_is_not_counted_with_the_one_that_took_its_place() -> None:
    approved = [offer.model_copy(update={"approved_by": "mao"}) for offer in offers(OfferState.REFUSED, OfferState.PAID)]

    def said(*made: Offer) -> int | None:
        return compensation_row(Round(number=1, began_at=MONDAY, offers=list(made))).approved

    refused, paid = approved
    assert (said(refused), said(refused, paid), said(paid, paid)) == (100, 100, 200)


def test_the_explanation_shows_what_was_computed_and_what_was_proposed() -> None:
    reckoned = [{"rule": "loss_insured", "amount": 100}]
    round = Round(number=1, began_at=MONDAY, computed=100, explanation=reckoned, offers=offers(OfferState.PROPOSED))
    assert compensation_row(round).explanation == reckoned
    round.offers[0] = round.offers[0].model_copy(update={"amount": 100, "proposed": 80, "reason_ref": "agreed"})
    row = compensation_row(round)
    assert (row.computed, row.proposed, [step["rule"] for step in row.explanation]) == (100, 80, ["loss_insured", "proposed"])
    assert row.explanation[1]["text"]["en"].startswith("The rulebook computes ¥1.00; ¥0.80 was proposed")


def test_a_missing_fact_asks_for_a_proposal_until_a_final_response() -> None:
    round = Round(number=1, began_at=MONDAY, missing=["proven_value"])
    assert round.awaits_proposal
    round.final_response = True
    assert round.money_decided


def test_liable_units_are_named_once_and_the_customer_is_no_unit() -> None:
    complaint = case()
    complaint.round.findings = found(Validity.EFFECTIVE, Party.DESTINATION, Party.CUSTOMER, Party.DESTINATION, Party.HQ)
    assert complaint.liable_units == ["foshan", "hq"]
    assert complaint.units == ["minhang", "foshan", "hq"]


def test_a_case_survives_its_journey_into_the_next_run() -> None:
    complaint = case()
    complaint.round.findings, complaint.round.offers = found(Validity.EFFECTIVE, Party.HQ), offers(OfferState.SENT)
    complaint.obligations["k"] = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert Case.model_validate_json(complaint.model_dump_json()) == complaint


def test_the_register_is_told_where_the_complaint_stands() -> None:
    complaint = case()
    complaint.round.findings = found(Validity.EFFECTIVE, Party.DESTINATION)
    row = complaint.row()
    assert (row.owner, row.round, row.liable, row.units) == ("minhang", 1, ["foshan"], ["minhang", "foshan"])
    assert row == complaint.row()


def test_an_obligations_row_says_what_comes_next_and_to_whom() -> None:
    complaint = case()
    owed = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    row = obligation_row(complaint, owed)
    assert (row.next_at, row.next_does, row.next_unit) == (owed.steps[0].at, "remind", "minhang")
    owed.ending = Ending.ANSWERED
    done = obligation_row(complaint, owed)
    assert (done.next_at, done.next_does, done.next_role, done.next_unit) == (None, None, None, None)
    assert PLAN.clock(Owed.FINDINGS, "loss").measure is row.measure
