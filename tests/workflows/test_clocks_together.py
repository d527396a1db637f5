"""What moves clocks meets: pauses, more time, emergencies, hand-ons, calendars. Nothing counts twice or elsewhere."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from domain import commands as c
from domain.plan import CalendarPlan, ContractClock, DatedFacts, EmergencyPlan, Rung, RungDoes, UnitPlan
from domain.values import Measure, Owed, Party, UnitState
from tests.workflows.office import SHANGHAI, Office, monday
from tests.workflows.paper import starter_plan, unit
from tests.workflows.played import AGENT, DAY, FOSHAN, HOUR, MANAGER, MINUTE, REVIEWER, Played

SECOND = timedelta(seconds=1)


async def told(played: Played, version: int, *units: UnitPlan, **dated: Any) -> None:
    await played.handle.signal("dated_facts", c.News(dated=DatedFacts(version=version, **dated), units=units))
    await played.forward(SECOND)


def stricken(code: str, starts: datetime, ends: datetime, **effects: bool) -> UnitPlan:
    emergency = EmergencyPlan(id=f"flood in {code}", starts=starts, ends=ends, **effects)
    return unit(code).model_copy(update={"emergencies": (emergency,)})


async def handed_on(played: Played, to: UnitPlan, by: str = MANAGER) -> None:
    await played.say(c.HandOn, by, to=to, reason_ref="why")


def near(at: datetime, expected: datetime) -> bool:
    return abs(at - expected) < MINUTE


# -- whose emergency


async def test_what_stood_still_where_it_was_stays_so_when_the_case_is_handed_on(office: Office) -> None:
    played = await office.complaint()
    await told(played, 1, stricken("minhang", monday(), monday() + 2 * HOUR))
    await played.until(monday() + 2.5 * HOUR)
    due = (await played.obligation(Owed.FIRST_CONTACT)).due
    await handed_on(played, unit("foshan"))
    await told(played, 2, unit("foshan"))
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.unit, first.due, first.late) == ("foshan", due, False)


async def test_an_emergency_of_the_unit_it_is_handed_to_counts_from_then_on(office: Office) -> None:
    played = await office.complaint()
    await played.until(monday() + 30 * MINUTE)
    await handed_on(played, stricken("dali", monday() - DAY, monday() + 2 * HOUR))
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.paused_until == monday() + 2 * HOUR
    assert near(first.due, monday() + 2.5 * HOUR), "half an hour was used at Minhang"
    await played.until(monday() + 1 * HOUR)
    await handed_on(played, unit("foshan"))
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.paused_until is None
    assert near(first.due, monday() + 1.5 * HOUR)


async def test_news_of_an_emergency_that_began_before_does_not_say_it_stands_still_elsewhere(office: Office) -> None:
    played = await office.complaint()
    await played.until(monday() + 20 * MINUTE)
    await handed_on(played, unit("foshan"))
    await told(played, 1, stricken("minhang", monday() + 5 * MINUTE, monday() + 5 * HOUR))
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.paused_until is None
    assert near(first.due, monday() + HOUR + 15 * MINUTE), "a quarter of an hour of it fell to Minhang"


async def test_a_unit_that_comes_back_is_known_as_it_is_now(office: Office) -> None:
    played = await office.complaint()
    await handed_on(played, unit("foshan"))
    await handed_on(played, unit("dali"), by=FOSHAN)
    await told(played, 3, unit("minhang"))
    await handed_on(played, unit("foshan"), by="da:branch_agent@dali")
    await handed_on(played, stricken("dali", monday(), monday() + DAY), by=FOSHAN)
    assert (await played.obligation(Owed.FIRST_CONTACT)).paused_until == monday() + DAY


async def test_a_visitors_own_emergency_gives_the_visit_more_time(office: Office) -> None:
    played = await office.complaint(complainant="recipient")
    await played.contacted(solved=True, solution_ref="s", validity="effective")
    planned = await played.obligation(Owed.VISIT_1)
    await told(played, 1, stricken("minhang", planned.opens_at + DAY, planned.opens_at + 3 * DAY))
    visit = await played.obligation(Owed.VISIT_1)
    assert (visit.opens_at, visit.due) == (planned.opens_at, planned.due + 2 * DAY)


async def test_the_customer_is_reminded_by_whom_the_case_was_handed_to(office: Office) -> None:
    played = await office.complaint(category="pricing", freight=10_00)
    await played.found(facts=c.ParcelFacts(overcharge=100_00), liable={Party.ORIGIN: 100})
    await handed_on(played, unit("foshan"))
    await played.past(Owed.CUSTOMER_ANSWER)
    assert played.letters("reminder", Owed.CUSTOMER_ANSWER) == ["branch_agent@foshan", "branch_agent@foshan"]


# -- more time


async def test_more_time_granted_in_a_pause_is_until_then_and_not_the_pause_longer(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    usual = (await played.obligation(Owed.FINDINGS)).due
    await played.say(c.Pause, AGENT, pause="p", reason_code="waiting_for_customer", reason_ref="why", until=monday() + 2 * HOUR)
    paused = (await played.obligation(Owed.FINDINGS)).due
    until = paused + HOUR
    await played.say(c.RequestDelay, AGENT, request="d", obligation=Owed.FINDINGS, until=until, reason_ref="why")
    decided = await played.say(c.DecideDelay, REVIEWER, request="d", approve=True, reason_ref="because")
    assert datetime.fromisoformat(str(decided.told["due"])) == until
    assert (await played.obligation(Owed.FINDINGS)).due == until
    await played.say(c.Resume, AGENT, reason_ref="the customer answered")
    assert near((await played.obligation(Owed.FINDINGS)).due, usual + 15.5 * HOUR), "an hour more, on the next morning"


async def test_a_customers_deadline_learned_later_comes_before_more_time_given_earlier(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    due = (await played.obligation(Owed.FINDINGS)).due
    await played.say(c.RequestDelay, AGENT, request="d", obligation=Owed.FINDINGS, until=due + DAY, reason_ref="why")
    await played.say(c.DecideDelay, REVIEWER, request="d", approve=True, reason_ref="because")
    deadline = due + 2 * HOUR
    await played.say(c.SupplyFacts, AGENT, customer_deadline=deadline)
    assert (await played.obligation(Owed.FINDINGS)).due == deadline


async def test_a_visit_is_given_at_most_the_next_working_day_more(office: Office) -> None:
    """Its last day ends at 24:00, and that is not the next day yet."""
    played = await office.complaint(complainant="recipient")
    await played.contacted(solved=True, solution_ref="s", validity="effective")
    planned = await played.obligation(Owed.VISIT_1)
    await played.until(planned.opens_at)
    last_day = (planned.due - SECOND).astimezone(SHANGHAI)
    assert last_day.strftime("%A %H:%M") == "Monday 23:59"
    tuesday = planned.due + 18 * HOUR
    ask = {"request": "d", "obligation": Owed.VISIT_1, "reason_ref": "why"}
    with pytest.raises(AssertionError, match="Unacceptable.*at most"):
        await played.say(c.RequestDelay, AGENT, until=tuesday + HOUR, **ask)
    await played.say(c.RequestDelay, AGENT, until=tuesday, **ask)


# -- deadlines, ladders, calendars


async def test_a_customers_deadline_never_makes_anything_due_later(office: Office) -> None:
    """Monday 17:50 and an hour; paused over night; the customer's Tuesday 08:45 does not become Tuesday afternoon."""
    received = monday() + 9 * HOUR + 20 * MINUTE
    usual, pulled = await office.complaint(received=received), await office.complaint(received=received)
    await pulled.say(c.SupplyFacts, AGENT, customer_deadline=received + 14 * HOUR + 55 * MINUTE)
    assert (await pulled.obligation(Owed.FIRST_CONTACT)).due == monday() + DAY + 15 * MINUTE
    for played in (usual, pulled):
        await played.say(c.Pause, AGENT, pause="p", reason_code="waiting_for_customer", reason_ref="why")
        await played.until(monday() + DAY)
        await played.say(c.Resume, AGENT, reason_ref="answered")
    assert (await pulled.obligation(Owed.FIRST_CONTACT)).due <= (await usual.obligation(Owed.FIRST_CONTACT)).due + SECOND


