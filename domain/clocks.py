"""The clocks of the house (domain §3): when something is due, and when a part of its time is used.

Four measures: `elapsed` on the wall; `service_time` only while the desk is open; `working_days` until the desk closes on the
N-th working day after the start day; `calendar_days` until 24:00 of the N-th day after it. Clocks of days may also end at the
time of day they began, or at the opening that follows it (`ends`), and be counted from the next opening when they begin after
closing (`starts`). Every result is in UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

from domain.calendar import Calendar, as_utc
from domain.plan import CasePlan, ClockRule, DaysEnd
from domain.values import Measure

_WALL = (Measure.ELAPSED, Measure.CALENDAR_DAYS)


def due(rule: ClockRule, start: datetime, calendar: Calendar) -> datetime:
    """When what began at `start` is due."""
    start = as_utc(start)
    match rule.measure:
        case Measure.ELAPSED:
            end = start + _time(rule)
        case Measure.SERVICE_TIME:
            end = calendar.add(start, _time(rule))
        case Measure.WORKING_DAYS:
            end = _working_days(rule, start, calendar)
        case Measure.CALENDAR_DAYS:
            end = _calendar_days(rule, start, calendar)
    return max(end, start + rule.at_least)


def moment(rule: ClockRule, start: datetime, percent: int, calendar: Calendar) -> datetime:
    """When `percent` of the clock is used; 100 is exactly when it is due, and beyond that the same pace goes on.

    Clocks that only run while desks do (`service_time`, `working_days`) are divided in opening time, the others on the wall.
    """
    start, end = as_utc(start), due(rule, start, calendar)
    if percent == 100:
        return end
    if rule.measure in _WALL:
        return start + (end - start) * percent / 100
    whole = calendar.between(start, end)
    if percent < 100:
        return min(end, calendar.add(start, whole * percent / 100))
    return calendar.add(end, whole * (percent - 100) / 100)


def _working_days(rule: ClockRule, start: datetime, calendar: Calendar) -> datetime:
    if rule.ends is DaysEnd.DAY:
        return working_days_after(calendar.starting(start, rule.starts), _days(rule), calendar)
    return calendar.add_days(start, _days(rule), rule.ends is DaysEnd.OPENING, rule.starts)


def _calendar_days(rule: ClockRule, start: datetime, calendar: Calendar) -> datetime:
    begins = calendar.starting(start, rule.starts)
    if rule.ends is DaysEnd.DAY:
        return day_ends(begins, _days(rule), calendar)
    kept = calendar.same_time(begins, calendar.local_date(begins) + timedelta(days=_days(rule)))
    return calendar.next_open(kept) if rule.ends is DaysEnd.OPENING else kept


def working_days_after(t: datetime, n: int, calendar: Calendar) -> datetime:
    """When the desk closes on the n-th working day after the day of `t`; with 0 its own day, unless it has closed by then."""
    day = calendar.local_date(as_utc(t))
    closing = calendar.closing(calendar.working_day_after(day, n))
    return closing if closing > t else calendar.closing(calendar.working_day_after(day, 1))


def day_starts(t: datetime, n: int, calendar: Calendar) -> datetime:
    """00:00 local of the n-th day after the day of `t`."""
    return calendar.midnight(calendar.local_date(as_utc(t)) + timedelta(days=n))


def day_ends(t: datetime, n: int, calendar: Calendar) -> datetime:
    """24:00 local of the n-th day after the day of `t`."""
    return day_starts(t, n + 1, calendar)


def calendar_of(plan: CasePlan) -> Calendar:
    """The calendar of a case; one per weekly pattern and zone in the process."""
    return _calendar(plan.timezone, tuple((day, tuple(map(tuple, hours))) for day, hours in sorted(plan.week.items())))


@lru_cache(maxsize=256)
def _calendar(zone: str, week: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]) -> Calendar:
    return Calendar(dict(week), tz=zone)


def _time(rule: ClockRule) -> timedelta:
    if rule.time is None:
        raise ValueError(f"a clock measured in {rule.measure} needs a time")
    return rule.time


def _days(rule: ClockRule) -> int:
    if rule.days is None:
        raise ValueError(f"a clock measured in {rule.measure} needs a number of days")
    return rule.days
