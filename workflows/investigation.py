"""Branch investigation: the handler finds out what happened, asks whom it must, and the customer is told."""

from __future__ import annotations

from typing import Any

from domain.commands import AskUnit, LiableParty, ReplyToQuery, ReturnFindings, SubmitFindings, TellAnswer
from domain.compensation import contradiction, parcel_of
from domain.errors import RuleBroken, Unacceptable, WrongStage
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.offers import OfferState
from domain.record import AnswerRow
from domain.rounds import Findings, Query
from domain.rows import exchange_row, findings_row
from domain.values import AnswerKind, Owed, Party, Role, Stage, Validity
from workflows.desk import Desk, Told


class UnknownQuery(RuleBroken):
    """There is no such question in this complaint, or it was answered."""


class Investigation:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def run(self) -> None:
        """Until findings stand; at once where the complaint was solved on the spot."""
        case = self.desk.case
        round = case.round
        if case.ended is None and round.findings is None and round.solved_on_spot is None:
            await self.desk.owed(Owed.FINDINGS, case.handler, since=round.began_at)

    # -- findings

    def check_findings(self, findings: SubmitFindings) -> None:
        case, round = self.desk.case, self.desk.case.round
        if round.findings is not None and not round.missing:
            raise WrongStage("The findings of this round stand; the manager may return them while nothing is approved or told.")
        if findings.category is not None and findings.category not in case.plan.categories:
            raise Unacceptable(f"{findings.category} is not a category of this complaint's rulebook.")
        if findings.cause_code is not None and findings.cause_code not in case.plan.causes:
            raise Unacceptable(
                f"{findings.cause_code} is not a cause of this complaint's rulebook; leave it out to take the category's default."
            )
        if (wrong := contradiction(parcel_of(case), findings.facts)) is not None:
            raise Unacceptable(wrong)
        liable = self._liable(findings)
        if liable and sum(party.share for party in liable) != 100:
            raise Unacceptable(
                f"The liable parties' shares make {sum(p.share for p in liable)} %; they must make 100 % together."
            )
        for party in liable:
            unit = case.unit_of(party.party, party.branch)
            if unit is None and party.party not in (Party.CUSTOMER, Party.FORCE_MAJEURE):
                raise Unacceptable(f"This complaint has no {party.party} on record; supply it first, or name the branch.")
            if party.branch not in (None, unit):
                raise Unacceptable(
                    f"The {party.party} of this complaint is {unit or 'no unit'}; name {party.branch} as a branch."
                )

    def _liable(self, findings: SubmitFindings) -> tuple[LiableParty, ...]:
        """The parties named, or the liability matrix's for the cause, or for the category's default cause."""
        case = self.desk.case
        if findings.liable or findings.validity is not Validity.EFFECTIVE:
            return findings.liable
        category = case.plan.categories[findings.category or case.category]
        cause = case.plan.causes.get(findings.cause_code or category.default_cause)
        shares = cause.shares if cause else {}
        if any(case.unit_of(party) is None and party not in (Party.CUSTOMER, Party.FORCE_MAJEURE) for party in shares):
            return ()
        return tuple(LiableParty(party=party, share=share) for party, share in shares.items())

    def submit(self, findings: SubmitFindings) -> Told:
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        for unit in findings.units:
            case.learn(unit)
        category_was, case.category = case.category, findings.category or case.category
        round.findings_count += 1
        category = case.plan.categories[case.category]
        round.findings = Findings(
            key=f"{round.number}:{round.findings_count}",
            validity=findings.validity,
            cause_ref=findings.cause_ref,
            cause_code=findings.cause_code or category.default_cause,
            remedy_ref=findings.remedy_ref,
            liable=self._liable(findings),
            facts=findings.facts,
            by=findings.actor.sub,
            by_manager=findings.actor.manages(case.owner),
            at=desk.now,
        )
        round.computed, round.missing = None, []
        case.made_by(findings.actor)
        case.part_taken(findings.actor.sub, "findings")
        if (
            case.stage is Stage.ACKNOWLEDGEMENT and case.open_obligation(Owed.FINDINGS) is None
        ):  # early: they meet what was still to be asked for
            desk.open(Owed.FINDINGS, case.handler, since=round.began_at)
        case.stage = Stage.INVESTIGATION
        desk.answered(Owed.FINDINGS, Owed.FIRST_CONTACT)
        desk.moot(Owed.REPLY, Owed.PROPOSAL)
        if case.category != category_was:  # clocks not yet due follow the confirmed category
            desk.rewind()
        if findings.resolved_on_spot:
            round.told = True
            desk.answered(Owed.ORDER_CHANGE, Owed.TELL_SOLUTION, Owed.LEGAL_ANSWER)
        desk.note(
            "findings_submitted",
            findings_row(case, round.findings, resolved_on_spot=findings.resolved_on_spot),
            validity=findings.validity.value,
            category=case.category,
            liable=self._named(round.findings),
        )
        return {"round": round.number}

    def _named(self, findings: Findings) -> list[dict[str, Any]]:
        unit_of = self.desk.case.unit_of
        return [{"party": p.party.value, "branch": unit_of(p.party, p.branch), "share": p.share} for p in findings.liable]

    def check_return(self, command: ReturnFindings) -> None:
        round = self.desk.case.round
        if round.findings is None:
            raise WrongStage("There are no findings to return.")
        if command.actor.sub == round.findings.by:
            raise RuleBroken("You submitted these findings yourself; another manager may return them.")
        if round.told or any(
            offer.state not in (OfferState.PROPOSED, OfferState.VOID) for offer in round.offers if not offer.replaces
        ):
            raise WrongStage("The findings were acted on already: the customer was told, or money was decided.")

    def return_findings(self, command: ReturnFindings) -> None:
        """退回补充: incomplete findings go back; what was proposed on them is void."""
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        assert round.findings is not None
        case.part_taken(command.actor.sub, "returned findings")
        returned, round.findings, round.missing = round.findings, None, []
        for offer in round.offers:
            if not offer.replaces:
                offer.state = OfferState.VOID
        case.stage = Stage.INVESTIGATION
        desk.moot(Owed.APPROVAL, Owed.PROPOSAL, Owed.TELL_SOLUTION)
        desk.tell("findings_returned", f"{agent_of(case.handler)}@{case.handler}")
        desk.note(
            "findings_returned", findings_row(case, returned, returned_ref=command.reason_ref), reason_ref=command.reason_ref
        )

    # -- between units (协查)

    def check_ask(self, question: AskUnit) -> None:
        if question.to.code == question.actor.unit:
            raise Unacceptable("A question goes to another unit than your own.")

    def ask(self, question: AskUnit) -> Told:
        case, desk = self.desk.case, self.desk
        case.learn(question.to)
        query = Query(
            id=question.query,
            asker=question.actor.unit,
            asked=question.to.code,
            question_ref=question.question_ref,
            at=desk.now,
            by=question.actor.sub,
        )
        case.queries[query.id] = query
        reply = desk.open(Owed.REPLY, query.asked, about=query.id)
        query.obligation = reply.key
        desk.tell("query_asked", f"{reply.role}@{query.asked}", query=query.id, due=reply.due.isoformat())
        desk.note(
            "unit_asked",
            exchange_row(query, case.round.number),
            query=query.id,
            asked=query.asked,
            question_ref=query.question_ref,
        )
        return {"id": query.id}

    def check_reply(self, reply: ReplyToQuery) -> None:
        query = self.desk.case.queries.get(reply.query)
        if query is None or query.answered:
            raise UnknownQuery("There is no open question of this id in the complaint.")

    def reply(self, reply: ReplyToQuery) -> None:
        case, desk = self.desk.case, self.desk
        query = case.queries[reply.query]
        query.answered = True
        case.part_taken(reply.actor.sub, "reply")
        obligation = case.obligations[query.obligation]
        if obligation.ending is None:
            desk.close([obligation], Ending.ANSWERED)
            desk.answering = obligation.key
        if reply.confirms and case.open_obligation(Owed.ORDER_CHANGE):
            desk.answered(Owed.ORDER_CHANGE, Owed.FIRST_CONTACT)
            self._contacted()
        desk.tell("query_replied", f"{agent_of(query.asker)}@{query.asker}", query=query.id)
        desk.note(
            "unit_replied",
            exchange_row(query, case.round.number, reply, desk.now),
            query=query.id,
            reply_ref=reply.words_ref,
            confirms=reply.confirms,
        )

    def _contacted(self) -> None:
        if self.desk.case.stage is Stage.ACKNOWLEDGEMENT:
            self.desk.case.stage = Stage.INVESTIGATION

    # -- what the customer and the authority are told

    def check_answer(self, answer: TellAnswer) -> None:
        case = self.desk.case
        if answer.kind is AnswerKind.REGULATOR_REPLY:
            if case.open_obligation(Owed.REGULATOR_REPLY) is None:
                raise WrongStage("No authority waits for a reply in this complaint.")
            if Role.HQ_AGENT not in answer.actor.roles:
                raise RuleBroken("The HQ desk answers the authority; the owner keeps the customer.")
        elif case.ended is not None:
            raise WrongStage(f"The complaint ended as {case.ended}; only the authority may still be answered.")

    def tell(self, answer: TellAnswer) -> Told:
        case, desk, round = self.desk.case, self.desk, self.desk.case.round
        if answer.kind is AnswerKind.REGULATOR_REPLY:
            desk.answered(Owed.REGULATOR_REPLY)
        elif answer.kind.answers_the_customer:
            desk.answered(Owed.TELL_SOLUTION, Owed.LEGAL_ANSWER)
            if case.open_obligation(Owed.ORDER_CHANGE):
                desk.answered(Owed.ORDER_CHANGE, Owed.FIRST_CONTACT)
                self._contacted()
            if round.findings is not None:
                round.told = True
                self._ends_the_offers(answer.kind)
        if answer.kind.answers_the_customer:
            desk.tell("solution_told", "complainant", kind=answer.kind.value)
        row = AnswerRow(
            key=f"{case.seq + 1}",
            round=round.number,
            kind=answer.kind,
            words_ref=answer.words_ref,
            channel=answer.channel,
            told_at=desk.now,
            told_by=answer.actor.sub,
        )
        desk.note(
            "customer_told" if answer.kind is not AnswerKind.REGULATOR_REPLY else "authority_answered",
            row,
            kind=answer.kind.value,
            words_ref=answer.words_ref,
        )
        return {"kind": answer.kind.value}

    def _ends_the_offers(self, kind: AnswerKind) -> None:
        """After an offer came back a reasoned answer ends the round's money; a final response where the rulebook owes some."""
        case, round = self.desk.case, self.desk.case.round
        owed = round.computed or any(offer.computed or offer.promised for offer in case.unpaid)
        if round.awaits_proposal and (kind is AnswerKind.FINAL_RESPONSE or not owed):
            round.missing, round.unpaid = [], []
            round.final_response = True
            self.desk.moot(Owed.PROPOSAL)
