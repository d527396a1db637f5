"""The appeal (复核): once per side, decided together by somebody who decided nothing in the case; final."""

from __future__ import annotations

from domain.appeals import AppealInvariant, decided_lines, shares_after_appeal
from domain.commands import Appeal, DecideAppeal
from domain.errors import WrongStage
from domain.record import PostingRow, Row
from domain.recusal import check_uninvolved
from domain.reviews import Review, SideAppeal
from domain.rows import line_rows, review_row
from domain.rulings import charged_so_far, shares_of
from domain.sides import side_of
from domain.values import Owed, ReviewStatus, Role
from workflows.desk import Told
from workflows.hearing import Hearing


class Appeals(Hearing):
    def check_appeal(self, appeal: Appeal) -> None:
        review = self.review(appeal.review)
        if review.status is not ReviewStatus.APPEAL_WINDOW:
            raise WrongStage("An appeal is taken within the appeal window after the ruling; it is not open now.")
        unit = side_of(self.desk.case, review, appeal, review.sides)
        if unit not in self.may_appeal(review):
            raise WrongStage(f"{unit} has appealed; a side appeals once.")
        if not review.lines and not review.shares:
            raise WrongStage("The ruling penalises nobody and shares nothing; there is nothing to appeal against.")

    def appeal(self, appeal: Appeal) -> Told:
        """Against a ruling, its appeal; against a summary ruling, the hearing it did without."""
        review, desk = self.review(appeal.review), self.desk
        unit = side_of(self.desk.case, review, appeal, review.sides)
        held = appeal.model_dump(include={"reasons_ref", "evidence"})
        said = SideAppeal(unit=unit, at=desk.now, by=appeal.actor.sub, **held)
        desk.case.part_taken(appeal.actor.sub, "appeal")
        desk.answered(Owed.APPEAL, about=f"{review.id}:{unit}")
        if review.summarily_ruled:
            self._hear(review, said)
            return {"review": review.id, "unit": unit, "full_review": True}
        review.appeals.append(said)
        desk.tell("appealed", f"{Role.HQ_SUPERVISOR}@hq", review=review.id)
        desk.note("appealed", review_row(review), review=review.id, unit=unit, reasons_ref=appeal.reasons_ref)
        return {"review": review.id, "unit": unit}

    def _hear(self, review: Review, said: SideAppeal) -> None:
        """The summary ruling stands no more: HQ quality rules, on what the sides have said and shown."""
        desk = self.desk
        review.contested.append(said)
        gone = [line.model_copy(update={"remaining": 0}) for line in review.lines]
        review.status, review.ruled_at, review.ruled_by, review.lines, review.shares = ReviewStatus.RULING, None, None, [], []
        self.close_window(review)
        desk.tell("appealed", f"{Role.HQ_REVIEWER}@hq", review=review.id)
        rows: list[Row] = [*line_rows(review, gone, final=True), *self.post_shares(review, [])]
        about = {"review": review.id, "unit": said.unit, "reasons_ref": said.reasons_ref}
        desk.note("summary_contested", review_row(review), *rows, **about)

    def check_decision(self, decision: DecideAppeal) -> None:
        case, review = self.desk.case, self.review(decision.review)
        if review.status is not ReviewStatus.APPEAL:
            raise WrongStage(
                "No appeal waits for a decision; appeals are decided together once the window has closed or every side appealed."
            )
        check_uninvolved(case, decision.actor)
        lines = decided_lines(review, decision)
        together = sum(line.remaining for line in lines if line.charged) + charged_so_far(case, but=review)
        raised = any(line.remaining > line.amount for line in lines)
        if raised and together > case.plan.penalties.cap:
            cap = case.plan.penalties.cap
            raise AppealInvariant(
                f"Raised so, the complaint's penalties make {together} fen; together they are at most {cap} fen."
            )
        if decision.shares is not None:
            shares_of(case, review, decision.shares)

    def decide(self, decision: DecideAppeal) -> Told:
        """Final: what nobody appealed against stands, changed shares are reversed and posted anew."""
        case, desk, review = self.desk.case, self.desk, self.review(decision.review)
        review.lines = decided_lines(review, decision)
        before = review.shares
        stated = shares_of(case, review, decision.shares) if decision.shares else None
        review.shares = stated or shares_after_appeal(review, review.lines, decision.outcome)
        review.decided_by, review.decision_ref, review.decision = decision.actor.sub, decision.reasons_ref, decision.outcome
        case.part_taken(decision.actor.sub, "appeal decision")
        desk.answered(Owed.APPEAL_DECISION, about=review.id)
        rows: list[PostingRow] = self.post_shares(review, review.shares) if review.shares != before else []
        self._tell_sides(review, "appeal_decided")
        about = {"review": review.id, "outcome": decision.outcome.value, "reasons_ref": decision.reasons_ref}
        desk.note("appeal_decided", review_row(review), *line_rows(review), *rows, **about)
        return {"review": review.id, "penalties": sum(line.remaining for line in review.lines)}
