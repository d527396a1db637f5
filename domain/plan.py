"""The plan of one complaint: everything the active rulebook says about it, resolved at intake and pinned for life.

A `CasePlan` travels into the workflow as data (at most 64 kB), so a rulebook published later moves nothing. What people
read - labels, clause texts, letters - stays in the rulebook and is found there by the pinned version.
Money is fen, durations are timedeltas, multipliers are in percent (150 = ×1.5).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.values import ClockKind, Fen, Measure, Owed, Party, Role, Severity, UnitKind, UnitState, Validity

Spans: TypeAlias = list[tuple[str, str]]
"""The opening hours of one day: `("HH:MM", "HH:MM")`, in order, up to 24:00."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _written(day: Any) -> Any:
    if isinstance(day, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII):
        return day
    if isinstance(day, date) and not isinstance(day, datetime):
        return day
    raise ValueError("a day is written as in 2026-05-23")  # pydantic takes 86400 for the second of January 1970


Day = Annotated[date, BeforeValidator(_written)]
"""A day that somebody wrote down: nothing else is read as one."""


class CalendarPlan(Frozen):
    """What the network's calendar says besides the rulebook's week: a dated fact, which no rulebook pins.

    `week` replaces the rulebook's own when it is given; `holidays` are closed; `overrides` give a date hours of its own (a
    make-up working day 调休, a short day), also on a holiday. Dates from the day the plan was made, for 400 days.
    """

    version: str = ""
    week: dict[str, Spans] | None = None
    holidays: tuple[date, ...] = ()
    overrides: dict[date, Spans] = Field(default_factory=dict)


class UnitHours(Frozen):
    """How a unit's desk differs from the network's: hours it adds, and days that HQ took away (`closed`)."""

    week: dict[str, Spans] = Field(default_factory=dict)
    dates: dict[Day, Spans] = Field(default_factory=dict)
    closed: tuple[Day, ...] = ()


class EmergencyPlan(Frozen):
    """An emergency (应急) that a unit is in: contract clocks of the unit stand still, visits to its customers are held."""

    id: str
    starts: datetime
    ends: datetime
    stretches: bool = True
    holds_visits: bool = True
    exempts: bool = True


class Period(Frozen):
    """From one day to another, both included."""

    first: date
    last: date


class DatedFacts(Frozen):
    """What is true on a day whatever the rulebook says (domain §4): not pinned, told to running complaints as it changes.

    `version` counts the changes: what is older than what a complaint knows is no news to it.
    """

    version: int = 0
    calendar: CalendarPlan = CalendarPlan()
    record_only: tuple[Period, ...] = ()


class UnitPlan(Frozen):
    """One unit as the case knows it. `ancestors` are the units above, nearest first, HQ last.

    `state`, `successor`, `hours` and `emergencies` are dated facts.
    """

    code: str
    kind: UnitKind
    ancestors: tuple[str, ...] = ()
    state: UnitState = UnitState.OPEN
    successor: str | None = None
    hours: UnitHours | None = None
    emergencies: tuple[EmergencyPlan, ...] = ()

    @property
    def above(self) -> str:
        return self.ancestors[0] if self.ancestors else self.code


class DaysEnd(StrEnum):
    """When a clock of days ends: as its last day does (closing, or 24:00), at the time of day it began, or at an opening."""

    DAY = "day"
    TIME_OF_DAY = "time_of_day"
    OPENING = "opening"


class DaysStart(StrEnum):
    """From when days are counted: the moment itself, or, after the desk has closed for the day, the next opening."""

    AS_IS = "as_is"
    NEXT_OPENING_AFTER_CLOSING = "next_opening_after_closing"


class _Clock(Frozen):
    """How long something may take.

    `time` is for elapsed and service_time, `days` for working_days and calendar_days; `at_least` is the least time a
    same-day clock leaves (domain §3: tell_solution); `starts` and `ends` are for days.
    """

    measure: Measure
    time: timedelta | None = None
    days: int | None = None
    at_least: timedelta = timedelta(0)
    starts: DaysStart = DaysStart.AS_IS
    ends: DaysEnd = DaysEnd.DAY


