"""The clocks of the house (domain §3): when something is due, and when a part of its time is used.

Four measures: `elapsed` on the wall; `service_time` only while the desk is open; `working_days` until the desk closes on the
N-th working day after the start day; `calendar_days` until 24:00 of the N-th day after it. Clocks of days may also end at the
time of day they began, or at the opening that follows it (`ends`), and be counted from the next opening when they begin after
closing (`starts`). Every result is in UTC.

A clock that runs is a `Running`. Time in which it stands still is taken from it as far as the clock would have counted it:
opening time from `service_time` and `working_days`, time on the wall from the others (ADR 11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from domain.calendar import Calendar, Span, as_utc
from domain.plan import ClockRule, ContractClock, DaysEnd, LegalClock
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


def counted(measure: Measure, a: datetime, b: datetime, calendar: Calendar) -> timedelta:
    """How much of the time from `a` to `b` a clock of that measure counts."""
    return max(b - a, timedelta(0)) if measure in _WALL else calendar.between(a, max(a, b))


def later(measure: Measure, t: datetime, amount: timedelta, calendar: Calendar) -> datetime:
    """The moment `amount` of counted time after `t`; with nothing, `t` itself."""
    if not amount:
        return t
    return t + amount if measure in _WALL else calendar.add(t, amount)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping and touching times as one, in order: several pauses at once count once."""
    whole: list[Span] = []
    for begins, ends in sorted(span for span in spans if span[0] < span[1]):
        if whole and begins <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], ends))
        else:
            whole.append((begins, ends))
    return tuple(whole)


@dataclass(frozen=True)
class Running:
    """A clock that began at `since` and, were it never to stand still, would divide `start` to `end`.

    `start` is `since`, or the opening of a window; `length` what it counts in all, where `end` does not say that. `until` is what
    was said when it was made longer: it is due just then, also after closing, when nothing is counted in between.
    """

    measure: Measure
    start: datetime
    end: datetime
    calendar: Calendar
    standstills: tuple[Span, ...] = ()
    length: timedelta | None = None
    until: datetime | None = None

    def pushed(self, t: datetime) -> datetime:
        """`t` moved on by what the clock would have counted of the standstills that begin before it."""
        for begins, ends in self.standstills:
            if begins >= t:
                break
            t = later(self.measure, t, counted(self.measure, begins, ends, self.calendar), self.calendar)
        return t

    def unpushed(self, t: datetime) -> datetime:
        """The moment that is `pushed` to `t`; where the clock stands still at `t`, to the end of that."""
        for begins, ends in reversed(self.standstills):
            if begins < t:
                earlier = later(self.measure, t, -counted(self.measure, begins, ends, self.calendar), self.calendar)
                t = max(earlier, begins + timedelta.resolution)
        return t

    @property
    def whole(self) -> timedelta:
        return counted(self.measure, self.start, self.end, self.calendar) if self.length is None else self.length

    @property
    def opens(self) -> datetime:
        return self.pushed(self.start)

    @property
    def due(self) -> datetime:
        due = self.pushed(self.end)
        if self.until is not None and due < self.until and not counted(self.measure, due, self.until, self.calendar):
            return self.until
        return due

    def at(self, percent: int) -> datetime:
        """When `percent` of the clock is used; 100 is exactly when it is due, and beyond that the same pace goes on."""
        if percent == 100:
            return self.due
        begins, part = (self.start, percent) if percent < 100 else (self.end, percent - 100)
        counts = self.whole * part / 100
        at = begins + counts if self.measure in _WALL else self.calendar.add(begins, counts)
        return self.pushed(min(at, self.end) if percent < 100 else at)

    def ending(self, end: datetime, until: datetime | None = None) -> Running:
        """The same clock, longer or shorter."""
        return replace(self, end=end, until=until)

    def stopped_at(self, due: datetime) -> Running:
        """It was due at `due`, whatever it would be now: what stands still later moves only the rungs beyond."""
        return replace(self, end=due, until=None, length=self.whole, standstills=clipped(self.standstills, due))

    def late_by(self, now: datetime, since: datetime) -> timedelta:
        """The counted time from `since`, when it became late, to `now`, less what it stood still."""
        whole = counted(self.measure, since, now, self.calendar)
        still = ((max(begins, since), min(ends, now)) for begins, ends in self.standstills)
        return whole - sum((counted(self.measure, a, b, self.calendar) for a, b in still if a < b), timedelta(0))


class LateClock(BaseModel):
    """What the lateness of one obligation counts by: a measure, the hours of whose desk, and when it stood still since.

    Kept with the obligation, so that whoever reads it later says by how much it is late by then.
    """

    model_config = ConfigDict(frozen=True)

    measure: Measure
    hours_of: str | None = None
    still: tuple[Span, ...] = ()

    def late_by(self, since: datetime, now: datetime, calendar: Calendar) -> timedelta:
        return Running(self.measure, since, since, calendar, self.still).late_by(now, since)


def legal(rule: LegalClock, since: datetime, calendar: Calendar) -> Running:
    """The law's clock: nothing moves it, so it takes nothing that could."""
    return Running(rule.measure, as_utc(since), due(rule, since, calendar), calendar)


def contract(
    rule: ContractClock,
    since: datetime,
    calendar: Calendar,
    *,
    standstills: Iterable[Span] = (),
    window: Span | None = None,
    due_by: datetime | None = None,
) -> Running:
    """The network's own clock: it stands still, is pulled forward to a customer's deadline (`due_by`), or has a `window`.

    What was pulled forward runs on the wall, and is never due later than it would be by itself.
    """
    start, end = window or (as_utc(since), due(rule, since, calendar))
    own = Running(Measure.ELAPSED if window else rule.measure, start, end, calendar, clipped(standstills, since))
    if due_by is None or not start < due_by < end:
        return own
    return min(replace(own, measure=Measure.ELAPSED, end=due_by), own, key=lambda running: running.due)


def clipped(standstills: Iterable[Span], since: datetime) -> tuple[Span, ...]:
    """What of them lies after `since`, merged."""
    return merged((max(begins, since), ends) for begins, ends in standstills)


def _time(rule: ClockRule) -> timedelta:
    if rule.time is None:
        raise ValueError(f"a clock measured in {rule.measure} needs a time")
    return rule.time


def _days(rule: ClockRule) -> int:
    if rule.days is None:
        raise ValueError(f"a clock measured in {rule.measure} needs a number of days")
    return rule.days
