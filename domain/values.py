"""The words of the trade as enums: the same in code, API, register and docs (see docs/glossary.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

Fen: TypeAlias = int
"""Money inside Amends: integer minor units of CNY (分)."""

Category: TypeAlias = str
"""A complaint category: a code of the rulebook, which a network may extend."""


class Role(StrEnum):
    """Who acts (domain §1). `SYSTEM` is a rule acting by itself, `CUSTOMER` the complainant."""

    BRANCH_AGENT = "branch_agent"
    BRANCH_MANAGER = "branch_manager"
    HQ_AGENT = "hq_agent"
    HQ_REVIEWER = "hq_reviewer"
    HQ_SUPERVISOR = "hq_supervisor"
    FINANCE = "finance"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    CUSTOMER = "customer"
    SYSTEM = "system"


STAFF_ROLES = frozenset(Role) - {Role.CUSTOMER, Role.SYSTEM}
HQ_ROLES = STAFF_ROLES - {Role.BRANCH_AGENT, Role.BRANCH_MANAGER}


class UnitKind(StrEnum):
    BRANCH = "branch"
    SUB_BRANCH = "sub_branch"
    HUB = "hub"
    PROVINCE = "province"
    HQ = "hq"


class UnitState(StrEnum):
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Status(StrEnum):
    INCOMPLETE = "incomplete"
    RECEIVED = "received"
    OPEN = "open"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Stage(StrEnum):
    ACKNOWLEDGEMENT = "acknowledgement"
    INVESTIGATION = "investigation"
    COMPENSATION = "compensation"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"


class Outcome(StrEnum):
    RESOLVED = "resolved"
    UNFOUNDED = "unfounded"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    UNVERIFIED = "unverified"
    CANCELLED = "cancelled"


class Severity(StrEnum):
    """Climbs, never falls: normal → repeat → severe."""

    NORMAL = "normal"
    REPEAT = "repeat"
    SEVERE = "severe"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Channel(StrEnum):
    COUNTER = "counter"
    PHONE = "phone"
    WEB = "web"
    WECHAT = "wechat"
    PLATFORM = "platform"
    HQ = "hq"
    REGULATOR_12305 = "regulator_12305"
    OTHER = "other"


class ComplainantRole(StrEnum):
    SENDER = "sender"
    RECIPIENT = "recipient"
    PLATFORM = "platform"
    MERCHANT = "merchant"
    REGULATOR = "regulator"


class Validity(StrEnum):
    EFFECTIVE = "effective"
    GENERAL = "general"
    UNFOUNDED = "unfounded"


class Party(StrEnum):
    """Who may be liable for what went wrong."""

    ORIGIN = "origin"
    DESTINATION = "destination"
    HUB = "hub"
    HQ = "hq"
    BRANCH = "branch"
    CUSTOMER = "customer"
    FORCE_MAJEURE = "force_majeure"


class Owed(StrEnum):
    """The obligations: what one person owes (domain §3).

    Ours: `PROPOSAL`, a new offer after one came back; `DELAY_DECISION`, whether more time is granted; `OBJECTION`, the window
    in which a unit may object to a lateness line, its `OBJECTION_DECISION`; the decision on a `CORRECTION`; `PARCEL_CHOICE`,
    between the money and the parcel that was found, and `REPAYMENT`, which finance confirms.
    """

    FIRST_CONTACT = "first_contact"
    ORDER_CHANGE = "order_change"
    FINDINGS = "findings"
    REPLY = "reply"
    TELL_SOLUTION = "tell_solution"
    LEGAL_ANSWER = "legal_answer"
    REGULATOR_REPLY = "regulator_reply"
    PROPOSAL = "proposal"
    APPROVAL = "approval"
    CUSTOMER_ANSWER = "customer_answer"
    PAYOUT = "payout"
    STATEMENT = "statement"
    RULING = "ruling"
    APPEAL = "appeal"
    APPEAL_DECISION = "appeal_decision"
    CONFIRM_DONE = "confirm_done"
    VISIT_1 = "visit_1"
    VISIT_2 = "visit_2"
    PROMISE = "promise"
    DELAY_DECISION = "delay_decision"
    OBJECTION = "objection"
    OBJECTION_DECISION = "objection_decision"
    CORRECTION = "correction"
    PARCEL_CHOICE = "parcel_choice"
    REPAYMENT = "repayment"


OWED_TO_THE_CUSTOMER = frozenset(
    {Owed.FIRST_CONTACT, Owed.ORDER_CHANGE, Owed.TELL_SOLUTION, Owed.LEGAL_ANSWER, Owed.PAYOUT, Owed.PROMISE}
)
"""Once one of these is late, the customer's next call is a repeat (domain §2.1)."""


