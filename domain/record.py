"""What a complaint's process tells the register: numbered facts, each with the rows it changes.

The workflow decides, the register remembers (architecture 6). A fact is applied once, in the order of `seq`, in one
transaction with its rows: projections are upserted by key; timeline, answers, notices and postings are only ever added.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from domain.clocks import LateClock
from domain.values import (
    AnswerKind,
    Category,
    ClockKind,
    CorrectionStatus,
    Fen,
    LatenessState,
    LedgerKind,
    Measure,
    Outcome,
    Owed,
    ReviewStatus,
    Role,
    Severity,
    Stage,
    Status,
)


class ComplaintRow(BaseModel):
    """The complaint as it stands. `units` are all units that take part in it: what scoping and search go by."""

    table: Literal["complaint"] = "complaint"
    status: Status
    stage: Stage
    outcome: Outcome | None = None
    severity: Severity
    issue_count: int
    chase_count: int
    hand_on_count: int = 0
    round: int
    category: Category
    waybill: str | None = None
    origin: str | None = None
    destination: str | None = None
    hub: str | None = None
    owner: str
    handler: str
    units: list[str]
    liable: list[str] = []
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: str | None = None
    regulator_appeal: str | None = None
    dated_version: int = 0


class ObligationRow(BaseModel):
    table: Literal["obligation"] = "obligation"
    key: str
    owed: Owed
    role: Role
    unit: str
    sub: str | None = None
    since: datetime
    opens_at: datetime
    due: datetime
    measure: Measure
    kind: ClockKind
    opened: bool
    late: bool
    next_at: datetime | None = None
    next_does: str | None = None
    next_role: Role | None = None
    next_unit: str | None = None
    ended_at: datetime | None = None
    ending: str | None = None
    paused_until: datetime | None = None
    late_since: datetime | None = None
    late_unit: str | None = None
    late_by: int | None = None
    late_clock: LateClock | None = None


class PauseRow(BaseModel):
    """A time in which the complaint's contract clocks stand still; `ends` is its limit until it is ended."""

    table: Literal["pause"] = "pause"
    key: str
    reason_code: str | None = None
    reason_ref: str
    starts: datetime
    ends: datetime
    set_by: str
    ended_by: str | None = None
    ended: bool = False


class DelayRow(BaseModel):
    """申请延迟: asked for, and granted or not."""

    table: Literal["delay"] = "delay"
    key: str
    obligation: str
    owed: Owed
    until: datetime
    reason_ref: str
    asked_at: datetime
    asked_by: str
    granted: bool | None = None
    decision_ref: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None


class PromiseRow(BaseModel):
    """What the customer was promised by whom, and by when."""

    table: Literal["promise"] = "promise"
    key: str
    what_ref: str
    unit: str
    promised_at: datetime
    promised_by: str
    due: datetime
    kept_at: datetime | None = None
    words_ref: str | None = None


class LatenessRow(BaseModel):
    """A lateness line that a rung opened: for the monthly sheet, with time to object; `charged` false in a record-only period."""

    table: Literal["lateness"] = "lateness"
    key: str
    obligation: str
    owed: Owed
    unit: str
    clause: str
    amount: Fen
    late_since: datetime
    opened_at: datetime
    objection_until: datetime
    charged: bool = True
    state: LatenessState = LatenessState.OPEN
    objection: dict[str, Any] | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_ref: str | None = None


class AnswerRow(BaseModel):
    """What the customer or the authority was told."""

    table: Literal["answer"] = "answer"
    key: str
    round: int
    kind: AnswerKind
    words_ref: str
    channel: str
    told_at: datetime
    told_by: str


class ExchangeRow(BaseModel):
    """协查 and 协查回复: what units asked and answered one another."""

    table: Literal["exchange"] = "exchange"
    key: str
    round: int
    asker: str
    asked: str
    question_ref: str
    asked_at: datetime
    asked_by: str
    reply_ref: str | None = None
    confirms: bool | None = None
    replied_at: datetime | None = None
    replied_by: str | None = None


class FindingsRow(BaseModel):
    table: Literal["findings"] = "findings"
    key: str
    round: int
    validity: str
    cause_ref: str | None = None
    cause_code: str | None = None
    category: Category
    remedy_ref: str | None = None
    liable: list[dict[str, Any]] = []
    facts: dict[str, Any] = {}
    resolved_on_spot: bool = False
    submitted_at: datetime
    submitted_by: str
    returned_ref: str | None = None


