"""What people may say to a complaint, and which stage hears it: one update and one validator a decision.

A validator changes nothing and refuses with a sentence; a handler records its fact before anything else happens and
answers at once. Both go through the desk, so that each decision is permitted, timely, and taken once.
"""

from __future__ import annotations

from temporalio import workflow

from domain.commands import (
    AskUnit,
    Cancel,
    ChooseMoneyOrParcel,
    ConfirmDone,
    ConfirmRepaid,
    DecideCompensation,
    DecideDelay,
    Escalate,
    FurtherCall,
    HandOn,
    KeepPromise,
    LetGo,
    MakePromise,
    Merge,
    Pause,
    ProposeCompensation,
    Reassign,
    Receipt,
    RecordCustomerAnswer,
    RecordFirstContact,
    RecordPayout,
    RecordVisit,
    RegulatorAppeal,
    ReplyToQuery,
    ReportParcelFound,
    RequestDelay,
    Resume,
    ReturnFindings,
    SubmitFindings,
    SupplyFacts,
    TellAnswer,
    Withdraw,
)
from domain.payouts import PayoutNews
from workflows.acknowledgement import Acknowledgement
from workflows.approvals import Approvals
from workflows.at_any_time import AtAnyTime
from workflows.delays import Delays
from workflows.investigation import Investigation
from workflows.parcels import Parcels
from workflows.pauses import Pauses
from workflows.payment import Payments
from workflows.promises import Promises
from workflows.proposals import Proposals
from workflows.review_messages import ReviewMessages
from workflows.visits import Visits


