"""One complaint, one durable process: from the first call until the customer is made whole and the network has settled."""

from __future__ import annotations

import asyncio

from pydantic import BaseModel
from temporalio import workflow

from domain.case import Case
from domain.commands import Intake
from domain.obligations import Ending
from domain.offers import OfferState
from domain.plan import CasePlan
from domain.values import Outcome, Stage
from workflows.acknowledgement import Acknowledgement
from workflows.answers import CustomerAnswers
from workflows.appeals import Appeals
from workflows.approvals import Approvals
from workflows.at_any_time import AtAnyTime
from workflows.changes import Changes
from workflows.chronicle import Chronicle
from workflows.claims import Claims
from workflows.compensation import Compensation
from workflows.delays import Delays
from workflows.desk import Desk
from workflows.investigation import Investigation
from workflows.lateness import Lateness
from workflows.messages import Messages
from workflows.parcels import Parcels
from workflows.pauses import Pauses
from workflows.payment import Payments
from workflows.penalty_review import PenaltyReviews
from workflows.promises import Promises
from workflows.proposals import Proposals
from workflows.visits import Visits


class Complaint(BaseModel):
    """What starts the process: the intake and its pinned plan, or the case as it stood when the history was continued."""

    intake: Intake
    plan: CasePlan
    case: Case | None = None


@workflow.defn(name="Complaint")
class ComplaintWorkflow(Messages):
    @workflow.init
    def __init__(self, complaint: Complaint) -> None:
        # Built here and not in run(): a decision may arrive before run() has begun.
        case = complaint.case or Case.received(complaint.intake, complaint.plan, workflow.now())
        self.complaint, self.case = complaint, case
        self.desk = Desk(case, Chronicle(case.intake.number))
        self.acknowledgement = Acknowledgement(self.desk)
        self.investigation = Investigation(self.desk)
        self.claims = Claims(self.desk)
        self.answers = CustomerAnswers(self.desk)
        self.payments = Payments(self.desk, self.claims, self.answers)
        self.proposals = Proposals(self.desk, self.claims)
        self.approvals = Approvals(self.desk, self.proposals)
        self.compensation = Compensation(self.desk, self.proposals, self.approvals, self.payments)
        self.penalty_reviews, self.appeals, self.lateness = PenaltyReviews(self.desk), Appeals(self.desk), Lateness(self.desk)
        self.visits = Visits(self.desk)
        self.pauses, self.delays, self.promises = Pauses(self.desk), Delays(self.desk), Promises(self.desk)
        self.parcels = Parcels(self.desk)
        self.changes = Changes(self.desk)
        self.at_any_time = AtAnyTime(self.desk, self.visits)
        if complaint.case is None:
            self.acknowledgement.receive()

    @workflow.run
    async def run(self, complaint: Complaint) -> Outcome:
        """The story is told beside, so that a long history or a cancel from outside finds it at a quiet moment."""
        self.desk.begin()
        self.penalty_reviews.resume()
        self.lateness.resume()
        self.parcels.resume()
        self.desk.beside(self.compensation.keep_replacing())
        life = self.desk.beside(self.live())
        while not life.done():
            try:
                await self.desk.until(lambda: life.done() or self.cancel_is_due or self.long_and_quiet)
                if self.cancel_is_due:
                    self.at_any_time.end_as(Outcome.CANCELLED)
                elif not life.done() and self.long_and_quiet:  # asked again: the story may have gone on in the same breath
                    workflow.continue_as_new(self.complaint.model_copy(update={"case": self.case}))
            except asyncio.CancelledError:
                self.case.cancel_asked = True
                if self.case.payment_in_flight:
                    self.desk.note("cancel_waits", why="the payment is being made")
        assert self.case.outcome is not None
        return self.case.outcome

    async def live(self) -> None:
        """From the first call to the last visit. A stage whose part is done ends at once."""
        await self.acknowledgement.run()
        while self.case.in_progress or not self.penalty_reviews.all_settled or not self.parcels.settled:
            await self.investigation.run()
            await self.compensation.run()
            self.penalty_reviews.open()  # runs beside: the customer never waits for the network's own quarrel
            await self.visits.run()  # an unresolved visit or a repeat begins the next round
            await self.penalty_reviews.settled()
            await self.parcels.until_settled()
        await self.close()

    async def close(self) -> None:
        """Nothing is owed any more: the outcome, the last word to the customer, and everything in the register."""
        for offer in self.case.round.offers:
            if not offer.settled:
                offer.state = OfferState.VOID
        self.desk.end_all(Ending.MOOT)
        outcome = self.case.close(self.desk.now)
        self.desk.tell("closed", "complainant", outcome=outcome.value)
        self.desk.note("closed", outcome=outcome.value)
        while not self.quiet:
            await self.desk.until(lambda: self.quiet)

    @property
    def quiet(self) -> bool:
        """Every fact is in the register, every decision answered, and so is whatever a payout provider was asked."""
        return self.desk.chronicle.written and workflow.all_handlers_finished() and self.payments.calls_out == 0

    @property
    def long_and_quiet(self) -> bool:
        """Time to continue as new: all that matters stands in the case. Never while a payment is in flight."""
        long = workflow.info().get_current_history_length() >= self.case.plan.continue_after_events
        return long and self.quiet and self.payments.at_rest and self.case.stage is not Stage.CLOSED

    @property
    def cancel_is_due(self) -> bool:
        """A Temporal cancel is a cancel by an operator; a payment that was sent is waited for first."""
        over = self.case.ended is not None or self.case.stage is Stage.CLOSED
        return self.case.cancel_asked and not over and not self.case.payment_in_flight

    @workflow.query
    def view(self) -> Case:
        """The case as it stands."""
        return self.case
