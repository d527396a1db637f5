"""回访: the handler says it is done, then the customer is asked; an unresolved visit begins the next round."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.plan import VisitTier
from domain.values import EscalationKind, Outcome, Owed, Party, Severity, Stage, Status, Validity, VisitChannel, VisitResult
from tests.workflows.office import Office, monday
from tests.workflows.paper import starter_plan
from tests.workflows.played import (
    AGENT,
    DAY,
    FOSHAN,
    HOUR,
    HQ_DESK,
    HQ_VISITOR,
    MANAGER,
    VISITOR,
    Played,
    Refused,
)

MIDNIGHT = monday() - 8.5 * HOUR


async def resolved(office: Office, validity: Validity = Validity.GENERAL) -> Played:
    """Told on Monday morning; no money and no review."""
    played = await office.complaint()
    await played.found(validity=validity)
    await played.told()
    return played


async def calls(played: Played, result: VisitResult, by: str = VISITOR, channel: VisitChannel = VisitChannel.PHONE) -> c.Receipt:
    return await played.say(c.RecordVisit, by, result=result, channel=channel)


async def test_the_first_visit_is_owed_from_day_three_to_seven_and_the_second_from_day_eight_to_fourteen_after_it(
    office: Office,
) -> None:
    played = await resolved(office)
    first = await played.obligation(Owed.VISIT_1)
    assert (first.opens_at, first.due) == (MIDNIGHT + 3 * DAY, MIDNIGHT + 8 * DAY)
    await played.visited()
    second = await played.obligation(Owed.VISIT_2)
    assert (second.opens_at, second.due) == (MIDNIGHT + 11 * DAY, MIDNIGHT + 18 * DAY)


async def test_a_visit_before_its_window_is_refused_and_written_nowhere(office: Office) -> None:
    played = await resolved(office)
    assert Owed.VISIT_1 not in await played.owed()
    with pytest.raises(Refused, match="WrongStage.*window of this visit opens"):
        await calls(played, VisitResult.SATISFIED)
    assert played.rows("visit") == []


async def test_a_visit_nobody_makes_is_reminded_climbs_and_stays_late(office: Office) -> None:
    played = await resolved(office)
    await played.past(Owed.VISIT_1)
    assert played.letters("reminder", Owed.VISIT_1) == ["branch_agent@minhang"]
    assert played.letters("late", Owed.VISIT_1) == ["branch_manager@minhang"]
    await calls(played, VisitResult.SATISFIED)
    assert (await played.obligation(Owed.VISIT_1)).late


async def test_before_it_is_resolved_there_is_nothing_to_visit(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="WrongStage.*not resolved yet"):
        await calls(played, VisitResult.SATISFIED)


async def test_who_investigated_or_decided_does_not_visit_and_another_branch_neither(office: Office) -> None:
    played = await resolved(office)
    await played.until((await played.obligation(Owed.VISIT_1)).opens_at)
    with pytest.raises(Refused, match="TookPart.*findings"):
        await calls(played, VisitResult.SATISFIED, AGENT)
    with pytest.raises(Refused, match="NotPermitted.*minhang"):
        await calls(played, VisitResult.SATISFIED, FOSHAN)
    await calls(played, VisitResult.SATISFIED)
    await played.until((await played.obligation(Owed.VISIT_2)).opens_at)
    await calls(played, VisitResult.SATISFIED)  # an earlier visit does not count as taking part
    assert await played.closed() is Outcome.RESOLVED


async def test_repeats_and_severe_cases_are_visited_by_the_hq_desk(office: Office) -> None:
    played = await office.complaint()
    await played.say(c.Escalate, MANAGER, kind=EscalationKind.SEVERE, reason_ref="press")
    await played.found(validity=Validity.GENERAL)
    await played.told()
    visit = await played.obligation(Owed.VISIT_1)
    assert (visit.unit, visit.role) == ("hq", "hq_agent")
    await played.until(visit.opens_at)
    with pytest.raises(Refused, match="NotPermitted.*HQ desk"):
        await calls(played, VisitResult.SATISFIED)
    await calls(played, VisitResult.SATISFIED, HQ_VISITOR)


@pytest.mark.parametrize("opened", [False, True])
async def test_a_visit_planned_before_an_authority_asked_is_made_by_the_hq_desk(office: Office, opened: bool) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.GENERAL)
    await played.told()
    visit = await played.obligation(Owed.VISIT_1)
    assert visit.unit == "minhang"
    if opened:
        await played.until(visit.opens_at)
    await played.say(c.RegulatorAppeal, HQ_DESK, appeal_number="SH-1", transferred_on=monday().date(), reason_ref="12305 called")
    await played.until(visit.opens_at)
    with pytest.raises(Refused, match="NotPermitted.*HQ desk"):
        await calls(played, VisitResult.SATISFIED)
    await calls(played, VisitResult.SATISFIED, HQ_VISITOR)


@pytest.mark.parametrize("result", [VisitResult.UNRESOLVED, VisitResult.SOLUTION_NOT_DELIVERED])
async def test_an_unresolved_visit_begins_the_next_round_as_a_repeat(office: Office, result: VisitResult) -> None:
    played = await resolved(office)
    await played.visited(result)
    case = await played.case()
    assert (case.status, case.stage, case.round.number) == (Status.OPEN, Stage.INVESTIGATION, 2)
    assert (case.severity, case.issue_count, case.resolved_at) == (Severity.REPEAT, 2, None)
    assert set(await played.owed()) == {Owed.FINDINGS, Owed.LEGAL_ANSWER}
    assert played.letters("reopened") == ["complainant"]
    await played.found(validity=Validity.GENERAL)
    await played.told()
    await played.visited(by=HQ_VISITOR)
    await played.visited(by=HQ_VISITOR)
    assert await played.closed() is Outcome.RESOLVED


@pytest.mark.parametrize("result", [VisitResult.SATISFIED_AFTER_EXPLANATION, VisitResult.REFUSED, VisitResult.COMPLAINT_UNTRUE])
async def test_every_other_answer_of_the_customer_is_final(office: Office, result: VisitResult) -> None:
    played = await resolved(office, Validity.UNFOUNDED)
    await played.visited(result)
    assert await played.closed() is Outcome.UNFOUNDED


async def test_the_second_visit_may_reopen_as_well(office: Office) -> None:
    played = await resolved(office)
    await played.visited()
    await played.visited(VisitResult.UNRESOLVED)
    assert (await played.case()).round.number == 2


async def test_a_customer_not_reached_on_three_days_once_in_the_evening_is_written_to_and_closed_as_unverified(
    office: Office,
) -> None:
    played = await resolved(office)
    await played.until(MIDNIGHT + 3 * DAY + 10 * HOUR)
    assert (await calls(played, VisitResult.UNREACHABLE)).told["final"] is False
    await played.until(MIDNIGHT + 3 * DAY + 19 * HOUR)
    assert (await calls(played, VisitResult.UNREACHABLE)).told["final"] is False
    await played.until(MIDNIGHT + 4 * DAY + 10 * HOUR)
    assert (await calls(played, VisitResult.UNREACHABLE)).told["final"] is False
    await played.until(MIDNIGHT + 5 * DAY + 10 * HOUR)
    assert (await calls(played, VisitResult.UNREACHABLE)).told["final"] is True
    assert played.letters("could_not_reach") == ["complainant"]
    assert await played.closed() is Outcome.UNVERIFIED


async def test_three_tries_without_an_evening_do_not_end_it_and_an_answer_on_the_fourth_counts(office: Office) -> None:
    played = await resolved(office)
    for day in (3, 4, 5):
        await played.until(MIDNIGHT + day * DAY + 10 * HOUR)
        assert (await calls(played, VisitResult.UNREACHABLE)).told["final"] is False
    await played.forward(HOUR)
    await calls(played, VisitResult.SATISFIED)
    assert Owed.VISIT_1 not in await played.owed()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED


async def test_an_unconfirmed_done_is_late_is_told_to_the_manager_and_holds_no_visit(office: Office) -> None:
    played = await resolved(office)
    await played.past(Owed.CONFIRM_DONE)
    assert played.letters("late", Owed.CONFIRM_DONE) == ["branch_manager@minhang"]
    await played.visited()
    await played.say(c.ConfirmDone, AGENT, words_ref="done")
    done = await played.obligation(Owed.CONFIRM_DONE)
    assert (done.ending, done.late) == ("answered", True)
    with pytest.raises(Refused, match="WrongStage"):
        await played.say(c.ConfirmDone, AGENT, words_ref="done")


async def test_the_handler_confirms_in_time_and_not_another_branch(office: Office) -> None:
    played = await office.complaint(category="rough_handling")
    await played.found(by=FOSHAN, validity=Validity.GENERAL)
    await played.told()
    with pytest.raises(Refused, match="NotPermitted.*foshan"):
        await played.say(c.ConfirmDone, AGENT, words_ref="done")
    await played.say(c.ConfirmDone, FOSHAN, words_ref="done")
    assert not (await played.obligation(Owed.CONFIRM_DONE)).late


async def test_a_window_that_ends_in_a_closure_ends_on_the_next_working_day(office: Office) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.GENERAL)
    await played.until(MIDNIGHT + 6 * DAY + 9 * HOUR)  # a Sunday: seven days later is a Sunday, the desk closed
    await played.told()
    assert (await played.obligation(Owed.VISIT_1)).due == MIDNIGHT + 15 * DAY


async def test_money_paid_before_is_not_paid_again_in_the_next_round(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    overcharge = c.ParcelFacts(overcharge=100_00)
    await played.found(facts=overcharge, liable={Party.ORIGIN: 100})
    await played.paid()
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(facts=overcharge, liable={Party.ORIGIN: 100})
    assert await played.sent() == [100_00]
    case = await played.case()
    assert case.round.computed == 0
    assert [step["rule"] for step in case.round.explanation] == ["overcharge_returned", "paid_before"]
    assert Owed.TELL_SOLUTION in await played.owed()


async def test_only_what_later_findings_add_is_paid_in_the_next_round(office: Office) -> None:
    played = await office.complaint(category="pricing", payee_ref="payee-1")
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.ORIGIN: 100})
    await played.paid()
    await played.visited(VisitResult.UNRESOLVED)
    await played.found(facts=c.ParcelFacts(overcharge=130_00), liable={Party.ORIGIN: 100})
    assert await played.sent() == [100_00, 30_00]
    await played.paid()
    assert played.balances == {"customers": 130_00, "unit:minhang": -130_00}


async def test_the_rulebooks_tiers_say_how_many_visits_and_by_whom(office: Office) -> None:
    plan = (await office.complaint()).plan
    one_by_hq = VisitTier(severity=Severity.NORMAL, visits=1, visitor="hq_desk")
    played = await office.complaint(
        plan=plan.model_copy(update={"visits": plan.visits.model_copy(update={"tiers": (one_by_hq,)})})
    )
    await played.contacted(solved=True, solution_ref="s", validity=Validity.EFFECTIVE)
    assert (await played.obligation(Owed.VISIT_1)).unit == "hq"
    await played.visited(by=HQ_VISITOR)
    assert (await played.case()).round.visited


@pytest.mark.parametrize(
    ("severity", "paid", "tier"),
    [
        (Severity.NORMAL, 0, 0),
        (Severity.NORMAL, 1000, 1),
        (Severity.REPEAT, 0, 2),
        (Severity.REPEAT, 9999, 2),
        (Severity.SEVERE, 0, 2),
    ],
)
def test_the_last_tier_that_applies_holds(severity: Severity, paid: int, tier: int) -> None:
    tiers = (
        VisitTier(severity=Severity.NORMAL, visits=1),
        VisitTier(severity=Severity.NORMAL, from_amount=1000, visits=2),
        VisitTier(severity=Severity.REPEAT, visits=2, visitor="hq_desk"),
    )
    assert starter_plan().visits.model_copy(update={"tiers": tiers}).tier(severity, paid) is tiers[tier]
