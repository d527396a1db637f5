"""The sections of a rulebook document that decide a complaint, the whole document, and the plan it resolves to.

Sums are fen, shares percent, durations ISO 8601. Every section says where its numbers come from (`source`, which a row may
override) and whether somebody checked the primary text (`verified`).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal, TypeVar

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
    Day,
    Frozen,
    PenaltyPlan,
    Rung,
    VisitsPlan,
)
from domain.plan import (
    IfFound as IfFoundPlan,
)
from domain.plan import (
    VisitTier as VisitTierPlan,
)
from domain.rulebook_conduct import (
    AfterClosing,
    Delays,
    FalseSignoff,
    Gravity,
    InKind,
    NextDoors,
    Notices,
    Pauses,
    Phrases,
    Promises,
    Reviews,
    VisitTier,
)
from domain.rulebook_parts import Amount, Clock, Code, Days, Duration, Labels, Percent, Positive, Source, Sourced
from domain.rulebook_standing import AROUND_THE_BOOKS, Around, Customers, Improvement, Sampling, Scoring, SignOff
from domain.values import Fen, Owed, Party, Severity, Validity

Planned = TypeVar("Planned", bound=Frozen)
__all__ = ["BANDS", "Band", "Clock", "IfFound", "Labels", "Limits", "Rulebook", "Source", "Visits"]


class Desk(Sourced):
    timezone: str
    week: dict[str, list[tuple[str, str]]]


class Clocks(Sourced):
    obligations: dict[Owed, Clock]
    around: dict[Around, Clock] = Field(default_factory=dict)
    duty_before: Duration = timedelta(hours=24)

    def around_the_books(self, what: Around) -> ClockRule:
        return (self.around.get(what) or AROUND_THE_BOOKS[what]).rule


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


class IfFound(IfFoundPlan):
    """What is left of a penalty, in percent, if the parcel is found within so many days: of the ruling, or of the complaint."""

    within_days: Days
    percent: Percent


class ClauseRule(Frozen):
    text: Labels
    amount: Positive
    multiplied: bool = True
    once: bool = False
    found: IfFound | None = None
    beneficiary: str = Field(default="hq:quality_fund", pattern=r"^(hq:[a-z_]+|unit:[A-Za-z0-9_-]+)$")
    source: str | None = None


class Penalties(Sourced):
    clauses: dict[Code, ClauseRule]
    multipliers: dict[Severity, Annotated[int, Field(strict=True, ge=100, le=1000)]]
    cap: Positive


BANDS = ("rule", "branch_manager", "hq_supervisor")


class Band(Frozen):
    """Who approves what is computed, from one sum to another, both included (fen); the last has no end."""

    from_amount: Amount
    up_to: Amount | None = None
    by: Literal["rule", "branch_manager", "hq_supervisor"]


class Limits(Sourced):
    """Up to where nobody approves (`computed_free`, `goodwill_free`), and up to where the manager does; or as `bands`."""

    goodwill_free: Amount
    computed_free: Amount | None = None
    manager: Positive | None = None
    bands: tuple[Band, ...] = ()

    @property
    def free(self) -> Fen:
        return (self.bands[0].up_to if self.bands else self.computed_free) or 0

    @property
    def managers(self) -> Fen:
        return (self.bands[1].up_to if self.bands else self.manager) or 0


class Cap(Sourced):
    floor: Positive
    times_freight: int = Field(strict=True, ge=0, le=1000)
    ceiling: Positive


class Compensation(Sourced):
    cap: Cap
    goodwill_ceiling: Fen = Field(strict=True, ge=0)
    total_delay_days_same_region: Days
    total_delay_days: Days
    false_signoff: FalseSignoff = FalseSignoff()
    in_kind: InKind = InKind()


class Visits(Sourced):
    first_from: Days
    first_to: Days
    second_from: Days
    second_to: Days
    count: dict[Validity, Annotated[int, Field(strict=True, ge=0, le=2)]]
    tries: int = Field(strict=True, ge=1, le=10)
    evening_from: str
    hours: tuple[str, str]
    tiers: tuple[VisitTier, ...] = ()


class Calls(Sourced):
    """When two calls are one request, and the same decision sent twice one decision."""

    same_request_within: timedelta = Field(ge=timedelta(0), le=timedelta(days=1))
    same_act_within: timedelta = Field(ge=timedelta(0), le=timedelta(days=1))


class Rulebook(Frozen):
    """The whole document, as published. See `rulebooks/starter.yaml` for one with every section."""

    version: str = Field(pattern=r"^[0-9A-Za-z._-]{1,40}$")
    effective: Day
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
    pauses: Pauses = Pauses()
    delays: Delays = Delays()
    promises: Promises = Promises()
    phrases: Phrases = Phrases()
    notices: Notices = Notices()
    gravity: Gravity = Gravity()
    reviews: Reviews = Reviews()
    after_closing: AfterClosing = AfterClosing()
    next_doors: NextDoors = NextDoors()
    scoring: Scoring = Scoring()
    sampling: Sampling = Sampling()
    sign_off: SignOff = SignOff()
    customers: Customers = Customers()
    improvement: Improvement = Improvement()

    @cached_property
    def resolved(self) -> CasePlan:
        """What it says, without the units of a case and its own hash."""
        special = {owed.value: rungs for owed, rungs in self.ladders.special.items()}
        clauses = {
            code: _pick(Clause, rule, found=rule.found and _pick(IfFoundPlan, rule.found))
            for code, rule in self.penalties.clauses.items()
        }
        return CasePlan(
            version=self.version,
            hash="",
            timezone=self.desk.timezone,
            week=self.desk.week,
            units={},
            categories={code: _category(rule) for code, rule in self.categories.codes.items()},
            causes={code: _pick(Cause, rule) for code, rule in self.causes.codes.items()},
            clocks={Owed.PARCEL_CHOICE: self.after_closing.choice, **{o: c.rule for o, c in self.clocks.obligations.items()}},
            ladders={"default": self.ladders.default} | special,
            limits=_pick(ApprovalLimits, self.limits, computed_free=self.limits.free, manager=self.limits.managers),
            compensation=_pick(
                CompensationPlan,
                self.compensation,
                cap=_pick(CapRule, self.compensation.cap),
                false_signoff_within=self.compensation.false_signoff.produced_within,
            ),
            penalties=PenaltyPlan(
                clauses=clauses,
                multipliers=self.penalties.multipliers,
                cap=self.penalties.cap,
                objection_days=self.reviews.objection_working_days,
                corrected_until_days=self.reviews.corrected_until_days,
                opened_until_days=self.reviews.opened_until_days,
                summary=self.reviews.summary,
            ),
            visits=_pick(VisitsPlan, self.visits, tiers=tuple(_pick(VisitTierPlan, tier) for tier in self.visits.tiers)),
            same_request_within=self.calls.same_request_within,
            same_act_within=self.calls.same_act_within,
            pauses=self.pauses.plan,
            delays=self.delays.plan,
            duty_before=self.clocks.duty_before,
        )


def _pick(kind: type[Planned], rule: Frozen, **instead: object) -> Planned:
    """What a complaint needs of a rule: not where it comes from, nor what people read, nor what is decided elsewhere."""
    return kind(**{name: getattr(rule, name) for name in kind.model_fields if name not in instead} | instead)


def _category(rule: CategoryRule) -> CategoryPlan:
    return _pick(CategoryPlan, rule, clocks={owed: clock.rule for owed, clock in rule.clocks.items()})