class LegalClock(_Clock):
    """The law's own: on the wall, never paused, loosened or stretched. What moves clocks takes `ContractClock` only."""

    kind: Literal[ClockKind.LEGAL] = ClockKind.LEGAL


class ContractClock(_Clock):
    """The network's promise: it may be paused, delayed and stretched, with author and reason."""

    kind: Literal[ClockKind.CONTRACT] = ClockKind.CONTRACT


ClockRule: TypeAlias = Annotated[LegalClock | ContractClock, Field(discriminator="kind")]


class RungDoes(StrEnum):
    """What happens at a rung.

    `remind` the holder, `tell` somebody above, `reassign` the obligation to them, open a lateness line under a clause
    (`penalty`), or act by `default`.
    """

    REMIND = "remind"
    TELL = "tell"
    REASSIGN = "reassign"
    PENALTY = "penalty"
    DEFAULT = "default"


class Rung(Frozen):
    """One rung of a ladder, at `percent` of the clock (100 = due).

    Instead: `days_late` working days after due, or `after` a time on the wall.
    """

    percent: int = 100
    days_late: int = 0
    after: timedelta | None = None
    does: RungDoes
    whom: Literal["holder", "manager", "above", "hq_desk", "hq_supervisor"] = "holder"
    clause: str | None = None


class CategoryPlan(Frozen):
    """Routing and clocks of one complaint category."""

    handler: Literal["origin", "destination"]
    schedule: str
    default_cause: str
    clocks: dict[Owed, ClockRule] = Field(default_factory=dict)


class Cause(Frozen):
    """One row of the liability matrix: the defaults where findings name only a cause code."""

    validity: Validity
    shares: dict[Party, int]
    clauses: tuple[str, ...] = ()


class IfFound(Frozen):
    """What is left of a penalty, in percent, if the parcel is found within so many days of the ruling, or of the complaint."""

    within_days: int
    percent: int
    counted_from: Literal["ruling", "receipt"] = "ruling"


class Clause(Frozen):
    """One penalty clause of the service-quality rules: fen per parcel; `multiplied` for repeat and severe.

    `once` is the clause that a complaint knows one line of, whichever unit and day.
    """

    amount: Fen
    multiplied: bool = True
    beneficiary: str = "hq:quality_fund"
    once: bool = False
    found: IfFound | None = None


class SummaryPlan(Frozen):
    """What is small enough to be ruled without a hearing: the round's advance (fen), and how many clauses of the matrix."""

    up_to: Fen = 0
    clauses: int = 0


class PenaltyPlan(Frozen):
    clauses: dict[str, Clause]
    multipliers: dict[Severity, int]
    cap: Fen
    objection_days: int = 3
    corrected_until_days: int = 30
    opened_until_days: int = 30
    summary: SummaryPlan | None = None
    """None for what was received before summary rulings were made."""


class ApprovalLimits(Frozen):
    """Who approves what (domain §2.3), in fen."""

    computed_free: Fen
    goodwill_free: Fen
    manager: Fen


class CapRule(Frozen):
    """The contract cap: the higher of `floor` and `times_freight` × freight, at most `ceiling` (fen)."""

    floor: Fen
    times_freight: int
    ceiling: Fen


class CompensationPlan(Frozen):
    cap: CapRule
    goodwill_ceiling: Fen
    total_delay_days_same_region: int
    total_delay_days: int
    false_signoff_within: timedelta = timedelta(hours=48)


class VisitTier(Frozen):
    """From a severity and a sum paid (fen) on: how many visits, and whether the HQ desk makes them."""

    severity: Severity
    from_amount: Fen = 0
    visits: int
    visitor: Literal["owner", "hq_desk"] = "owner"


class VisitsPlan(Frozen):
    """Windows in calendar days: visit 1 after `resolved`, visit 2 after visit 1; how many visits by what.

    `count` says how many for a validity at most; the last of `tiers` that applies, how many and by whom.
    """

    first_from: int
    first_to: int
    second_from: int
    second_to: int
    count: dict[Validity, int]
    tries: int
    evening_from: str
    hours: tuple[str, str]
    tiers: tuple[VisitTier, ...] = ()

    def tier(self, severity: Severity, paid: Fen) -> VisitTier | None:
        """The last tier that applies to a complaint of that severity in which that much was paid."""
        fit = [tier for tier in self.tiers if tier.severity.rank <= severity.rank and tier.from_amount <= paid]
        return fit[-1] if fit else None


