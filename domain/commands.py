"""What people and outside systems may say to a running complaint: one model per decision, imperative names.

No personal data and no free text travels here: `*_ref` fields name rows of the register's texts and payees.
Sums are fen, times aware, shares percent.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from domain.claims import ClaimSeen
from domain.continuation import AstrayBefore, Before
from domain.plan import DatedFacts, Frozen, UnitPlan
from domain.values import (
    AnswerKind,
    AppealOutcome,
    Category,
    Channel,
    ComplainantRole,
    EscalationKind,
    Fen,
    Keeps,
    Party,
    PayoutOutcome,
    Role,
    Stance,
    Validity,
    VisitChannel,
    VisitResult,
)

Sum = Annotated[int, Field(ge=0, le=100_000_000_00)]
Percent = Annotated[int, Field(ge=0, le=100)]


class Actor(Frozen):
    """Who speaks: an opaque staff code, every role held, the unit spoken for.

    `stands_in` are units whose manager (at HQ: the supervisor) they stand in for (代理).
    """

    sub: str
    roles: tuple[Role, ...]
    unit: str
    stands_in: tuple[str, ...] = ()

    @property
    def acts_as(self) -> frozenset[Role]:
        return frozenset(self.roles) | {manager_role(unit) for unit in self.stands_in}

    def units_as(self, role: Role) -> tuple[str, ...]:
        """The units for which they hold a role, themselves or in somebody's stead."""
        own = (self.unit,) if role in self.roles else ()
        return own + tuple(unit for unit in self.stands_in if manager_role(unit) is role)

    def manages(self, unit: str) -> bool:
        """As its manager, or in their stead."""
        return unit in self.units_as(manager_role(unit))


def manager_role(unit: str) -> Role:
    return Role.HQ_SUPERVISOR if unit == "hq" else Role.BRANCH_MANAGER


class Command(Frozen):
    """What every decision carries.

    `digest` is the hash of principal, route and body; `key` the hash of the Idempotency-Key, when one was sent.
    Together they make a decision sent twice be taken once, also across continue-as-new.
    """

    actor: Actor
    digest: str
    key: str | None = None


class Receipt(Frozen):
    """What a decision answers: the number of the fact that records it, and what the rule made of it."""

    seq: int
    told: dict[str, str | int | bool | None] = Field(default_factory=dict)


class LiableParty(Frozen):
    """A party to the fault and its share in percent; `branch` for party `branch`, else resolved from the waybill."""

    party: Party
    share: Percent
    branch: str | None = None


class ParcelFacts(Frozen):
    """Facts of the parcel that the compensation rules ask for (api.md, findings). Sums are fen, shares 0-100."""

    days_late: Annotated[int, Field(ge=0, le=3650)] | None = None
    same_region: bool | None = None
    pieces_missing: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    pieces_damaged: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    share_damaged: Percent | None = None
    proven_value: Sum | None = None
    value_basis: str | None = None
    collected: Sum | None = None
    handed_over: Sum | None = None
    overcharge: Sum | None = None
    charged_without_agreement: Sum | None = None
    produced_within_48h: bool | None = None
    gross_negligence: bool | None = None
    cap_shown: bool | None = None


class RecordFirstContact(Command):
    note_ref: str
    solved: bool = False
    solution_ref: str | None = None
    cause_ref: str | None = None
    validity: Validity | None = None


class SubmitFindings(Command):
    validity: Validity
    cause_ref: str
    remedy_ref: str
    cause_code: str | None = None
    category: Category | None = None
    liable: tuple[LiableParty, ...] = ()
    resolved_on_spot: bool = False
    facts: ParcelFacts = ParcelFacts()
    units: tuple[UnitPlan, ...] = ()


class ReturnFindings(Command):
    reason_ref: str


class AskUnit(Command):
    """协查: a question to another unit, on record."""

    query: str
    to: UnitPlan
    question_ref: str


class ReplyToQuery(Command):
    query: str
    words_ref: str
    confirms: bool = False