async def test_after_it_was_late_news_do_not_shift_the_rungs_that_are_left(office: Office) -> None:
    played = await office.complaint()
    await played.say(c.Pause, AGENT, pause="p", reason_code="waiting_for_customer", reason_ref="why", until=monday() + 3 * HOUR)
    await played.past(Owed.FIRST_CONTACT)
    left = [(step.rung, step.at) for step in (await played.obligation(Owed.FIRST_CONTACT)).steps]
    assert len(left) == 2
    await told(played, 1, unit("minhang"))
    assert [(step.rung, step.at) for step in (await played.obligation(Owed.FIRST_CONTACT)).steps] == left


async def test_it_is_late_when_it_is_due_also_where_the_ladder_has_no_rung_there(office: Office) -> None:
    ladder = (Rung(percent=50, does=RungDoes.REMIND), Rung(percent=150, does=RungDoes.TELL, whom="manager"))
    played = await office.complaint(plan=starter_plan(ladders=starter_plan().ladders | {"default": ladder}))
    await played.until(monday() + 40 * MINUTE)
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.next_at, first.next_does) == (monday() + HOUR, "late")
    await played.past(Owed.FIRST_CONTACT)
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.late, first.late_since, first.next_at) == (True, monday() + HOUR, monday() + 1.5 * HOUR)
    assert [fact.name for fact in played.facts[-2:]] == ["obligation_late", "obligation_opened"]  # the findings, from then on
    assert played.letters("late") == []