class CompensationRow(BaseModel):
    """One round's money: computed, proposed, approved and paid (fen), the explanation, and what is still missing."""

    table: Literal["compensation"] = "compensation"
    round: int
    computed: Fen | None = None
    proposed: Fen | None = None
    approved: Fen | None = None
    paid: Fen = 0
    state: str
    explanation: list[dict[str, Any]] = []
    missing: list[str] = []
    maker: str | None = None
    approved_by: str | None = None
    reason_ref: str | None = None


class PaymentRow(BaseModel):
    """One payment to the customer; `key` is its idempotency key with the provider."""

    table: Literal["payment"] = "payment"
    key: str
    round: int
    amount: Fen
    state: str
    provider: str
    payee_ref: str | None = None
    reference: str | None = None
    sent_at: datetime
    settled_at: datetime | None = None


class LostRow(BaseModel):
    """What became of a payment of another complaint, `of`, whose process has ended: its row says so from now on."""

    table: Literal["lost"] = "lost"
    of: str
    key: str
    state: str
    settled_at: datetime


class ReviewRow(BaseModel):
    table: Literal["review"] = "review"
    key: str
    round: int
    status: ReviewStatus
    severity: Severity
    claimant: str
    respondents: list[str]
    statements: list[dict[str, Any]] = []
    agreements: list[dict[str, Any]] = []
    contested: list[dict[str, Any]] = []
    ruling: dict[str, Any] | None = None
    appeals: list[dict[str, Any]] = []
    appeal_decision: dict[str, Any] | None = None
    opened_at: datetime
    opened_by: str | None = None
    opening_ref: str | None = None
    about: list[str] = []
    evidence: list[str] = []
    final_at: datetime | None = None
    lapsed: bool = False


class LineRow(BaseModel):
    """One penalty line: ruled under a clause, and what remains of it when final (fen); `charged` false where record-only."""

    table: Literal["line"] = "line"
    key: str
    review: str
    unit: str
    clause: str
    parcels: int
    amount: Fen
    appealed: str | None = None
    remaining: Fen
    final: bool = False
    happened_on: date | None = None
    charged: bool = True
    arithmetic: str | None = None
    arithmetic_zh: str | None = None
    found: bool = False


class Held(BaseModel):
    """A penalty line of which the register says that `review`, of another complaint about the parcel, has the event already."""

    line: str
    review: str


class CorrectionRow(BaseModel):
    """更正 of a final review, its own short process: what was asked, and what came of it."""

    table: Literal["correction"] = "correction"
    key: str
    review: str
    status: CorrectionStatus
    opened_at: datetime
    opened_by: str
    reasons_ref: str
    evidence: list[str] = []
    due: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    decision_ref: str | None = None
    lines: list[dict[str, Any]] = []
    shares: list[dict[str, Any]] = []


class VisitRow(BaseModel):
    table: Literal["visit"] = "visit"
    key: str
    round: int
    visit: int
    result: str
    channel: str
    words_ref: str | None = None
    score: int | None = None
    made_at: datetime
    made_by: str
    final: bool


class NoticeRow(BaseModel):
    """Something to be told: `to` is `complainant` or `role@unit`; delivered by the dispatcher, at least once."""

    table: Literal["notice"] = "notice"
    key: str
    template: str
    to: str
    language: str
    params: dict[str, Any] = {}
    noted_at: datetime
    digest: bool = False


class Entry(BaseModel):
    account: str
    amount: Fen


class PostingRow(BaseModel):
    """A set of ledger entries that sums to zero; `key` names the business event, so it happens only once."""

    table: Literal["posting"] = "posting"
    key: str
    kind: LedgerKind
    entries: list[Entry]
    posted_at: datetime
    review: str | None = None
    clause: str | None = None
    reverses: str | None = None


class DecisionRow(BaseModel):
    """A decision that was taken, so that the same one sent again after closing gets the same answer."""

    table: Literal["decision"] = "decision"
    key: str
    digest: str
    told: dict[str, Any] = {}


Row = Annotated[
    ComplaintRow
    | ObligationRow
    | PauseRow
    | DelayRow
    | PromiseRow
    | LatenessRow
    | AnswerRow
    | ExchangeRow
    | FindingsRow
    | CompensationRow
    | PaymentRow
    | LostRow
    | ReviewRow
    | LineRow
    | CorrectionRow
    | VisitRow
    | NoticeRow
    | PostingRow
    | DecisionRow,
    Field(discriminator="table"),
]


class Fact(BaseModel):
    """One business event of a complaint: when (its own clock), who, what, and the rows it changes."""

    seq: int
    at: datetime
    name: str
    actor: str
    role: Role
    details: dict[str, Any] = {}
    rows: list[Row] = []
