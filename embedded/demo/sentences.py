"""What happened, as sentences: an event of the timeline, its details, who did it and who was written to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from domain.calendar import zone_named
from domain.labels import LABELS, label
from domain.values import Owed, Role
from embedded.demo.cast import role_name, unit_name

ZONE = zone_named("Asia/Shanghai")

SENTENCES = {
    "complaint_received": "Complaint received ({category}) and acknowledged with its number",
    "first_contact_made": "First contact (首次联系)",
    "solved_on_the_spot": "First contact (首次联系), recorded as solved on the spot (当场解决)",
    "unit_asked": "Query (协查) to {asked}",
    "unit_replied": "Reply (协查回复)",
    "findings_submitted": "Findings (调查结论): {validity}, {liable}",
    "findings_returned": "Findings sent back (退回补充)",
    "compensation_computed": "The rulebook computes {amount}",
    "compensation_proposed": "Proposal (赔付方案) of {amount}, computed {computed}",
    "compensation_approved": "Approval (赔付审批) of {amount}",
    "compensation_approved_by_rule": "Nobody decided in time: {amount} is approved by rule",
    "compensation_offered": "{amount} is offered to the customer",
    "offer_accepted": "The customer accepts {amount}",
    "offer_declined": "The customer declines {amount}",
    "offer_kept_ready": "No answer from the customer: {amount} is kept ready",
    "payout_sent": "{amount} goes to finance as a voucher, to be paid by {due}",
    "payout_awaits_finance": "The voucher waits for finance to confirm it",
    "payout_paid": "Payout (付款) of {amount}",
    "customer_told": "Answer to the customer: {kind}",
    "resolved": "Resolved: the customer has the answer",
    "review_opened": "HQ penalty review (仲裁) {review} opens: claimant {claimant}, respondents {respondents}",
    "review_joined": "Review {review} takes in {respondents}, whom the findings name",
    "statement_made": "Statement (申辩) of {unit}: {stance}",
    "ruled": "Ruling (裁定), {penalties} in penalties",
    "ruling_lapsed": "No ruling came: the penalties lapse",
    "appealed": "Appeal (复核申请) of {unit}",
    "appeal_decided": "Appeal decision (复核决定), {outcome}",
    "review_final": "Final: {penalties} in penalties are posted",
    "done_confirmed": "Done as promised (确认已落实)",
    "visit_made": "Visit {visit} (回访): {result}",
    "chased": "Chase (催办)",
    "repeated": "Repeat (重复投诉), the complaint counts {issue_count} times now",
    "round_begun": "Round {round} begins: {severity}",
    "closed": "Closed (结案): {outcome}",
    "approval_needed": "{amount} wait for approval",
    "obligation_opened": "Now owed: {owed}, by {by} until {due}",
    "obligation_planned": "Planned: {owed}, by {by} until {due}",
    "obligation_reminded": "Half the time is over: {owed} is due {due}; {told} is reminded",
    "obligation_late": "LATE: {owed}, due from {unit} {due}; {told} is told",
    "obligation_escalated": "Still nothing: {owed}, due from {unit} {due}; {told} is told",
    "obligation_lapsed": "The time is over: {owed}, and nothing came from {unit}",
}
"""By event name, in the trade's own words where there is one."""

_WORDS = {str(value): words for labels in LABELS.values() for value, words in labels.items()}


def sentence(event: dict[str, Any]) -> str:
    """One event, without who did it."""
    name: str = event["name"]
    if name.endswith("_moot"):
        return f"No longer owed: {_owed(name.removesuffix('_moot'))}"
    words = {key: _word(key, value) for key, value in event["details"].items()}
    if name == "obligation_opened" and "by" not in words:
        return f"The window opens: {words['owed']}"
    if name == "obligation_lapsed" and event["details"]["owed"] == Owed.APPEAL:
        return f"The appeal window (复核申请) closes for {words['unit']}"
    if name == "unit_replied" and event["details"].get("confirms"):
        return "Reply (协查回复), confirming the change"
    return SENTENCES.get(name, name.replace("_", " ").capitalize()).format_map(words)


def _word(key: str, value: Any) -> str:
    match key, value:
        case _, {"amount": int(fen)}:
            return money(fen)
        case "category", str():
            return value.replace("_", " ")  # the rulebook names them, not we
        case "owed", str():
            return _owed(value)
        case (("by" | "told"), str()) if "@" in value:
            return person(value)
        case "due", str():
            return at(datetime.fromisoformat(value))
        case (("unit" | "asked" | "claimant"), str()):
            return unit_name(value)
        case "respondents", list():
            return " and ".join(map(unit_name, value))
        case "liable", list():
            return " and ".join(map(_liable, value)) or "nobody at fault"
        case _, str() if value in _WORDS:
            return f"{_WORDS[value].en} ({_WORDS[value].zh})"
        case _:
            return str(value).replace("_", " ")


def _owed(code: str) -> str:
    words = LABELS[Owed][Owed(code)]
    return f"{words.en} ({words.zh})"


def _liable(party: dict[str, Any]) -> str:
    who = unit_name(party["branch"]) if party.get("branch") else _WORDS[party["party"]].en
    return f"{who} {party['share']} %"


def person(address: str) -> str:
    """`role@unit` in words."""
    role, _, unit = address.partition("@")
    return "the customer" if role in ("complainant", Role.CUSTOMER) else role_name(Role(role), unit)


def obligation(owed: dict[str, Any]) -> str:
    """Who owed what, in a table's cell."""
    return f"{unit_name(owed['owed_by']['branch'])}: {label(Owed(owed['obligation']), 'en')}"


def at(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%a %d %b %H:%M}"


def money(fen: int) -> str:
    return f"¥{fen / 100:,.2f}"
