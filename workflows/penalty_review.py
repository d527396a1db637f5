"""HQ penalty review (仲裁): who answers for it inside the network, by clause and by share; it runs beside the visits.

The customer never waits for the network's own quarrel; the complaint does not close before it is settled. How
it begins is in `openings`, appeals are in `appeals`, lines that ladders open in `lateness`.
"""

from __future__ import annotations

from domain import postings
from domain.case import HQ
from domain.commands import Agree, MakeStatement, OpenReview, Recuse, Rule
from domain.errors import Unacceptable, WrongStage
from domain.obligations import Ending
from domain.opening import held_back
from domain.penalty_lines import penalised_there
from domain.record import Held, Row
from domain.recusal import check_uninvolved
from domain.reviews import Agreement, Line, Review, Statement, summary_key
from domain.rows import line_rows, review_row
from domain.rulings import (
    StatementAwaited,
    advance_of,
    clauses_of_the_matrix,
    judged_today,
    ruled_lines,
    shares_of,
    shares_of_the_matrix,
    summary,
)
from domain.sides import side_of
from domain.values import Owed, ReviewStatus, Role, RuledBy
from workflows.desk import Desk, Told
from workflows.hearing import Hearing
from workflows.openings import Openings


class PenaltyReviews(Hearing):
    """All reviews of one complaint, one a round; they are independent, and closing waits for all."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        desk.chronicle.set_aside = self.set_aside
        self.openings = Openings(desk)

    @property
    def all_settled(self) -> bool:
        """Every review final, every authority answered, no payment on its way: what closing waits for, also after the end.

        And every lateness line stands or is waived: whoever may object, or must decide, still has somebody to say it to.
        """
        case = self.desk.case
        final = all(review.status is ReviewStatus.FINAL for review in case.reviews.values())
        heard = all(line.settled for line in case.lateness.values())
        return final and heard and case.open_obligation(Owed.REGULATOR_REPLY) is None and not case.payment_in_flight

    def open(self) -> None:
        """Open the round's review where its findings ask for one."""
        if (review := self.openings.by_findings()) is not None:
            self.desk.beside(self.run(review))

    def check_opening(self, opening: OpenReview) -> None:
        self.openings.check(opening)

    def open_itself(self, opening: OpenReview) -> Told:
        """HQ quality opens one, whatever the findings say."""
        review = self.openings.by_quality(opening)
        self.desk.beside(self.run(review))
        return {"review": review.id}

    def resume(self) -> None:
        """Go on with the reviews that were open when the history was continued."""
        for review in self.desk.case.reviews.values():
            if review.status is not ReviewStatus.FINAL:
                self.desk.beside(self.run(review))

    async def run(self, review: Review) -> None:
        """Statements, ruling, appeal window, appeal decision: each is owed by somebody, and silence never holds the next."""
        if review.status is ReviewStatus.STATEMENT:
            await self.desk.until(lambda: not self.awaited(review) and not held_back(self.desk.case, review))
            self._turn(review, ReviewStatus.RULING)
        while review.status in (ReviewStatus.RULING, ReviewStatus.APPEAL_WINDOW):
            if review.status is ReviewStatus.RULING and (self._ruling_owed(review) or not self._rule_by_matrix(review)):
                ruled = await self.desk.owed(Owed.RULING, HQ, about=review.id, role=Role.HQ_REVIEWER)
                if ruled is Ending.DEFAULT:
                    self._lapse_without_ruling(review)
                    return
            await self.desk.until(lambda: not self.may_appeal(review))  # a summary ruling may be turned into a full review
            if review.status is ReviewStatus.APPEAL_WINDOW:
                self._turn(review, ReviewStatus.APPEAL if review.appeals else ReviewStatus.FINAL)
        if review.status is ReviewStatus.APPEAL:
            decided = await self.desk.owed(Owed.APPEAL_DECISION, HQ, about=review.id, role=Role.HQ_SUPERVISOR)
            review.lapsed = decided is Ending.DEFAULT
            self._turn(review, ReviewStatus.FINAL)
        self._finish(review)

    def _ruling_owed(self, review: Review) -> bool:
        """HQ quality has it already: a history that is continued finds it so."""
        return self.desk.case.open_obligation(Owed.RULING, about=review.id) is not None

    def _turn(self, review: Review, status: ReviewStatus) -> None:
        review.status = status
        self.desk.show(review_row(review))

    async def settled(self) -> None:
        """Until every review is final and every authority answered, or the customer's next call begins another round."""
        await self.desk.until(lambda: self.desk.case.in_progress or self.all_settled)

    # -- statements (申辩), and what the sides agree

    def check_statement(self, statement: MakeStatement) -> None:
        review = self.review(statement.review)
        unit = side_of(self.desk.case, review, statement, review.respondents)
        if any(made.unit == unit for made in review.statements):
            raise WrongStage(f"{unit} has made its statement.")
        if review.status is not ReviewStatus.STATEMENT or self.statement_owed(review, unit) is None:
            raise WrongStage(f"The time for {unit}'s statement is over; evidence may still be shown in an appeal.")

    def state(self, statement: MakeStatement) -> Told:
        review, desk = self.review(statement.review), self.desk
        unit = side_of(self.desk.case, review, statement, review.respondents)
        held = statement.model_dump(include={"stance", "statement_ref", "evidence"})
        review.statements.append(Statement(unit=unit, at=desk.now, by=statement.actor.sub, **held))
        desk.case.part_taken(statement.actor.sub, "statement")
        desk.answered(Owed.STATEMENT, about=f"{review.id}:{unit}")
        about = {"review": review.id, "unit": unit, "stance": statement.stance.value, "statement_ref": statement.statement_ref}
        desk.note("statement_made", review_row(review), **about)
        return {"review": review.id, "unit": unit}

    def check_agreement(self, agreement: Agree) -> None:
        review = self.review(agreement.review)
        side_of(self.desk.case, review, agreement, review.sides)
        if self.desk.case.plan.penalties.summary is None or review.contested:
            raise WrongStage("This review is ruled on by HQ quality.")
        if review.status is not ReviewStatus.STATEMENT:
            raise WrongStage("The sides agree while statements may still be made; now either side may appeal against the ruling.")
        shares_of(self.desk.case, review, agreement.shares)

    def agree(self, agreement: Agree) -> Told:
        """When all sides have said the same, nobody needs to make a statement any more: it is ruled so."""
        case, desk, review = self.desk.case, self.desk, self.review(agreement.review)
        unit, shares = side_of(case, review, agreement, review.sides), shares_of(case, review, agreement.shares)
        review.agreements.append(Agreement(unit=unit, shares=shares, at=desk.now, by=agreement.actor.sub))
        case.part_taken(agreement.actor.sub, "agreement")
        agreed = review.agreed is not None
        if agreed:
            self.close_window(review)
        desk.note("agreed" if agreed else "agreement_offered", review_row(review), review=review.id, unit=unit)
        return {"review": review.id, "unit": unit, "agreed": agreed}

    def check_recusal(self, recusal: Recuse) -> None:
        if self.review(recusal.review).status is ReviewStatus.FINAL:
            raise WrongStage("This review is final; nobody decides in it any more.")

    def recuse(self, recusal: Recuse) -> Told:
        """回避: who stands too near to it says so, and decides nothing in this complaint."""
        self.desk.case.part_taken(recusal.actor.sub, "recusal")
        self.desk.note("recused", review=recusal.review, reasons_ref=recusal.reasons_ref)
        return {"review": recusal.review}

    # -- the ruling (裁定)

    def check_ruling(self, ruling: Rule) -> None:
        review = self.review(ruling.review)
        if review.status is ReviewStatus.STATEMENT:
            if not (awaited := self.awaited(review)):
                raise WrongStage(
                    f"The money of round {review.round} is still being decided; the ruling comes when it is settled."
                )
            raise StatementAwaited(f"{', '.join(awaited)} may still make a statement; the ruling comes when it is in or due.")
        if review.status is not ReviewStatus.RULING and not review.summarily_ruled:
            raise WrongStage("This review has been ruled on; either side may appeal.")
        check_uninvolved(self.desk.case, ruling.actor)
        if not ruling.clauses and not ruling.shares and not ruling.exemptions:
            raise Unacceptable("A ruling has lines, shares or an exemption; say what is ruled.")
        for line in ruling.clauses:
            if line.happened_on and self.desk.midnight(line.happened_on) > self.desk.now:
                raise Unacceptable(f"{line.happened_on} is yet to come; a fault is judged by the day it happened.")
        ruled_lines(self.desk.case, review, self.desk.now, ruling.clauses, ruling.elsewhere)
        shares_of(self.desk.case, review, ruling.shares)

    def rule(self, ruling: Rule) -> Told:
        """HQ quality rules; in place of a summary ruling too, which takes back what that one shared."""
        case, desk, review = self.desk.case, self.desk, self.review(ruling.review)
        set_aside = self._set_aside(review) if review.summarily_ruled else []
        review.shares = shares_of(case, review, ruling.shares)
        review.ruled_by, review.ruled_how = ruling.actor.sub, RuledBy.REVIEWER
        review.reasons_ref, review.exemptions = ruling.reasons_ref, ruling.exemptions
        case.part_taken(ruling.actor.sub, "ruling")
        desk.answered(Owed.RULING, about=review.id)
        return self._ruled(review, ruled_lines(case, review, desk.now, ruling.clauses, ruling.elsewhere), set_aside)

    def _rule_by_matrix(self, review: Review) -> bool:
        """简易裁定: what is admitted, agreed, or small and not contested; either side may still have its hearing."""
        case = self.desk.case
        how = summary(case, review)
        if how is None:
            return False
        shares = review.agreed if how is RuledBy.AGREED else None
        review.shares = shares if shares is not None else shares_of_the_matrix(case, review)
        review.ruled_by, review.ruled_how = "system", how
        lines = ruled_lines(case, review, self.desk.now, clauses_of_the_matrix(case, review))
        self._ruled(review, [line.model_copy(update={"key": summary_key(review.id, n)}) for n, line in enumerate(lines, 1)], [])
        return True

    def _ruled(self, review: Review, lines: list[Line], set_aside: list[Line]) -> Told:
        """The lines stand until the appeal window closes; the shares of the advance are posted at once."""
        case, desk = self.desk.case, self.desk
        findings = case.rounds[review.round - 1].findings
        review.lines, review.ruled_at, review.advance = lines, desk.now, advance_of(case, review)
        review.facts = findings.facts.model_dump(mode="json", exclude_none=True) if findings else {}
        review.climbed_by = [unit for unit in review.respondents if unit in case.climbed_by]
        review.status = ReviewStatus.APPEAL_WINDOW
        self.open_appeals(review)
        self._tell_sides(review, "ruled")
        rows: list[Row] = [
            *line_rows(review, set_aside, final=True),
            *line_rows(review),
            *self.post_shares(review, review.shares),
        ]
        total = sum(line.amount for line in review.lines)
        about = {"review": review.id, "penalties": total, "reasons_ref": review.reasons_ref, "how": review.ruled_how.value}
        desk.note("ruled", review_row(review), *rows, **about)
        return {"review": review.id, "penalties": total}

    def set_aside(self, held: Held) -> None:
        """In the same moment another complaint about the parcel penalised the event: it is penalised there, once."""
        lines = [(r, line) for r in self.desk.case.reviews.values() for line in r.lines if line.key == held.line]
        if not lines:  # set aside meanwhile, with the summary ruling it was of
            return
        [(review, line)] = lines
        clause, posted = self.desk.case.plan.penalties.clauses[line.clause], review.status is ReviewStatus.FINAL and line.charged
        gone = penalised_there(line, held.review)
        review.lines = [gone if one is line else one for one in review.lines]
        rows: list[Row] = [review_row(review), *line_rows(review, [gone], final=review.status is ReviewStatus.FINAL)]
        if posted:
            rows.append(postings.reversed_(postings.penalty(review, line, clause, self.desk.now), self.desk.now))
        about = {"unit": line.unit, "clause": line.clause, "penalised_in": held.review}
        self.desk.note("penalty_set_aside", *rows, review=review.id, **about)

    def _set_aside(self, review: Review) -> list[Line]:
        """A summary ruling stands no more; its lines, of which nothing remains."""
        self.close_window(review)
        gone = [line.model_copy(update={"remaining": 0}) for line in review.lines]
        review.lines = []
        return gone

    def _lapse_without_ruling(self, review: Review) -> None:
        """Ten working days late: no penalty, and the advance is shared by the matrix, as the findings had it."""
        case, desk = self.desk.case, self.desk
        review.lapsed, review.status, review.final_at = True, ReviewStatus.FINAL, desk.now
        review.shares = shares_of_the_matrix(case, review)
        self._tell_sides(review, "lapsed")
        desk.note("ruling_lapsed", review_row(review), *self.post_shares(review, review.shares), review=review.id)

    # -- final

    def _finish(self, review: Review) -> None:
        """Penalties are posted when the window closes or the appeal is decided; what is decided too late lapses."""
        case, desk = self.desk.case, self.desk
        review.final_at = desk.now
        if review.lapsed:
            lapsing = review.appealed_lines
            review.lines = [line.model_copy(update={"remaining": 0}) if line in lapsing else line for line in review.lines]
            self._tell_sides(review, "lapsed")
        review.lines = judged_today(case, review)
        clauses, charged = case.plan.penalties.clauses, [line for line in review.lines if line.remaining and line.charged]
        rows = [postings.penalty(review, line, clauses[line.clause], desk.now) for line in charged]
        total = sum(line.remaining for line in review.lines)
        desk.note("review_final", review_row(review), *line_rows(review, final=True), *rows, review=review.id, penalties=total)