class TellAnswer(Command):
    kind: AnswerKind
    words_ref: str
    channel: str


class ProposeCompensation(Command):
    """`claim` is what other complaints about the parcel have as the register knows it at that moment."""

    amount: Annotated[int, Field(gt=0, le=100_000_000_00)]
    reason_ref: str
    claim: ClaimSeen | None = None


class LetGo(Command):
    """Nothing is proposed in place of goodwill that came back."""

    reason_ref: str


class DecideCompensation(Command):
    approve: bool
    reason_ref: str | None = None
    amount: Sum | None = None


class RecordCustomerAnswer(Command):
    accepted: bool
    payee_ref: str | None = None
    words_ref: str | None = None


class RecordPayout(Command):
    """What became of a payment. `payment` is its key, else the one it can only be; `amount` what was settled elsewhere.

    `lost` is a payment of a complaint that this one continues, as the register has it: its process has ended.
    """

    reference: str
    outcome: PayoutOutcome
    payment: str | None = None
    amount: Sum | None = None
    lost: AstrayBefore | None = None


class MakeStatement(Command):
    """`branch` is the side spoken for, where somebody may speak for several."""

    review: str
    stance: Stance
    statement_ref: str
    evidence: tuple[str, ...] = ()
    branch: str | None = None


class ClauseLine(Frozen):
    """One line of a ruling: `parcels` under clause `code`, by `branch`; `amount` (fen) below the clause's own when given.

    `happened_on` is the day of the fault, the day of receipt when left out.
    """

    code: str
    parcels: Annotated[int, Field(ge=1, le=1)] = 1
    branch: str | None = None
    amount: Sum | None = None
    happened_on: date | None = None


class Penalised(Frozen):
    """What stands against a unit in another complaint about the same parcel: one event is penalised once."""

    complaint: str
    unit: str
    clause: str
    happened_on: date


class ShareLine(Frozen):
    share: Percent
    party: Party | None = None
    branch: str | None = None


class Rule(Command):
    review: str
    clauses: tuple[ClauseLine, ...]
    reasons_ref: str
    shares: tuple[ShareLine, ...] = ()
    exemptions: tuple[str, ...] = ()
    elsewhere: tuple[Penalised, ...] = ()


class Respondent(Frozen):
    branch: str
    parcels: Annotated[int, Field(ge=1, le=1)] = 1


class OpenReview(Command):
    """HQ quality opens a review of a round itself (None: the last one); `clauses` are those it is about, where it can say so."""

    respondents: tuple[Respondent, ...]
    reasons_ref: str
    clauses: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    round: Annotated[int, Field(ge=1)] | None = None
    units: tuple[UnitPlan, ...] = ()


class Agree(Command):
    """A side says how the advance shall be shared; when all sides have said the same, it is ruled so without a hearing."""

    review: str
    shares: tuple[ShareLine, ...] = ()
    branch: str | None = None


class Recuse(Command):
    """回避: an HQ reviewer or supervisor will not decide in this complaint."""

    review: str
    reasons_ref: str


class Appeal(Command):
    """A side asks for a ruling to be looked at again; a summary ruling is turned into a full review."""

    review: str
    reasons_ref: str
    evidence: tuple[str, ...] = ()
    branch: str | None = None


class AppealedLine(Frozen):
    """A line's outcome; `amount` is the penalty that remains, required for `partial`; `happened_on` tells two events apart."""

    code: str
    outcome: AppealOutcome
    branch: str | None = None
    amount: Sum | None = None
    happened_on: date | None = None


class DecideAppeal(Command):
    review: str
    outcome: AppealOutcome
    reasons_ref: str
    lines: tuple[AppealedLine, ...] = ()
    shares: tuple[ShareLine, ...] | None = None


class ObjectToLateness(Command):
    """A unit objects to a lateness line within its window."""

    line: str
    reasons_ref: str
    evidence: tuple[str, ...] = ()


class DecideObjection(Command):
    """The lateness line stands, or is waived."""

    line: str
    waive: bool
    reasons_ref: str


class ConfirmDone(Command):
    words_ref: str


