"""What the request bodies of the network's own quarrel hold: statements, rulings, appeals, corrections, objections."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, Strict

from api.fields import Body, Code, Day, Money, Percent, Words, Yes
from domain.values import AppealOutcome, Party, Stance

Files = Annotated[list[Code] | None, Field(max_length=50, description="Ids of evidence brought to the complaint.")]
Side = Annotated[Code | None, Field(description="The side spoken for, where you may speak for several.")]


class Statement(Body):
    statement: Words
    stance: Stance
    evidence: Files = None
    branch: Side = None

    added_later: ClassVar[frozenset[str]] = frozenset({"branch"})


class ClauseLine(Body):
    code: Code
    branch: Code | None = None
    parcels: Annotated[int, Strict(), Field(ge=1, le=1)] = 1
    amount: Money | None = None
    happened_on: Annotated[Day | None, Field(description="The day of the fault; the day of receipt when left out.")] = None


class ShareLine(Body):
    share: Percent
    party: Party | None = None
    branch: Code | None = None


class Ruling(Body):
    clauses: list[ClauseLine] = Field(max_length=50)
    reasons: Words
    shares: list[ShareLine] = Field(default=[], max_length=20)
    exemptions: list[Code] = Field(default=[], max_length=10)


class Reasons(Body):
    reasons: Words


class Evidenced(Reasons):
    evidence: Files = None


class Appeal(Evidenced):
    branch: Side = None

    added_later: ClassVar[frozenset[str]] = frozenset({"branch"})


class Respondent(Body):
    branch: Code
    parcels: Annotated[int, Strict(), Field(ge=1, le=1)] = 1


class ReviewOpening(Evidenced):
    """HQ quality opens a review itself. `clauses` say what it is about; `round` is the last one when left out."""

    respondents: list[Respondent] = Field(min_length=1, max_length=20)
    clauses: list[Code] = Field(default=[], max_length=20)
    round: Annotated[int | None, Strict(), Field(ge=1, le=1000)] = None


class Agreement(Body):
    """The shares one side agrees to; none where the round paid nothing."""

    shares: list[ShareLine] = Field(default=[], max_length=20)
    branch: Side = None

    added_later: ClassVar[frozenset[str]] = frozenset({"branch"})


Event = Annotated[Day | None, Field(description="Which line is meant, where a clause stands for several days.")]


class CorrectedLine(Body):
    """What shall remain of a line."""

    code: Code
    branch: Code | None = None
    amount: Money
    happened_on: Event = None


class CorrectionDecision(Reasons):
    """Neither lines nor shares: the review is not corrected. `added` are lines against units that were heard in it."""

    lines: list[CorrectedLine] = Field(default=[], max_length=50)
    added: list[ClauseLine] = Field(default=[], max_length=50)
    shares: list[ShareLine] | None = Field(default=None, max_length=20)


class ObjectionDecision(Reasons):
    waive: Yes


class AppealedLine(Body):
    code: Code
    outcome: AppealOutcome
    branch: Code | None = None
    amount: Money | None = None
    happened_on: Event = None


class AppealDecision(Body):
    outcome: AppealOutcome
    reasons: Words
    lines: list[AppealedLine] = Field(default=[], max_length=50)
    shares: list[ShareLine] | None = Field(default=None, max_length=20)
