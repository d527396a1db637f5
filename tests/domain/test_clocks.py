"""The four measures, tables first; then the laws every clock obeys."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import DAYS, Calendar
from domain.clocks import contract, day_ends, day_starts, due, working_days_after
from domain.plan import ContractClock
from domain.rulebook import plan_for, read_rulebook
from domain.values import Measure, Owed

STARTER = Path(__file__).parents[2] / "rulebooks" / "starter.yaml"
PLAN = plan_for(read_rulebook(yaml.safe_load(STARTER.read_text("utf-8"))), hash="0", units={})
DESK = Calendar(PLAN.week, tz=PLAN.timezone)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("owed", "category", "start", "end"),
    [
        (Owed.FIRST_CONTACT, "delay", "2026-03-02 17:40", "2026-03-03 09:10"),
        (Owed.ORDER_CHANGE, "order_change", "2026-03-02 11:55", "2026-03-02 13:35"),
        (Owed.REPLY, "delay", "2026-03-06 16:00", "2026-03-07 10:30"),
        (Owed.FINDINGS, "delay", "2026-03-02 09:00", "2026-03-03 18:00"),
        (Owed.FINDINGS, "damage", "2026-03-06 09:00", "2026-03-09 18:00"),  # Friday: Saturday, Monday
        (Owed.FINDINGS, "loss", "2026-03-08 09:00", "2026-03-11 18:00"),  # from a Sunday
        (Owed.TELL_SOLUTION, "delay", "2026-03-02 09:00", "2026-03-03 00:00"),
        (Owed.TELL_SOLUTION, "delay", "2026-03-02 23:50", "2026-03-03 00:50"),  # at least an hour
        (Owed.LEGAL_ANSWER, "delay", "2026-03-02 00:00", "2026-03-10 00:00"),
        (Owed.LEGAL_ANSWER, "delay", "2026-03-02 23:59", "2026-03-10 00:00"),
        (Owed.CONFIRM_DONE, "delay", "2026-03-07 12:34", "2026-03-09 12:34"),
        (Owed.APPROVAL, "loss", "2026-03-07 17:00", "2026-03-09 09:30"),
    ],
)
def test_each_obligation_of_the_starter_rulebook_is_due_on_its_own_clock(owed: Owed, category: str, start: str, end: str) -> None:
    assert due(PLAN.clock(owed, category), at(start), DESK) == at(end)


def test_half_of_a_service_clock_is_half_its_opening_time() -> None:
    rule = ContractClock(measure=Measure.SERVICE_TIME, time=timedelta(hours=4))
    start = at("2026-03-02 11:00")
    assert contract(rule, start, DESK).at(50) == at("2026-03-02 14:30")
    assert contract(rule, start, DESK).at(100) == at("2026-03-02 16:30")
    assert contract(rule, start, DESK).at(150) == at("2026-03-03 09:00")


def test_half_of_a_calendar_clock_is_half_the_wall_time() -> None:
    rule = ContractClock(measure=Measure.CALENDAR_DAYS, days=1)
    assert contract(rule, at("2026-03-07 00:00"), DESK).at(50) == at("2026-03-08 00:00")
    assert contract(rule, at("2026-03-07 00:00"), DESK).at(200) == at("2026-03-11 00:00")


def test_an_approval_left_in_silence_is_decided_by_rule_after_two_more_service_hours() -> None:
    approval = PLAN.clock(Owed.APPROVAL, "loss")
    assert isinstance(approval, ContractClock)
    assert contract(approval, at("2026-03-07 17:00"), DESK).at(200) == at("2026-03-09 11:30")


def test_days_begin_and_end_at_local_midnight() -> None:
    late = at("2026-03-02 23:59")
    assert day_starts(late, 3, DESK) == at("2026-03-05 00:00")
    assert day_ends(late, 7, DESK) == at("2026-03-10 00:00")
    assert day_starts(at("2026-03-02 23:59").astimezone(UTC), 0, DESK) == at("2026-03-02 00:00")


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-02 09:00", 0, "2026-03-02 18:00"),
        ("2026-03-02 18:00", 0, "2026-03-03 18:00"),
        ("2026-03-08 09:00", 0, "2026-03-09 18:00"),
        ("2026-03-02 23:00", 10, "2026-03-13 18:00"),
    ],
)
def test_working_days_are_counted_after_the_day_itself(start: str, days: int, end: str) -> None:
    assert working_days_after(at(start), days, DESK) == at(end)


def test_a_clock_without_its_length_says_so() -> None:
    with pytest.raises(ValueError, match="needs a time"):
        due(ContractClock(measure=Measure.ELAPSED), at("2026-03-02 09:00"), DESK)
    with pytest.raises(ValueError, match="number of days"):
        due(ContractClock(measure=Measure.WORKING_DAYS), at("2026-03-02 09:00"), DESK)


rules = st.one_of(
    st.builds(
        ContractClock,
        measure=st.sampled_from([Measure.ELAPSED, Measure.SERVICE_TIME]),
        time=st.integers(1, 60 * 60).map(lambda n: timedelta(minutes=n)),
    ),
    st.builds(
        ContractClock,
        measure=st.sampled_from([Measure.WORKING_DAYS, Measure.CALENDAR_DAYS]),
        days=st.integers(0, 30),
        at_least=st.sampled_from([timedelta(0), timedelta(hours=1)]),
    ),
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of hypothesis
desks = st.sampled_from(
    [
        DESK,
        Calendar({day: [("00:00", "24:00")] for day in DAYS}, tz="Asia/Shanghai"),
        Calendar({"wed": [("23:00", "24:00")]}, tz="America/New_York"),
    ]
)


@given(rules, starts, desks, st.integers(1, 100), st.integers(100, 300))
def test_a_clock_used_in_full_is_due_and_its_parts_are_in_order(
    rule: ContractClock, start: datetime, desk: Calendar, part: int, beyond: int
) -> None:
    end = due(rule, start, desk)
    assert start < end == contract(rule, start, desk).at(100)
    assert start <= contract(rule, start, desk).at(part) <= end <= contract(rule, start, desk).at(beyond)


@given(rules, starts, starts, desks)
def test_what_starts_later_is_never_due_earlier(rule: ContractClock, a: datetime, b: datetime, desk: Calendar) -> None:
    assert due(rule, min(a, b), desk) <= due(rule, max(a, b), desk)
