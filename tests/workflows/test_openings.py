"""HQ quality opens a review itself: of a round that goes on, of one before, and once the complaint is closed."""

from __future__ import annotations

from typing import Any

import pytest

from domain import commands as c
from domain.continuation import AstrayBefore, Before, Why
from domain.opening import OPENING, later_reviews
from domain.values import (
    AnswerKind,
    AppealOutcome,
    LedgerKind,
    Outcome,
    Owed,
    Party,
    PayoutOutcome,
    ReviewStatus,
    Stance,
    Validity,
    VisitResult,
)
from tests.workflows.later import later, nobodys_fault, opening, visited_and_closed
from tests.workflows.office import Office
from tests.workflows.played import (
    AGENT,
    DAY,
    FOSHAN_MANAGER,
    HQ_VISITOR,
    HUB_MANAGER,
    MANAGER,
    OTHER_REVIEWER,
    OTHER_SUPERVISOR,
    REVIEWER,
    SUPERVISOR,
    Played,
    Refused,
)
from tests.workflows.test_corrections import HALVES, corrected
from tests.workflows.test_penalty_review import decided
from workflows.corrections import CorrectionWorkflow
from workflows.later_reviews import LaterReviews, LaterReviewsWorkflow


async def opened(played: Played, *branches: str, by: str = REVIEWER, **more: Any) -> c.Receipt:
    return await played.say(c.OpenReview, by, **opening(*branches, **more))


# -- while the complaint goes on


async def test_what_the_findings_call_nobodys_fault_is_ruled_on_and_the_owner_has_its_money_back(office: Office) -> None:
    played = await nobodys_fault(office)
    assert (await played.case()).reviews == {}
    receipt = await opened(played, clauses=("Q-203",))
    assert receipt.told["review"] == played.review
    review = await played.penalty_review()
    assert (review.claimant, review.opened_by, review.about, review.respondents) == ("hq", "rui", ["Q-203"], ["foshan"])
    assert played.letters("review_opened") == ["branch_manager@foshan"]
    await played.stated(stance=Stance.ADMITS)
    await played.forward(DAY / 24)
    assert "ruling" in await played.owed(), "the findings say nothing of Foshan: what it bears of the advance a person says"
    with pytest.raises(Refused, match=OPENING):
        await played.ruled(("Q-203", "foshan"), shares={"foshan": 100})
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    await played.appealed()
    await played.until((await played.obligation(Owed.APPEAL)).due)
    with pytest.raises(Refused, match=OPENING):
        await decided(played, AppealOutcome.SUSTAIN, by="rui:hq_supervisor@hq")
    await decided(played, AppealOutcome.SUSTAIN, by=OTHER_SUPERVISOR)
    await visited_and_closed(played)
    assert played.balances["unit:foshan"] == -3000_00 - 100_00
    assert "unit:minhang" not in played.balances


async def test_admitted_and_about_named_clauses_it_is_ruled_by_rule(office: Office) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.UNFOUNDED, liable={Party.CUSTOMER: 100})
    await played.told(kind=AnswerKind.EXPLANATION)
    await opened(played, "foshan", clauses=("Q-301",))
    await played.stated(stance=Stance.ADMITS)
    await played.forward(DAY / 24)
    review = await played.penalty_review()
    assert review.status is ReviewStatus.APPEAL_WINDOW
    assert [(line.unit, line.clause, line.amount) for line in review.lines] == [("foshan", "Q-301", 5000)]


async def test_a_round_has_one_review_however_it_began(office: Office) -> None:
    played = await nobodys_fault(office)
    await opened(played)
    with pytest.raises(Refused, match="correction") as refused:
        await opened(played, "hub-dongguan", by=OTHER_REVIEWER)
    assert refused.value.rule == "ReviewedAlready"
    assert played.review in refused.value.sentence
    for said, rule in (
        (opening("foshan", clauses=("Q-999",), round=1), "ReviewedAlready"),
        (opening("foshan", round=2), "Unacceptable"),
    ):
        with pytest.raises(Refused) as refused:
            await played.say(c.OpenReview, REVIEWER, **said)
        assert refused.value.rule == rule
    with pytest.raises(Refused) as refused:
        await opened(played, by=MANAGER)
    assert refused.value.rule == "NotPermitted"


