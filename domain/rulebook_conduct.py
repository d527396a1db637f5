"""The sections about how people conduct a complaint: pauses, delays, promises, what is said to customers, what is grave."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from domain.notices import Template
from domain.plan import ContractClock, DelayRule, PausePlan, PauseReason, SummaryPlan
from domain.rulebook_parts import Amount, Code, Days, Duration, Labels, Later, Percent, Times
from domain.values import Measure, Owed, Role, Severity, VisitChannel

Week = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=7))]
"""No pause is longer than seven days (domain §3)."""
Grantor = Literal[Role.BRANCH_MANAGER, Role.HQ_REVIEWER, Role.HQ_SUPERVISOR]
Phrase = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]


class PauseRule(Later):
    """A reason for which `by` may pause a complaint themselves, `times` in it (left out: as often as need be)."""

    labels: Labels
    by: tuple[Role, ...] = Field(min_length=1)
    times: Times | None = None
    longest: Week = timedelta(days=7)


class Pauses(Later):
    longest: Week = timedelta(days=7)
    reasons: dict[Code, PauseRule] = Field(default_factory=dict)

    @property
    def plan(self) -> PausePlan:
        reasons = {code: PauseReason(by=rule.by, times=rule.times, longest=rule.longest) for code, rule in self.reasons.items()}
        return PausePlan(reasons=reasons, longest=self.longest)


class Delay(Later):
    """Who may grant more time for something owed, how often in a complaint, and how many working days at once."""

    by: Grantor
    times: Times
    days: Annotated[int, Field(strict=True, ge=1, le=30)]


class Delays(Later):
    """What is not listed is never delayed."""

    obligations: dict[Owed, Delay] = Field(default_factory=dict)

    @property
    def plan(self) -> dict[Owed, DelayRule]:
        return {owed: DelayRule(by=rule.by, times=rule.times, days=rule.days) for owed, rule in self.obligations.items()}


class Promises(Later):
    """What is promised to a customer is the estimate times at least `quote_from`, at most `quote_to` percent."""

    quote_from: int = Field(default=100, strict=True, ge=100, le=1000)
    quote_to: int = Field(default=1000, strict=True, ge=100, le=1000)


class PhraseList(Later):
    """Phrases that are no answer to a customer, matched in a text of their language."""

    labels: Labels
    zh: tuple[Phrase, ...] = ()
    en: tuple[Phrase, ...] = ()


class Phrases(Later):
    """The language guard: one list for each thing a customer is not told (domain §2.1)."""

    lists: dict[Code, PhraseList] = Field(default_factory=dict)

    def of(self, language: Literal["zh", "en"]) -> dict[str, tuple[str, ...]]:
        """The phrases of a language, by the code of their list."""
        return {code: getattr(phrases, language) for code, phrases in self.lists.items()}


class Wording(Later):
    """A letter's words, as a template: the same names as the shipped letter it replaces."""

    subject: str = Field(min_length=1, max_length=200)
    body: str = Field(min_length=1, max_length=10_000)


class Notices(Later):
    """Letters in other words than the shipped ones."""

    wordings: dict[Template, dict[Literal["zh", "en"], Wording]] = Field(default_factory=dict)


class Grave(Later):
    labels: Labels


class Gravity(Later):
    """The facts that make a complaint severe (重大); a count of calls never does."""

    severe: dict[Code, Grave] = Field(default_factory=dict)


class VisitTier(Later):
    """What is asked of visits from a severity or an amount paid (fen) on; the last tier that applies holds."""

    severity: Severity = Severity.NORMAL
    from_amount: Amount = 0
    visits: Annotated[int, Field(strict=True, ge=1, le=2)]
    visitor: Literal["owner", "hq_desk"]
    channels: tuple[VisitChannel, ...] = Field(min_length=1)
    topics: dict[Literal["visit_1", "visit_2"], Labels] = Field(default_factory=dict)


class InKind(Later):
    """Small things are settled in kind first: a fee that falls short by so little does not stop a delivery (fen)."""

    fee_short_up_to: Amount = 0
    remedies: dict[Code, Grave] = Field(default_factory=dict)


class AfterClosing(Later):
    """When a closed complaint is continued by a new one, and how long a customer may choose between money and parcel."""

    repeat_within_days: Days = 30
    choice_days: Days = 7

    @property
    def choice(self) -> ContractClock:
        return ContractClock(measure=Measure.CALENDAR_DAYS, days=self.choice_days)


class Door(Later):
    """Where else a customer may go, in words they can act on."""

    text: Labels


class NextDoors(Later):
    """Where a customer goes who does not agree, in this order: told at the end of the final response."""

    doors: tuple[Door, ...] = ()


class Reviews(Later):
    """What is ruled without a hearing, until when HQ quality opens or corrects a review and units object to lateness."""

    summary_up_to: Amount = 0
    summary_clauses: Annotated[int, Field(strict=True, ge=0, le=10)] = 0
    opened_until_days: Days = 30
    corrected_until_days: Days = 30
    objection_working_days: Days = 3

    @property
    def summary(self) -> SummaryPlan:
        return SummaryPlan(up_to=self.summary_up_to, clauses=self.summary_clauses)


class SecondLook(Later):
    percent: Percent
    all_where_customer_differs: bool = True
    of: tuple[
        Literal["unfounded", "general", "customer", "force_majeure", "solved_on_spot", "withdrawn", "merged", "unverified"], ...
    ] = Field(min_length=1)


class FalseSignoff(Later):
    produced_within: Duration = timedelta(hours=48)
