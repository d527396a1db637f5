"""The opening times of a desk week by week: reckoned once for each week that is asked for, and one total for all usual ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate
from typing import Any, NamedTuple

from domain.walltime import DAYS, FURTHEST, Hours, Span, date_of, instant, moments, only_dates, spans_of

LONGEST_CLOSURE = 3660
"""Days in a row without an opening after which a calendar is said never to open again."""
_KEPT = 2000
_NOTHING = timedelta(0)


def week_of(day: date) -> int:
    """Weeks begin on Mondays, and the first day of the proleptic calendar is one."""
    return (day.toordinal() - 1) // 7


class Week(NamedTuple):
    """A week's spans as moments, and how long the desk has been open in it when each of them begins."""

    opens: list[datetime]
    closes: list[datetime]
    before: list[timedelta]
    total: timedelta

    def until(self, t: datetime) -> timedelta:
        """The opening time of the week until `t`."""
        place = bisect_right(self.opens, t) - 1
        return _NOTHING if place < 0 else self.before[place] + (min(t, self.closes[place]) - self.opens[place])

    def first(self, opened: timedelta) -> datetime:
        """The first moment until which the desk was open so long: a closing rather than the opening after it."""
        place = bisect_left(self.before, opened) - 1
        return self.opens[place] + (opened - self.before[place])

    def last(self, opened: timedelta) -> datetime:
        """The last moment until which the desk was open so long: an opening rather than the closing before it."""
        place = bisect_right(self.before, opened) - 1
        return self.opens[place] + (opened - self.before[place])


class Weeks:
    """The spans of `week` (mon..sun) in a zone, but for days off and days with spans of their own; ValueError without hours."""

    def __init__(
        self, week: Mapping[str, Hours], holidays: Collection[date], overrides: Mapping[date, Hours], zone: tzinfo
    ) -> None:
        self._zone = zone
        self._days = tuple(spans_of(day, week.get(day) or ()) for day in DAYS)
        if not any(self._days):
            raise ValueError("the desk is never open: the week has no hours")
        self._holidays = frozenset(only_dates(holidays or (), "the holiday"))
        changed = only_dates(overrides, "the override of")
        self._overrides = {day: spans_of(day.isoformat(), overrides[day] or ()) for day in changed}
        self._usual = timedelta(minutes=sum(closes - opens for spans in self._days for opens, closes in spans))
        self._unusual = {week_of(day) for day in (*self._holidays, *self._overrides)}
        self._known: dict[int, Week] = {}
        self._totals: dict[int, timedelta] = {}

    def hours(self, day: date) -> tuple[tuple[int, int], ...]:
        """The spans of a day in minutes after midnight; none when the desk is closed."""
        if day in self._overrides:
            return self._overrides[day]
        return () if day in self._holidays else self._days[day.weekday()]

    def moments(self, ordinal: int) -> Iterator[Span]:
        """The same as moments, by the day's ordinal."""
        return moments(self.hours(date_of(ordinal)), ordinal, self._zone)

    def running(self, number: int, step: int) -> Iterator[int]:
        """Weeks one after the other; ValueError when the desk stays closed in all of them."""
        closed = 0
        for there in range(number, number + step * (FURTHEST // 7), step):
            closed = 0 if self.open_in(there) else closed + 7
            if closed > LONGEST_CLOSURE:
                raise never(step)
            yield there

    def open_in(self, number: int) -> timedelta:
        """How long the desk is open in a week; one without special days or a change of the clock is like any other."""
        if (known := self._totals.get(number)) is not None:
            return known
        monday = number * 7 + 1
        steady = instant(monday + 7, 0, self._zone) - instant(monday, 0, self._zone) == timedelta(days=7)
        total = self._usual if steady and number not in self._unusual else self.week(number).total
        _make_room(self._totals)
        return self._totals.setdefault(number, total)

    def week(self, number: int) -> Week:
        if (known := self._known.get(number)) is not None:
            return known
        spans = [span for ordinal in range(number * 7 + 1, number * 7 + 8) for span in self.moments(ordinal)]
        *before, total = accumulate((closes - opens for opens, closes in spans), initial=_NOTHING)
        _make_room(self._known)
        return self._known.setdefault(number, Week([span[0] for span in spans], [span[1] for span in spans], before, total))


def never(step: int) -> ValueError:
    return ValueError(
        "the desk never opens again in this calendar" if step > 0 else "the desk was never open before in this calendar"
    )


def _make_room(kept: dict[int, Any]) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