async def test_opened_before_the_findings_it_waits_for_the_rounds_money_and_takes_in_whom_they_name(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1", hub="hub-dongguan")
    await opened(played, "foshan", clauses=("Q-203",))
    await played.stated(stance=Stance.CONTESTS)
    await played.found(liable={Party.DESTINATION: 60, Party.HUB: 40})
    assert (await played.penalty_review()).status is ReviewStatus.STATEMENT, "nothing is ruled on while the money is decided"
    with pytest.raises(Refused, match="The money of round 1 is still being decided"):
        await played.ruled(shares={"foshan": 100}, by=OTHER_REVIEWER)
    await played.approved(SUPERVISOR)
    await played.paid()
    assert (await played.penalty_review()).respondents == ["foshan", "hub-dongguan"]
    assert played.story.count("review_opened") == 1
    assert played.letters("review_opened") == ["branch_manager@foshan", "branch_manager@hub-dongguan"]
    await played.stated(by=HUB_MANAGER)
    await played.ruled(shares={"foshan": 60, "hub-dongguan": 40}, by=OTHER_REVIEWER)
    assert played.balances["unit:foshan"] == -1800_00


async def test_the_round_before_is_reviewed_while_the_next_goes_on(office: Office) -> None:
    played = await nobodys_fault(office)
    await played.visited(VisitResult.UNRESOLVED)
    assert (await played.case()).round.number == 2
    await opened(played, "foshan", round=1)
    await played.stated()
    await played.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    [share] = [row for row in played.rows("posting") if row.kind is LedgerKind.SHARE]
    assert {entry.account: entry.amount for entry in share.entries} == {"unit:foshan": -3000_00, "unit:minhang": 3000_00}


async def test_a_customer_who_withdrew_does_not_end_what_hq_quality_looks_into(office: Office) -> None:
    played = await office.complaint()
    await opened(played, "foshan", clauses=("Q-604",))
    await played.say(c.Withdraw, AGENT, reason_ref="reason")
    assert (await played.case()).closed_at is None
    await played.stated()
    await played.ruled(("Q-604", "foshan"), by=OTHER_REVIEWER)
    assert await played.closed() is Outcome.WITHDRAWN
    assert played.balances == {"unit:foshan": -500_00, "hq:quality_fund": 500_00}


# -- once it is closed


async def test_a_closed_complaint_is_reviewed_by_a_process_of_its_own_that_goes_on_with_its_story(office: Office) -> None:
    played = await nobodys_fault(office)
    await visited_and_closed(played)
    told = len(played.facts)
    after = await later(played, "foshan")
    await after.stated()
    await after.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    await after.appealed()
    await after.forward(7 * DAY)
    await decided(after, AppealOutcome.SUSTAIN, by=OTHER_SUPERVISOR)
    assert await after.handle.result() == [played.review]
    assert [fact.seq for fact in played.facts] == list(range(1, len(played.facts) + 1))
    assert played.story[told:][0] == "review_opened"
    assert played.story[-1] == "review_final"
    last = played.rows("complaint")[-1]
    assert (last.status, last.stage, last.outcome) == ("closed", "closed", "resolved")
    assert played.balances["unit:foshan"] == -3000_00 - 100_00


async def test_nobody_rules_in_time_and_a_later_review_lapses_as_any_other(office: Office) -> None:
    played = await nobodys_fault(office)
    await visited_and_closed(played)
    after = await later(played, "foshan")
    await after.forward(40 * DAY)
    assert await after.handle.result() == [played.review]
    assert played.story[-1] == "ruling_lapsed"
    assert any(row.owed is Owed.RULING and row.late for row in played.rows("obligation"))


async def test_a_payment_that_comes_back_meanwhile_is_shared_no_more(office: Office) -> None:
    played = await nobodys_fault(office)
    await visited_and_closed(played)
    after = await later(played, "foshan")
    await after.stated()
    await after.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    case = await after.case()
    [offer] = case.rounds[0].offers
    shared = case.reviews[played.review].postings
    standing = [row for row in played.rows("posting") if row.key.startswith(f"{offer.key}:")]
    lost = AstrayBefore(payment=offer.key, amount=offer.amount, outcome=PayoutOutcome.RETURNED, postings=tuple(standing))
    before = Before(number=played.number, why=Why.PAYMENT_RETURNED, paid=offer.amount, astray=lost)
    going_on = await office.complaint(before=before, category="loss", declared_value=3000_00)
    await after.forward(DAY)
    assert (await after.case()).rounds[0].paid == 0
    assert [row.reverses for row in played.rows("posting") if row.reverses] == [row.key for row in shared]
    sums = {a: played.balances.get(a, 0) + going_on.balances.get(a, 0) for a in ("unit:foshan", "unit:minhang")}
    assert sums == {"unit:foshan": 0, "unit:minhang": 0}, "the books know nothing of it any more"
    await after.appealed()
    await after.forward(6 * DAY)
    await decided(after, AppealOutcome.OVERTURN, by=OTHER_SUPERVISOR)
    moved = [row for row in played.rows("posting") if row.review == played.review]
    assert len(moved) == 2, "shared, and taken back; nothing was shared anew with the decision"


async def test_two_rounds_reviewed_after_closing_know_each_others_penalties(office: Office) -> None:
    played = await nobodys_fault(office)
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(liable={Party.FORCE_MAJEURE: 100})
    await played.told()
    await visited_and_closed(played, by=HQ_VISITOR)
    after = await later(played, "foshan", round=1)
    await opened(after, "foshan", round=2)
    with pytest.raises(Refused) as refused:
        await opened(after, "hub-dongguan", round=2)
    assert refused.value.rule == "ReviewedAlready"
    await after.stated()
    await after.ruled(("Q-301", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    after.review = f"{played.number}-R2"
    await after.stated()
    with pytest.raises(Refused) as refused:
        await after.ruled(("Q-301", "foshan"), by="rong:hq_reviewer@hq")
    assert refused.value.rule == "PenalisedAlready"


async def test_a_process_that_is_ended_from_outside_is_gone_on_with(office: Office) -> None:
    played = await nobodys_fault(office)
    await visited_and_closed(played)
    after = await later(played, "foshan")
    await after.stated(by=FOSHAN_MANAGER)
    await after.handle.terminate("by mistake")
    case = await after.case()
    process = later_reviews(played.number)
    queue = office.queue
    await office.client.start_workflow(LaterReviewsWorkflow.run, LaterReviews(case=case), id=process, task_queue=queue)
    again = office.client.get_workflow_handle(process)
    after.handle = again
    assert "ruling" in await after.owed()
    await after.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    assert (await after.penalty_review()).status is ReviewStatus.APPEAL_WINDOW


async def test_a_correction_of_one_later_review_is_heard_while_another_goes_on(office: Office) -> None:
    played = await nobodys_fault(office)
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(liable={Party.FORCE_MAJEURE: 100})
    await played.told()
    await visited_and_closed(played, by=HQ_VISITOR)
    after = await later(played, "foshan", round=1)
    await after.stated()
    await after.ruled(("Q-203", "foshan"), shares={"foshan": 100}, by=OTHER_REVIEWER)
    await opened(after, "foshan", round=2)
    await after.past(Owed.APPEAL)
    assert (await after.penalty_review()).status is ReviewStatus.FINAL
    handle = await corrected(office, after)
    await handle.execute_update(CorrectionWorkflow.decide_correction, HALVES)
    await handle.result()
    assert [share.share for share in (await after.penalty_review()).shares] == [50, 50]