class Messages(ReviewMessages):
    """The updates of a complaint, forwarded to its stages in the order of its life."""

    acknowledgement: Acknowledgement
    investigation: Investigation
    proposals: Proposals
    approvals: Approvals
    payments: Payments
    visits: Visits
    pauses: Pauses
    delays: Delays
    promises: Promises
    parcels: Parcels
    at_any_time: AtAnyTime

    # -- acknowledgement

    @workflow.update
    def record_first_contact(self, contact: RecordFirstContact) -> Receipt:
        return self.desk.take(contact, self.acknowledgement.first_contact)

    @record_first_contact.validator
    def _check_record_first_contact(self, contact: RecordFirstContact) -> None:
        self.desk.check(contact, self.acknowledgement.check_first_contact)

    # -- branch investigation

    @workflow.update
    def submit_findings(self, findings: SubmitFindings) -> Receipt:
        return self.desk.take(findings, self.investigation.submit)

    @submit_findings.validator
    def _check_submit_findings(self, findings: SubmitFindings) -> None:
        self.desk.check(findings, self.investigation.check_findings)

    @workflow.update
    def return_findings(self, returned: ReturnFindings) -> Receipt:
        return self.desk.take(returned, self.investigation.return_findings)

    @return_findings.validator
    def _check_return_findings(self, returned: ReturnFindings) -> None:
        self.desk.check(returned, self.investigation.check_return)

    @workflow.update
    def ask_unit(self, question: AskUnit) -> Receipt:
        return self.desk.take(question, self.investigation.ask)

    @ask_unit.validator
    def _check_ask_unit(self, question: AskUnit) -> None:
        self.desk.check(question, self.investigation.check_ask)

    @workflow.update
    def reply_to_query(self, reply: ReplyToQuery) -> Receipt:
        return self.desk.take(reply, self.investigation.reply)

    @reply_to_query.validator
    def _check_reply_to_query(self, reply: ReplyToQuery) -> None:
        self.desk.check(reply, self.investigation.check_reply)

    @workflow.update
    def tell_answer(self, answer: TellAnswer) -> Receipt:
        return self.desk.take(answer, self.investigation.tell)

    @tell_answer.validator
    def _check_tell_answer(self, answer: TellAnswer) -> None:
        self.desk.check(answer, self.investigation.check_answer)

    # -- advance compensation

    @workflow.update
    def propose_compensation(self, proposal: ProposeCompensation) -> Receipt:
        return self.desk.take(proposal, self.proposals.propose)

    @propose_compensation.validator
    def _check_propose_compensation(self, proposal: ProposeCompensation) -> None:
        self.desk.check(proposal, self.proposals.check_proposal)

    @workflow.update
    def let_go(self, command: LetGo) -> Receipt:
        return self.desk.take(command, self.proposals.let_go)

    @let_go.validator
    def _check_let_go(self, command: LetGo) -> None:
        self.desk.check(command, self.proposals.check_let_go)

    @workflow.update
    def decide_compensation(self, decision: DecideCompensation) -> Receipt:
        return self.desk.take(decision, self.approvals.decide)

    @decide_compensation.validator
    def _check_decide_compensation(self, decision: DecideCompensation) -> None:
        self.desk.check(decision, self.approvals.check_decision)

    # -- its payment

    @workflow.update
    def record_customer_answer(self, answer: RecordCustomerAnswer) -> Receipt:
        return self.desk.take(answer, self.payments.answer)

    @record_customer_answer.validator
    def _check_record_customer_answer(self, answer: RecordCustomerAnswer) -> None:
        self.desk.check(answer, self.payments.check_answer)

    @workflow.update
    def record_payout(self, payout: RecordPayout) -> Receipt:
        return self.desk.take(payout, self.payments.record_payout)

    @record_payout.validator
    def _check_record_payout(self, payout: RecordPayout) -> None:
        self.desk.check(payout, self.payments.check_payout)

    # -- follow-up visits

    @workflow.update
    def confirm_done(self, confirmed: ConfirmDone) -> Receipt:
        return self.desk.take(confirmed, self.visits.confirm)

    @confirm_done.validator
    def _check_confirm_done(self, confirmed: ConfirmDone) -> None:
        self.desk.check(confirmed, self.visits.check_confirm)

    @workflow.update
    def record_visit(self, visit: RecordVisit) -> Receipt:
        return self.desk.take(visit, self.visits.visit)

    @record_visit.validator
    def _check_record_visit(self, visit: RecordVisit) -> None:
        self.desk.check(visit, self.visits.check_visit)

    # -- its clocks

    @workflow.update
    def pause(self, pause: Pause) -> Receipt:
        return self.desk.take(pause, self.pauses.pause)

    @pause.validator
    def _check_pause(self, pause: Pause) -> None:
        self.desk.check(pause, self.pauses.check_pause)

    @workflow.update
    def resume(self, resume: Resume) -> Receipt:
        return self.desk.take(resume, self.pauses.resume)

    @resume.validator
    def _check_resume(self, resume: Resume) -> None:
        self.desk.check(resume, self.pauses.check_resume)

    @workflow.update
    def request_delay(self, request: RequestDelay) -> Receipt:
        return self.desk.take(request, self.delays.request)

    @request_delay.validator
    def _check_request_delay(self, request: RequestDelay) -> None:
        self.desk.check(request, self.delays.check_request)

    @workflow.update
    def decide_delay(self, decision: DecideDelay) -> Receipt:
        return self.desk.take(decision, self.delays.decide)

    @decide_delay.validator
    def _check_decide_delay(self, decision: DecideDelay) -> None:
        self.desk.check(decision, self.delays.check_decision)

    @workflow.update
    def make_promise(self, promise: MakePromise) -> Receipt:
        return self.desk.take(promise, self.promises.promise)

    @make_promise.validator
    def _check_make_promise(self, promise: MakePromise) -> None:
        self.desk.check(promise, self.promises.check_promise)

    @workflow.update
    def keep_promise(self, kept: KeepPromise) -> Receipt:
        return self.desk.take(kept, self.promises.keep)

    @keep_promise.validator
    def _check_keep_promise(self, kept: KeepPromise) -> None:
        self.desk.check(kept, self.promises.check_keep)

    @workflow.signal
    def payout_news(self, news: PayoutNews) -> None:
        """A payout provider has something to say of a payment; brought by its webhook."""
        self.payments.hear(news)

    # -- a parcel that is found

    @workflow.update
    def report_parcel_found(self, found: ReportParcelFound) -> Receipt:
        return self.desk.take(found, self.parcels.report)

    @report_parcel_found.validator
    def _check_report_parcel_found(self, found: ReportParcelFound) -> None:
        self.desk.check(found, self.parcels.check_report)

    @workflow.update
    def choose_money_or_parcel(self, choice: ChooseMoneyOrParcel) -> Receipt:
        return self.desk.take(choice, self.parcels.choose)

    @choose_money_or_parcel.validator
    def _check_choose_money_or_parcel(self, choice: ChooseMoneyOrParcel) -> None:
        self.desk.check(choice, self.parcels.check_choice)

    @workflow.update
    def confirm_repaid(self, repaid: ConfirmRepaid) -> Receipt:
        return self.desk.take(repaid, self.parcels.repaid)

    @confirm_repaid.validator
    def _check_confirm_repaid(self, repaid: ConfirmRepaid) -> None:
        self.desk.check(repaid, self.parcels.check_repaid)

    # -- at any time

    @workflow.update
    def supply_facts(self, facts: SupplyFacts) -> Receipt:
        return self.desk.take(facts, self.at_any_time.supply)

    @supply_facts.validator
    def _check_supply_facts(self, facts: SupplyFacts) -> None:
        self.desk.check(facts, self.at_any_time.check_facts)

    @workflow.update
    def further_call(self, call: FurtherCall) -> Receipt:
        return self.desk.take(call, self.at_any_time.call)

    @further_call.validator
    def _check_further_call(self, call: FurtherCall) -> None:
        self.desk.check(call, self.at_any_time.check_call)

    @workflow.update
    def regulator_appeal(self, appeal: RegulatorAppeal) -> Receipt:
        return self.desk.take(appeal, self.at_any_time.regulator)

    @regulator_appeal.validator
    def _check_regulator_appeal(self, appeal: RegulatorAppeal) -> None:
        self.desk.check(appeal, self.at_any_time.check_regulator)

    @workflow.update
    def escalate(self, escalation: Escalate) -> Receipt:
        return self.desk.take(escalation, self.at_any_time.escalate)

    @escalate.validator
    def _check_escalate(self, escalation: Escalate) -> None:
        self.desk.check(escalation, self.at_any_time.check_escalate)

    @workflow.update
    def reassign(self, reassign: Reassign) -> Receipt:
        return self.desk.take(reassign, self.at_any_time.reassign)

    @reassign.validator
    def _check_reassign(self, reassign: Reassign) -> None:
        self.desk.check(reassign, self.at_any_time.check_reassign)

    @workflow.update
    def hand_on(self, hand_on: HandOn) -> Receipt:
        return self.desk.take(hand_on, self.at_any_time.hand_on)

    @hand_on.validator
    def _check_hand_on(self, hand_on: HandOn) -> None:
        self.desk.check(hand_on, self.at_any_time.check_hand_on)

    @workflow.update
    def withdraw(self, withdrawal: Withdraw) -> Receipt:
        return self.desk.take(withdrawal, self.at_any_time.end)

    @withdraw.validator
    def _check_withdraw(self, withdrawal: Withdraw) -> None:
        self.desk.check(withdrawal, self.at_any_time.check_end)

    @workflow.update
    def merge(self, merger: Merge) -> Receipt:
        return self.desk.take(merger, self.at_any_time.end)

    @merge.validator
    def _check_merge(self, merger: Merge) -> None:
        self.desk.check(merger, self.at_any_time.check_end)

    @workflow.update
    def cancel(self, cancellation: Cancel) -> Receipt:
        return self.desk.take(cancellation, self.at_any_time.end)

    @cancel.validator
    def _check_cancel(self, cancellation: Cancel) -> None:
        self.desk.check(cancellation, self.at_any_time.check_end)
