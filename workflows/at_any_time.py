"""What may happen at any time: the customer calls again or withdraws, an authority asks, people move the case on."""

from __future__ import annotations

from domain.case import Call
from domain.commands import Cancel, Escalate, FurtherCall, HandOn, Merge, Reassign, RegulatorAppeal, SupplyFacts, Withdraw
from domain.compensation import compute, contradiction, parcel_of
from domain.errors import NotPermitted, PaymentInFlight, RuleBroken, Unacceptable
from domain.ladders import agent_of, hand_over, pull
from domain.obligations import Ending
from domain.offers import OfferState
from domain.values import EscalationKind, Outcome, Owed, Role, Severity, Status, UnitState, Validity
from workflows.changes import say_who_takes_it
from workflows.desk import Desk, Told
from workflows.visits import Visits

_OF_THE_HANDLER = frozenset({Owed.FIRST_CONTACT, Owed.ORDER_CHANGE, Owed.FINDINGS, Owed.CONFIRM_DONE})

_VISITS = frozenset({Owed.VISIT_1, Owed.VISIT_2})

_RECKONED_WITH = frozenset({"freight", "declared_value", "claimed", "promised_at", "delivered_at", "pieces"})
"""A new one of these, where facts were missing, lets the rulebook compute again."""

_ONLY_SAID = frozenset({"claimed"})
"""Shown beside the sum, and no part of it."""


class AlreadyTheHandler(RuleBroken):
    """The case is with that unit already."""


