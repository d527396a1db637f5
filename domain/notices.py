"""Letters the house writes: which there are, to whom, and what became of each."""

from __future__ import annotations

from enum import StrEnum


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
    REVIEW_OPENED = "review_opened"
    RULED = "ruled"
    APPEALED = "appealed"
    APPEAL_DECIDED = "appeal_decided"
    LAPSED = "lapsed"
    VISIT_DUE = "visit_due"
    FURTHER_CALL = "further_call"
    REGULATOR_APPEAL = "regulator_appeal"
    ESCALATED = "escalated"
    CASE_HANDED_ON = "case_handed_on"
    ENDED = "ended"

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
    }
)


class NoticeState(StrEnum):
    """`waiting` to be sent (again), `sent`, `failed` for good, or `no_address` to send it to."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    NO_ADDRESS = "no_address"
