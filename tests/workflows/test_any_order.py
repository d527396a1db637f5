"""Whatever people do, in whatever order: no decision breaks the process, and it never waits for nobody."""

from __future__ import annotations

import random
from typing import Any

import pytest

from domain import commands as c
from domain.errors import RuleBroken
from domain.values import (
    AnswerKind,
    AppealOutcome,
    EscalationKind,
    Owed,
    Party,
    PayoutOutcome,
    Stage,
    Stance,
    Validity,
    VisitResult,
)
from tests.workflows.office import Office
from tests.workflows.paper import unit
from tests.workflows.played import (
    AGENT,
    DAY,
    FINANCE,
    FOSHAN,
    FOSHAN_MANAGER,
    HOUR,
    HQ_DESK,
    HQ_VISITOR,
    MANAGER,
    MINUTE,
    OTHER_REVIEWER,
    OTHER_SUPERVISOR,
    REVIEWER,
    SUPERVISOR,
    VISITOR,
    Played,
    Refused,
)


def _rules(rule: type[RuleBroken]) -> set[type[RuleBroken]]:
    return {rule}.union(*(_rules(below) for below in rule.__subclasses__()))


PEOPLE = (
    *(AGENT, MANAGER, VISITOR, FOSHAN, FOSHAN_MANAGER, HQ_DESK, HQ_VISITOR),
    *(REVIEWER, OTHER_REVIEWER, SUPERVISOR, OTHER_SUPERVISOR, FINANCE),
)
BEST = {  # who is likely to be heard
    c.RecordPayout: FINANCE,
    c.Rule: REVIEWER,
    c.DecideAppeal: OTHER_SUPERVISOR,
    c.DecideCompensation: MANAGER,
    c.MakeStatement: FOSHAN_MANAGER,
    c.RegulatorAppeal: HQ_DESK,
    c.RecordVisit: HQ_VISITOR,
}

_BLAMED = {"liable": (c.LiableParty(party=Party.DESTINATION, share=100),), "facts": c.ParcelFacts(overcharge=100_00)}
RULES = {rule.__name__ for rule in _rules(RuleBroken)}


async def something(played: Played, chance: random.Random, step: int) -> None:
    """One decision that may well be refused, or some time."""
    pick = chance.choice
    case = await played.case()
    review = pick(list(case.reviews) or [played.review])
    liable = pick([(), (Party.DESTINATION,), (Party.ORIGIN,), (Party.CUSTOMER,)])
    facts = c.ParcelFacts(overcharge=pick([0, 100_00, 500_00, 2500_00]))
    now = await played.now()
    said: list[tuple[type[c.Command], dict[str, Any]]] = [
        (c.RecordFirstContact, {"note_ref": "n"}),
        (c.SubmitFindings, {"liable": tuple(c.LiableParty(party=p, share=100) for p in liable), "facts": facts, **_found(pick)}),
        (c.ReturnFindings, {"reason_ref": "r"}),
        (c.AskUnit, {"query": f"q{step}", "to": unit("foshan"), "question_ref": "q"}),
        (c.ReplyToQuery, {"query": pick(list(case.queries) or ["q"]), "words_ref": "w"}),
        (c.TellAnswer, {"kind": pick(list(AnswerKind)), "words_ref": "w", "channel": "phone"}),
        (c.ProposeCompensation, {"amount": pick([30_00, 200_00, 3000_00]), "reason_ref": "r"}),
        (c.DecideCompensation, {"approve": chance.random() < 0.7, "reason_ref": "r"}),
        (c.RecordCustomerAnswer, {"accepted": chance.random() < 0.7, "payee_ref": "p"}),
        (c.RecordPayout, {"reference": "V", "outcome": pick([*PayoutOutcome, PayoutOutcome.PAID])}),
        (c.MakeStatement, {"review": review, "stance": pick(list(Stance)), "statement_ref": "s"}),
        (c.Rule, {"review": review, "reasons_ref": "r", **_ruling(case, review)}),
        (c.Appeal, {"review": review, "reasons_ref": "r"}),
        (
            c.DecideAppeal,
            {"review": review, "outcome": pick([AppealOutcome.SUSTAIN, AppealOutcome.OVERTURN]), "reasons_ref": "r"},
        ),
        (c.ConfirmDone, {"words_ref": "w"}),
        (c.RecordVisit, {"result": pick(list(VisitResult)), "channel": "phone"}),
        (c.FurtherCall, {"call": f"c{step}", "text": f"call {step}"}),
        (c.RegulatorAppeal, {"appeal_number": f"a{step // 20}", "transferred_on": (now - DAY).date()}),
        (c.Escalate, {"kind": pick(list(EscalationKind)), "reason_ref": "r"}),
        (c.HandOn, {"to": unit(pick(["foshan", "minhang"])), "reason_ref": "r"}),
    ]
    if chance.random() < 0.35:
        await played.forward(pick([MINUTE, HOUR, 4 * HOUR, DAY, 4 * DAY]))
        return
    decision, fields = pick(said) if chance.random() < 0.995 else (c.Withdraw, {"reason_ref": "r"})
    by = BEST.get(decision, AGENT) if chance.random() < 0.6 else pick(PEOPLE)
    await played.say(decision, by, **fields)


