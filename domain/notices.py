"""Letters the house writes: which there are, to whom, what each is told, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from domain.continuation import Why
from domain.values import AnswerKind, EscalationKind, Outcome, Owed, PayoutOutcome


class Template(StrEnum):
    """Every letter, one file per language under `rulebooks/notices/`."""

    ACKNOWLEDGED = "acknowledged"
    SOLUTION_TOLD = "solution_told"
    HANDED_ON = "handed_on"
    OFFERED = "offered"
    PAYMENT_MADE = "payment_made"
    REOPENED = "reopened"
    COULD_NOT_REACH = "could_not_reach"
    CLOSED = "closed"
    EMERGENCY = "emergency"
    PARCEL_FOUND = "parcel_found"

    REMINDER = "reminder"
    LATE = "late"
    QUERY_ASKED = "query_asked"
    QUERY_REPLIED = "query_replied"
    FINDINGS_RETURNED = "findings_returned"
    PROPOSAL_NEEDED = "proposal_needed"
    APPROVAL_NEEDED = "approval_needed"
    APPROVED_BY_RULE = "approved_by_rule"
    PAYMENT_TO_MAKE = "payment_to_make"
    PAYMENT_REFUSED = "payment_refused"
    PAYMENT_UNKNOWN = "payment_unknown"
    PAYMENT_ASTRAY = "payment_astray"
    REPAYMENT_DUE = "repayment_due"
    GOODS_TO_UNIT = "goods_to_unit"
    REVIEW_OPENED = "review_opened"
    RULED = "ruled"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal_decided"
    LAPSED = "lapsed"
    CORRECTED = "corrected"
    PENALTY_LESSENED = "penalty_lessened"
    VISIT_DUE = "visit_due"
    FURTHER_CALL = "further_call"
    CONTINUED = "continued"
    REGULATOR_APPEAL = "regulator_appeal"
    ESCALATED = "escalated"
    CASE_HANDED_ON = "case_handed_on"
    ENDED = "ended"
    DELAY_ASKED = "delay_asked"
    DELAY_DECIDED = "delay_decided"
    DUTY_DESK = "duty_desk"
    TAKEN_OVER = "taken_over"
    LATENESS_OPENED = "lateness_opened"
    PAUSE_ENDED = "pause_ended"
    SHEET_WAITS = "sheet_waits"
    SHEET_PUBLISHED = "sheet_published"
    DIGEST = "digest"

    @property
    def for_customer(self) -> bool:
        return self in TO_THE_CUSTOMER


TO_THE_CUSTOMER = frozenset(
    {
        Template.ACKNOWLEDGED,
        Template.SOLUTION_TOLD,
        Template.HANDED_ON,
        Template.OFFERED,
        Template.PAYMENT_MADE,
        Template.REOPENED,
        Template.COULD_NOT_REACH,
        Template.CLOSED,
        Template.EMERGENCY,
        Template.PARCEL_FOUND,
    }
)

_DUE = "2026-11-23T01:30:00+00:00"
_REVIEW = "A261122-000001-R1"
TOLD: dict[Template, dict[str, Any]] = {
    Template.ACKNOWLEDGED: {"by_when": _DUE},
    Template.SOLUTION_TOLD: {"kind": AnswerKind.EXPLANATION},
    Template.HANDED_ON: {},
    Template.OFFERED: {"amount": 123450, "answer_by": _DUE, "reasons": "¥1,234.50"},
    Template.PAYMENT_MADE: {"amount": 300000},
    Template.REOPENED: {},
    Template.COULD_NOT_REACH: {},
    Template.CLOSED: {"outcome": Outcome.RESOLVED},
    Template.EMERGENCY: {"emergency": "E-1", "ends": _DUE},
    Template.PARCEL_FOUND: {"amount": 100000, "answer_by": _DUE},
    Template.REMINDER: {"owed": Owed.FINDINGS, "due": _DUE},
    Template.LATE: {"owed": Owed.STATEMENT, "due": _DUE, "unit": "foshan"},
    Template.QUERY_ASKED: {"query": "q1", "due": _DUE},
    Template.QUERY_REPLIED: {"query": "q1"},
    Template.FINDINGS_RETURNED: {},
    Template.PROPOSAL_NEEDED: {"why": "declined"},
    Template.APPROVAL_NEEDED: {"amount": 300000, "due": _DUE},
    Template.APPROVED_BY_RULE: {"amount": 300000},
    Template.PAYMENT_TO_MAKE: {"amount": 300000, "payment": "V000000000001"},
    Template.PAYMENT_REFUSED: {"amount": 300000},
    Template.PAYMENT_UNKNOWN: {"amount": 300000, "payment": "A261122-000001-R1-P1"},
    Template.PAYMENT_ASTRAY: {"amount": 300000, "payment": "A261122-000001-R1-P1", "outcome": PayoutOutcome.RETURNED},
    Template.REPAYMENT_DUE: {"amount": 100000, "due": _DUE},
    Template.GOODS_TO_UNIT: {"amount": 100000},
    Template.REVIEW_OPENED: {"review": _REVIEW, "due": _DUE},
    Template.RULED: {"review": _REVIEW},
    Template.APPEALED: {"review": _REVIEW},
    Template.APPEAL_DECIDED: {"review": _REVIEW},
    Template.LAPSED: {"review": _REVIEW},
    Template.CORRECTED: {"review": _REVIEW, "correction": f"{_REVIEW}-C1"},
    Template.PENALTY_LESSENED: {"review": _REVIEW, "clause": "Q-203", "before": 10000, "amount": 5000},
    Template.VISIT_DUE: {"visit": 1, "due": _DUE},
    Template.FURTHER_CALL: {"kind": "repeat", "issue_count": 2},
    Template.CONTINUED: {"before": "A261122-000001", "why": Why.REPEAT, "paid": 30000},
    Template.REGULATOR_APPEAL: {"appeal_number": "SS-1"},
    Template.ESCALATED: {"kind": EscalationKind.SUPERVISOR},
    Template.CASE_HANDED_ON: {},
    Template.ENDED: {"outcome": Outcome.WITHDRAWN},
    Template.DELAY_ASKED: {"owed": Owed.FINDINGS, "until": _DUE, "unit": "foshan"},
    Template.DELAY_DECIDED: {"owed": Owed.FINDINGS, "until": _DUE, "granted": True},
    Template.DUTY_DESK: {"owed": Owed.LEGAL_ANSWER, "due": _DUE, "unit": "foshan"},
    Template.TAKEN_OVER: {"owed": Owed.FINDINGS, "due": _DUE, "unit": "foshan"},
    Template.LATENESS_OPENED: {"owed": Owed.FINDINGS, "clause": "Q-603", "amount": 2000, "objection_until": _DUE},
    Template.PAUSE_ENDED: {},
    Template.SHEET_WAITS: {"month": "2026-11", "status": "draft", "lines": 12, "amount": 65000, "due": _DUE, "late": True},
    Template.SHEET_PUBLISHED: {"month": "2026-11", "lines": 2, "amount": 15000},
    Template.DIGEST: {},
}
"""What the process tells with each letter, by name, with an example."""

ADDED: dict[Template, dict[str, Any]] = {
    Template.EMERGENCY: {"text": "..."},
    Template.DIGEST: {
        "until": _DUE,
        "complaints": 2,
        "total": 3,
        "late": 1,
        "lines": [
            {"number": "A261122-000001", "template": "late", "at": _DUE, "owed": Owed.FINDINGS, "due": _DUE, "unit": "foshan"},
            {"number": "A261122-000002", "template": "lateness_opened", "at": _DUE, "owed": None, "due": None, "unit": None},
        ],
    },
}
"""What the outbox adds to that when it hands a letter out, with an example."""


class NoticeState(StrEnum):
    """`waiting` to be sent (again), `sent`, `failed` for good, or `no_address` to send it to."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NO_ADDRESS = "no_address"
