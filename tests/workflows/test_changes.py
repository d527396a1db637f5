"""Calendars, emergencies, record-only periods and units are not pinned: a complaint is told, once, and its dues move."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain import commands as c
from domain.plan import CalendarPlan, ContractClock, DatedFacts, EmergencyPlan, Period, Rung, RungDoes, UnitHours, UnitPlan
from domain.values import Measure, Owed, UnitState
from tests.workflows.office import SHANGHAI, Office, monday
from tests.workflows.paper import unit
from tests.workflows.played import AGENT, DAY, FOSHAN, HOUR, HQ_DESK, MINUTE, Played

TODAY = monday().astimezone(SHANGHAI).date()


async def told(played: Played, version: int = 1, units: tuple[UnitPlan, ...] = (), **dated: Any) -> None:
    """The house tells a complaint; answers when it has heard."""
    news = c.News(dated=DatedFacts(version=version, **dated), units=units)
    await played.handle.signal("dated_facts", news)
    await played.forward(timedelta(seconds=1))


def closed_on(*days: int) -> CalendarPlan:
    return CalendarPlan(version=f"closed {days}", holidays=tuple(TODAY + timedelta(days=day) for day in days))


def minhang(**facts: Any) -> UnitPlan:
    return unit("minhang").model_copy(update=facts)


def flood(**changes: Any) -> EmergencyPlan:
    return EmergencyPlan(id="flood", starts=monday() + HOUR / 2, ends=monday() + 2 * DAY).model_copy(update=changes)


async def test_a_holiday_announced_late_moves_what_is_not_due_yet_and_says_so(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    before, law = await played.obligation(Owed.FINDINGS), await played.obligation(Owed.LEGAL_ANSWER)
    await told(played, calendar=closed_on(1))
    after = await played.obligation(Owed.FINDINGS)
    assert after.due == before.due + DAY
    assert (await played.obligation(Owed.LEGAL_ANSWER)).due == law.due
    line = played.facts[-1]
    assert line.name == "dated_facts_changed"
    assert line.details["moved"] == [{"obligation": after.key, "before": before.due.isoformat(), "due": after.due.isoformat()}]
    assert played.rows("complaint")[-1].dated_version == 1


async def test_what_is_told_twice_or_overtaken_on_its_way_changes_nothing(office: Office) -> None:
    played = await office.complaint()
    await told(played, version=2, calendar=closed_on(1))
    events = len(played.facts)
    await told(played, version=2, calendar=closed_on(1))
    await told(played, version=1, calendar=closed_on(1, 2, 3))
    assert len(played.facts) == events
    assert (await played.case()).dated.version == 2


async def test_what_was_met_or_late_is_not_touched(office: Office) -> None:
    played = await office.complaint()
    await played.until(monday() + HOUR)
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.late
    await told(played, calendar=closed_on(0))
    assert (await played.obligation(Owed.FIRST_CONTACT)).due == first.due
    await played.contacted()
    met = await played.obligation(Owed.FIRST_CONTACT)
    await told(played, version=2, calendar=CalendarPlan(week={"sun": [("00:00", "24:00")]}))
    assert await played.obligation(Owed.FIRST_CONTACT) == met


async def test_hours_of_a_branch_count_for_what_that_branch_owes(office: Office) -> None:
    played = await office.complaint(received=monday() - 2 * HOUR)
    before = await played.obligation(Owed.FIRST_CONTACT)
    await told(played, units=(minhang(hours=UnitHours(week={"mon": [("07:00", "08:30")]})),))
    after = await played.obligation(Owed.FIRST_CONTACT)
    assert before.due == monday() + HOUR
    assert after.due.astimezone(SHANGHAI).hour == 8


async def test_an_emergency_stops_the_contract_clocks_of_its_units_and_the_customer_is_told(office: Office) -> None:
    played = await office.complaint(complainant="sender")
    law = await played.obligation(Owed.LEGAL_ANSWER)
    await played.forward(10 * MINUTE)
    await told(played, units=(minhang(emergencies=(flood(),)),))
    assert played.letters("emergency") == ["complainant"]
    assert (await played.obligation(Owed.FIRST_CONTACT)).due == monday() + 2 * DAY + HOUR / 2
    assert (await played.obligation(Owed.LEGAL_ANSWER)).due == law.due
    (unmoved,) = played.facts[-1].details["unmoved"]
    assert (unmoved["obligation"], unmoved["due"]) == (law.key, law.due.isoformat())
    await played.until(monday() + HOUR)
    assert (await played.obligation(Owed.FIRST_CONTACT)).paused_until == monday() + 2 * DAY
    assert "clocks_turned" in played.story
    await played.until(monday() + 2 * DAY)
    assert (await played.obligation(Owed.FIRST_CONTACT)).paused_until is None


async def test_an_emergency_elsewhere_moves_nothing_of_this_branch(office: Office) -> None:
    played = await office.complaint(complainant="sender")
    due = (await played.obligation(Owed.FIRST_CONTACT)).due
    await told(played, units=(unit("foshan").model_copy(update={"emergencies": (flood(),)}),))
    assert (await played.obligation(Owed.FIRST_CONTACT)).due == due
    assert played.letters("emergency") == []


async def test_lifted_or_extended_the_clocks_follow_and_nobody_is_told_twice(office: Office) -> None:
    played = await office.complaint(complainant="sender")
    await told(played, units=(minhang(emergencies=(flood(),)),))
    await played.until(monday() + 2 * HOUR)
    await told(played, version=2, units=(minhang(emergencies=(flood(ends=monday() + 3 * DAY),)),))
    assert (await played.obligation(Owed.FIRST_CONTACT)).due == monday() + 3 * DAY + HOUR / 2
    await told(played, version=3, units=(minhang(emergencies=(flood(ends=monday() + 2 * HOUR + MINUTE),)),))
    assert (await played.obligation(Owed.FIRST_CONTACT)).due == monday() + 2.5 * HOUR + MINUTE
    assert played.letters("emergency") == ["complainant"]


async def test_visits_to_customers_in_an_emergency_are_held_until_it_is_over(office: Office) -> None:
    played = await office.complaint(complainant="recipient")
    await played.contacted(solved=True, solution_ref="s", validity="effective")
    planned = await played.obligation(Owed.VISIT_1)
    until = monday() + 10 * DAY
    emergency = flood(starts=monday() + DAY, ends=until)
    await told(played, units=(unit("foshan").model_copy(update={"emergencies": (emergency,)}),))
    held = await played.obligation(Owed.VISIT_1)
    assert held.opens_at == planned.opens_at + 9 * DAY
    assert held.due == planned.due + 9 * DAY
    assert (await played.obligation(Owed.CONFIRM_DONE)).due < held.opens_at


async def test_a_complaint_received_in_an_emergency_begins_with_it(office: Office) -> None:
    plan = (await office.complaint()).plan
    stricken = plan.model_copy(update={"units": plan.units | {"minhang": minhang(emergencies=(flood(starts=monday() - DAY),))}})
    played = await office.complaint(plan=stricken, complainant="sender")
    assert played.letters("emergency") == ["complainant"]
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.due, first.paused_until) == (monday() + 2 * DAY + HOUR, monday() + 2 * DAY)


async def test_a_unit_that_leaves_the_network_is_succeeded_or_the_hq_desk_takes_over(office: Office) -> None:
    played = await office.complaint()
    await told(played, units=(minhang(state=UnitState.CLOSED, successor="foshan"), unit("foshan")))
    case = await played.case()
    assert (case.owner, case.handler) == ("foshan", "foshan")
    assert {o.unit for o in case.obligations.values()} == {"foshan"}
    await played.contacted(by=FOSHAN)
    await told(played, version=2, units=(unit("foshan").model_copy(update={"state": UnitState.CLOSED}),))
    assert (await played.case()).owner == "hq"
    await played.found(by=HQ_DESK)


LATENESS = {"findings": (Rung(does=RungDoes.TELL, whom="manager"), Rung(does=RungDoes.PENALTY, clause="Q-603"))}


async def test_a_rung_opens_a_lateness_line_with_time_to_object(office: Office) -> None:
    plan = (await office.complaint()).plan
    played = await office.complaint(plan=plan.model_copy(update={"ladders": plan.ladders | LATENESS}))
    await played.contacted()
    await played.past(Owed.FINDINGS)
    (line,) = played.rows("lateness")
    assert (line.unit, line.clause, line.amount, line.charged) == ("minhang", "Q-603", 2000, True)
    assert line.late_since == (await played.obligation(Owed.FINDINGS)).due
    assert played.letters("lateness_opened") == ["branch_manager@minhang"]
    assert line.objection_until.astimezone(SHANGHAI).strftime("%a %H:%M") == "Fri 18:00"
    assert played.balances == {}, "nothing is charged before the monthly sheet"


async def test_in_a_record_only_period_lateness_is_recorded_and_not_charged(office: Office) -> None:
    plan = (await office.complaint()).plan
    played = await office.complaint(plan=plan.model_copy(update={"ladders": plan.ladders | LATENESS}))
    await told(played, record_only=(Period(first=TODAY, last=TODAY + timedelta(days=7)),))
    await played.contacted()
    await played.past(Owed.FINDINGS)
    assert [line.charged for line in played.rows("lateness")] == [False]


async def test_a_rung_takes_an_obligation_to_somebody_above_who_may_then_do_it(office: Office) -> None:
    plan = (await office.complaint()).plan
    ladder = {
        "findings": (Rung(does=RungDoes.REASSIGN, whom="above"), Rung(percent=200, does=RungDoes.TELL, whom="hq_supervisor"))
    }
    played = await office.complaint(plan=plan.model_copy(update={"ladders": plan.ladders | ladder}))
    await played.contacted()
    await played.past(Owed.FINDINGS)
    owed = await played.obligation(Owed.FINDINGS)
    assert (owed.role, owed.unit, owed.late_unit) == ("branch_manager", "shanghai", "minhang")
    assert played.letters("taken_over") == ["branch_manager@shanghai"]
    await played.found(by="shi:branch_manager@shanghai")
    assert (await played.obligation(Owed.FINDINGS)).ending == "answered"


async def test_work_that_is_taken_to_hq_is_the_hq_desks(office: Office) -> None:
    plan = (await office.complaint()).plan
    ladder = {
        "findings": (Rung(does=RungDoes.REASSIGN, whom="hq_supervisor"), Rung(percent=200, does=RungDoes.TELL, whom="manager"))
    }
    played = await office.complaint(plan=plan.model_copy(update={"ladders": plan.ladders | ladder}))
    await played.contacted()
    await played.past(Owed.FINDINGS)
    owed = await played.obligation(Owed.FINDINGS)
    assert (owed.role, owed.unit) == ("hq_agent", "hq")
    await played.found(by=HQ_DESK)
    assert (await played.obligation(Owed.FINDINGS)).ending == "answered"


async def test_what_climbs_to_one_person_is_for_the_days_digest_and_what_the_holder_hears_is_not(office: Office) -> None:
    played = await office.complaint()
    await played.until(monday() + 2 * HOUR)
    notices = {(row.to, row.template): row.digest for row in played.rows("notice") if row.params.get("owed") == "first_contact"}
    assert notices == {
        ("branch_agent@minhang", "reminder"): False,
        ("branch_manager@minhang", "late"): True,
        ("branch_manager@shanghai", "late"): True,
        ("hq_supervisor@hq", "late"): True,
    }


async def test_a_customers_deadline_learned_later_pulls_the_clocks_forward(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    due = (await played.obligation(Owed.FINDINGS)).due
    deadline = monday() + 6 * HOUR
    await played.say(c.SupplyFacts, AGENT, customer_deadline=deadline)
    assert (await played.obligation(Owed.FINDINGS)).due == deadline < due


async def test_clocks_not_yet_due_follow_the_category_the_findings_confirm(office: Office) -> None:
    plan = (await office.complaint()).plan
    longer = ContractClock(measure=Measure.SERVICE_TIME, time=4 * HOUR)
    loss = plan.categories["loss"].model_copy(update={"clocks": {Owed.ORDER_CHANGE: longer}})
    plan = plan.model_copy(update={"categories": plan.categories | {"loss": loss}})
    played = await office.complaint(plan=plan, category="order_change")
    before = await played.obligation(Owed.ORDER_CHANGE)
    await played.found(category="loss")
    after = await played.obligation(Owed.ORDER_CHANGE)
    assert (before.due, after.due) == (monday() + HOUR / 6, monday() + 5.5 * HOUR)