class AtAnyTime:
    def __init__(self, desk: Desk, visits: Visits) -> None:
        self.desk = desk
        self.visits = visits

    # -- the customer calls again

    def check_call(self, call: FurtherCall) -> None:
        """Anyone may take a call, at any time."""

    def call(self, call: FurtherCall) -> Told:
        """The same request counts for nothing, a chase (催办) is counted, a repeat (重复投诉) raises severity."""
        case, desk = self.desk.case, self.desk
        if call.text is not None and self._same_request(call.text):
            return self._counted("same")
        case.calls.append(Call(at=desk.now, text=call.text))
        repeat = case.resolved or case.round.told or case.customer_kept_waiting
        kind = "repeat" if repeat else "chase"
        if repeat:
            case.repeated()
        else:
            case.chase_count += 1
        counts = {"issue_count": case.issue_count, "chase_count": case.chase_count}
        desk.tell("further_call", f"{agent_of(case.handler)}@{case.handler}", kind=kind, issue_count=case.issue_count)
        desk.note("repeated" if repeat else "chased", **counts, reason_ref=call.reason_ref)
        if repeat and case.resolved:
            self.visits.reopen("the customer called again")
        return self._counted(kind)

    def _counted(self, kind: str) -> Told:
        case = self.desk.case
        told: Told = {name: name == kind for name in ("same", "chase", "repeat")}
        return told | {"issue_count": case.issue_count, "chase_count": case.chase_count}

    def _same_request(self, text: str) -> bool:
        case = self.desk.case
        recent = self.desk.now - case.calls[-1].at <= case.plan.same_request_within
        return recent or any(call.text == text for call in case.calls)

    def check_regulator(self, appeal: RegulatorAppeal) -> None:
        if self.desk.midnight(appeal.transferred_on) > self.desk.now:
            raise Unacceptable("The transfer date lies in the future.")
        if any(o.owed is Owed.REGULATOR_REPLY and o.about == appeal.appeal_number for o in self.desk.case.obligations.values()):
            raise RuleBroken(f"Appeal {appeal.appeal_number} is on record in this complaint.")

    def regulator(self, appeal: RegulatorAppeal) -> Told:
        """12305: the HQ desk answers the authority within 15 days of the transfer, and visits; the owner keeps the customer."""
        case, desk = self.desk.case, self.desk
        case.regulator_appeal = appeal.appeal_number
        transferred = desk.midnight(appeal.transferred_on)
        self._move(case.owner, _VISITS, "hq")
        reply = desk.open(Owed.REGULATOR_REPLY, "hq", about=appeal.appeal_number, since=transferred)
        desk.tell("regulator_appeal", f"{Role.HQ_AGENT}@hq", appeal_number=appeal.appeal_number)
        desk.note(
            "regulator_appealed", appeal_number=appeal.appeal_number, due=reply.due.isoformat(), reason_ref=appeal.reason_ref
        )
        return {"due": reply.due.isoformat()}

    # -- who has it

    def check_escalate(self, escalation: Escalate) -> None:
        if escalation.kind is EscalationKind.SEVERE and escalation.actor.acts_as <= {Role.BRANCH_AGENT}:
            raise NotPermitted("A manager or HQ declares a complaint severe, with a reason.")

    def escalate(self, escalation: Escalate) -> None:
        case, desk = self.desk.case, self.desk
        if escalation.kind is EscalationKind.SEVERE:
            case.climb(Severity.SEVERE, by=None)
            self._move(case.owner, _VISITS, "hq")
        desk.tell("escalated", f"{Role.HQ_SUPERVISOR}@hq", kind=escalation.kind.value)
        desk.note("escalated", kind=escalation.kind.value, severity=case.severity.value, reason_ref=escalation.reason_ref)

    def check_reassign(self, reassign: Reassign) -> None:
        if self.desk.case.agent == reassign.to_sub:
            raise AlreadyTheHandler(f"{reassign.to_sub} has the case already.")

    def reassign(self, reassign: Reassign) -> None:
        """转派: another person of the same unit; nothing about the clocks changes."""
        case, desk = self.desk.case, self.desk
        case.agent = reassign.to_sub
        for obligation in case.obligations.values():
            if obligation.ending is None and obligation.owed in _OF_THE_HANDLER:
                obligation.sub = reassign.to_sub
                desk.changed[obligation.key] = obligation
        desk.note("reassigned", to=reassign.to_sub, reason_ref=reassign.reason_ref)

    def check_hand_on(self, hand_on: HandOn) -> None:
        case, to = self.desk.case, hand_on.to
        if to.code == case.handler:
            raise AlreadyTheHandler(f"The case is with {to.code} already.")
        if to.state is UnitState.SUSPENDED and to.code != case.owner:
            raise Unacceptable(f"{to.code} is suspended and takes no new complaints; hand it on to another unit.")

    def hand_on(self, hand_on: HandOn) -> Told:
        """转办: moves the handler, never the owner; since, due and lateness stay, and it is counted."""
        case, desk = self.desk.case, self.desk
        case.learn(hand_on.to)
        before, case.handler = case.handler, hand_on.to.code
        case.agent, case.hand_on_count = None, case.hand_on_count + 1
        self._move(before, _OF_THE_HANDLER, case.handler)
        desk.rewind()  # whom the handler's other rungs concern
        desk.tell("case_handed_on", f"{agent_of(case.handler)}@{case.handler}")
        desk.tell("handed_on", "complainant")
        desk.note("handed_on", before=before, to=case.handler, count=case.hand_on_count, reason_ref=hand_on.reason_ref)
        return {"handler": case.handler, "hand_on_count": case.hand_on_count}

    def _move(self, before: str, owed: frozenset[Owed], to: str) -> None:
        for obligation in self.desk.case.obligations.values():
            if obligation.ending is None and obligation.owed in owed and obligation.unit == before:
                hand_over(self.desk.case, obligation, to, self.desk.now)
                self.desk.changed[obligation.key] = obligation

    # -- missing facts

    def check_facts(self, facts: SupplyFacts) -> None:
        case = self.desk.case
        if facts.waybill is not None and case.waybill not in (None, facts.waybill):
            raise Unacceptable(f"The complaint is about waybill {case.waybill}; another parcel is another complaint.")
        if facts.origin is not None and case.origin not in (None, facts.origin.code):
            raise Unacceptable(
                f"The origin branch is {case.origin}; a wrong one is corrected by the HQ desk with a new complaint."
            )

        counted = parcel_of(case).model_copy(update={"pieces": facts.pieces})
        if case.round.findings and (wrong := contradiction(counted, case.round.findings.facts)) is not None:
            raise Unacceptable(wrong)

    def supply(self, facts: SupplyFacts) -> Told:
        """Facts that intake missed. With waybill and origin known, the case goes from the HQ desk to whose duty it is."""
        case, desk = self.desk.case, self.desk
        for beside in facts.units:
            case.learn(beside)
        for name in ("origin", "destination", "hub"):
            unit = getattr(facts, name)
            if unit is not None:
                case.learn(unit)
                setattr(case, name, unit.code)
        plain = (
            "waybill",
            "freight",
            "declared_value",
            "claimed",
            "promised_at",
            "delivered_at",
            "pieces",
            "customer_deadline",
            "payee_ref",
        )
        said = {name: value for name in plain if (value := getattr(facts, name)) is not None}
        changed = {name for name, value in said.items() if value != getattr(case, name)}
        for name, value in said.items():
            setattr(case, name, value)
        routed = case.status is Status.INCOMPLETE and bool(case.waybill and case.origin)
        if routed:
            case.status = Status.OPEN
            case.route()
            self._move("hq", _OF_THE_HANDLER, case.handler)
            self._move("hq", frozenset({Owed.LEGAL_ANSWER, Owed.TELL_SOLUTION}), case.owner)
        if facts.customer_deadline is not None:
            for obligation in case.obligations.values():
                pull(case, obligation, facts.customer_deadline, desk.now)
        desk.rewind()
        self._hear_of_the_sum(facts, set(said), changed)
        named = [*said, *(name for name in ("origin", "destination", "hub") if getattr(facts, name))]
        desk.note(
            "facts_supplied",
            facts=sorted({"payee" if name == "payee_ref" else name for name in named}),
            owner=case.owner,
            handler=case.handler,
        )
        if routed:
            say_who_takes_it(desk)
        return {"status": case.status.value, "owner": case.owner, "handler": case.handler}

    def _hear_of_the_sum(self, facts: SupplyFacts, said: set[str], changed: set[str]) -> None:
        """What is owed may be another sum by this, or may be paid now; whoever said it has a part in that."""
        case = self.desk.case
        if case.round.missing and _RECKONED_WITH & said:
            case.round.computed, case.round.missing = None, []
            case.made_by(facts.actor)
        elif (_RECKONED_WITH - _ONLY_SAID) & changed and self.desk.works_as_since("a fact that changes is reckoned with"):
            case.made_by(facts.actor)
            self._reckon_anew()
        if facts.payee_ref is not None:
            case.payee_by = facts.actor.sub
            self._pay_what_waited_for_a_payee()

    def _pay_what_waited_for_a_payee(self) -> None:
        """The full computed amount is paid at once, now that somebody is on record to whom; the customer's yes is not awaited."""
        waited = self.desk.case.round.waiting_for_a_payee
        if waited and self.desk.works_as_since("a payee supplied is paid at once"):
            for offer in waited:
                offer.state = OfferState.ACCEPTED
            self.desk.moot(Owed.CUSTOMER_ANSWER)

    def _reckon_anew(self) -> None:
        """Until the customer has said yes it is computed from what is known now; what they were offered becomes no less by it."""
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        going = [offer for offer in round.offers if not offer.settled]
        undecided = all(o.state in (OfferState.PROPOSED, OfferState.OFFERED) and not o.replaces and not o.over for o in going)
        if case.resolved or round.told or round.computed is None or round.unpaid or not undecided:
            return
        if round.findings is None or round.findings.validity is not Validity.EFFECTIVE:
            return
        owed = compute(case.category, case.plan, parcel_of(case), round.findings.facts)
        if owed.amount == round.owed_in_all and list(owed.missing) == round.missing:
            return
        if any(o.state is OfferState.OFFERED for o in going) and (owed.missing or owed.amount < (round.owed_in_all or 0)):
            return
        for offer in going:
            offer.state = OfferState.VOID
        desk.moot(Owed.APPROVAL, Owed.CUSTOMER_ANSWER)
        round.computed, round.missing = None, []

    # -- the end before the end

    def check_end(self, command: Withdraw | Merge | Cancel) -> None:
        if self.desk.case.payment_in_flight:
            raise PaymentInFlight("The payment is being made; try again when it is settled.")
        if isinstance(command, Merge) and command.into == self.desk.case.intake.number:
            raise Unacceptable("A complaint is merged into another one.")

    def end(self, command: Withdraw | Merge | Cancel) -> Told:
        outcome = {Withdraw: Outcome.WITHDRAWN, Merge: Outcome.MERGED, Cancel: Outcome.CANCELLED}[type(command)]
        if isinstance(command, Merge):
            self.desk.case.merged_into = command.into
        self.end_as(outcome, command.reason_ref)
        return {"outcome": outcome.value}

    def end_as(self, outcome: Outcome, reason_ref: str | None = None) -> None:
        """Every wait ends with the complaint; money already paid stays paid, and its review goes on to its ruling."""
        case, desk = self.desk.case, self.desk
        case.ended = outcome
        for offer in case.round.offers:
            if not offer.settled:
                offer.state = OfferState.VOID
        desk.end_all(Ending.ENDED)
        desk.tell("ended", f"{agent_of(case.handler)}@{case.handler}", outcome=outcome.value)
        desk.note(outcome.value, reason_ref=reason_ref)