class Measure(StrEnum):
    ELAPSED = "elapsed"
    SERVICE_TIME = "service_time"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"


class ClockKind(StrEnum):
    """Legal clocks run on the wall and are never paused, loosened or stretched; contract clocks may be."""

    LEGAL = "legal"
    CONTRACT = "contract"


class AnswerKind(StrEnum):
    INTERIM = "interim"
    SOLUTION = "solution"
    EXPLANATION = "explanation"
    FINAL_RESPONSE = "final_response"
    REGULATOR_REPLY = "regulator_reply"

    @property
    def answers_the_customer(self) -> bool:
        """True for what stops the legal answer and resolves the complaint; an interim message does not."""
        return self in (AnswerKind.SOLUTION, AnswerKind.EXPLANATION, AnswerKind.FINAL_RESPONSE)


class PayoutOutcome(StrEnum):
    PAID = "paid"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    MISDIRECTED = "misdirected"
    RETURNED = "returned"
    SETTLED_ELSEWHERE = "settled_elsewhere"


class Keeps(StrEnum):
    """What a customer keeps of what they were paid for when the parcel is found: never both."""

    MONEY = "money"
    PARCEL = "parcel"


class ReviewStatus(StrEnum):
    STATEMENT = "statement"
    RULING = "ruling"
    APPEAL_WINDOW = "appeal_window"
    APPEAL = "appeal"
    FINAL = "final"


class Stance(StrEnum):
    ADMITS = "admits"
    CONTESTS = "contests"
    PARTLY = "partly"


class CostNothing(StrEnum):
    """How a complaint may end at no cost to whoever said so: what second looks are drawn from."""

    UNFOUNDED = "unfounded"
    GENERAL = "general"
    CUSTOMER = "customer"
    FORCE_MAJEURE = "force_majeure"
    SOLVED_ON_SPOT = "solved_on_spot"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    UNVERIFIED = "unverified"


class CustomerDiffers(StrEnum):
    """How the customer says otherwise."""

    UNRESOLVED = "unresolved"
    SOLUTION_NOT_DELIVERED = "solution_not_delivered"
    COMPLAINT_UNTRUE = "complaint_untrue"
    LOW_SCORE = "low_score"
    CAME_AGAIN = "came_again"


class RuledBy(StrEnum):
    """Who rules: an HQ reviewer in full, or the matrix, where the fault is admitted, agreed, or small and not contested."""

    REVIEWER = "reviewer"
    ADMITTED = "admitted"
    AGREED = "agreed"
    SMALL = "small"

    @property
    def summary(self) -> bool:
        """简易裁定: without a hearing, until a side asks for one."""
        return self is not RuledBy.REVIEWER


class LatenessState(StrEnum):
    """A lateness line: open to objection, objected to, standing, or waived."""

    OPEN = "open"
    OBJECTED = "objected"
    STANDS = "stands"
    WAIVED = "waived"


class CorrectionStatus(StrEnum):
    OPEN = "open"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"
    LAPSED = "lapsed"


class AppealOutcome(StrEnum):
    SUSTAIN = "sustain"
    PARTIAL = "partial"
    OVERTURN = "overturn"


class VisitResult(StrEnum):
    SATISFIED = "satisfied"
    SATISFIED_AFTER_EXPLANATION = "satisfied_after_explanation"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    COMPLAINT_UNTRUE = "complaint_untrue"
    SOLUTION_NOT_DELIVERED = "solution_not_delivered"

    @property
    def reopens(self) -> bool:
        return self in (VisitResult.UNRESOLVED, VisitResult.SOLUTION_NOT_DELIVERED)


class VisitChannel(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    LINK = "link"
    ON_SITE = "on_site"
    LETTER = "letter"


class EscalationKind(StrEnum):
    SUPERVISOR = "supervisor"
    DIFFICULT_CUSTOMER = "difficult_customer"
    SEVERE = "severe"


class LedgerKind(StrEnum):
    ADVANCE = "advance"
    SHARE = "share"
    PENALTY = "penalty"
    REVERSAL = "reversal"
    RECEIVABLE = "receivable"
    SETTLEMENT = "settlement"
