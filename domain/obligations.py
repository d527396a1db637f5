"""Obligations: who owes what by when on which clock, what stops it, and what happens at each rung of its ladder."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel

from domain.values import ClockKind, Measure, Owed, Role

OPENS, DUTY, LATE = "opens", "duty", "late"
"""What happens by itself besides the rungs of ladders.

`duty`: the HQ duty desk (值班) takes it over; `late`: it falls due and no rung of its ladder says so.
"""


class Ending(StrEnum):
    """How a wait ended: answered by somebody, by default (a rung acted), moot (no longer needed), or with the complaint."""

    ANSWERED = "answered"
    DEFAULT = "default"
    MOOT = "moot"
    ENDED = "ended"


class Step(BaseModel):
    """A rung with its moment: at `at`, `does` happens to `whom` (a role at a unit). `rung` is its place in the ladder."""

    at: datetime
    does: str
    whom: str = "holder"
    role: Role | None = None
    unit: str | None = None
    at_due: bool = False
    rung: int = 0
    clause: str | None = None


class Granted(BaseModel):
    """More time for something owed: until when, and when that was decided.

    `end` is when that is were the clock never to stand still: what stands still already is not given twice. `length` is what
    the clock (of `measure`) counts until then, by which another calendar moves it.
    """

    at: datetime
    until: datetime
    end: datetime | None = None
    length: timedelta | None = None
    measure: Measure | None = None


class Held(BaseModel):
    """Who owed it before, and until when: an emergency stops the clock while the unit it hits owes it."""

    unit: str
    until: datetime


class Obligation(BaseModel):
    """One thing owed by one party. `key` is unique in the complaint, e.g. `1:findings:foshan`.

    `about` tells apart what one unit owes twice: the review or the query it belongs to. Until `opens_at` it is only
    planned. `late` stays true for ever: `late_since` and `late_unit` say since when and by whom, `late_by` by how many
    seconds of its own measure in the end. `next_at` and `next_does` are what will happen by itself.

    What it is wound by, whenever its clock moves: `hours_of` (the unit whose desk it was given to; none for what 0.1.0 wound,
    which stays as it is), `held` (who owed it before), `window` (or `window_days`, reckoned from `since`) or `due_by` instead of
    the plan's length, `granted` more time, and the rungs `taken`.
    """

    key: str
    owed: Owed
    role: Role
    unit: str
    sub: str | None = None
    about: str | None = None
    since: datetime
    opens_at: datetime
    due: datetime
    measure: Measure
    kind: ClockKind
    steps: list[Step] = []
    late: bool = False
    late_since: datetime | None = None
    late_unit: str | None = None
    late_by: int | None = None
    paused_until: datetime | None = None
    hours_of: str | None = None
    held: list[Held] = []
    window: tuple[datetime, datetime] | None = None
    window_days: tuple[int, int] | None = None
    due_by: datetime | None = None
    granted: Granted | None = None
    without_default: bool = False
    taken: list[int] = []
    opened: bool = False
    ended_at: datetime | None = None
    ending: Ending | None = None

    def may_be_met(self, now: datetime) -> bool:
        """Its time has come, whether or not the alarm has said so yet."""
        return self.ending is None and self.opens_at <= now

    @property
    def is_open(self) -> bool:
        return self.opened and self.ending is None

    @property
    def next_at(self) -> datetime | None:
        """When something happens by itself: it opens, or the next rung. None when nothing will."""
        if self.ending is not None:
            return None
        if not self.opened:
            return self.opens_at
        return self.steps[0].at if self.steps else None

    @property
    def next_does(self) -> str | None:
        if self.ending is not None:
            return None
        if not self.opened:
            return OPENS
        return self.steps[0].does if self.steps else None
