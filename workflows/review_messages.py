"""What is said in a penalty review and to lateness lines: heard by the complaint, or by the process of its later reviews."""

from __future__ import annotations

from temporalio import workflow

from domain.commands import (
    Agree,
    Appeal,
    DecideAppeal,
    DecideObjection,
    MakeStatement,
    News,
    ObjectToLateness,
    OpenReview,
    Receipt,
    Recuse,
    Rule,
)
from domain.corrections import ReviewCorrected
from domain.found import FoundParcel
from workflows.appeals import Appeals
from workflows.changes import Changes
from workflows.desk import Desk
from workflows.lateness import Lateness
from workflows.lessened import Lessening
from workflows.penalty_review import PenaltyReviews


class ReviewMessages:
    desk: Desk
    penalty_reviews: PenaltyReviews
    appeals: Appeals
    lateness: Lateness
    changes: Changes

    # -- HQ penalty review

    @workflow.update
    def open_review(self, opening: OpenReview) -> Receipt:
        return self.desk.take(opening, self.penalty_reviews.open_itself)

    @open_review.validator
    def _check_open_review(self, opening: OpenReview) -> None:
        self.desk.check(opening, self.penalty_reviews.check_opening)

    @workflow.update
    def make_statement(self, statement: MakeStatement) -> Receipt:
        return self.desk.take(statement, self.penalty_reviews.state)

    @make_statement.validator
    def _check_make_statement(self, statement: MakeStatement) -> None:
        self.desk.check(statement, self.penalty_reviews.check_statement)

    @workflow.update
    def rule(self, ruling: Rule) -> Receipt:
        return self.desk.take(ruling, self.penalty_reviews.rule)

    @rule.validator
    def _check_rule(self, ruling: Rule) -> None:
        self.desk.check(ruling, self.penalty_reviews.check_ruling)

    @workflow.update
    def appeal(self, appeal: Appeal) -> Receipt:
        return self.desk.take(appeal, self.appeals.appeal)

    @appeal.validator
    def _check_appeal(self, appeal: Appeal) -> None:
        self.desk.check(appeal, self.appeals.check_appeal)

    @workflow.update
    def decide_appeal(self, decision: DecideAppeal) -> Receipt:
        return self.desk.take(decision, self.appeals.decide)

    @decide_appeal.validator
    def _check_decide_appeal(self, decision: DecideAppeal) -> None:
        self.desk.check(decision, self.appeals.check_decision)

    @workflow.update
    def agree(self, agreement: Agree) -> Receipt:
        return self.desk.take(agreement, self.penalty_reviews.agree)

    @agree.validator
    def _check_agree(self, agreement: Agree) -> None:
        self.desk.check(agreement, self.penalty_reviews.check_agreement)

    @workflow.update
    def recuse(self, recusal: Recuse) -> Receipt:
        return self.desk.take(recusal, self.penalty_reviews.recuse)

    @recuse.validator
    def _check_recuse(self, recusal: Recuse) -> None:
        self.desk.check(recusal, self.penalty_reviews.check_recusal)

    # -- lateness lines

    @workflow.update
    def object_to_lateness(self, objection: ObjectToLateness) -> Receipt:
        return self.desk.take(objection, self.lateness.object)

    @object_to_lateness.validator
    def _check_object_to_lateness(self, objection: ObjectToLateness) -> None:
        self.desk.check(objection, self.lateness.check_objection)

    @workflow.update
    def decide_objection(self, decision: DecideObjection) -> Receipt:
        return self.desk.take(decision, self.lateness.decide)

    @decide_objection.validator
    def _check_decide_objection(self, decision: DecideObjection) -> None:
        self.desk.check(decision, self.lateness.check_decision)

    @workflow.signal
    def dated_facts(self, news: News) -> None:
        """What changed around the complaint: calendars, emergencies, units; told by the house itself."""
        self.changes.hear(news)

    @workflow.signal
    def review_corrected(self, corrected: ReviewCorrected) -> None:
        """A final review was corrected (更正), by a process of its own."""
        self.penalty_reviews.hear(corrected)

    @workflow.signal
    def parcel_found(self, parcel: FoundParcel) -> None:
        """Reported in another complaint about it."""
        Lessening(self.desk).hear(parcel)
