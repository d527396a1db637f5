"""When a desk is open: a weekly pattern of opening hours, days off and days with hours of their own, in one zone.

Aware datetimes in, UTC datetimes out. Spans are wall time; durations are real time inside them. Nothing walks over minutes,
and what lies far away is reached by whole weeks.

Daylight saving (ADR 12): an hour that the clock skips is in no span, so an all-day Sunday has 23 hours; an hour that it shows
twice counts once, the first time it is shown, so an all-day Sunday never has more than 24.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta, tzinfo

from domain.walltime import DAYS, FURTHEST, Hours, Span, as_utc, date_of, instant, minutes, of_kind, out_of_reach, zone_named
from domain.weeks import LONGEST_CLOSURE, Weeks, never, week_of

__all__ = ["DAYS", "Calendar", "Hours", "Span", "as_utc", "minutes", "zone_named"]

AS_IS, NEXT_OPENING_AFTER_CLOSING = "as_is", "next_opening_after_closing"
"""The start rules of a clock of days (`DaysStart` of the plan)."""

_NOTHING = timedelta(0)


class Calendar:
    """The opening hours of a desk.

    `week` maps mon..sun to the spans of that day (a day left out is closed), `holidays` are closed, and `overrides` give a
    date its own spans, also on a holiday; `tz` is a name or a zone. ValueError for a week without hours, an unknown zone,
    spans that make no sense; and for whatever is called with a time without zone or reaches too far. TypeError for what is no
    week, time, duration or number at all.
    """

    def __init__(
        self,
        week: Mapping[str, Hours],
        holidays: Collection[date] = frozenset(),
        overrides: Mapping[date, Hours] | None = None,
        tz: str | tzinfo = "Asia/Shanghai",
    ) -> None:
        of_kind(week, Mapping, "a week, mon to sun and their spans")
        if unknown := [day for day in week if day not in DAYS]:
            raise ValueError(f"unknown day of the week {unknown[0]!r}; the days are {', '.join(DAYS)}")
        self.zone: tzinfo = tz if isinstance(tz, tzinfo) else zone_named(tz)
        self._weeks = Weeks(week, holidays, overrides or {}, self.zone)

    def is_open(self, t: datetime) -> bool:
        """Whether the desk is open at `t`; at the moment of closing it is closed."""
        t = as_utc(t)
        week = self._weeks.week(self._week_at(t))
        place = bisect_right(week.opens, t) - 1
        return place >= 0 and t < week.closes[place]

    def next_open(self, t: datetime) -> datetime:
        """The first moment from `t` on after which the desk is open: `t` itself, else the next opening."""
        t = as_utc(t)
        for number in self._weeks.running(self._week_at(t), 1):
            week = self._weeks.week(number)
            place = bisect_right(week.closes, t)
            if place < len(week.opens):
                return max(t, week.opens[place])
        raise out_of_reach(t.year)

    def previous_open(self, t: datetime) -> datetime:
        """The last moment until `t` before which the desk was open: `t` itself, else the closing before."""
        t = as_utc(t)
        for number in self._weeks.running(self._week_at(t), -1):
            week = self._weeks.week(number)
            place = bisect_left(week.opens, t) - 1
            if place >= 0:
                return min(t, week.closes[place])
        raise out_of_reach(t.year)

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """The first moment at which `amount` of opening time has passed since `start`; a negative amount goes backwards.

        Nothing added to a time when the desk is closed is the next opening: that is when its clock begins to run.
        """
        t = as_utc(start)
        of_kind(amount, timedelta, "a timedelta")
        if not amount:
            return self.next_open(t)
        if abs(amount.days) > FURTHEST:
            raise out_of_reach(t.year + amount.days // 366)
        begins = self._week_at(t)
        opened = self._weeks.week(begins).until(t) + amount
        for number in self._weeks.running(begins, 1 if amount > _NOTHING else -1):
            total = self._weeks.open_in(number)
            if amount > _NOTHING:
                if opened <= total:
                    return self._weeks.week(number).first(opened)
                opened -= total
            else:
                opened += total if number != begins else _NOTHING
                if opened >= _NOTHING:
                    return self._weeks.week(number).last(opened)
        raise out_of_reach(t.year)

    def between(self, a: datetime, b: datetime) -> timedelta:
        """The opening time between two moments, negative when `b` is the earlier."""
        a, b = as_utc(a), as_utc(b)
        if b < a:
            return -self.between(b, a)
        first, last = self._week_at(a), self._week_at(b)
        if (last - first) * 7 > FURTHEST:
            raise out_of_reach(b.year)
        whole = sum((self._weeks.open_in(number) for number in range(first, last)), _NOTHING)
        return whole - self._weeks.week(first).until(a) + self._weeks.week(last).until(b)

    def add_days(self, start: datetime, n: int, snap: bool = False, start_rule: str = AS_IS) -> datetime:
        """The n-th working day after that of `start` (before it, when negative), at the same time of day.

        A start on a day without hours first rolls to the working day next to it in the same direction; with 0 days it stays
        where it is. With `snap`, a time when the desk is closed becomes the next opening, or going backwards the closing
        before (`next_open`, `previous_open`). For `start_rule` see `starting`.
        """
        of_kind(n, int, "a whole number of days")
        t = self.starting(start, start_rule)
        nearest = self.previous_open if n < 0 else self.next_open
        if n == 0:
            return nearest(t) if snap else t
        edge = _NOTHING
        if snap and not self.is_working_day(self.local_date(t)):
            edge = timedelta.resolution if n < 0 else edge  # a closing at 24:00 belongs to the day it ends
            t = nearest(t) - edge
        day = self.local_date(t)
        if not self.is_working_day(day):
            day = self.working_day_after(day, -1 if n < 0 else 0)
        kept = self.same_time(t, self.working_day_after(day, n)) + edge
        return nearest(kept) if snap else kept

    def starting(self, t: datetime, start_rule: str = AS_IS) -> datetime:
        """From when days are counted: from `t` as it is, or by the other rule from the next opening once the desk has closed.

        By that rule a time on a day without hours is first taken to the next working day, at the same time of day.
        """
        t = as_utc(t)
        if start_rule == AS_IS:
            return t
        if start_rule != NEXT_OPENING_AFTER_CLOSING:
            raise ValueError(f"unknown start rule {start_rule!r}; there are {AS_IS} and {NEXT_OPENING_AFTER_CLOSING}")
        day = self.local_date(t)
        if not self.is_working_day(day):
            day = self.working_day_after(day, 0)
            t = self.same_time(t, day)
        return self.next_open(t) if t >= self.closing(day) else t

    def is_working_day(self, day: date) -> bool:
        """Whether the desk opens at all on that day."""
        return bool(self._weeks.hours(day))

    def closing(self, day: date) -> datetime:
        """When the desk closes for the day; ValueError on a day it does not open."""
        if not (hours := self._weeks.hours(day)):
            raise ValueError(f"the desk is closed on {day.isoformat()}")
        spans = list(self._weeks.moments(day.toordinal()))
        return spans[-1][1] if spans else instant(day.toordinal(), hours[-1][1], self.zone)  # all of it skipped by the clock

    def working_day_after(self, day: date, n: int) -> date:
        """The n-th working day after `day`, before it when negative; with 0, `day` or the next working day when it is none."""
        step = -1 if n < 0 else 1
        left, closed, ordinal = max(abs(n), 1), 0, day.toordinal() + (step if n else 0)
        for far in range(FURTHEST):
            there = date_of(ordinal + far * step)
            if self._weeks.hours(there):
                left, closed = left - 1, 0
                if left <= 0:
                    return there
            elif (closed := closed + 1) > LONGEST_CLOSURE:
                raise never(step)
        raise out_of_reach(date_of(ordinal + FURTHEST * step).year)

    def local_date(self, t: datetime) -> date:
        """The day it is at `t` where the desk is."""
        return self._local(t).date()

    def midnight(self, day: date) -> datetime:
        """When that day begins where the desk is."""
        return instant(day.toordinal(), 0, self.zone)

    def same_time(self, t: datetime, day: date) -> datetime:
        """The time of day of `t` on another day: of a repeated one the first, of a skipped one as much later as was skipped."""
        return as_utc(datetime.combine(day, self._local(t).time(), self.zone))

    def _local(self, t: datetime) -> datetime:
        try:
            return t.astimezone(self.zone)
        except OverflowError:
            raise out_of_reach(t.year) from None

    def _week_at(self, t: datetime) -> int:
        return week_of(self.local_date(t))
