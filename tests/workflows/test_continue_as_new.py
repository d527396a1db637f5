"""A long complaint goes on in a new history at a quiet moment, and nobody notices."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.values import Outcome, Owed, Party, ReviewStatus, Stage, VisitResult
from tests.workflows.office import Office
from tests.workflows.paper import starter_plan
from tests.workflows.played import AGENT, FINANCE, HOUR, HQ_VISITOR, OTHER_REVIEWER, Played, Refused


async def run_id(played: Played) -> str:
    return (await played.handle.describe()).run_id


async def a_second_round(office: Office) -> Played:
    """Foshan was named and owes a statement; the customer was not satisfied; the history is longer than the plan allows."""
    played = await office.complaint(plan=starter_plan(continue_after_events=40), payee_ref="payee-1")
    before = await run_id(played)
    await played.contacted()
    await played.found(key="k1", digest="d1", liable={Party.DESTINATION: 100})
    await played.told()
    await played.proposed(30_00)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    await played.say(c.RecordPayout, FINANCE, reference="V1", outcome="paid", key="k2", digest="d2")
    await played.stated()
    await played.visited(VisitResult.UNRESOLVED)
    await played.forward(HOUR)
    assert await run_id(played) != before
    return played


async def test_what_is_owed_the_open_review_and_the_clocks_go_on_in_the_new_history(office: Office) -> None:
    played = await a_second_round(office)
    case = await played.case()
    assert (case.round.number, case.stage) == (2, Stage.INVESTIGATION)
    assert case.reviews[played.review].status is ReviewStatus.RULING
    assert set(await played.owed()) == {Owed.FINDINGS, Owed.LEGAL_ANSWER, Owed.RULING}
    findings, legal = await played.obligation(Owed.FINDINGS), await played.obligation(Owed.LEGAL_ANSWER)
    assert findings.since == legal.since == case.round.began_at
    await played.past(Owed.FINDINGS)
    assert "branch_manager@minhang" in played.letters("late", Owed.FINDINGS)


async def test_a_decision_of_the_old_history_sent_again_gets_its_old_receipt(office: Office) -> None:
    played = await a_second_round(office)
    before = len(played.facts)
    again = await played.say(c.RecordPayout, FINANCE, reference="V1", outcome="paid", key="k2", digest="d2")
    paid = next(fact for fact in played.facts if fact.name == "payout_paid")
    assert again.seq == paid.seq
    with pytest.raises(Refused, match="KeyUsedForAnotherDecision"):
        await played.found(key="k1", digest="d9")
    assert len(played.facts) == before


async def test_it_lives_to_its_end_with_one_story_and_one_ledger(office: Office) -> None:
    played = await a_second_round(office)
    await played.ruled(("Q-301", "foshan"), shares={"foshan": 100})
    await played.past(Owed.APPEAL)
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    first, second = (await played.case()).reviews
    played.review = second
    await played.stated()
    await played.ruled(("Q-602", "foshan"), by=OTHER_REVIEWER)
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    assert await played.closed() is Outcome.RESOLVED
    assert [fact.seq for fact in played.facts] == list(range(1, len(played.facts) + 1))
    assert played.balances == {"customers": 30_00, "unit:foshan": -30_00 - 50_00 - 200_00, "hq:quality_fund": 250_00}
    assert played.story.count("review_opened") == len({first, second})


async def test_it_does_not_continue_while_a_payment_is_in_flight(office: Office) -> None:
    played = await office.complaint(plan=starter_plan(continue_after_events=10), payee_ref="payee-1")
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.proposed(30_00)
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True)
    before = await run_id(played)
    await played.forward(HOUR)
    await played.called()
    await played.forward(HOUR)
    assert await run_id(played) == before
    await played.paid()
    assert played.balances["customers"] == 30_00


async def test_a_whole_life_may_continue_as_new_every_few_events(office: Office) -> None:
    played = await office.complaint(plan=starter_plan(continue_after_events=12), category="loss", declared_value=3000_00)
    first = await run_id(played)
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    await played.approved("hq_supervisor@hq")
    await played.say(c.RecordCustomerAnswer, AGENT, accepted=True, payee_ref="payee-1")
    await played.paid()
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED
    assert await run_id(played) != first
    assert [fact.seq for fact in played.facts] == list(range(1, len(played.facts) + 1))
    assert played.balances == {"customers": 3000_00, "unit:foshan": -3100_00, "hq:quality_fund": 100_00}
    assert len([order for order in office.bank.sent if order.number == played.number]) == 1
