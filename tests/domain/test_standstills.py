"""What stands still is taken from a clock as far as the clock would have counted it, whatever else happens to it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import Calendar, Span
from domain.case import Case
from domain.clocks import contract, counted, merged
from domain.ladders import arm, grant, wind
from domain.obligations import DUTY, Granted
from domain.plan import CalendarPlan, ContractClock, DatedFacts, EmergencyPlan, UnitHours
from domain.timekeeping import Pause
from domain.values import ClockKind, Measure, Owed
from tests.domain.complaints import MONDAY, PLAN, UNITS, case

SHANGHAI = ZoneInfo("Asia/Shanghai")
DESK = Calendar(PLAN.week, tz=PLAN.timezone)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOUR_OF_SERVICE = ContractClock(measure=Measure.SERVICE_TIME, time=HOUR)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def spans(*texts: tuple[str, str]) -> list[Span]:
    return [(at(a), at(b)) for a, b in texts]


@pytest.mark.parametrize(
    ("paused", "due"),
    [
        ([], "2026-03-02 10:00"),
        ([("2026-03-02 09:20", "2026-03-02 09:50")], "2026-03-02 10:30"),
        ([("2026-03-02 09:20", "2026-03-03 09:00")], "2026-03-03 09:40"),  # across the night: what is left, is left
        ([("2026-03-02 18:00", "2026-03-03 08:30")], "2026-03-02 10:00"),  # after it was due
        ([("2026-03-02 12:00", "2026-03-02 13:30")], "2026-03-02 10:00"),  # in the midday break
        ([("2026-03-02 09:10", "2026-03-02 09:40"), ("2026-03-02 09:20", "2026-03-02 09:50")], "2026-03-02 10:40"),  # once
        ([("2026-03-02 08:00", "2026-03-02 09:30")], "2026-03-02 10:30"),  # began before the clock did
        ([("2026-03-02 10:00", "2026-03-02 11:00")], "2026-03-02 10:00"),  # begins as it falls due
        ([("2026-03-02 09:30", "2026-03-02 09:40"), ("2026-03-02 10:05", "2026-03-02 10:20")], "2026-03-02 10:25"),
    ],
)
def test_a_pause_moves_an_hour_of_service_by_what_it_would_have_counted(paused: list[tuple[str, str]], due: str) -> None:
    assert contract(HOUR_OF_SERVICE, at("2026-03-02 09:00"), DESK, standstills=spans(*paused)).due == at(due)


@pytest.mark.parametrize(
    ("start", "paused", "due"),
    [
        ("2026-03-06 17:30", ("2026-03-06 17:45", "2026-03-09 08:45"), "2026-03-09 09:30"),  # a Friday evening to Monday
        ("2026-09-30 17:00", ("2026-09-30 17:30", "2026-10-09 09:00"), "2026-10-09 09:30"),  # through the holidays
        ("2026-10-09 17:30", ("2026-10-10 08:45", "2026-10-10 10:00"), "2026-10-10 10:15"),  # on a make-up Saturday
    ],
)
def test_a_pause_across_nights_and_holidays_takes_only_opening_time(start: str, paused: tuple[str, str], due: str) -> None:
    weekdays = {day: hours for day, hours in PLAN.week.items() if day != "sat"}
    golden_week = [date(2026, 10, day) for day in range(1, 9)]
    desk = Calendar(weekdays, golden_week, {date(2026, 10, 10): PLAN.week["mon"]}, PLAN.timezone)
    assert contract(HOUR_OF_SERVICE, at(start), desk, standstills=spans(paused)).due == at(due)


def test_a_working_day_paused_is_a_working_day_more() -> None:
    rule = ContractClock(measure=Measure.WORKING_DAYS, days=1)
    clock = contract(rule, at("2026-03-02 09:00"), DESK, standstills=spans(("2026-03-02 10:00", "2026-03-03 10:00")))
    assert clock.due == at("2026-03-04 18:00")
    weekend = contract(rule, at("2026-03-07 09:00"), DESK, standstills=spans(("2026-03-07 18:00", "2026-03-09 08:30")))
    assert weekend.due == at("2026-03-09 18:00"), "a night and a Sunday are not counted, paused or not"


# -- properties, against an oracle that walks minute by minute

moments = st.integers(0, 20 * 24 * 60).map(lambda minute: at("2026-03-02 00:00").astimezone(UTC) + minute * MINUTE)
pauses = st.lists(
    st.tuples(moments, st.integers(0, 4 * 24 * 60).map(lambda n: n * MINUTE)).map(lambda p: (p[0], p[0] + p[1])), max_size=4
)
rules = st.one_of(
    st.builds(ContractClock, measure=st.just(Measure.SERVICE_TIME), time=st.integers(1, 30 * 60).map(lambda n: n * MINUTE)),
    st.builds(ContractClock, measure=st.just(Measure.ELAPSED), time=st.integers(1, 5 * 24 * 60).map(lambda n: n * MINUTE)),
)


def stepped(rule: ContractClock, start: datetime, paused: list[Span]) -> datetime:
    """Minute by minute: a minute counts when the desk is open (for service time) and nothing stands still."""
    assert rule.time is not None
    left, t = rule.time, start
    while left:
        counts = rule.measure is Measure.ELAPSED or DESK.is_open(t)
        if counts and not any(begins <= t < ends for begins, ends in paused):
            left -= MINUTE
        t += MINUTE
    return t


@given(rules, moments, pauses)
def test_a_paused_clock_is_due_when_its_minutes_have_been_counted_outside_the_pauses(
    rule: ContractClock, start: datetime, paused: list[Span]
) -> None:
    assert contract(rule, start, DESK, standstills=paused).due == stepped(rule, start, paused)


@given(rules, moments, pauses, pauses)
def test_more_pauses_are_never_due_earlier_and_their_order_or_repetition_is_nothing(
    rule: ContractClock, start: datetime, some: list[Span], more: list[Span]
) -> None:
    once = contract(rule, start, DESK, standstills=some).due
    both = contract(rule, start, DESK, standstills=some + more).due
    assert once <= both == contract(rule, start, DESK, standstills=[*more, *some, *some]).due


@given(rules, moments, moments, st.integers(0, 2000), st.integers(0, 2000))
def test_a_pause_in_two_halves_is_one_pause(
    rule: ContractClock, start: datetime, begins: datetime, first: int, second: int
) -> None:
    middle, ends = begins + first * MINUTE, begins + (first + second) * MINUTE
    whole = contract(rule, start, DESK, standstills=[(begins, ends)]).due
    assert contract(rule, start, DESK, standstills=[(begins, middle), (middle, ends)]).due == whole


@given(rules, moments, pauses)
def test_the_rungs_of_a_paused_clock_stay_in_order(rule: ContractClock, start: datetime, paused: list[Span]) -> None:
    clock = contract(rule, start, DESK, standstills=paused)
    climbed = [clock.at(percent) for percent in (1, 33, 50, 99, 100, 101, 150, 200, 300)]
    assert climbed == sorted(climbed)
    assert climbed[4] == clock.due


@given(pauses, moments, moments)
def test_merged_times_cover_what_they_covered_and_do_not_touch(paused: list[Span], a: datetime, b: datetime) -> None:
    whole = merged(paused)
    assert all(first[1] < second[0] for first, second in pairwise(whole))
    for moment in (a, b):
        assert any(x <= moment < y for x, y in whole) == any(x <= moment < y for x, y in paused)


# -- an obligation wound anew


def paused(complaint: Case, begins: datetime, ends: datetime) -> Case:
    complaint.pauses[f"p{len(complaint.pauses)}"] = Pause(id="p", reason_ref="r", starts=begins, ends=ends, by="somebody")
    return complaint


@pytest.mark.parametrize("owed", [Owed.LEGAL_ANSWER, Owed.REGULATOR_REPLY])
def test_the_laws_clocks_do_not_move_for_anything(owed: Owed) -> None:
    complaint = case()
    owes = arm(complaint, owed, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert owes.kind is ClockKind.LEGAL
    due, steps = owes.due, [(step.at, step.does) for step in owes.steps if step.does != DUTY]
    paused(complaint, MONDAY + HOUR, MONDAY + 7 * DAY)
    flood = EmergencyPlan(id="e", starts=MONDAY, ends=MONDAY + 9 * DAY)
    complaint.units_known["minhang"] = UNITS["minhang"].model_copy(update={"emergencies": (flood,)})
    owes.granted, owes.due_by = Granted(at=MONDAY, until=MONDAY + 30 * DAY), MONDAY + DAY
    complaint.customer_deadline = MONDAY + DAY
    complaint.dated = DatedFacts(version=1, calendar=CalendarPlan(week={"mon": [("10:00", "11:00")]}))
    wind(complaint, owes, MONDAY + 2 * HOUR)
    assert (owes.due, [(step.at, step.does) for step in owes.steps if step.does != DUTY]) == (due, steps)
    assert owes.paused_until is None


def test_a_rung_that_was_climbed_is_not_climbed_again_and_those_left_move() -> None:
    complaint = case()
    owes = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    climbed = owes.steps.pop(0)
    owes.taken.append(climbed.rung)
    left = [(step.rung, step.at) for step in owes.steps]
    half_past = climbed.at + HOUR
    paused(complaint, half_past, half_past + 7 * DAY)
    assert wind(complaint, owes, half_past)
    assert [step.rung for step in owes.steps] == [rung for rung, _ in left]
    assert all(step.at > at for step, (_, at) in zip(owes.steps, left, strict=True))
    assert owes.paused_until == half_past + 7 * DAY


def test_what_was_late_stays_due_when_it_was_and_only_its_next_rungs_wait_for_the_pause() -> None:
    complaint = case()
    owes = arm(complaint, Owed.FIRST_CONTACT, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    due, top = owes.due, owes.steps[-1].at
    for step in [step for step in owes.steps if step.at <= due]:
        owes.steps.remove(step)
        owes.taken.append(step.rung)
    paused(complaint, due + MINUTE, due + MINUTE + HOUR)
    wind(complaint, owes, due + MINUTE)
    assert owes.due == due
    assert owes.steps[-1].at == top + HOUR


def test_more_time_granted_counts_from_the_day_it_was_granted() -> None:
    complaint = case()
    owes = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    until = owes.due + DAY
    grant(complaint, owes, until, MONDAY + HOUR)
    wind(complaint, owes, MONDAY + HOUR)
    assert owes.due == until
    paused(complaint, MONDAY + 2 * HOUR, MONDAY + 2 * HOUR + MINUTE * 30)
    wind(complaint, owes, MONDAY + 2 * HOUR)
    assert owes.due == DESK.add(until, MINUTE * 30)
    assert counted(Measure.WORKING_DAYS, until, owes.due, DESK) == MINUTE * 30


def test_hours_added_to_the_calendar_never_make_late_what_was_not() -> None:
    complaint = case()
    sunday = at("2026-11-22 07:00")
    saturday = at("2026-11-21 17:30")
    owes = arm(complaint, Owed.FIRST_CONTACT, key="k", unit="minhang", since=saturday, now=saturday)
    assert owes.due == at("2026-11-23 09:00")
    all_night = UnitHours(dates={date(2026, 11, 21): [("18:00", "24:00")], date(2026, 11, 22): [("00:00", "24:00")]})
    complaint.units_known["minhang"] = UNITS["minhang"].model_copy(update={"hours": all_night})
    in_time = owes.model_copy(deep=True)
    wind(complaint, owes, sunday)
    assert owes.due == at("2026-11-23 09:00"), "with the hours added it would have been due on Saturday evening"
    wind(complaint, in_time, at("2026-11-21 18:10"))
    assert in_time.due == at("2026-11-21 18:30")


def test_an_emergency_lifted_and_heard_of_too_late_makes_nobody_late() -> None:
    complaint = case()
    until = EmergencyPlan(id="e", starts=MONDAY, ends=MONDAY + 2 * DAY)
    complaint.units_known["minhang"] = UNITS["minhang"].model_copy(update={"emergencies": (until,)})
    owes = arm(complaint, Owed.FIRST_CONTACT, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert owes.due == MONDAY + 2 * DAY + HOUR
    lifted = until.model_copy(update={"ends": MONDAY + HOUR})
    complaint.units_known["minhang"] = UNITS["minhang"].model_copy(update={"emergencies": (lifted,)})
    in_time = owes.model_copy(deep=True)
    wind(complaint, in_time, MONDAY + HOUR + MINUTE)
    assert in_time.due == MONDAY + 2 * HOUR
    wind(complaint, owes, MONDAY + DAY)
    assert owes.due == MONDAY + 2 * DAY + HOUR, "by the lift it would have been due the day before"


def test_an_answer_due_after_a_closed_day_goes_to_the_duty_desk_a_day_before() -> None:
    complaint = case()
    sunday_due = arm(complaint, Owed.LEGAL_ANSWER, key="k", unit="minhang", since=at("2026-11-15 09:00"), now=MONDAY)
    assert sunday_due.due == at("2026-11-23 00:00")
    duty = next(step for step in sunday_due.steps if step.does == DUTY)
    assert (duty.at, duty.role, duty.unit) == (at("2026-11-22 00:00"), "hq_agent", "hq")
    weekday_due = arm(complaint, Owed.LEGAL_ANSWER, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert DUTY not in {step.does for step in weekday_due.steps}
    opened = UnitHours(dates={date(2026, 11, 22): [("09:00", "10:00")]})
    complaint.units_known["minhang"] = UNITS["minhang"].model_copy(update={"hours": opened})
    wind(complaint, sunday_due, MONDAY)
    assert DUTY not in {step.does for step in sunday_due.steps}, "an hour was opened: the branch can still answer"


def test_a_day_closed_after_the_laws_time_was_over_passes_nothing_on() -> None:
    complaint = case()
    owes = arm(complaint, Owed.LEGAL_ANSWER, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    day = (owes.due - HOUR).astimezone(SHANGHAI).date()
    complaint.dated = DatedFacts(version=1, calendar=CalendarPlan(holidays=(day,)))
    wind(complaint, owes, owes.due + HOUR)
    assert DUTY not in {step.does for step in owes.steps}
    in_time = arm(complaint, Owed.LEGAL_ANSWER, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert DUTY in {step.does for step in in_time.steps}


def test_a_holiday_announced_in_a_pause_takes_nothing_from_the_time_that_was_granted() -> None:
    complaint = case()
    owes = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    paused(complaint, MONDAY + HOUR, MONDAY + 7 * DAY + HOUR)
    wind(complaint, owes, MONDAY + HOUR)
    until = owes.due + DAY - HOUR
    grant(complaint, owes, until, MONDAY + HOUR)
    complaint.dated = DatedFacts(version=1, calendar=CalendarPlan(holidays=((MONDAY + 2 * DAY).astimezone(SHANGHAI).date(),)))
    wind(complaint, owes, MONDAY + 2 * HOUR)
    assert owes.due == until
    after = (until + HOUR).astimezone(SHANGHAI).date()
    complaint.dated = DatedFacts(version=2, calendar=CalendarPlan(holidays=(after,)))
    wind(complaint, owes, MONDAY + 3 * HOUR)
    assert owes.due == until + DAY, "a holiday on its last day moves it like any other"


def test_more_time_beyond_a_customers_deadline_runs_on_the_clocks_own_measure() -> None:
    complaint = case()
    complaint.customer_deadline = MONDAY + 3 * HOUR
    owes = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert owes.due == complaint.customer_deadline
    until = at("2026-11-25 15:00")
    grant(complaint, owes, until, MONDAY + HOUR)
    wind(complaint, owes, MONDAY + HOUR)
    assert owes.due == until
    paused(complaint, at("2026-11-24 18:00"), at("2026-11-25 08:30"))
    wind(complaint, owes, at("2026-11-24 18:00"))
    assert owes.due == until, "a night takes nothing from working days"


def test_more_time_until_after_closing_is_until_then_also_in_a_pause() -> None:
    complaint = case()
    owes = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    paused(complaint, MONDAY + HOUR, MONDAY + DAY + HOUR)
    wind(complaint, owes, MONDAY + HOUR)
    until = at("2026-11-21 21:00")
    grant(complaint, owes, until, MONDAY + HOUR)
    wind(complaint, owes, MONDAY + HOUR)
    assert owes.due == until
    assert next(step.at for step in owes.steps if step.does == "tell") == until
    complaint.pauses["p0"].ends = MONDAY + 2 * HOUR
    wind(complaint, owes, MONDAY + 2 * HOUR)
    assert owes.due < until - HOUR, "the pause ended early"
