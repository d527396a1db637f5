"""A parcel found after it was paid for: the customer chooses, the goods or the money go to whom they belong."""

from __future__ import annotations

from typing import Any

from domain.commands import ChooseMoneyOrParcel, ConfirmRepaid, ReportParcelFound
from domain.errors import PaymentInFlight, RuleBroken, WrongStage
from domain.found import FoundParcel, given_back, goods_to, paid_for_it
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.offers import OfferState
from domain.rows import compensation_row, payment_row
from domain.values import Keeps, Owed, Role
from workflows.desk import Desk, Told
from workflows.lessened import Lessening
from workflows.lost import tell_of_reversals


class FoundAlready(RuleBroken):
    """A parcel is found once; what the customer makes of it is asked once."""


class Parcels:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.lessening = Lessening(desk)
        self.awaited = False

    @property
    def settled(self) -> bool:
        return self.desk.case.found is None or self.desk.case.found.settled

    async def until_settled(self) -> None:
        """The complaint stays until the customer has one of the two; a new round does not wait for it."""
        if not self.settled:
            await self.desk.until(lambda: self.settled or self.desk.case.in_progress)

    def resume(self) -> None:
        found = self.desk.case.found
        if not self.awaited and found is not None and not found.chosen:
            self.awaited = True
            self.desk.beside(self._silence())
        self.lessening.resume()

    async def _silence(self) -> None:
        """Who does not choose in time keeps the money."""
        choice = self.desk.case.open_obligation(Owed.PARCEL_CHOICE)
        await self.desk.until(lambda: choice is None or choice.ending is not None)
        if choice is not None and choice.ending is Ending.DEFAULT:
            self._money_is_kept(None)

    # -- found

    def check_report(self, report: ReportParcelFound) -> None:
        case = self.desk.case
        paid = paid_for_it(case)
        if case.found is not None and (case.found.choice or not paid):
            raise FoundAlready("That the parcel was found is on record; what the customer chooses is recorded next.")
        if case.payment_in_flight:
            raise PaymentInFlight("The payment is being made; report the parcel again when it is settled.")
        if not paid and not case.reviews and not (case.intake.before and case.intake.before.penalised):
            raise WrongStage(
                "Nothing was paid for the parcel, nobody is to answer for it: that it was found belongs in the findings."
            )

    def report(self, report: ReportParcelFound) -> Told:
        known = self.desk.case.found
        parcel = known or FoundParcel(at=self.desk.now, by=report.actor.sub, words_ref=report.words_ref)
        told = found(self.desk, parcel)
        self.desk.note("parcel_found", **told, words_ref=report.words_ref, where_ref=report.where_ref)
        if known is None:
            self.lessening.take_up(parcel)
        self.resume()
        return told

    # -- chosen

    def check_choice(self, choice: ChooseMoneyOrParcel) -> None:
        case = self.desk.case
        if case.found is None or case.found.chosen:
            raise WrongStage("No found parcel of this complaint waits for the customer's choice.")
        if choice.keeps is case.found.keeps:
            raise WrongStage("The customer takes the parcel already; finance confirms when the money is back.")
        if choice.keeps is Keeps.PARCEL and not paid_for_it(case):
            raise WrongStage("Nothing is left to be repaid: the money came back, or went to somebody else.")

    def choose(self, choice: ChooseMoneyOrParcel) -> Told:
        desk, case = self.desk, self.desk.case
        assert case.found is not None
        desk.answered(Owed.PARCEL_CHOICE)
        if choice.keeps is Keeps.MONEY:
            desk.moot(Owed.REPAYMENT)
            self._money_is_kept(choice.words_ref)
            return {"keeps": Keeps.MONEY.value}
        case.found.keeps = Keeps.PARCEL
        owed, amount = desk.open(Owed.REPAYMENT, "hq", role=Role.FINANCE), paid_for_it(case)
        desk.tell("repayment_due", f"{Role.FINANCE}@hq", amount=amount, due=owed.due.isoformat())
        told: Told = {"keeps": Keeps.PARCEL.value, "amount": amount, "due": owed.due.isoformat()}
        desk.note("parcel_taken", **told, words_ref=choice.words_ref)
        return told

    def _money_is_kept(self, words_ref: str | None) -> None:
        """The goods go to the units that bore it, each by what it bore."""
        desk, case = self.desk, self.desk.case
        assert case.found is not None
        case.found.keeps = Keeps.MONEY
        goods = goods_to(case)
        for unit, amount in goods.items():
            acting = case.acting_for(unit)
            desk.tell("goods_to_unit", f"{agent_of(acting)}@{acting}", amount=amount)
        borne = [{"unit": unit, "amount": amount} for unit, amount in goods.items()]
        desk.note("money_kept", keeps=Keeps.MONEY.value, goods_to=borne, words_ref=words_ref)

    # -- repaid

    def check_repaid(self, repaid: ConfirmRepaid) -> None:
        if self.desk.case.open_obligation(Owed.REPAYMENT) is None:
            raise WrongStage("No repayment is awaited: the customer keeps the money, has not chosen yet, or has repaid.")
        if self.desk.case.payment_in_flight:
            raise PaymentInFlight("A payment is being made; confirm the repayment when it is settled.")

    def repaid(self, repaid: ConfirmRepaid) -> Told:
        desk, case = self.desk, self.desk.case
        assert case.found is not None
        case.part_taken(repaid.actor.sub, "repayment")
        amount = paid_for_it(case)
        rows: list[Any] = list(given_back(case, desk.now))
        for round in case.rounds:
            if offers := [offer for offer in round.offers if offer.state is OfferState.REPAID]:
                rows += [payment_row(o, round.number, o.payee_ref or case.payee_ref, desk.now) for o in offers]
                rows.append(compensation_row(round))
        tell_of_reversals(desk, rows)
        case.found.repaid_at = desk.now
        desk.answered(Owed.REPAYMENT)
        desk.note("compensation_repaid", *rows, amount=amount, reference=repaid.reference)
        return {"amount": amount}


def found(desk: Desk, parcel: FoundParcel) -> Told:
    """On record: who was paid for it is asked, through the handler, and has the rulebook's days to choose."""
    case = desk.case
    case.found = parcel
    parcel.choice = paid_for_it(case) > 0
    if not parcel.choice:
        return {"amount": 0}
    choice, amount = desk.open(Owed.PARCEL_CHOICE, case.handler, role=Role.CUSTOMER), paid_for_it(case)
    due = choice.due.isoformat()
    desk.tell("parcel_found", "complainant", amount=amount, answer_by=due)
    return {"amount": amount, "choose_by": due}