class RecordVisit(Command):
    result: VisitResult
    channel: VisitChannel
    words_ref: str | None = None
    score: Annotated[int, Field(ge=1, le=5)] | None = None


class SupplyFacts(Command):
    """Intake fields that were missing. Units come with their plans; `units` are those above one that is suspended."""

    waybill: str | None = None
    origin: UnitPlan | None = None
    destination: UnitPlan | None = None
    hub: UnitPlan | None = None
    freight: Sum | None = None
    declared_value: Sum | None = None
    claimed: Sum | None = None
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    customer_deadline: datetime | None = None
    pieces: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    region: str | None = None
    hold_for_release: bool | None = None
    remedy_sought_ref: str | None = None
    payee_ref: str | None = None
    units: tuple[UnitPlan, ...] = ()


class FurtherCall(Command):
    """The customer called again; whether it is a chase or a repeat the rule says, not the route."""

    call: str
    reason_ref: str | None = None
    text: str | None = None


class RegulatorAppeal(Command):
    appeal_number: str
    transferred_on: date
    reason_ref: str | None = None


class Escalate(Command):
    kind: EscalationKind
    reason_ref: str


class Reassign(Command):
    to_sub: str
    reason_ref: str


class HandOn(Command):
    to: UnitPlan
    reason_ref: str


class Pause(Command):
    """The complaint's contract clocks stand still until `until` (None: as long as the reason allows), or until resumed."""

    pause: str
    reason_ref: str
    reason_code: str | None = None
    until: datetime | None = None


class Resume(Command):
    """Ends a pause; without its id, every pause the actor may end."""

    reason_ref: str
    pause: str | None = None


class RequestDelay(Command):
    """申请延迟: the holder of an obligation asks for time until `until`; `obligation` is its key, or its code."""

    request: str
    obligation: str
    until: datetime
    reason_ref: str


class DecideDelay(Command):
    request: str
    approve: bool
    reason_ref: str


class MakePromise(Command):
    """What the customer was promised, and by when."""

    promise: str
    what_ref: str
    by: datetime


class KeepPromise(Command):
    promise: str
    words_ref: str | None = None


class News(Frozen):
    """Dated facts as they stand now, with the units that take part in the complaint as they stand now (and successors)."""

    dated: DatedFacts
    units: tuple[UnitPlan, ...] = ()


class ReportParcelFound(Command):
    """The parcel turned up after it was paid for."""

    words_ref: str
    where_ref: str | None = None


class ChooseMoneyOrParcel(Command):
    """What the customer chose; until the money is repaid they may still keep it."""

    keeps: Keeps
    words_ref: str | None = None


class ConfirmRepaid(Command):
    """Finance has the money back from the customer, all of it."""

    reference: str


class Withdraw(Command):
    reason_ref: str


class Merge(Command):
    into: str
    reason_ref: str


class Cancel(Command):
    reason_ref: str


class Intake(Frozen):
    """The complaint as received: codes, sums (fen), times and references; who the complainant is stays in the register.

    `text` is the digest of what the customer said, by which the same request is known again. `before` is there when it
    continues a closed complaint, `appeal_number` when the customer is with the authority (12305) already. `by_letter`: what is
    written to the complainant reaches them.
    """

    number: str
    uuid: str
    received_at: datetime
    received_by: str
    channel: Channel
    category: Category
    complainant: ComplainantRole
    language: str = "zh"
    by_letter: bool = False
    text: str
    waybill: str | None = None
    origin: str | None = None
    destination: str | None = None
    hub: str | None = None
    region: str | None = None
    freight: Fen | None = None
    declared_value: Fen | None = None
    claimed: Fen | None = None
    promised_at: datetime | None = None
    delivered_at: datetime | None = None
    customer_deadline: datetime | None = None
    pieces: int | None = None
    hold_for_release: bool = False
    payee_ref: str | None = None
    solved_on_spot: bool = False
    solution_ref: str | None = None
    appeal_number: str | None = None
    transferred_on: date | None = None
    before: Before | None = None