async def test_a_visits_window_follows_a_holiday_announced_later(office: Office) -> None:
    played = await office.complaint()
    await played.contacted(solved=True, solution_ref="s", validity="effective")
    visit = await played.obligation(Owed.VISIT_1)
    last_day = (visit.due - SECOND).astimezone(SHANGHAI).date()
    await told(played, 1, calendar=CalendarPlan(version="2", holidays=(last_day,)))
    after = await played.obligation(Owed.VISIT_1)
    assert (after.opens_at, after.due) == (visit.opens_at, visit.due + DAY)


async def test_units_that_close_one_after_the_other_are_followed_to_the_last(office: Office) -> None:
    played = await office.complaint()
    minhang = unit("minhang").model_copy(update={"state": UnitState.CLOSED, "successor": "foshan"})
    foshan = unit("foshan").model_copy(update={"state": UnitState.CLOSED, "successor": "dali"})
    await told(played, 2, unit("dali"), foshan, minhang)
    case = await played.case()
    assert (case.owner, case.handler) == ("dali", "dali")
    assert {o.unit for o in case.obligations.values()} == {"dali"}


# -- taken once, and in order


async def test_paused_ended_and_paused_again_in_the_same_words_are_two_pauses(office: Office) -> None:
    played = await office.complaint()
    pause = {"reason_code": "waiting_for_customer", "reason_ref": "why", "digest": "the same words"}
    resume = {"reason_ref": "answered", "digest": "the same answer"}
    first = await played.say(c.Pause, AGENT, pause="p1", **pause)
    assert (await played.say(c.Pause, AGENT, pause="p2", **pause)).told == first.told, "sent again"
    await played.say(c.Resume, AGENT, **resume)
    assert (await played.say(c.Resume, AGENT, **resume)).told["ended"] == 1, "sent again"
    await played.forward(MINUTE)
    again = await played.say(c.Pause, AGENT, pause="p3", **pause)
    assert again.told["id"] == "p3"
    assert (await played.obligation(Owed.FIRST_CONTACT)).paused_until is not None
    await played.say(c.Resume, AGENT, **resume)
    assert (await played.obligation(Owed.FIRST_CONTACT)).paused_until is None


async def test_refused_more_time_may_be_asked_for_again_in_the_same_words(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    until = (await played.obligation(Owed.FINDINGS)).due + DAY
    ask = {"obligation": Owed.FINDINGS, "until": until, "reason_ref": "why", "digest": "the same words"}
    await played.say(c.RequestDelay, AGENT, request="d1", **ask)
    assert (await played.say(c.RequestDelay, AGENT, request="d2", **ask)).told["id"] == "d1", "sent again"
    await played.say(c.DecideDelay, REVIEWER, request="d1", approve=False, reason_ref="no")
    assert (await played.say(c.RequestDelay, AGENT, request="d3", **ask)).told["id"] == "d3"


async def test_what_fell_due_while_no_worker_was_there_is_the_lateness_of_who_held_it(client: Client) -> None:
    office, plan = Office(client), starter_plan()
    soon = ContractClock(measure=Measure.ELAPSED, time=2 * SECOND)
    played, intake = office.intake(plan=plan.model_copy(update={"clocks": plan.clocks | {Owed.FIRST_CONTACT: soon}}))
    async with office:
        await office.begin(played, intake)
        assert not (await played.obligation(Owed.FIRST_CONTACT)).late
    await asyncio.sleep(2.5)
    said = asyncio.ensure_future(handed_on(played, unit("foshan")))
    await asyncio.sleep(0.2)
    async with office.hire():
        await said
        first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.unit, first.late, first.late_unit) == ("foshan", True, "minhang")
