"""Acknowledgement: the customer hears at once that the complaint is taken, and soon from the branch whose duty it is."""

from __future__ import annotations

from domain.commands import RecordFirstContact
from domain.ladders import first_owed
from domain.obligations import Obligation
from domain.record import AnswerRow
from domain.values import AnswerKind, Owed, Stage, Validity
from workflows.changes import announce_emergencies, say_who_takes_it, the_laws
from workflows.continuing import answer_the_authority, take_up
from workflows.desk import Desk, Told


class Acknowledgement:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def receive(self) -> None:
        """Acknowledge with the number and what happens by when; the clocks run from the moment of receipt."""
        case, desk = self.desk.case, self.desk
        for obligation in first_owed(case, desk.now):
            desk.adopt(obligation)
            if obligation.owed is Owed.FIRST_CONTACT:
                desk.tell("acknowledged", "complainant", by_when=obligation.due.isoformat())
        answer_the_authority(desk)
        if case.intake.solved_on_spot:
            solved_by = case.intake.received_by
            told = self._solved(Validity.EFFECTIVE, case.intake.solution_ref, solved_by, channel=case.intake.channel.value)
            desk.tell("solution_told", "complainant", kind=AnswerKind.SOLUTION.value)
            desk.note("complaint_received", category=case.category, channel=case.intake.channel.value)
            desk.note("solved_on_the_spot", told, category=case.category, solution_ref=case.intake.solution_ref)
            say_who_takes_it(desk)
            take_up(desk)
            return
        about = {"category": case.category, "channel": case.intake.channel.value}
        emergencies = announce_emergencies(desk)
        desk.note(
            "complaint_received", **about, **({"emergencies": emergencies, "unmoved": the_laws(case)} if emergencies else {})
        )
        say_who_takes_it(desk)
        take_up(desk)

    async def run(self) -> None:
        """Until somebody has spoken with the customer; findings submitted before that count as first contact.

        Whoever is late with that owes the findings all the same, from the moment of receipt: silence buys no time.
        """
        case, desk = self.desk.case, self.desk
        if case.stage is not Stage.ACKNOWLEDGEMENT or case.ended is not None:
            return
        if desk.works_as_since("findings are owed by the silent"):
            await desk.until(lambda: self._contact is None or self._contact.late)
            if self._contact is None:
                return
            if case.open_obligation(Owed.FINDINGS) is None:
                desk.owe(Owed.FINDINGS, case.handler, since=case.round.began_at)
        await desk.owed(Owed.FIRST_CONTACT, case.handler)

    @property
    def _contact(self) -> Obligation | None:
        return self.desk.case.open_obligation(Owed.FIRST_CONTACT)

    def check_first_contact(self, contact: RecordFirstContact) -> None:
        """The table of acts × stage says all there is to say."""

    def first_contact(self, contact: RecordFirstContact) -> Told:
        case, desk = self.desk.case, self.desk
        case.stage = Stage.INVESTIGATION
        desk.answered(Owed.FIRST_CONTACT)
        if not contact.solved:
            desk.note("first_contact_made", note_ref=contact.note_ref)
            return {"solved": False}
        assert contact.validity is not None
        desk.answered(Owed.ORDER_CHANGE, Owed.LEGAL_ANSWER)
        desk.moot(Owed.FINDINGS)
        told = self._solved(contact.validity, contact.solution_ref, contact.actor.sub, channel="first_contact")
        desk.note(
            "solved_on_the_spot", told, note_ref=contact.note_ref, solution_ref=contact.solution_ref, cause_ref=contact.cause_ref
        )
        return {"solved": True}

    def _solved(self, validity: Validity, words_ref: str | None, by: str, *, channel: str) -> AnswerRow:
        """当场解决: straight to follow-up; who solved it does not ask the customer whether it is."""
        case, desk = self.desk.case, self.desk
        assert words_ref is not None
        case.round.solved_on_spot, case.round.told = validity, True
        case.part_taken(by, "solved on the spot")
        case.resolve(desk.now)
        return AnswerRow(
            key=f"{case.seq + 1}",
            round=case.round.number,
            kind=AnswerKind.SOLUTION,
            words_ref=words_ref,
            channel=channel,
            told_at=desk.now,
            told_by=by,
        )
