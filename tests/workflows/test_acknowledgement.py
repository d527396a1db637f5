"""The customer hears at once that the complaint is taken, and soon from the branch whose duty it is."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.values import AnswerKind, Outcome, Owed, Stage, Status, Validity
from tests.workflows.office import Office, monday
from tests.workflows.paper import unit
from tests.workflows.played import AGENT, DAY, FOSHAN, HOUR, HQ_DESK, MANAGER, MINUTE, Refused


async def test_a_complaint_is_acknowledged_at_once_with_what_happens_by_when(office: Office) -> None:
    played = await office.complaint(language="en")
    assert played.story == ["complaint_received"]
    assert played.letters("acknowledged") == ["complainant"]
    assert await played.owed() == [Owed.FIRST_CONTACT, Owed.LEGAL_ANSWER]
    first, legal = await played.obligation(Owed.FIRST_CONTACT), await played.obligation(Owed.LEGAL_ANSWER)
    assert (first.unit, first.due) == ("minhang", monday() + HOUR)
    assert (legal.unit, legal.due) == ("minhang", monday() - 8.5 * HOUR + 8 * DAY)


async def test_first_contact_in_time_opens_the_investigation_and_is_not_late(office: Office) -> None:
    played = await office.complaint()
    await played.forward(59 * MINUTE)
    await played.contacted()
    assert (await played.case()).stage is Stage.INVESTIGATION
    assert not (await played.obligation(Owed.FIRST_CONTACT)).late
    assert await played.owed() == [Owed.FINDINGS, Owed.LEGAL_ANSWER]


async def test_a_silent_branch_is_reminded_then_reported_to_its_manager_to_the_province_and_to_hq_and_stays_late(
    office: Office,
) -> None:
    played = await office.complaint()
    await played.until(monday() + HOUR / 2)
    assert played.letters("reminder", Owed.FIRST_CONTACT) == ["branch_agent@minhang"]
    await played.until(monday() + HOUR)
    assert played.letters("late", Owed.FIRST_CONTACT) == ["branch_manager@minhang"]
    await played.until(monday() + 2 * HOUR)
    assert played.letters("late", Owed.FIRST_CONTACT) == [
        "branch_manager@minhang",
        "branch_manager@shanghai",
        "hq_supervisor@hq",
    ]
    await played.contacted()
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.late
    assert first.ending == "answered"


async def test_whoever_is_late_with_first_contact_owes_the_findings_from_the_moment_of_receipt(office: Office) -> None:
    """Silence buys no time: late findings are a line of the monthly sheet whether or not anybody called the customer."""
    played = await office.complaint()
    await played.past(Owed.FIRST_CONTACT)
    owed = await played.obligation(Owed.FINDINGS)
    assert (owed.unit, owed.since) == ("minhang", monday())
    await played.past(Owed.FINDINGS)
    [line] = (await played.case()).lateness.values()
    assert (line.unit, line.clause) == ("minhang", "Q-603")
    await played.contacted()
    assert (await played.obligation(Owed.FINDINGS)).key == owed.key
    await played.found()
    assert (await played.obligation(Owed.FINDINGS)).ending == "answered"
    assert [o.key for o in (await played.case()).obligations.values() if o.owed is Owed.FINDINGS] == [owed.key]


async def test_findings_before_a_late_first_contact_meet_both(office: Office) -> None:
    played = await office.complaint()
    await played.past(Owed.FIRST_CONTACT)
    await played.found()
    endings = {o.owed: o.ending for o in (await played.case()).obligations.values()}
    assert (endings[Owed.FIRST_CONTACT], endings[Owed.FINDINGS]) == ("answered", "answered")


async def test_what_a_late_first_contact_solves_needs_no_findings(office: Office) -> None:
    played = await office.complaint()
    await played.past(Owed.FIRST_CONTACT)
    await played.contacted(solved=True, validity=Validity.EFFECTIVE, solution_ref="sent again", cause_ref="cause")
    assert (await played.obligation(Owed.FINDINGS)).ending == "moot"
    assert (await played.case()).status is Status.RESOLVED


async def test_first_contact_is_made_once_and_by_the_handlers_people(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="NotPermitted.*minhang; you belong to foshan"):
        await played.contacted(by=FOSHAN)
    await played.contacted()
    with pytest.raises(Refused, match="WrongStage"):
        await played.contacted()
    assert played.story.count("first_contact_made") == 1


async def test_rough_handling_is_handled_by_the_delivering_branch_while_the_sender_owns_it(office: Office) -> None:
    played = await office.complaint(category="rough_handling")
    case = await played.case()
    assert (case.owner, case.handler) == ("minhang", "foshan")
    await played.contacted(by=FOSHAN)
    assert (await played.obligation(Owed.FINDINGS)).unit == "foshan"


async def test_findings_before_first_contact_count_as_first_contact(office: Office) -> None:
    played = await office.complaint()
    await played.found()
    assert (await played.obligation(Owed.FIRST_CONTACT)).ending == "answered"
    assert "first_contact" not in await played.owed()


async def test_solved_at_first_contact_goes_straight_to_the_visits_without_a_review(office: Office) -> None:
    played = await office.complaint()
    await played.contacted(solved=True, solution_ref="solution", cause_ref="cause", validity=Validity.GENERAL)
    case = await played.case()
    assert (case.status, case.stage) == (Status.RESOLVED, Stage.FOLLOW_UP)
    assert await played.owed() == [Owed.CONFIRM_DONE]
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED
    assert played.rows("review") == []


async def test_solved_at_intake_owes_nothing_but_the_visits(office: Office) -> None:
    played = await office.complaint(solved_on_spot=True, solution_ref="solution")
    assert (await played.case()).status is Status.RESOLVED
    assert await played.owed() == [Owed.CONFIRM_DONE]
    assert played.story[:2] == ["complaint_received", "solved_on_the_spot"]
    assert [row.words_ref for row in played.rows("answer")] == ["solution"]
    assert played.letters("solution_told") == ["complainant"]
    with pytest.raises(Refused, match="TookPart.*solved on the spot"):
        await played.visited(by=f"{(await played.case()).intake.received_by}:branch_agent@minhang")
    await played.visited()
    await played.visited()
    assert await played.closed() is Outcome.RESOLVED


async def test_an_order_change_is_to_be_solved_in_ten_minutes_and_the_other_branchs_yes_solves_it(office: Office) -> None:
    played = await office.complaint(category="order_change")
    assert (await played.obligation(Owed.ORDER_CHANGE)).due == monday() + 10 * MINUTE
    await played.say(c.AskUnit, AGENT, query="q1", to=unit("foshan"), question_ref="stop it?")
    await played.forward(5 * MINUTE)
    await played.say(c.ReplyToQuery, FOSHAN, query="q1", words_ref="stopped", confirms=True)
    order = await played.obligation(Owed.ORDER_CHANGE)
    assert (order.ending, order.late) == ("answered", False)


async def test_an_order_change_that_nobody_confirmed_in_ten_minutes_is_late_whatever_is_said_later(office: Office) -> None:
    played = await office.complaint(category="order_change")
    await played.past(Owed.ORDER_CHANGE)
    assert played.letters("late", Owed.ORDER_CHANGE) == ["branch_manager@minhang"]
    await played.told(kind=AnswerKind.EXPLANATION)
    order = await played.obligation(Owed.ORDER_CHANGE)
    assert (order.ending, order.late) == ("answered", True)


async def test_a_customers_own_deadline_pulls_the_contract_clocks_forward_and_not_the_legal_one(office: Office) -> None:
    deadline = monday() + 20 * MINUTE
    played = await office.complaint(customer_deadline=deadline)
    assert (await played.obligation(Owed.FIRST_CONTACT)).due == deadline
    assert (await played.obligation(Owed.LEGAL_ANSWER)).due > deadline


async def test_without_waybill_it_waits_at_the_hq_desk_and_goes_to_the_branches_once_the_facts_are_supplied(
    office: Office,
) -> None:
    played = await office.complaint(waybill=None, origin=None, destination=None, category="rough_handling")
    case = await played.case()
    assert (case.status, case.owner, case.handler) == (Status.INCOMPLETE, "hq", "hq")
    await played.forward(20 * MINUTE)
    due = (await played.obligation(Owed.FIRST_CONTACT)).due
    with pytest.raises(Refused, match="NotPermitted"):
        await played.contacted(by=MANAGER)
    await played.say(c.SupplyFacts, HQ_DESK, waybill="97-1", origin=unit("minhang"), destination=unit("foshan"))
    case = await played.case()
    assert (case.status, case.owner, case.handler) == (Status.OPEN, "minhang", "foshan")
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.unit, first.due) == ("foshan", due)
    assert (await played.obligation(Owed.LEGAL_ANSWER)).unit == "minhang"
    await played.contacted(by=FOSHAN)


async def test_facts_already_on_record_are_not_changed_by_supplying_others(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="Unacceptable.*another parcel is another complaint"):
        await played.say(c.SupplyFacts, AGENT, waybill="98-1")
    with pytest.raises(Refused, match="Unacceptable.*origin branch is minhang"):
        await played.say(c.SupplyFacts, AGENT, origin=unit("foshan"))
