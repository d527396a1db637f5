"""The plan of one complaint: everything the active rulebook says about it, resolved at intake and pinned for life.

A `CasePlan` travels into the workflow as data (at most 64 kB), so a rulebook published later moves nothing. What people
read - labels, clause texts, letters - stays in the rulebook and is found there by the pinned version.
Money is fen, durations are timedeltas, multipliers are in percent (150 = ×1.5).
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.values import ClockKind, Fen, Measure, Owed, Party, Severity, UnitKind, Validity


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitPlan(Frozen):
    """One unit as the case knows it. `ancestors` are the units above, nearest first, HQ last."""

    code: str
    kind: UnitKind
    ancestors: tuple[str, ...] = ()

    @property
    def above(self) -> str:
        return self.ancestors[0] if self.ancestors else self.code


class ClockRule(Frozen):
    """How long something may take.

    `time` is for elapsed and service_time, `days` for working_days and calendar_days; `at_least` is the least time a
    same-day clock leaves (domain §3: tell_solution).
    """

    measure: Measure
    time: timedelta | None = None
    days: int | None = None
    kind: ClockKind = ClockKind.CONTRACT
    at_least: timedelta = timedelta(0)


class RungDoes(StrEnum):
    """What happens at a rung: `remind` the holder, `tell` somebody above, or act by `default`."""

    REMIND = "remind"
    TELL = "tell"
    DEFAULT = "default"


class Rung(Frozen):
    """One rung of a ladder, at `percent` of the clock (100 = due).

    Instead: `days_late` working days after due, or `after` a time on the wall.
    """

    percent: int = 100
    days_late: int = 0
    after: timedelta | None = None
    does: RungDoes
    whom: Literal["holder", "manager", "above", "hq_supervisor"] = "holder"


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


class Clause(Frozen):
    """One penalty clause of the service-quality rules: fen per parcel; `multiplied` for repeat and severe."""

    amount: Fen
    multiplied: bool = True
    beneficiary: str = "hq:quality_fund"


class PenaltyPlan(Frozen):
    clauses: dict[str, Clause]
    multipliers: dict[Severity, int]
    cap: Fen


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


class VisitsPlan(Frozen):
    """Windows in calendar days: visit 1 after `resolved`, visit 2 after visit 1; how many visits by what."""

    first_from: int
    first_to: int
    second_from: int
    second_to: int
    count: dict[Validity, int]
    tries: int
    evening_from: str
    hours: tuple[str, str]


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

    def clock(self, owed: Owed, category: str) -> ClockRule:
        """The clock of an obligation: the category's own, else the rulebook's."""
        own = self.categories[category].clocks.get(owed) if category in self.categories else None
        return own or self.clocks[owed]

    def ladder(self, owed: Owed) -> tuple[Rung, ...]:
        return self.ladders.get(owed.value, self.ladders["default"])
