"""The sections of a rulebook document, as pydantic models, and the plan they resolve to.

Sums are fen, shares percent, durations ISO 8601. Every section says where its numbers come from (`source`, which a row may
override) and whether somebody checked the primary text (`verified`).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.plan import (
    ApprovalLimits,
    CapRule,
    CasePlan,
    CategoryPlan,
    Cause,
    Clause,
    ClockRule,
    CompensationPlan,
    ContractClock,
    DaysEnd,
    DaysStart,
    Frozen,
    LegalClock,
    PenaltyPlan,
    Rung,
    VisitsPlan,
)
from domain.values import ClockKind, Fen, Measure, Owed, Party, Severity, Validity

Code = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]
Labels = dict[Literal["zh", "en"], Annotated[str, Field(min_length=1, max_length=500)]]
Positive = Annotated[int, Field(strict=True, gt=0, le=100_000_000_00)]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]


class Sourced(Frozen):
    """A section: the key of its source, and whether somebody checked the primary text."""

    source: str
    verified: bool = False


class Source(Frozen):
    labels: Labels
    verified: bool = False


class Desk(Sourced):
    timezone: str
    week: dict[str, list[tuple[str, str]]]


class Clock(Frozen):
    measure: Measure
    time: timedelta | None = Field(default=None, ge=timedelta(0), le=timedelta(days=365))
    days: Days | None = None
    kind: ClockKind = ClockKind.CONTRACT
    at_least: timedelta = Field(default=timedelta(0), ge=timedelta(0), le=timedelta(days=1))
    starts: DaysStart = DaysStart.AS_IS
    ends: DaysEnd = DaysEnd.DAY
    source: str | None = None

    @property
    def rule(self) -> ClockRule:
        kind = LegalClock if self.kind is ClockKind.LEGAL else ContractClock
        given = {name: getattr(self, name) for name in ("measure", "time", "days", "at_least", "starts", "ends")}
        return kind(**given)


class Clocks(Sourced):
    obligations: dict[Owed, Clock]


class Ladders(Sourced):
    default: tuple[Rung, ...]
    special: dict[Owed, tuple[Rung, ...]] = Field(default_factory=dict)


class CategoryRule(Frozen):
    labels: Labels
    handler: Literal["origin", "destination"]
    schedule: str
    default_cause: str
    clocks: dict[Owed, Clock] = Field(default_factory=dict)
    source: str | None = None


class Categories(Sourced):
    codes: dict[Code, CategoryRule]


class CauseRule(Frozen):
    labels: Labels
    validity: Validity
    shares: dict[Party, Annotated[int, Field(strict=True, gt=0, le=100)]]
    clauses: tuple[str, ...] = ()
    source: str | None = None


class Causes(Sourced):
    codes: dict[Code, CauseRule]


class ClauseRule(Frozen):
    text: Labels
    amount: Positive
    multiplied: bool = True
    beneficiary: str = Field(default="hq:quality_fund", pattern=r"^(hq:[a-z_]+|unit:[A-Za-z0-9_-]+)$")
    source: str | None = None


class Penalties(Sourced):
    clauses: dict[Code, ClauseRule]
    multipliers: dict[Severity, Annotated[int, Field(strict=True, ge=100, le=1000)]]
    cap: Positive


class Limits(Sourced):
    computed_free: Fen = Field(strict=True, ge=0)
    goodwill_free: Fen = Field(strict=True, ge=0)
    manager: Positive


class Cap(Sourced):
    floor: Positive
    times_freight: int = Field(strict=True, ge=0, le=1000)
    ceiling: Positive


class Compensation(Sourced):
    cap: Cap
    goodwill_ceiling: Fen = Field(strict=True, ge=0)
    total_delay_days_same_region: Days
    total_delay_days: Days


class Visits(Sourced):
    first_from: Days
    first_to: Days
    second_from: Days
    second_to: Days
    count: dict[Validity, Annotated[int, Field(strict=True, ge=0, le=2)]]
    tries: int = Field(strict=True, ge=1, le=10)
    evening_from: str
    hours: tuple[str, str]


class Calls(Sourced):
    """When two calls are one request, and the same decision sent twice one decision."""

    same_request_within: timedelta = Field(ge=timedelta(0), le=timedelta(days=1))
    same_act_within: timedelta = Field(ge=timedelta(0), le=timedelta(days=1))


class Rulebook(Frozen):
    """The whole document, as published. See `rulebooks/starter.yaml` for one with every section."""

    version: str = Field(pattern=r"^[0-9A-Za-z._-]{1,40}$")
    effective: date
    note: str = Field(min_length=1, max_length=2000)
    sources: dict[str, Source]
    desk: Desk
    categories: Categories
    clocks: Clocks
    ladders: Ladders
    limits: Limits
    compensation: Compensation
    causes: Causes
    penalties: Penalties
    visits: Visits
    calls: Calls

    @cached_property
    def resolved(self) -> CasePlan:
        """What it says, without the units of a case and its own hash."""
        categories = {code: _category(rule) for code, rule in self.categories.codes.items()}
        causes = {code: Cause(**_values(rule)) for code, rule in self.causes.codes.items()}
        clauses = {code: Clause(**_values(rule)) for code, rule in self.penalties.clauses.items()}
        special = {owed.value: rungs for owed, rungs in self.ladders.special.items()}
        return CasePlan(
            version=self.version,
            hash="",
            timezone=self.desk.timezone,
            week=self.desk.week,
            units={},
            categories=categories,
            causes=causes,
            clocks={owed: clock.rule for owed, clock in self.clocks.obligations.items()},
            ladders={"default": self.ladders.default} | special,
            limits=ApprovalLimits(**_values(self.limits)),
            compensation=CompensationPlan(**_values(self.compensation) | {"cap": CapRule(**_values(self.compensation.cap))}),
            penalties=PenaltyPlan(clauses=clauses, multipliers=self.penalties.multipliers, cap=self.penalties.cap),
            visits=VisitsPlan(**_values(self.visits)),
            same_request_within=self.calls.same_request_within,
            same_act_within=self.calls.same_act_within,
        )


def _values(rule: Frozen) -> dict[str, Any]:
    """The fields of a rule that are rules: not where they come from, nor what people read."""
    return {name: getattr(rule, name) for name in type(rule).model_fields if name not in ("source", "verified", "labels", "text")}


def _category(rule: CategoryRule) -> CategoryPlan:
    return CategoryPlan(**_values(rule) | {"clocks": {owed: clock.rule for owed, clock in rule.clocks.items()}})
