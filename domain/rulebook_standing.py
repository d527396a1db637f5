"""The sections about the house itself: scores and targets, what is sampled, who signs what, and the clocks around complaints."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field

from domain.rulebook_conduct import SecondLook
from domain.rulebook_parts import Clock, Code, Days, Labels, Later, Percent
from domain.values import Measure, Role


class Around(StrEnum):
    """What is owed around complaints rather than in one."""

    ENQUIRY = "enquiry"
    RETENTION = "retention"
    CORRECTIVE_PLAN = "corrective_plan"
    CUSTOMER_RECORD = "customer_record"
    SHEET_DRAFT = "sheet_draft"
    SHEET_SIGNATURE = "sheet_signature"
    SHEET_CORRECTION = "sheet_correction"
    SHEET_PUBLICATION = "sheet_publication"
    SHEET_EXECUTION = "sheet_execution"
    MONTH_CLOSE = "month_close"
    FUND_APPROVAL = "fund_approval"
    LOST_PROCESS = "lost_process"


AROUND_THE_BOOKS: Mapping[Around, Clock] = MappingProxyType(
    {
        Around.SHEET_DRAFT: Clock(measure=Measure.CALENDAR_DAYS, days=0),
        Around.SHEET_SIGNATURE: Clock(measure=Measure.WORKING_DAYS, days=3),
        Around.SHEET_CORRECTION: Clock(measure=Measure.WORKING_DAYS, days=1),
        Around.SHEET_PUBLICATION: Clock(measure=Measure.WORKING_DAYS, days=1),
        Around.SHEET_EXECUTION: Clock(measure=Measure.WORKING_DAYS, days=5),
        Around.MONTH_CLOSE: Clock(measure=Measure.WORKING_DAYS, days=10),
        Around.FUND_APPROVAL: Clock(measure=Measure.WORKING_DAYS, days=2),
        Around.LOST_PROCESS: Clock(measure=Measure.ELAPSED, time=timedelta(hours=2)),
    }
)
"""Where a rulebook published before these had clocks says nothing."""


class ScorePart(Later):
    labels: Labels
    points: Annotated[int, Field(strict=True, gt=0, le=1000)]
    group: Code


class Target(Later):
    """A monthly target in percent: `at_least`, or `below`."""

    labels: Labels
    at_least: Percent | None = None
    below: Percent | None = None


class Weight(Later):
    labels: Labels
    weight: Percent


class Scoring(Later):
    """The monthly service score (服务评分), the targets, and what each weighs in the appraisal (percent)."""

    points: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 0
    parts: dict[Code, ScorePart] = Field(default_factory=dict)
    targets: dict[Code, Target] = Field(default_factory=dict)
    appraisal: dict[Code, Weight] = Field(default_factory=dict)


class Sampling(Later):
    """How many are looked at: customers asked, visits inspected in the field, decisions that cost their author nothing."""

    customers_asked: Percent = 100
    inspected_in_the_field: Percent = 0
    second_look: SecondLook | None = None


class Signatures(Later):
    """Who drafts, signs and executes; the one who signs did not draft."""

    drafted_by: Role
    signed_by: Role
    executed_by: Role | None = None
    drafted_on_day: Annotated[int, Field(strict=True, ge=1, le=28)] | None = None


class RulebookSignatures(Later):
    """A rulebook is drafted, reviewed and approved by this many different people."""

    people: Literal[3] = 3
    approved_by: Role = Role.HQ_SUPERVISOR


class SignOff(Later):
    penalty_sheet: Signatures | None = None
    rulebook: RulebookSignatures = RulebookSignatures()


class Segment(Later):
    """A kind of customer, and after how many days without word the unit looks them up."""

    labels: Labels
    visited_every_days: Days | None = None


class Customers(Later):
    segments: dict[Code, Segment] = Field(default_factory=dict)
    leaving_reasons: dict[Code, Labels] = Field(default_factory=dict)


class Improvement(Later):
    """Who owes a corrective plan (整改): the last so many units of a month; flagged after so many months among them."""

    last_units: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    flagged_after_months: Annotated[int, Field(strict=True, ge=1, le=24)] = 3
