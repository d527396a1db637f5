"""A unit's desk: never open less than the network's, unless HQ says so."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import DAYS, Calendar, minutes
from domain.hours import desk_calendar, union
from domain.plan import CalendarPlan, Spans, UnitHours

SHANGHAI = "Asia/Shanghai"
HOURS: Spans = [("08:30", "12:00"), ("13:30", "18:00")]
WEEK = dict.fromkeys(DAYS[:6], HOURS)
MONDAY, SUNDAY, HOLIDAY, MAKE_UP, SHORT = (
    date(2026, 9, 28),
    date(2026, 9, 27),
    date(2026, 10, 1),
    date(2026, 10, 11),
    date(2026, 9, 30),
)
NETWORK = CalendarPlan(holidays=(HOLIDAY,), overrides={MAKE_UP: HOURS, SHORT: [("08:30", "12:00")]})


def desk(hours: UnitHours | None = None, exceptions: CalendarPlan = NETWORK) -> Calendar:
    return desk_calendar(week=WEEK, tz=SHANGHAI, exceptions=exceptions, hours=hours)


def opened(calendar: Calendar, day: date) -> float:
    """Hours of a day on which the desk is open."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(SHANGHAI))
    return calendar.between(midnight, midnight + timedelta(days=1)) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("hours", "day", "open_for"),
    [
        (None, MONDAY, 8),
        (None, HOLIDAY, 0),
        (None, MAKE_UP, 8),
        (None, SHORT, 3.5),
        (UnitHours(week={"sun": [("09:00", "12:00")]}), SUNDAY, 3),
        (UnitHours(week={"mon": [("12:00", "13:30")]}), MONDAY, 9.5),  # the midday break filled
        (UnitHours(week={"mon": [("17:00", "20:00")]}), MONDAY, 10),
        (UnitHours(week={"thu": [("18:00", "20:00")]}), HOLIDAY, 0),  # a weekly addition is none on a holiday
        (UnitHours(week={"sun": [("18:00", "20:00")]}), MAKE_UP, 10),
        (UnitHours(dates={HOLIDAY: [("10:00", "12:00")]}), HOLIDAY, 2),
        (UnitHours(dates={MONDAY: [("18:00", "19:00")]}), MONDAY, 9),
        (UnitHours(week={"mon": [("18:00", "19:00")]}, dates={MONDAY: [("19:00", "20:00")]}), MONDAY, 10),
        (UnitHours(closed=(MONDAY,)), MONDAY, 0),
        (UnitHours(week={"mon": [("18:00", "19:00")]}, dates={MONDAY: HOURS}, closed=(MONDAY,)), MONDAY, 0),  # closed wins
    ],
)
def test_a_unit_adds_hours_and_hq_takes_days_away(hours: UnitHours | None, day: date, open_for: float) -> None:
    assert opened(desk(hours), day) == open_for


def test_a_date_hq_left_without_hours_gets_none_from_a_units_week() -> None:
    shut = CalendarPlan(overrides={MONDAY: []})
    assert opened(desk(UnitHours(week={"mon": [("18:00", "20:00")]}), shut), MONDAY) == 0


def test_the_networks_own_week_replaces_the_rulebooks() -> None:
    assert opened(desk(None, CalendarPlan(week={"sun": [("10:00", "11:00")]})), SUNDAY) == 1
    assert opened(desk(None, CalendarPlan(week={"sun": [("10:00", "11:00")]})), MONDAY) == 0


def test_the_same_hours_are_one_calendar() -> None:
    assert desk(UnitHours(closed=(MONDAY,))) is desk(UnitHours(closed=(MONDAY,)))
    assert desk() is not desk(UnitHours(closed=(MONDAY,)))


def test_spans_that_touch_or_overlap_become_one() -> None:
    assert union([("13:30", "18:00"), ("08:30", "12:00")], [("12:00", "13:30")]) == (("08:30", "18:00"),)
    assert union([("08:00", "12:00")], [("09:00", "10:00")]) == (("08:00", "12:00"),)
    assert union([("22:00", "24:00")], [("20:00", "21:00")]) == (("20:00", "21:00"), ("22:00", "24:00"))


def test_a_day_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown day of the week 'monday'"):
        desk(UnitHours(week={"monday": HOURS}))


spans = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(
    lambda edges: [(_at(a), _at(b)) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)]
)
dates = st.dates(date(2026, 9, 20), date(2026, 10, 15))
networks = st.builds(
    CalendarPlan, holidays=st.lists(dates, max_size=4).map(tuple), overrides=st.dictionaries(dates, spans, max_size=4)
)
units = st.builds(
    UnitHours, week=st.dictionaries(st.sampled_from(DAYS), spans, max_size=3), dates=st.dictionaries(dates, spans, max_size=3)
)


def _at(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


@given(networks, units, dates, st.integers(0, 24 * 4 - 1))
def test_whenever_the_network_is_open_so_is_every_unit(network: CalendarPlan, unit: UnitHours, day: date, quarter: int) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(SHANGHAI)) + timedelta(minutes=quarter * 15)
    own = desk(unit, network).is_open(moment)
    assert own or not desk(None, network).is_open(moment)
    added = [*unit.dates.get(day, []), *unit.week.get(DAYS[day.weekday()], [])]
    if own and not desk(None, network).is_open(moment):
        assert any(minutes(a) <= quarter * 15 < minutes(b) for a, b in added)
