"""HQ penalty review (仲裁): who answers for it inside the network, by clause and by share; it runs beside the visits.

The customer never waits for the network's own quarrel; the complaint does not close before it is settled.
"""

from __future__ import annotations

from collections.abc import Sequence

from domain import postings
from domain.case import HQ
from domain.commands import Actor, Appeal, DecideAppeal, MakeStatement, Rule, ShareLine
from domain.errors import NotPermitted, RuleBroken, TookPart, Unacceptable, WrongStage
from domain.ladders import agent_of, manager_of
from domain.obligations import Ending, Obligation
from domain.record import PostingRow
from domain.reviews import (
    Line,
    Review,
    Share,
    SideAppeal,
    Statement,
    StatementAwaited,
    decided_lines,
    ruled_lines,
    ruled_shares,
    shares_after_appeal,
)
from domain.rows import line_rows, review_row
from domain.values import Owed, Party, ReviewStatus, Role
from workflows.desk import Desk, Told

_PARTIES_WITH_A_UNIT = (Party.ORIGIN, Party.DESTINATION, Party.HUB, Party.HQ)


class UnknownReview(RuleBroken):
    """There is no such review in this complaint."""


class PenaltyReviews:
    """All reviews of one complaint, one a round; they are independent, and closing waits for all."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def all_settled(self) -> bool:
        """Every review final, every authority answered, no payment on its way: what closing waits for, also after the end."""
        case = self.desk.case
        final = all(review.status is ReviewStatus.FINAL for review in case.reviews.values())
        return final and case.open_obligation(Owed.REGULATOR_REPLY) is None and not case.payment_in_flight

    def open(self) -> None:
        """Open the round's review when its findings name a liable unit and its money is settled."""
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        id = f"{case.intake.number}-R{round.number}"
        settled = round.findings is not None and round.money_decided and (case.resolved or round.paid > 0)
        if not settled or not case.liable_units or id in case.reviews:
            return
        quality = case.owner in case.liable_units or case.origin == case.destination
        review = Review(
            id=id,
            round=round.number,
            severity=case.severity,
            claimant=HQ if quality else case.owner,
            claimant_is_quality=quality,
            respondents=case.liable_units,
            opened_at=desk.now,
        )
        case.reviews[id] = review
        for unit in review.respondents:
            statement = desk.open(Owed.STATEMENT, unit, about=f"{id}:{unit}")
            desk.tell("review_opened", f"{manager_of(unit)}@{unit}", review=id, due=statement.due.isoformat())
        told = {"claimant": review.claimant, "respondents": review.respondents, "exemptions": case.exemptions(review.respondents)}
        desk.note("review_opened", review_row(review), review=id, **told)
        desk.beside(self.run(review))

    def resume(self) -> None:
        """Go on with the reviews that were open when the history was continued."""
        for review in self.desk.case.reviews.values():
            if review.status is not ReviewStatus.FINAL:
                self.desk.beside(self.run(review))

    async def run(self, review: Review) -> None:
        """Statements, ruling, appeal window, appeal decision: each is owed by somebody, and silence never holds the next."""
        if review.status is ReviewStatus.STATEMENT:
            await self.desk.until(lambda: not self._awaited(review))
            self._turn(review, ReviewStatus.RULING)
        if review.status is ReviewStatus.RULING:
            ruled = await self.desk.owed(Owed.RULING, HQ, about=review.id, role=Role.HQ_REVIEWER)
            if ruled is Ending.DEFAULT:
                self._lapse_without_ruling(review)
                return
        if review.status is ReviewStatus.APPEAL_WINDOW:
            await self.desk.until(lambda: not self._may_appeal(review))
            self._turn(review, ReviewStatus.APPEAL if review.appeals else ReviewStatus.FINAL)
        if review.status is ReviewStatus.APPEAL:
            decided = await self.desk.owed(Owed.APPEAL_DECISION, HQ, about=review.id, role=Role.HQ_SUPERVISOR)
            review.lapsed = decided is Ending.DEFAULT
            self._turn(review, ReviewStatus.FINAL)
        self._finish(review)

    def _turn(self, review: Review, status: ReviewStatus) -> None:
        review.status = status
        self.desk.show(review_row(review))

    async def settled(self) -> None:
        """Until every review is final and every authority answered, or the customer's next call begins another round."""
        await self.desk.until(lambda: self.desk.case.in_progress or self.all_settled)

    # -- statements (申辩)

    def _awaited(self, review: Review) -> list[str]:
        """The respondents whose statement may still come; silence past the due is 逾期未申辩, the claimant's facts stand."""
        return [unit for unit in review.respondents if self._statement_owed(review, unit) is not None]

    def _statement_owed(self, review: Review, unit: str) -> Obligation | None:
        return self.desk.case.open_obligation(Owed.STATEMENT, unit, f"{review.id}:{unit}")

    def check_statement(self, statement: MakeStatement) -> None:
        review = self._review(statement.review)
        unit = self._side(review, statement.actor.unit, review.respondents)
        if any(made.unit == unit for made in review.statements):
            raise WrongStage(f"{unit} has made its statement.")
        if review.status is not ReviewStatus.STATEMENT or self._statement_owed(review, unit) is None:
            raise WrongStage(f"The time for {unit}'s statement is over; evidence may still be shown in an appeal.")

    def state(self, statement: MakeStatement) -> Told:
        review, desk = self._review(statement.review), self.desk
        unit = self._side(review, statement.actor.unit, review.respondents)
        made = Statement(
            unit=unit, stance=statement.stance, statement_ref=statement.statement_ref, at=desk.now, by=statement.actor.sub
        )
        review.statements.append(made)
        desk.case.part_taken(statement.actor.sub, "statement")
        desk.answered(Owed.STATEMENT, about=f"{review.id}:{unit}")
        about = {"review": review.id, "unit": unit, "stance": statement.stance.value, "statement_ref": statement.statement_ref}
        desk.note("statement_made", review_row(review), **about)
        return {"review": review.id, "unit": unit}

    # -- the ruling (裁定)

    def check_ruling(self, ruling: Rule) -> None:
        review = self._review(ruling.review)
        if review.status is ReviewStatus.STATEMENT:
            raise StatementAwaited(
                f"{', '.join(self._awaited(review))} may still make a statement; the ruling comes when it is in or due."
            )
        if review.status is not ReviewStatus.RULING:
            raise WrongStage("This review has been ruled on; either side may appeal.")
        self._check_uninvolved(ruling.actor)
        if not ruling.clauses and not ruling.shares and not ruling.exemptions:
            raise Unacceptable("A ruling has lines, shares or an exemption; say what is ruled.")
        self._lines(review, ruling)
        self._shares(review, ruling.shares)

    def _lines(self, review: Review, ruling: Rule) -> list[Line]:
        case = self.desk.case
        already = sum(line.remaining for other in case.reviews.values() if other is not review for line in other.lines)
        return ruled_lines(review, ruling, case.plan.penalties, climbed_by=case.climbed_by, already=already)

    def _shares(self, review: Review, given: Sequence[ShareLine]) -> list[Share]:
        case = self.desk.case
        units = {party: case.unit_of(party) for party in _PARTIES_WITH_A_UNIT}
        return ruled_shares(given, units, case.units, paid=self._paid(review))

    def _paid(self, review: Review) -> int:
        return self.desk.case.rounds[review.round - 1].paid

    def rule(self, ruling: Rule) -> Told:
        """The lines stand until the appeal window closes; the shares of the advance are posted at once."""
        case, desk, review = self.desk.case, self.desk, self._review(ruling.review)
        review.lines = self._lines(review, ruling)
        review.shares = self._shares(review, ruling.shares)
        review.ruled_by, review.ruled_at = ruling.actor.sub, desk.now
        review.reasons_ref, review.exemptions = ruling.reasons_ref, ruling.exemptions
        review.status = ReviewStatus.APPEAL_WINDOW
        case.part_taken(ruling.actor.sub, "ruling")
        desk.answered(Owed.RULING, about=review.id)
        for unit in review.sides:
            role = Role.HQ_REVIEWER if unit == HQ else manager_of(unit)
            desk.open(Owed.APPEAL, unit, about=f"{review.id}:{unit}", role=role)
        self._tell_sides(review, "ruled")
        rows = self._post_shares(review, review.shares, turn=1)
        total = sum(line.amount for line in review.lines)
        desk.note(
            "ruled",
            review_row(review),
            *line_rows(review),
            *rows,
            review=review.id,
            penalties=total,
            reasons_ref=ruling.reasons_ref,
        )
        return {"review": review.id, "penalties": total}

    def _lapse_without_ruling(self, review: Review) -> None:
        """Ten working days late: no penalty, and the advance is shared by the matrix, as the findings had it."""
        case, desk = self.desk.case, self.desk
        findings = case.rounds[review.round - 1].findings
        review.lapsed, review.status, review.final_at = True, ReviewStatus.FINAL, desk.now
        if findings is not None and self._paid(review):
            named = [Share(party=p.party, unit=case.unit_of(p.party, p.branch), share=p.share) for p in findings.liable]
            review.shares = named
        self._tell_sides(review, "lapsed")
        desk.note("ruling_lapsed", review_row(review), *self._post_shares(review, review.shares, turn=1), review=review.id)

    # -- the appeal (复核)

    def check_appeal(self, appeal: Appeal) -> None:
        review = self._review(appeal.review)
        if review.status is not ReviewStatus.APPEAL_WINDOW:
            raise WrongStage("An appeal is taken within the appeal window after the ruling; it is not open now.")
        unit = self._side(review, appeal.actor.unit, review.sides)
        if unit not in self._may_appeal(review):
            raise WrongStage(f"{unit} has appealed; a side appeals once.")
        if not review.lines and not review.shares:
            raise WrongStage("The ruling penalises nobody and shares nothing; there is nothing to appeal against.")

    def appeal(self, appeal: Appeal) -> Told:
        review, desk = self._review(appeal.review), self.desk
        unit = self._side(review, appeal.actor.unit, review.sides)
        review.appeals.append(SideAppeal(unit=unit, reasons_ref=appeal.reasons_ref, at=desk.now, by=appeal.actor.sub))
        desk.case.part_taken(appeal.actor.sub, "appeal")
        desk.answered(Owed.APPEAL, about=f"{review.id}:{unit}")
        desk.tell("appealed", f"{Role.HQ_SUPERVISOR}@{HQ}", review=review.id)
        desk.note("appealed", review_row(review), review=review.id, unit=unit, reasons_ref=appeal.reasons_ref)
        return {"review": review.id, "unit": unit}

    def _may_appeal(self, review: Review) -> list[str]:
        """The sides whose window is still open; it closes by itself, or when they have appealed."""
        return [unit for unit in review.sides if self.desk.case.open_obligation(Owed.APPEAL, unit, f"{review.id}:{unit}")]

    def check_appeal_decision(self, decision: DecideAppeal) -> None:
        review = self._review(decision.review)
        if review.status is not ReviewStatus.APPEAL:
            raise WrongStage(
                "No appeal waits for a decision; appeals are decided together once the window has closed or every side appealed."
            )
        self._check_uninvolved(decision.actor)
        decided_lines(review, decision)
        if decision.shares is not None:
            self._shares(review, decision.shares)

    def decide_appeal(self, decision: DecideAppeal) -> Told:
        """Final: what nobody appealed against stands, changed shares are reversed and posted anew."""
        case, desk, review = self.desk.case, self.desk, self._review(decision.review)
        review.lines = decided_lines(review, decision)
        before = review.shares
        stated = self._shares(review, decision.shares) if decision.shares else None
        review.shares = stated or shares_after_appeal(review, review.lines, decision.outcome)
        review.decided_by, review.decision_ref, review.decision = decision.actor.sub, decision.reasons_ref, decision.outcome
        case.part_taken(decision.actor.sub, "appeal decision")
        desk.answered(Owed.APPEAL_DECISION, about=review.id)
        rows: list[PostingRow] = []
        if review.shares != before:
            rows = [postings.reversed_(posting, desk.now) for posting in review.postings]
            rows += self._post_shares(review, review.shares, turn=2)
        self._tell_sides(review, "appeal_decided")
        about = {"review": review.id, "outcome": decision.outcome.value, "reasons_ref": decision.reasons_ref}
        desk.note("appeal_decided", review_row(review), *line_rows(review), *rows, **about)
        return {"review": review.id, "penalties": sum(line.remaining for line in review.lines)}

    # -- final

    def _finish(self, review: Review) -> None:
        """Penalties are posted when the window closes or the appeal is decided; what is decided too late lapses."""
        case, desk = self.desk.case, self.desk
        review.final_at = desk.now
        if review.lapsed:
            lapsing = review.appealed_lines
            review.lines = [line.model_copy(update={"remaining": 0}) if line in lapsing else line for line in review.lines]
            self._tell_sides(review, "lapsed")
        clauses = case.plan.penalties.clauses
        rows = [postings.penalty(review, line, clauses[line.clause], desk.now) for line in review.lines if line.remaining]
        total = sum(line.remaining for line in review.lines)
        desk.note("review_final", review_row(review), *line_rows(review, final=True), *rows, review=review.id, penalties=total)

    def _post_shares(self, review: Review, shares: list[Share], *, turn: int) -> list[PostingRow]:
        case, desk = self.desk.case, self.desk
        paid = [offer for offer in case.rounds[review.round - 1].offers if offer.paid]
        rows = [postings.shared(review, o.key, o.paid, shares, case.owner, desk.now, turn) for o in paid] if shares else []
        review.postings = [row for row in rows if row is not None]
        return review.postings

    # -- who

    def _review(self, id: str) -> Review:
        review = self.desk.case.reviews.get(id)
        if review is None:
            raise UnknownReview(f"There is no review {id} in this complaint.")
        return review

    def _side(self, review: Review, unit: str, sides: Sequence[str]) -> str:
        """The side that the speaker's unit is, or speaks for as the unit above."""
        below = [side for side in sides if side == unit or (unit != HQ and unit in self.desk.case.ancestors(side))]
        if unit in below:
            return unit
        if len(below) == 1:
            return below[0]
        raise NotPermitted(f"You belong to {unit}, which is no side of this review; its sides are {', '.join(sides)}.")

    def _check_uninvolved(self, actor: Actor) -> None:
        """Neither the people of a branch named in the complaint nor who decided anything in it; of HQ only the latter."""
        if actor.unit != HQ and actor.unit in self.desk.case.units:
            raise TookPart(f"You belong to {actor.unit}, which has a part in this complaint; somebody else must do this.")
        acts = self.desk.case.took_part.get(actor.sub)
        if acts:
            raise TookPart(
                f"You took part in this case ({', '.join(dict.fromkeys(acts))}); somebody who decided nothing in it must do this."
            )

    def _tell_sides(self, review: Review, template: str) -> None:
        for unit in review.sides:
            self.desk.tell(template, f"{agent_of(unit)}@{unit}", review=review.id)
