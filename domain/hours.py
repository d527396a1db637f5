"""The desk of one unit: the network's hours, with what the unit adds to them and what HQ took away.

A unit's calendar only ever adds (domain §3). Its weekly additions hold on every day but those the network closes (a holiday,
or a date with no hours); hours it adds to a date hold on that date whatever the network does; a day in `closed` is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import TypeAlias, TypeVar

from domain.calendar import DAYS, Calendar, Hours, minutes
from domain.plan import CalendarPlan, UnitHours

_Spans: TypeAlias = tuple[tuple[str, str], ...]
_Day = TypeVar("_Day", str, date)
NO_HOURS = UnitHours()


def desk_calendar(*, week: Mapping[str, Hours], tz: str, exceptions: CalendarPlan, hours: UnitHours | None) -> Calendar:
    """The calendar of a unit's desk; one per content in the process. ValueError as `Calendar` raises it."""
    own = hours or NO_HOURS
    return _desk(
        tz,
        _frozen(week if exceptions.week is None else exceptions.week),
        exceptions.holidays,
        _frozen(exceptions.overrides),
        _frozen(own.week),
        _frozen(own.dates),
        own.closed,
    )


@lru_cache(maxsize=512)
def _desk(
    tz: str,
    week: tuple[tuple[str, _Spans], ...],
    holidays: tuple[date, ...],
    overrides: tuple[tuple[date, _Spans], ...],
    weekly: tuple[tuple[str, _Spans], ...],
    dates: tuple[tuple[date, _Spans], ...],
    closed: tuple[date, ...],
) -> Calendar:
    network, set_by_hq, every_week, once = dict(week), dict(overrides), dict(weekly), dict(dates)
    days_off = set(holidays)

    def on(day: date) -> _Spans:
        name = DAYS[day.weekday()]
        if day in closed:
            return ()
        base = set_by_hq.get(day, () if day in days_off else network.get(name, ()))
        open_that_day = bool(base) or not (day in set_by_hq or day in days_off)
        return union(base, every_week.get(name, ()) if open_that_day else (), once.get(day, ()))

    pattern = {
        name: union(network.get(name, ()), every_week.get(name, ())) for name in DAYS if name in network or name in every_week
    }
    unknown = {name: spans for name, spans in (network | every_week).items() if name not in DAYS}  # for Calendar to refuse
    return Calendar(pattern | unknown, days_off, {day: on(day) for day in {*set_by_hq, *once, *closed}}, tz)


def union(*hours: Iterable[tuple[str, str]]) -> _Spans:
    """The spans of one day put together; those that touch become one."""
    merged: list[list[int]] = []
    for opens, closes in sorted((minutes(opens), minutes(closes)) for spans in hours for opens, closes in spans):
        if merged and opens <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], closes)
        else:
            merged.append([opens, closes])
    return tuple((_clock(opens), _clock(closes)) for opens, closes in merged)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _frozen(hours: Mapping[_Day, Hours]) -> tuple[tuple[_Day, _Spans], ...]:
    return tuple((day, tuple((span[0], span[1]) for span in spans)) for day, spans in hours.items())