def _found(pick: Any) -> dict[str, Any]:
    return {"validity": pick(list(Validity)), "cause_ref": "c", "remedy_ref": "r", "category": pick(["pricing", None])}


def _ruling(case: Any, review: str) -> dict[str, Any]:
    known = case.reviews.get(review)
    branch = known.respondents[0] if known else "foshan"
    paid = case.rounds[known.round - 1].paid if known else 0
    shares = (c.ShareLine(branch=branch, share=100),) if paid else ()
    return {"clauses": (c.ClauseLine(code="Q-301", branch=branch),), "shares": shares}


async def dutiful(played: Played, turn: int) -> bool:
    """Somebody new does the first thing that is owed and can be done now."""
    case = await played.case()
    for owed in (o for o in case.obligations.values() if o.is_open):
        person = f"dutiful-{turn}:{owed.role}@{owed.unit}"
        about = owed.about or ""
        doing: dict[Owed, tuple[type[c.Command], dict[str, Any]]] = {
            Owed.FIRST_CONTACT: (c.RecordFirstContact, {"note_ref": "n"}),
            Owed.FINDINGS: (c.SubmitFindings, {"validity": "effective", "cause_ref": "c", "remedy_ref": "r", **_BLAMED}),
            Owed.TELL_SOLUTION: (c.TellAnswer, {"kind": AnswerKind.SOLUTION, "words_ref": "w", "channel": "phone"}),
            Owed.REGULATOR_REPLY: (c.TellAnswer, {"kind": AnswerKind.REGULATOR_REPLY, "words_ref": "w", "channel": "letter"}),
            Owed.PROPOSAL: (c.TellAnswer, {"kind": AnswerKind.FINAL_RESPONSE, "words_ref": "w", "channel": "phone"}),
            Owed.APPROVAL: (c.DecideCompensation, {"approve": True}),
            Owed.CUSTOMER_ANSWER: (c.RecordCustomerAnswer, {"accepted": True, "payee_ref": "p"}),
            Owed.PAYOUT: (c.RecordPayout, {"reference": "V", "outcome": PayoutOutcome.PAID}),
            Owed.STATEMENT: (c.MakeStatement, {"review": about[: -len(owed.unit) - 1], "stance": "admits", "statement_ref": "s"}),
            Owed.RULING: (c.Rule, {"review": about, "reasons_ref": "r", **_ruling(case, about)}),
            Owed.APPEAL_DECISION: (c.DecideAppeal, {"review": about, "outcome": AppealOutcome.SUSTAIN, "reasons_ref": "r"}),
            Owed.VISIT_1: (c.RecordVisit, {"result": VisitResult.SATISFIED, "channel": "phone"}),
            Owed.VISIT_2: (c.RecordVisit, {"result": VisitResult.SATISFIED, "channel": "phone"}),
        }
        if owed.owed not in doing:
            continue
        if owed.owed is Owed.CUSTOMER_ANSWER:
            person = f"dutiful-{turn}:branch_agent@{case.owner}" if case.owner != "hq" else f"dutiful-{turn}:hq_agent@hq"
        decision, fields = doing[owed.owed]
        await played.say(decision, person, **fields)
        return True
    return False


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_happened_before_a_dutiful_network_brings_every_complaint_to_its_end(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    played = await office.complaint(category=chance.choice(["pricing", "rough_handling", "order_change", "loss"]))
    for step in range(50):
        try:
            if chance.random() < 0.4:
                await dutiful(played, 1000 + step)
            else:
                await something(played, chance, step)
        except Refused as refused:
            assert refused.rule in RULES, refused
        case = await played.case()
        if case.stage is Stage.CLOSED:
            break
        assert any(o.ending is None for o in case.obligations.values()), f"it waits for nobody: {played.story[-5:]}"
    for turn in range(120):
        if (await played.case()).stage is Stage.CLOSED:
            break
        if not await dutiful(played, turn):
            await played.forward(DAY)
    await played.handle.result()
    case = await played.case()
    assert case.stage is Stage.CLOSED
    assert [o.key for o in case.obligations.values() if o.ending is None] == []
    assert played.balances.get("customers", 0) == sum(round.paid for round in case.rounds)
    keys = [order.key for order in office.bank.sent if order.number == played.number]
    assert set(keys) == {o.key for round in case.rounds for o in round.offers if o.sent_at}
    assert [fact.seq for fact in played.facts] == list(range(1, case.seq + 1))
