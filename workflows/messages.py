"""What people may say to a complaint, and which stage hears it: one update and one validator a decision.

A validator changes nothing and refuses with a sentence; a handler records its fact before anything else happens and
answers at once. Both go through the desk, so that each decision is permitted, timely, and taken once.
"""

from __future__ import annotations

from temporalio import workflow

from domain.commands import (
    AskUnit,
    ConfirmDone,
    DecideCompensation,
    LetGo,
    ProposeCompensation,
    Receipt,
    RecordCustomerAnswer,
    RecordFirstContact,
    RecordPayout,
    RecordVisit,
    ReplyToQuery,
    ReturnFindings,
    SubmitFindings,
    TellAnswer,
)
from domain.payouts import PayoutNews
from workflows.acknowledgement import Acknowledgement
from workflows.answers import CustomerAnswers
from workflows.any_time_messages import AnyTimeMessages
from workflows.approvals import Approvals
from workflows.investigation import Investigation
from workflows.payment import Payments
from workflows.proposals import Proposals
from workflows.review_messages import ReviewMessages
from workflows.visits import Visits


class Messages(AnyTimeMessages, ReviewMessages):
    """The updates of a complaint, forwarded to its stages in the order of its life."""

    acknowledgement: Acknowledgement
    investigation: Investigation
    answers: CustomerAnswers
    proposals: Proposals
    approvals: Approvals
    payments: Payments
    visits: Visits

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
        return self.desk.take(answer, self.answers.answer)

    @record_customer_answer.validator
    def _check_record_customer_answer(self, answer: RecordCustomerAnswer) -> None:
        self.desk.check(answer, self.answers.check)

    @workflow.update
    def record_payout(self, payout: RecordPayout) -> Receipt:
        return self.desk.take(payout, self.payments.record_payout)

    @record_payout.validator
    def _check_record_payout(self, payout: RecordPayout) -> None:
        self.desk.check(payout, self.payments.check_payout)

    @workflow.signal
    def payout_news(self, news: PayoutNews) -> None:
        """A payout provider has something to say of a payment; brought by its webhook."""
        self.payments.hear(news)

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