class PauseReason(Frozen):
    """A reason for which `by` may pause a complaint themselves, at most `times` in it (None: as often as need be)."""

    by: tuple[Role, ...]
    times: int | None = None
    longest: timedelta = timedelta(days=7)


class PausePlan(Frozen):
    """HQ quality pauses for any reason in words; everybody else for one of these. None is longer than `longest`."""

    reasons: dict[str, PauseReason] = Field(default_factory=dict)
    longest: timedelta = timedelta(days=7)


class DelayRule(Frozen):
    """Who may grant more time for something owed, how often in a complaint, and how many working days at once."""

    by: Role
    times: int
    days: int


EDITION = 2
"""How the process works now. A complaint begun with it needs no markers in its history for what came after 0.1.0 (1)."""

ADDED_LATER: dict[Owed, ContractClock] = {
    Owed.PROMISE: ContractClock(measure=Measure.ELAPSED, time=timedelta(days=1)),
    Owed.DELAY_DECISION: ContractClock(measure=Measure.SERVICE_TIME, time=timedelta(hours=2)),
    Owed.OBJECTION: ContractClock(measure=Measure.WORKING_DAYS, days=3),
    Owed.OBJECTION_DECISION: ContractClock(measure=Measure.WORKING_DAYS, days=3),
    Owed.CORRECTION: ContractClock(measure=Measure.WORKING_DAYS, days=5),
    Owed.PARCEL_CHOICE: ContractClock(measure=Measure.CALENDAR_DAYS, days=7),
    Owed.REPAYMENT: ContractClock(measure=Measure.WORKING_DAYS, days=5),
}
"""Clocks of obligations that rulebooks published before them do not name."""

_CLIMB = (Rung(does=RungDoes.TELL, whom="manager"), Rung(percent=200, does=RungDoes.TELL, whom="hq_supervisor"))
LADDERS_ADDED_LATER: dict[Owed, tuple[Rung, ...]] = {
    Owed.OBJECTION: (Rung(does=RungDoes.DEFAULT),),
    Owed.OBJECTION_DECISION: (*_CLIMB, Rung(days_late=10, does=RungDoes.DEFAULT)),
    Owed.CORRECTION: (*_CLIMB, Rung(days_late=10, does=RungDoes.DEFAULT)),
    Owed.PARCEL_CHOICE: (
        Rung(percent=33, does=RungDoes.REMIND),
        Rung(percent=66, does=RungDoes.REMIND),
        Rung(does=RungDoes.DEFAULT),
    ),
    Owed.REPAYMENT: _CLIMB,
}
"""Ladders of those in which silence has an answer of its own; the default one ends with somebody being told."""


class CasePlan(Frozen):
    """What the rulebook version a complaint was received under says about it."""

    version: str
    hash: str
    timezone: str
    week: dict[str, list[tuple[str, str]]]
    units: dict[str, UnitPlan]
    categories: dict[str, CategoryPlan]
    causes: dict[str, Cause]
    clocks: dict[Owed, ClockRule]
    ladders: dict[str, tuple[Rung, ...]]
    limits: ApprovalLimits
    compensation: CompensationPlan
    penalties: PenaltyPlan
    visits: VisitsPlan
    same_request_within: timedelta
    same_act_within: timedelta
    approval_by_rule_after_late: bool = True
    continue_after_events: int = 4000
    pauses: PausePlan = PausePlan()
    delays: dict[Owed, DelayRule] = Field(default_factory=dict)
    dated: DatedFacts = DatedFacts()
    duty_before: timedelta = timedelta(days=1)
    edition: int = 1

    def clock(self, owed: Owed, category: str) -> LegalClock | ContractClock:
        """The clock of an obligation: the category's own, else the rulebook's, else what was owed before rulebooks said so."""
        own = self.categories[category].clocks.get(owed) if category in self.categories else None
        return own or self.clocks.get(owed) or ADDED_LATER[owed]

    def ladder(self, owed: Owed) -> tuple[Rung, ...]:
        return self.ladders.get(owed.value) or LADDERS_ADDED_LATER.get(owed) or self.ladders["default"]
