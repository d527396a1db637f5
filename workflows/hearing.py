"""What every part of a penalty review needs: which review, which side speaks, and the advance moved as it is shared."""

from __future__ import annotations

from domain import postings
from domain.case import HQ
from domain.corrections import ReviewCorrected
from domain.errors import RuleBroken
from domain.ladders import agent_of, manager_of
from domain.obligations import Ending, Obligation
from domain.offers import OfferState
from domain.opening import Undone
from domain.record import PostingRow
from domain.reviews import Review, Share
from domain.rulings import advance_of
from domain.values import Owed, Role
from workflows.desk import Desk


class UnknownReview(RuleBroken):
    """There is no such review in this complaint."""


class Hearing:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def review(self, id: str) -> Review:
        review = self.desk.case.reviews.get(id)
        if review is None:
            raise UnknownReview(f"There is no review {id} in this complaint.")
        return review

    def _tell_sides(self, review: Review, template: str) -> None:
        for unit in dict.fromkeys(map(self.desk.case.acting_for, review.sides)):
            self.desk.tell(template, f"{agent_of(unit)}@{unit}", review=review.id)

    # -- who may still speak

    def statement_owed(self, review: Review, unit: str) -> Obligation | None:
        return self.desk.case.open_obligation(Owed.STATEMENT, about=f"{review.id}:{unit}")

    def awaited(self, review: Review) -> list[str]:
        """The respondents whose statement may still come; silence past the due is 逾期未申辩, the claimant's facts stand."""
        return [unit for unit in review.respondents if self.statement_owed(review, unit) is not None]

    def may_appeal(self, review: Review) -> list[str]:
        """The sides whose window is still open; it closes by itself, or when they have appealed."""
        return [unit for unit in review.sides if self.desk.case.open_obligation(Owed.APPEAL, about=f"{review.id}:{unit}")]

    def open_appeals(self, review: Review) -> None:
        for side in review.sides:
            unit = self.desk.case.acting_for(side)
            role = Role.HQ_REVIEWER if side == HQ else manager_of(unit)
            self.desk.open(Owed.APPEAL, unit, about=f"{review.id}:{side}", role=role)

    def close_window(self, review: Review) -> None:
        """Nobody needs to speak any more, against what no longer stands."""
        about = {f"{review.id}:{unit}" for unit in review.sides}
        kinds = (Owed.APPEAL, Owed.STATEMENT)
        going = [o for o in self.desk.case.obligations.values() if o.ending is None and o.owed in kinds and o.about in about]
        self.desk.close(going, Ending.MOOT)

    # -- the advance

    def post_shares(self, review: Review, shares: list[Share]) -> list[PostingRow]:
        """Liable units repay the owner what the round paid; what was posted of it before is reversed first."""
        case, desk, turn = self.desk.case, self.desk, review.next_turn() if advance_of(self.desk.case, review) else 0
        reversals = [postings.reversed_(posting, desk.now) for posting in review.postings]
        paid = [offer for offer in case.rounds[review.round - 1].offers if offer.paid]
        rows = [postings.shared(review, o.key, o.paid, shares, case.owner, desk.now, turn) for o in paid] if shares else []
        review.postings = [row for row in rows if row is not None]
        return [*reversals, *review.postings]

    def undo(self, undone: Undone) -> None:
        """What was paid before closing came back, or was repaid, in a complaint that continues this one: it is shared no more."""
        case, desk, rows = self.desk.case, self.desk, list[PostingRow]()
        gone = [offer for round in case.rounds for offer in round.offers if f"{offer.key}:paid" in undone.postings]
        for review in case.reviews.values():
            about = [row for row in review.postings if any(postings.is_share_of(row, offer.key) for offer in gone)]
            rows += [postings.reversed_(row, desk.now) for row in about if row.key not in undone.postings]
            review.postings = [row for row in review.postings if row not in about]
        for offer in gone:
            offer.state = OfferState.RETURNED
        if gone:
            desk.note("payment_undone", *rows, payments=[offer.key for offer in gone], by=undone.by)

    # -- corrected (更正)

    def hear(self, corrected: ReviewCorrected) -> None:
        """What its correction left of a final review: what comes back, or is paid later, follows the corrected shares."""
        review, now = self.review(corrected.review), {line.key: line for line in corrected.lines}
        known = {line.key for line in review.lines}
        review.lines = [*(now.get(line.key, line) for line in review.lines), *(now[key] for key in now if key not in known)]
        rows = self._shared_anew(review, corrected) if corrected.shares is not None else []
        self.desk.note("review_corrected", *rows, review=review.id)

    def _shared_anew(self, review: Review, corrected: ReviewCorrected) -> list[PostingRow]:
        """Since the correction was opened a payment may have come back, or another may have been made and shared as before."""
        desk, turn, review.shares = self.desk, review.next_turn(), list(corrected.shares or ())
        paid = [offer for offer in desk.case.rounds[review.round - 1].offers if offer.paid]
        undone, anew = {row.reverses for row in corrected.postings}, postings.shares_in(corrected.postings)
        made = [row for row in anew if any(postings.is_share_of(row, offer.key) for offer in paid)]
        before = [row for row in review.postings if row.key not in undone]
        later = [offer for offer in paid if any(postings.is_share_of(row, offer.key) for row in before)]
        again = [postings.shared(review, o.key, o.paid, review.shares, desk.case.owner, desk.now, turn) for o in later]
        shared = [row for row in again if row is not None]
        review.postings = [*made, *shared]
        return [*(postings.reversed_(row, desk.now) for row in (*before, *(row for row in anew if row not in made))), *shared]
