"""The network's calendar as it is kept, and the desk of one unit: the network's hours, what it adds, what HQ took away.

A unit's calendar only ever adds (domain §3). Its weekly additions hold on every day but those the network closes (a holiday,
or a date with no hours); hours it adds to a date hold on that date whatever the network does; a day in `closed` is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Self, TypeAlias, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from domain.calendar import DAYS, Calendar, Hours, minutes
from domain.plan import CalendarPlan, Day, Frozen, Spans, UnitHours

_Spans: TypeAlias = tuple[tuple[str, str], ...]
_Day = TypeVar("_Day", str, date)
NO_HOURS = UnitHours()
ALWAYS: dict[str, Spans] = {"mon": [("00:00", "24:00")]}
MOST_DATES = 3000
MOST_OF_A_UNIT = 100
"""Dates of a kind in a calendar: the network's for all its years, a unit's for what lies ahead (each complaint carries it)."""


def _named(days: Any) -> Any:
    """A bare list of dates is a list of days without names."""
    return dict.fromkeys(days, "") if isinstance(days, list | tuple) else days


Days = Annotated[dict[Day, str], BeforeValidator(_named), Field(max_length=MOST_DATES)]


class NetworkCalendar(Frozen):
    """The network's calendar for all its years; a complaint carries the stretch it may need (`plan`).

    `holidays` and make-up working days (`working`, 调休) are dates with their names. A make-up day has Monday's hours, unless
    `overrides` gives it its own. `years` are those the source knew; in any other the week alone applies.
    """

    week: dict[str, Spans] | None = None
    holidays: Days = Field(default_factory=dict)
    working: Days = Field(default_factory=dict)
    overrides: Annotated[dict[Day, Spans], Field(max_length=MOST_DATES)] = Field(default_factory=dict)
    source: Annotated[str, Field(max_length=200)] = ""
    years: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        Calendar(ALWAYS if self.week is None else self.week, overrides=self.overrides)
        if twice := sorted(self.holidays.keys() & self.working.keys()):
            raise ValueError(f"{twice[0]} is both a holiday and a working day")
        return self

    def knows(self, year: int) -> bool:
        """Whether its source knew that year, or somebody entered days of it by hand."""
        return year in self.years or any(day.year == year for day in (*self.holidays, *self.working))

    def plan(self, week: Mapping[str, Hours], first: date, last: date) -> CalendarPlan:
        """What it says of the days from `first` to `last`, over the rulebook's `week`."""
        usual = week if self.week is None else self.week
        monday = [(span[0], span[1]) for span in usual.get("mon") or next(hours for hours in usual.values() if hours)]
        overrides = dict.fromkeys(self.working, monday) | self.overrides
        return CalendarPlan(
            version=self.source,
            week=self.week,
            holidays=tuple(day for day in sorted(self.holidays) if first <= day <= last),
            overrides={day: overrides[day] for day in sorted(overrides) if first <= day <= last},
        )


def sound(hours: UnitHours) -> UnitHours:
    """The hours themselves; ValueError for spans or days that make no sense."""
    if max(len(hours.dates), len(hours.closed)) > MOST_OF_A_UNIT:
        raise ValueError(f"more than {MOST_OF_A_UNIT} dates; put into `week` what comes every week")
    Calendar({**ALWAYS, **{day: spans for day, spans in hours.week.items() if day != "mon" or spans}}, overrides=hours.dates)
    return hours


def within(hours: UnitHours, first: date, last: date) -> UnitHours | None:
    """What a unit's own hours say of the days from `first` to `last`; None when they say nothing."""
    dates = {day: spans for day, spans in hours.dates.items() if first <= day <= last}
    closed = tuple(day for day in hours.closed if first <= day <= last)
    return UnitHours(week=hours.week, dates=dates, closed=closed) if hours.week or dates or closed else None


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
