"""What each decision's request body holds (the contract of api.md), field by field."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from api.fields import Body, Code, Count, Day, Despite, Line, Money, Percent, When, Words, Yes
from api.intake_bodies import Payee
from domain.values import AnswerKind, Channel, EscalationKind, Keeps, Party, PayoutOutcome, Validity, VisitChannel, VisitResult


class FirstContact(Body):
    note: Words
    solved: Yes = False
    solution: Words | None = None
    despite: Despite = None
    cause: Words | None = None
    validity: Validity | None = None

    @model_validator(mode="before")
    @classmethod
    def _valid_when_solved(cls, said: Any) -> Any:
        """What was put right at once is taken to have been justified, unless it says otherwise."""
        if isinstance(said, dict) and said.get("solved") is True and said.get("validity") is None:
            return said | {"validity": Validity.EFFECTIVE}
        return said

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if self.solved and not self.solution:
            raise ValueError("solved needs the solution in words")
        return self


class Liable(Body):
    party: Party
    share: Percent
    branch: Code | None = None


class Facts(Body):
    days_late: Annotated[int, Strict(), Field(ge=0, le=3650)] | None = None
    same_region: Yes | None = None
    pieces_missing: Count | None = None
    pieces_damaged: Count | None = None
    share_damaged: Percent | None = None
    proven_value: Money | None = None
    value_basis: Annotated[str, Field(pattern="^(order|invoice|declared|market|none)$")] | None = None
    collected: Money | None = None
    handed_over: Money | None = None
    overcharge: Money | None = None
    charged_without_agreement: Money | None = None
    produced_within_48h: Yes | None = None
    gross_negligence: Yes | None = None
    cap_shown: Annotated[Yes | None, Field(description="Whether the sender was shown the contract's cap.")] = None


class Findings(Body):
    validity: Validity
    cause: Words
    remedy: Words
    resolved_on_spot: Yes = False
    liable: list[Liable] = Field(default=[], max_length=20)
    cause_code: Code | None = None
    category: Code | None = None
    facts: Facts = Facts()


class Reason(Body):
    reason: Words


class Question(Body):
    to_branch: Code
    question: Words


class Reply(Body):
    words: Words
    confirms: Yes = False


def _known_channel(channel: str) -> str:
    if channel not in {*VisitChannel, *Channel}:
        raise ValueError(f"is one of {', '.join(sorted({*VisitChannel, *Channel}))}")
    return channel


class Answer(Body):
    kind: AnswerKind
    words: Words
    despite: Despite = None
    channel: Annotated[str, AfterValidator(_known_channel)]


class Proposal(Body):
    amount: Money
    reason: Words


class Approval(Body):
    """`amount`, when given, is the sum that was looked at: if another waits by now, nothing is approved."""

    added_later: ClassVar[frozenset[str]] = frozenset({"amount"})

    approve: Yes
    amount: Money | None = None
    reason: Words | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if not self.approve and not self.reason:
            raise ValueError("a rejection needs its reason")
        return self


class CustomerAnswer(Body):
    accepted: Yes
    payee: Payee | None = None
    words: Words | None = None


class Payout(Body):
    """`payment` names one of several that were paid; `amount` is what was settled elsewhere, when that is another sum."""

    reference: Line
    outcome: PayoutOutcome
    payment: Line | None = None
    amount: Money | None = None


class Said(Body):
    words: Words


class Visit(Body):
    result: VisitResult
    channel: VisitChannel
    words: Words | None = None
    score: Annotated[int, Strict(), Field(ge=1, le=5)] | None = None


class FurtherCall(Body):
    reason: Words


class RegulatorAppeal(Body):
    appeal_number: Line
    transferred_on: Day
    reason: Words | None = None


class Escalation(Reason):
    kind: EscalationKind


class Reassignment(Reason):
    to_sub: Code


class HandingOn(Reason):
    to_branch: Code


class Merging(Reason):
    into: Code


class Pause(Reason):
    reason_code: Code | None = None
    until: When | None = None


class Resumption(Reason):
    pause: Code | None = None


class DelayRequest(Body):
    """`obligation` is the code of what is owed, or its key where several of one kind are."""

    obligation: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[\w.@:+-]+$")]
    until: When
    reason: Annotated[Words, Field(max_length=500)]


class DelayDecision(Reason):
    approve: Yes


class Promise(Body):
    what: Words
    by: When
    despite: Despite = None


class PromiseKept(Body):
    words: Words | None = None


class ParcelFound(Body):
    words: Words
    where: Words | None = None


class ParcelChoice(Body):
    keeps: Keeps
    words: Words | None = None


class Repaid(Body):
    reference: Line
