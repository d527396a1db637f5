"""What is brought to the counter: a complaint as reported, by whom, and what it turned out to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.commands import Intake
from domain.continuation import Why
from domain.record import ObligationRow
from domain.values import PayoutOutcome, Status


class Kind(StrEnum):
    """What a request turned out to be. Whether a `further` one is a chase or a repeat is the complaint's own to say.

    A `new` one may continue a closed complaint.
    """

    SAME = "same"
    NEW = "new"
    FURTHER = "further"


@dataclass(frozen=True)
class Person:
    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class PayeeGiven:
    name: str
    relation: str
    channel: str
    account: str


@dataclass(frozen=True)
class Request:
    """Who asked, and under which Idempotency-Key; `digest` is the hash of the body."""

    principal: str
    key: str | None = None
    digest: str = ""
    sees: list[str] | None = None
    """Units whose complaints the principal may be told of; None: all."""


@dataclass(frozen=True)
class Reported:
    """A complaint as reported. In `intake`, `number`, `uuid` and the references are filled here."""

    intake: Intake
    person: Person
    identity: str
    """`keys.complainant_hash` of the person."""
    description: str
    status: Status
    owner: str
    handler: str
    units: list[str]
    rulebook_version: str
    rulebook_hash: str
    remedy_sought: str | None = None
    solution: str | None = None
    despite: str | None = None
    """Why the solution is told although the language guard objects to its wording."""
    payee: PayeeGiven | None = None
    ticket: str | None = None
    batch: str | None = None
    dated_version: int = 0
    """The change of dated facts that the plan it starts with knows."""
    owed: list[ObligationRow] = field(default_factory=list)
    """What is owed from the first minute, so that nobody sees a complaint that waits for nothing."""
    continues: str | None = None
    """The closed complaint that this one is known to continue, and why; else one closed lately may be recognised."""
    why: Why = Why.REPEAT
    repeat_within_days: int = 30
    astray: tuple[str, PayoutOutcome] | None = None
    """The payment of the closed complaint that came back or went to the wrong person."""
    category: str | None = None
    """What the customer reported, where findings have named another category since."""


@dataclass(frozen=True)
class Accepted:
    """`intake` is there for a new complaint: what its workflow starts with. `call` is the further call a key stood for."""

    kind: Kind
    number: str
    intake: Intake | None = None
    call: str | None = None
    same_waybill: list[str] = field(default_factory=list)
    """Of a new complaint: the others about the parcel that the principal may see, oldest first."""
    continues: str | None = None
