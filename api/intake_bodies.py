"""What the request bodies hold with which a complaint is received, and what was missing then is supplied."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.fields import Body, Code, Day, Despite, Email, Insured, Line, Money, Past, Phone, Pieces, When, Words, Yes
from domain.values import Channel, ComplainantRole


class Complainant(Body):
    role: ComplainantRole
    name: Line
    phone: Phone | None = None
    email: Email | None = None
    language: Annotated[str, Field(pattern="^(zh|en)$")] = "zh"

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if not (self.phone or self.email):
            raise ValueError("needs a phone or an e-mail, to be answered at")
        return self


class Payee(Body):
    name: Line
    relation: Line
    channel: Line
    account: Line


class NewComplaint(Body):
    category: Code
    channel: Channel
    complainant: Complainant
    description: Words
    waybill: Line | None = None
    origin_branch: Code | None = None
    destination_branch: Code | None = None
    hub: Code | None = None
    remedy_sought: Words | None = None
    region: Line | None = None
    freight: Money | None = None
    declared_value: Insured | None = None
    claimed: Money | None = None
    promised_at: When | None = None
    delivered_at: When | None = None
    customer_deadline: When | None = None
    pieces: Pieces | None = None
    hold_for_release: Yes = False
    payee: Payee | None = None
    ticket: Line | None = None
    appeal_number: Line | None = None
    transferred_on: Day | None = None
    batch: Line | None = None
    received_at: Past | None = None
    solved_on_spot: Yes = False
    solution: Words | None = None
    despite: Despite = None

    @model_validator(mode="after")
    def _says_how(self) -> Self:
        if self.solved_on_spot and not self.solution:
            raise ValueError("solved_on_spot needs the solution in words")
        return self


class MissingFacts(Body):
    """Intake fields that were missing; at least one."""

    waybill: Line | None = None
    origin_branch: Code | None = None
    destination_branch: Code | None = None
    hub: Code | None = None
    freight: Money | None = None
    declared_value: Insured | None = None
    claimed: Money | None = None
    promised_at: When | None = None
    delivered_at: When | None = None
    customer_deadline: When | None = None
    pieces: Pieces | None = None
    region: Line | None = None
    hold_for_release: Yes | None = None
    remedy_sought: Words | None = None
    payee: Payee | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("names no fact")
        return self
