"""The customer calls again or withdraws, an authority asks, people move the case on - at any time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import commands as c
from domain.offers import OfferState
from domain.values import AnswerKind, EscalationKind, Outcome, Owed, Party, ReviewStatus, Severity, Stage, Status, Validity
from tests.workflows.office import SHANGHAI, Office, monday
from tests.workflows.paper import unit
from tests.workflows.played import (
    AGENT,
    DAY,
    FOSHAN,
    FOSHAN_MANAGER,
    HOUR,
    HQ_DESK,
    HQ_VISITOR,
    MANAGER,
    MINUTE,
    OPERATOR,
    SUPERVISOR,
    VISITOR,
    Played,
    Refused,
)

TODAY = monday().astimezone(SHANGHAI).date()


async def withdrawn(played: Played) -> c.Receipt:
    return await played.say(c.Withdraw, AGENT, reason_ref="the customer said so")


async def paying(office: Office) -> Played:
    """¥100 is sent; finance has not answered yet."""
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.DESTINATION: 100})
    return played


# -- the customer calls again


async def test_a_call_within_ten_minutes_or_in_the_same_words_is_the_same_request_and_counts_for_nothing(office: Office) -> None:
    played = await office.complaint()
    assert (await played.called("quite other words")).told["same"]
    await played.forward(HOUR / 2)
    assert (await played.called("first call")).told["same"]
    case = await played.case()
    assert (case.chase_count, case.issue_count, case.severity) == (0, 1, Severity.NORMAL)


async def test_a_call_while_nothing_is_late_is_a_chase_told_to_the_handler(office: Office) -> None:
    played = await office.complaint()
    await played.forward(HOUR / 2)
    assert (await played.called()).told["chase"]
    case = await played.case()
    assert (case.chase_count, case.issue_count, case.severity) == (1, 1, Severity.NORMAL)
    assert played.letters("further_call") == ["branch_agent@minhang"]


async def test_a_call_once_something_owed_to_the_customer_is_late_is_a_repeat(office: Office) -> None:
    played = await office.complaint()
    await played.past(Owed.FIRST_CONTACT)
    assert (await played.called()).told["repeat"]
    case = await played.case()
    assert (case.chase_count, case.issue_count, case.severity) == (0, 2, Severity.REPEAT)
    assert case.round.number == 1


async def test_late_findings_alone_make_no_repeat_for_they_are_owed_to_the_network(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.past(Owed.FINDINGS)
    assert (await played.called()).told["chase"]


async def test_a_repeat_while_resolved_ends_the_visits_and_begins_the_next_round(office: Office) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.GENERAL)
    await played.told()
    await played.forward(DAY)
    assert (await played.called()).told["repeat"]
    case = await played.case()
    assert (case.status, case.stage, case.round.number, case.resolved_at) == (Status.OPEN, Stage.INVESTIGATION, 2, None)
    assert (await played.obligation(Owed.VISIT_1)).ending == "moot"
    assert set(await played.owed()) == {Owed.FINDINGS, Owed.LEGAL_ANSWER}


async def test_a_repeat_never_interrupts_a_payout(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.proposed(30_00)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    assert (await played.called()).told["same"]
    await played.forward(HOUR)
    await played.called()
    assert (await played.case()).round.number == 2
    assert set(await played.owed()) == {Owed.PAYOUT, Owed.FINDINGS, Owed.LEGAL_ANSWER, Owed.STATEMENT}
    await played.paid()
    case = await played.case()
    assert [round.paid for round in case.rounds] == [30_00, 0]
    assert (case.stage, case.resolved_at) == (Stage.INVESTIGATION, None)
    assert played.balances["customers"] == 30_00


async def test_a_payment_of_an_earlier_round_is_settled_before_the_complaint_closes(office: Office) -> None:
    played = await office.complaint(payee_ref="payee-1")
    await played.found(validity=Validity.GENERAL)
    await played.told()
    await played.proposed(30_00)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.forward(HOUR)
    await played.called()
    await played.found(validity=Validity.UNFOUNDED)
    await played.told(kind=AnswerKind.EXPLANATION)
    await played.visited(by=HQ_VISITOR)
    await played.forward(DAY)
    assert (await played.case()).closed_at is None
    await played.paid()
    assert await played.closed() is Outcome.UNFOUNDED
    assert played.balances == {"customers": 30_00, "unit:minhang": -30_00}


async def test_a_repeat_while_only_the_review_is_left_begins_the_next_round(office: Office) -> None:
    played = await office.complaint()
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.stated()
    await played.visited()
    await played.visited()
    await played.called()
    case = await played.case()
    assert (case.stage, case.round.number) == (Stage.INVESTIGATION, 2)


# -- the authority


async def test_an_authoritys_appeal_is_due_fifteen_days_after_its_transfer_and_keeps_the_complaint_open_until_answered(
    office: Office,
) -> None:
    played = await office.complaint()
    await played.say(
        c.RegulatorAppeal, HQ_DESK, appeal_number="12305-1", transferred_on=TODAY - timedelta(days=2), reason_ref="r"
    )
    reply = await played.obligation(Owed.REGULATOR_REPLY)
    assert (reply.unit, reply.due) == ("hq", monday() - 8.5 * HOUR + 14 * DAY)
    assert (await played.case()).severity is Severity.NORMAL
    await played.found(validity=Validity.GENERAL)
    await played.told()
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    await played.past(Owed.REGULATOR_REPLY)
    assert (await played.case()).closed_at is None
    assert Owed.REGULATOR_REPLY in await played.owed()
    with pytest.raises(Refused, match="HQ desk answers the authority"):
        await played.told(kind=AnswerKind.REGULATOR_REPLY)
    await played.told(by=HQ_DESK, kind=AnswerKind.REGULATOR_REPLY)
    assert (await played.obligation(Owed.REGULATOR_REPLY)).late
    assert await played.closed() is Outcome.RESOLVED


async def test_the_authority_is_answered_even_after_the_customer_withdrew(office: Office) -> None:
    played = await office.complaint()
    await played.say(c.RegulatorAppeal, HQ_DESK, appeal_number="12305-1", transferred_on=TODAY)
    await withdrawn(played)
    assert await played.owed() == [Owed.REGULATOR_REPLY]
    with pytest.raises(Refused, match="ended as withdrawn"):
        await played.told(by=HQ_DESK)
    await played.told(by=HQ_DESK, kind=AnswerKind.REGULATOR_REPLY)
    assert await played.closed() is Outcome.WITHDRAWN


async def test_an_appeal_is_taken_by_the_hq_desk_once_and_not_from_the_future(office: Office) -> None:
    played = await office.complaint()
    appeal = {"appeal_number": "12305-1", "transferred_on": TODAY}
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.RegulatorAppeal, AGENT, **appeal)
    with pytest.raises(Refused, match="Unacceptable.*future"):
        await played.say(c.RegulatorAppeal, HQ_DESK, appeal_number="1", transferred_on=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="WrongStage.*No authority"):
        await played.told(by=HQ_DESK, kind=AnswerKind.REGULATOR_REPLY)
    await played.say(c.RegulatorAppeal, HQ_DESK, **appeal)
    with pytest.raises(Refused, match="on record"):
        await played.say(c.RegulatorAppeal, HQ_DESK, **appeal)


async def test_the_transfer_date_is_a_day_where_the_network_works(office: Office) -> None:
    played = await office.complaint(received=monday() - 6 * HOUR)  # 02:30 in Shanghai, still Sunday in UTC
    await played.say(c.RegulatorAppeal, HQ_DESK, appeal_number="12305-1", transferred_on=TODAY)


# -- who has it


async def test_handing_on_moves_the_handler_and_never_the_owner_nor_a_clock(office: Office) -> None:
    played = await office.complaint()
    await played.past(Owed.FIRST_CONTACT)
    before = await played.obligation(Owed.FIRST_CONTACT)
    await played.say(c.HandOn, AGENT, to=unit("foshan"), reason_ref="on your shelf")
    case = await played.case()
    assert (case.owner, case.handler, case.hand_on_count) == ("minhang", "foshan", 1)
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.unit, first.since, first.due, first.late) == ("foshan", before.since, before.due, True)
    assert (await played.obligation(Owed.LEGAL_ANSWER)).unit == "minhang"
    await played.until(monday() + 2 * HOUR)
    assert played.letters("late", Owed.FIRST_CONTACT)[-1] == "hq_supervisor@hq"
    assert played.letters("case_handed_on") == ["branch_agent@foshan"]
    with pytest.raises(Refused, match="NotPermitted.*foshan"):
        await played.found()
    await played.found(by=FOSHAN)
    with pytest.raises(Refused, match="AlreadyTheHandler"):
        await played.say(c.HandOn, AGENT, to=unit("foshan"), reason_ref="again")
    await played.say(c.HandOn, MANAGER, to=unit("minhang"), reason_ref="the owner takes it back")
    assert (await played.case()).hand_on_count == 2


async def test_reassigning_names_another_person_and_keeps_the_clocks(office: Office) -> None:
    played = await office.complaint()
    before = await played.obligation(Owed.FIRST_CONTACT)
    await played.say(c.Reassign, MANAGER, to_sub="vera", reason_ref="on leave")
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.sub, first.due, first.since) == ("vera", before.due, before.since)
    with pytest.raises(Refused, match="AlreadyTheHandler"):
        await played.say(c.Reassign, MANAGER, to_sub="vera", reason_ref="again")
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.Reassign, AGENT, to_sub="ann", reason_ref="mine")
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.Reassign, FOSHAN_MANAGER, to_sub="feng", reason_ref="ours")


async def test_severe_needs_a_manager_or_hq_and_a_difficult_customer_calls_the_supervisor_in(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="NotPermitted.*severe"):
        await played.say(c.Escalate, AGENT, kind=EscalationKind.SEVERE, reason_ref="loud")
    await played.say(c.Escalate, AGENT, kind=EscalationKind.DIFFICULT_CUSTOMER, reason_ref="loud")
    assert (await played.case()).severity is Severity.NORMAL
    assert played.letters("escalated") == ["hq_supervisor@hq"]
    await played.say(c.Escalate, SUPERVISOR, kind=EscalationKind.SEVERE, reason_ref="injury")
    await played.past(Owed.FIRST_CONTACT)
    await played.called()
    assert (await played.case()).severity is Severity.SEVERE  # it climbs and never falls


# -- the end before the end


async def test_withdrawn_before_anything_was_done_it_closes_at_once(office: Office) -> None:
    played = await office.complaint()
    await withdrawn(played)
    assert await played.handle.result() == Outcome.WITHDRAWN
    assert (await played.case()).closed_at is not None
    assert {row.ending for row in played.rows("obligation") if row.ending} == {"ended"}


async def test_withdrawn_while_money_waits_for_approval_nothing_is_paid(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1")
    await played.found()
    await withdrawn(played)
    assert await played.handle.result() == Outcome.WITHDRAWN
    assert played.balances == {}
    assert [offer.state for offer in (await played.case()).round.offers] == [OfferState.VOID]


async def test_from_the_moment_a_payout_is_sent_until_its_outcome_nobody_withdraws_merges_or_cancels(office: Office) -> None:
    played = await paying(office)
    with pytest.raises(Refused, match="PaymentInFlight.*try again when it is settled"):
        await withdrawn(played)
    with pytest.raises(Refused, match="PaymentInFlight"):
        await played.say(c.Merge, HQ_DESK, into="A-2", reason_ref="the same")
    with pytest.raises(Refused, match="PaymentInFlight"):
        await played.say(c.Cancel, OPERATOR, reason_ref="test data")
    await played.paid()
    await withdrawn(played)


async def test_withdrawn_after_the_payment_the_review_still_runs_to_its_ruling_and_the_ledger_is_posted(office: Office) -> None:
    played = await paying(office)
    await played.paid()
    await withdrawn(played)
    assert await played.owed() == [Owed.STATEMENT]
    with pytest.raises(Refused, match="AlreadyClosed.*ended as withdrawn"):
        await played.say(c.RecordVisit, VISITOR, result="satisfied", channel="phone")
    with pytest.raises(Refused, match="AlreadyClosed"):
        await withdrawn(played)
    await played.stated()
    await played.ruled(("Q-301", "foshan"), shares={"foshan": 100})
    assert (await played.case()).closed_at is None
    await played.past(Owed.APPEAL)
    assert await played.handle.result() == Outcome.WITHDRAWN
    assert (await played.penalty_review()).status is ReviewStatus.FINAL
    assert played.balances == {"customers": 100_00, "unit:foshan": -150_00, "hq:quality_fund": 50_00}


async def test_merged_into_another_complaint_and_not_into_itself(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="Unacceptable.*another one"):
        await played.say(c.Merge, HQ_DESK, into=played.number, reason_ref="the same")
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.Merge, AGENT, into="A-2", reason_ref="the same")
    await played.say(c.Merge, HQ_DESK, into="A-2", reason_ref="the same")
    assert await played.handle.result() == Outcome.MERGED
    assert (await played.case()).merged_into == "A-2"


async def test_cancelled_by_an_operator_with_a_reason(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.Cancel, SUPERVISOR, reason_ref="test data")
    await played.say(c.Cancel, OPERATOR, reason_ref="test data")
    assert await played.handle.result() == Outcome.CANCELLED


async def test_a_cancel_from_temporals_own_pages_is_a_cancel_by_an_operator(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.handle.cancel()
    assert await played.handle.result() == Outcome.CANCELLED
    assert played.story[-2:] == ["cancelled", "closed"]


async def test_a_cancel_from_temporals_own_pages_does_not_touch_a_payment_in_flight(office: Office) -> None:
    played = await paying(office)
    await played.handle.cancel()
    await played.forward(MINUTE)
    assert "cancel_waits" in played.story
    assert [offer.state for offer in (await played.case()).round.offers] == [OfferState.SENT]
    await played.paid()
    assert await played.closed() == Outcome.CANCELLED
    assert played.balances["customers"] == 100_00


async def test_a_cancel_that_comes_while_the_last_word_is_being_written_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = await office.complaint()
    monkeypatch.setattr(office.register, "away", True)
    await withdrawn(played)
    await played.handle.cancel()
    monkeypatch.setattr(office.register, "away", False)
    assert await played.handle.result() == Outcome.WITHDRAWN
    assert played.story == ["complaint_received", "withdrawn", "closed"]


async def test_nothing_is_decided_in_a_closed_complaint(office: Office) -> None:
    played = await office.complaint()
    await withdrawn(played)
    await played.handle.result()
    with pytest.raises(Exception, match="workflow execution already completed"):
        await played.contacted()
