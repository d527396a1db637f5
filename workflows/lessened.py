"""A parcel is found: less is left of what its loss was penalised with, by rule; what was posted is given back."""

from __future__ import annotations

from domain.found import FoundParcel
from domain.ladders import manager_of
from domain.lessened import GiveBack, GivenBack, lessened
from domain.reviews import Line
from domain.rows import line_rows, review_row
from workflows import outside
from workflows.desk import Desk


class Lessening:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.asked = False

    def hear(self, parcel: FoundParcel) -> None:
        """It was reported in another complaint about it: nobody chooses here, and the register has been asked."""
        if self.desk.case.found is None:
            self.desk.case.found = parcel.model_copy(update={"choice": False, "keeps": None, "lessened": True})
            self.desk.note("parcel_found_elsewhere", by=parcel.by)
            self.lessen()

    def take_up(self, parcel: FoundParcel) -> None:
        """What may still be appealed is lessened at once; what is final, as soon as the register has been asked."""
        parcel.lessened = False
        self.lessen()

    def lessen(self) -> None:
        for review in self.desk.case.reviews.values():
            if changed := lessened(self.desk.case, review, self.desk.now):
                before = {line.key: line.remaining for line in review.lines}
                review.lines = [changed.get(line.key, line) for line in review.lines]
                lines = list(changed.values())
                for line in lines:
                    self._tell(review.id, line, before[line.key])
                said = [self._said(line, before[line.key]) for line in lines]
                self.desk.note("penalty_lessened", review_row(review), *line_rows(review, lines), review=review.id, lines=said)

    def resume(self) -> None:
        parcel = self.desk.case.found
        if parcel is not None and not parcel.lessened and not self.asked:
            self.asked = True
            self.desk.beside(self._give_back(parcel))

    async def _give_back(self, parcel: FoundParcel) -> None:
        number, chronicle = self.desk.case.intake.number, self.desk.chronicle
        await self.desk.until(lambda: chronicle.written)  # the register knows what is final
        told = await outside.give_back(GiveBack(number=number, at=parcel.at, by=parcel.by, words_ref=parcel.words_ref))
        for review in dict.fromkeys(given.review for given in told.lines):
            self._given_back(review, [given for given in told.lines if given.review == review])
        for other in told.others:
            await outside.tell_found(other, parcel)
        parcel.lessened = True

    def _given_back(self, review: str, given: list[GivenBack]) -> None:
        left = {one.line: {"remaining": one.remaining, "found": True} for one in given}
        if (own := self.desk.case.reviews.get(review)) is not None:
            own.lines = [line.model_copy(update=left.get(line.key, {})) for line in own.lines]
        for one in given:
            self._tell(review, one, one.before)
        said = [self._said(one, one.before) for one in given]
        self.desk.note("penalty_given_back", review=review, complaint=given[0].complaint, lines=said)

    def _tell(self, review: str, line: Line | GivenBack, before: int) -> None:
        unit = self.desk.case.acting_for(line.unit)
        to = f"{manager_of(unit)}@{unit}"
        self.desk.tell("penalty_lessened", to, review=review, clause=line.clause, before=before, amount=line.remaining)

    def _said(self, line: Line | GivenBack, before: int) -> dict[str, str | int]:
        return {"unit": line.unit, "clause": line.clause, "before": before, "remaining": line.remaining}
