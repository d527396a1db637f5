"""How a penalty review begins: by findings that name a liable unit, or because HQ quality opens it itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.case import HQ
from domain.commands import OpenReview
from domain.ladders import manager_of
from domain.opening import OPENING, check_opening, may_be_joined, opened, round_settled
from domain.reviews import Review
from domain.rows import review_row
from domain.values import Owed
from workflows.hearing import Hearing


class Openings(Hearing):
    def by_findings(self) -> Review | None:
        """The round's review, when its findings name a liable unit and its money is settled."""
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        id = f"{case.intake.number}-R{round.number}"
        if not round_settled(case, round):
            return None
        if id in case.reviews:
            self._join(case.reviews[id])
        elif case.liable_units:
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
            return self._begin(review)
        return None

    def check(self, opening: OpenReview) -> None:
        check_opening(self.desk.case, opening, self.desk.now)

    def by_quality(self, opening: OpenReview) -> Review:
        """HQ quality is the claimant; who opened it rules on nothing in the complaint, and decides no appeal."""
        case = self.desk.case
        for unit in opening.units:
            case.learn(unit)
        review = opened(case, opening, self.desk.now)
        case.part_taken(opening.actor.sub, OPENING)
        return self._begin(review, by_quality=True, reasons_ref=opening.reasons_ref, clauses=review.about)

    def _begin(self, review: Review, **about: Any) -> Review:
        case, desk = self.desk.case, self.desk
        case.reviews[review.id] = review
        self._summon(review, review.respondents)
        told = {"claimant": review.claimant, "respondents": review.respondents, "exemptions": case.exemptions(review.respondents)}
        desk.note("review_opened", review_row(review), review=review.id, **told, **about)
        return review

    def _summon(self, review: Review, respondents: Sequence[str]) -> None:
        desk = self.desk
        for respondent in respondents:
            unit = desk.case.acting_for(respondent)
            statement = desk.open(Owed.STATEMENT, unit, about=f"{review.id}:{respondent}")
            desk.tell("review_opened", f"{manager_of(unit)}@{unit}", review=review.id, due=statement.due.isoformat())

    def _join(self, review: Review) -> None:
        """HQ quality was there before the findings: the units that they name besides belong into the same review."""
        if not may_be_joined(review):
            return
        review.awaits_money = False
        if also := [unit for unit in self.desk.case.liable_units if unit not in review.respondents]:
            review.respondents = [*review.respondents, *also]
            self._summon(review, also)
            self.desk.note("review_joined", review_row(review), review=review.id, respondents=also)
