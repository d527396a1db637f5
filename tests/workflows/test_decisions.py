"""One decision is taken once, however often it is sent, and by one person, however many send it."""

from __future__ import annotations

import asyncio

import pytest

from domain import commands as c
from domain.values import AnswerKind, Outcome, Owed, Party, PayoutOutcome, Validity, VisitChannel, VisitResult
from tests.workflows.office import Office
from tests.workflows.played import AGENT, FINANCE, HQ_DESK, MANAGER, MINUTE, VISITOR, Refused

OTHER_MANAGER = "min:branch_manager@minhang"


async def test_the_same_decision_under_the_same_key_gets_the_same_receipt_and_is_taken_once(office: Office) -> None:
    played = await office.complaint()
    first = await played.found(key="k1", digest="d1", liable={Party.ORIGIN: 100})
    await played.forward(30 * MINUTE)
    assert await played.found(key="k1", digest="d1", liable={Party.ORIGIN: 100}) == first
    assert played.story.count("findings_submitted") == 1


async def test_a_key_with_another_body_is_refused(office: Office) -> None:
    played = await office.complaint()
    await played.contacted(key="k1", digest="d1")
    with pytest.raises(Refused, match="KeyUsedForAnotherDecision"):
        await played.found(key="k1", digest="d2")
    assert "findings_submitted" not in played.story


async def test_without_a_key_the_same_body_counts_once_as_long_as_nothing_new_waits_for_it(office: Office) -> None:
    played = await office.complaint()
    first = await played.found(digest="d1")
    assert await played.found(digest="d1") == first
    await played.say(c.ReturnFindings, MANAGER, reason_ref="thin")
    second = await played.found(digest="d1")
    assert second.seq > first.seq
    assert (await played.case()).round.findings_count == 2


async def test_what_answers_no_obligation_counts_once_within_ten_minutes_and_again_after_them(office: Office) -> None:
    played = await office.complaint()
    first = await played.say(c.TellAnswer, AGENT, kind=AnswerKind.INTERIM, words_ref="w", channel="phone", digest="d1")
    await played.forward(9 * MINUTE)
    again = await played.say(c.TellAnswer, AGENT, kind=AnswerKind.INTERIM, words_ref="w", channel="phone", digest="d1")
    assert again == first
    await played.forward(2 * MINUTE)
    later = await played.say(c.TellAnswer, AGENT, kind=AnswerKind.INTERIM, words_ref="w", channel="phone", digest="d1")
    assert later.seq > first.seq
    assert played.story.count("customer_told") == 2


async def test_a_refused_decision_is_not_remembered_and_may_come_again_under_its_key(office: Office) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.UNFOUNDED)
    await played.told(kind=AnswerKind.EXPLANATION)
    visit = {"result": VisitResult.SATISFIED, "channel": VisitChannel.PHONE, "key": "k1", "digest": "d1"}
    with pytest.raises(Refused, match="WrongStage"):
        await played.say(c.RecordVisit, VISITOR, **visit)
    await played.until((await played.obligation(Owed.VISIT_1)).opens_at)
    await played.say(c.RecordVisit, VISITOR, **visit)
    assert await played.closed() is Outcome.UNFOUNDED


async def test_the_same_decision_sent_twice_at_once_is_taken_once_and_both_get_the_receipt(office: Office) -> None:
    played = await office.complaint()
    receipts = await asyncio.gather(*(played.found(key="k1", digest="d1") for _ in range(3)))
    assert len({receipt.seq for receipt in receipts}) == 1
    assert played.story.count("findings_submitted") == 1


async def test_of_two_people_deciding_at_once_exactly_one_wins(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    said = await asyncio.gather(
        played.approved(MANAGER),
        played.say(c.DecideCompensation, OTHER_MANAGER, approve=False, reason_ref="no"),
        return_exceptions=True,
    )
    lost = [answer for answer in said if isinstance(answer, BaseException)]
    assert [str(answer) for answer in lost] == ["WrongStage: No payment waits for approval now."]
    assert len([name for name in played.story if name in ("compensation_approved", "compensation_rejected")]) == 1


async def test_of_a_withdrawal_and_an_approval_at_once_it_is_paid_or_withdrawn_and_never_both(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    withdrawal = played.say(c.Withdraw, HQ_DESK, reason_ref="r")
    said = await asyncio.gather(withdrawal, played.approved(MANAGER), return_exceptions=True)
    assert len([answer for answer in said if isinstance(answer, c.Receipt)]) >= 1
    assert ((await played.case()).ended is None) == ("payout_sent" in played.story)


async def test_a_decision_about_what_is_no_longer_so_is_refused(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=500_00), liable={Party.ORIGIN: 100})
    await played.approved(MANAGER, amount=500_00)
    with pytest.raises(Refused, match="WrongStage"):
        await played.approved(OTHER_MANAGER, amount=500_00)
    await played.paid()
    with pytest.raises(Refused, match="WrongStage.*No payment"):
        await played.say(c.RecordPayout, FINANCE, reference="V2", outcome=PayoutOutcome.REFUSED)
    assert played.balances["customers"] == 500_00


async def test_every_decision_is_on_record_with_its_person_and_the_least_role_that_permits_it(office: Office) -> None:
    played = await office.complaint()
    await played.contacted(by="zhao:branch_manager+branch_agent@minhang")
    fact = next(fact for fact in played.facts if fact.name == "first_contact_made")
    assert (fact.actor, fact.role) == ("zhao", "branch_agent")
    assert [row.table for row in fact.rows if row.table == "decision"] == ["decision"]
    assert [fact.seq for fact in played.facts] == list(range(1, len(played.facts) + 1))
