"""Reviews that HQ quality opens once a complaint is closed: they go on with its case, as its story's only writer.

The complaint's own process has ended; it stays closed, and nothing of it changes but what the reviews bring. One process has
all reviews of a complaint that were opened later, so that they know each other's penalties; its id is `<number>-reviews`.
"""

from __future__ import annotations

from pydantic import BaseModel
from temporalio import workflow

from domain.case import Case
from domain.commands import OpenReview
from domain.opening import Undone
from workflows.appeals import Appeals
from workflows.changes import Changes
from workflows.chronicle import Chronicle
from workflows.desk import Desk
from workflows.lateness import Lateness
from workflows.penalty_review import PenaltyReviews
from workflows.review_messages import ReviewMessages


class LaterReviews(BaseModel):
    """What starts the process: the case as it was closed, with what became true since, and the review that is opened.

    Without one it goes on with those that a process before it, ended from outside, left open.
    """

    case: Case
    opening: OpenReview | None = None


@workflow.defn(name="LaterReviews")
class LaterReviewsWorkflow(ReviewMessages):
    @workflow.init
    def __init__(self, later: LaterReviews) -> None:
        self.case = later.case
        self.case.reviewed_later = True
        self.desk = Desk(self.case, Chronicle(self.case.intake.number))
        self.desk.last_row = self.case.row()
        self.penalty_reviews, self.appeals, self.lateness = PenaltyReviews(self.desk), Appeals(self.desk), Lateness(self.desk)
        self.changes = Changes(self.desk)
        self.before = frozenset(self.case.reviews)
        self.penalty_reviews.resume()
        self.lateness.resume()
        if later.opening is not None:  # here, and not in run(): what is said to the review may arrive before
            self.desk.take(later.opening, self.penalty_reviews.open_itself)

    @workflow.run
    async def run(self, later: LaterReviews) -> list[str]:
        """Until every review is final and every lateness line stands or is waived; answers those that were opened here."""
        self.desk.begin()
        while not self.over:
            await self.desk.until(lambda: self.over)
        return [id for id in self.case.reviews if id not in self.before]

    @property
    def over(self) -> bool:
        """All is settled and in the register, and nobody waits for an answer."""
        return self.penalty_reviews.all_settled and self.desk.chronicle.written and workflow.all_handlers_finished()

    @workflow.signal
    def payment_undone(self, undone: Undone) -> None:
        """A payment made before closing came back, or was repaid; told by the complaint that continues this one."""
        self.penalty_reviews.undo(undone)

    @workflow.query
    def view(self) -> Case:
        """The case as it stands."""
        return self.case
