"""What is sent to change dated facts: calendars, emergencies, record-only periods, the state of a unit."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from api.fields import Body, Code, Day, Line, When, Words, Yes
from domain.hours import NetworkCalendar, sound
from domain.plan import Period, Spans, UnitHours
from domain.values import UnitState

Weekday = Annotated[str, Field(pattern="^(mon|tue|wed|thu|fri|sat|sun)$")]
Named = dict[Day, Annotated[str, Field(max_length=80)]]
"""Days with the name of each, which may be empty."""


class NetworkHours(Body):
    """The network's calendar, whole: what is left out is not kept."""

    week: dict[Weekday, Spans] | None = None
    holidays: Named | list[Day] = Field(default_factory=dict)
    working: Named | list[Day] = Field(default_factory=dict)
    overrides: dict[Day, Spans] = Field(default_factory=dict)
    source: Annotated[str, Field(max_length=200)] = ""
    years: Annotated[list[Annotated[int, Field(ge=2000, le=2100)]], Field(max_length=100)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        self.calendar  # noqa: B018 - its refusal names what is wrong
        return self

    @property
    def calendar(self) -> NetworkCalendar:
        return NetworkCalendar.model_validate(self.model_dump())


class OwnHours(Body):
    """What a unit adds to the network's hours, whole; `closed` are days HQ takes away, which stay as they are when left out."""

    week: dict[Weekday, Spans] = Field(default_factory=dict)
    dates: dict[Day, Spans] = Field(default_factory=dict)
    closed: list[Day] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        sound(self.hours(()))
        return self

    def hours(self, closed: tuple[date, ...]) -> UnitHours:
        """With the days that are closed already, unless it says which are."""
        taken = closed if self.closed is None else tuple(sorted(set(self.closed)))
        return UnitHours(week=self.week, dates=self.dates, closed=taken)


class TwoTongues(Body):
    zh: Words
    en: Words


class Effects(Body):
    """Contract clocks stretch, visits are held, an exemption is noted for rulings."""

    stretch: Yes = True
    hold_visits: Yes = True
    exclusion: Yes = True


class NewEmergency(Body):
    region: Line | None = None
    branches: Annotated[list[Code], Field(max_length=500)] = Field(default_factory=list)
    from_: When = Field(alias="from")
    to: When
    text: TwoTongues
    effects: Effects = Effects()

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if (self.region is None) == (not self.branches):
            raise ValueError("an emergency is of a region or of branches: name one of the two")
        return self


class Extension(Body):
    to: When


class Lifting(Body):
    reason: Words | None = None


class NewState(Body):
    """Open, suspended (no new complaints), or closed with the unit that does its work (without one, the HQ desk)."""

    state: UnitState
    successor: Code | None = None


class RecordOnly(Body):
    """Rulings of these days are made but not charged; both days included."""

    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("the last day comes before the first")
        return self

    @property
    def period(self) -> Period:
        return Period(first=self.first, last=self.last)
