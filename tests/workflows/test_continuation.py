"""A complaint that continues a closed one: what was paid is taken off, what was promised is owed, the authority is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.continuation import Before, PenalisedBefore, PromisedBefore, Why
from domain.values import AnswerKind, Channel, Owed, Party, Severity
from tests.workflows.office import Office, monday
from tests.workflows.played import AGENT, DAY, HOUR, HQ_DESK

OLD = "A261001-000001"


def before(**held: Any) -> Before:
    told: dict[str, Any] = {
        "number": OLD,
        "why": Why.REPEAT,
        "severity": Severity.REPEAT,
        "issue_count": 2,
        "climbed_by": ("foshan",),
    }
    return Before(**told | held)


def promised(which: str, due: timedelta) -> PromisedBefore:
    at = monday() - DAY
    return PromisedBefore(id=which, what_ref=f"what-{which}", unit="foshan", at=at, by="feng", due=monday() + due)


async def test_what_was_paid_before_is_taken_off_and_explained(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=1000_00, payee_ref="payee-1", before=before(paid=800_00))
    case = await played.case()
    assert (case.severity, case.issue_count) == (Severity.REPEAT, 2)
    assert "continues" in played.story
    assert played.letters("continued") == ["branch_agent@minhang"]
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    assert await played.sent() == [200_00]
    (step,) = [step for step in (await played.case()).round.explanation if step["rule"] == "paid_before"]
    assert step["amount"] == -800_00


async def test_what_was_paid_in_full_before_is_not_paid_again(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=1000_00, payee_ref="payee-1", before=before(paid=1000_00))
    await played.contacted()
    await played.found(liable={Party.DESTINATION: 100})
    assert await played.sent() == []
    assert (await played.case()).round.computed == 0


async def test_a_promise_still_to_come_is_owed_by_the_same_time_and_a_broken_one_is_told(office: Office) -> None:
    kept = before(
        promised=(promised("p1", 5 * HOUR), promised("p2", -HOUR)),
        penalised=(PenalisedBefore(complaint=OLD, unit="foshan", clause="Q-101", amount=20_00),),
    )
    played = await office.complaint(before=kept)
    owed = await played.obligation(Owed.PROMISE)
    assert (owed.unit, owed.about, owed.due) == ("foshan", "p1", monday() + 5 * HOUR)
    (row,) = played.rows("promise")
    assert (row.key, row.what_ref, row.kept_at) == ("p1", "what-p1", None)
    (fact,) = [fact for fact in played.facts if fact.name == "continues"]
    assert (fact.details["before"], fact.details["promised"]) == (OLD, ["p1", "p2"])
    assert fact.details["penalised"] == [{"unit": "foshan", "clause": "Q-101", "penalty": 20_00, "complaint": OLD}]


async def test_the_authority_that_sent_the_complaint_is_answered_before_it_closes(office: Office) -> None:
    played = await office.complaint(channel=Channel.REGULATOR_12305, appeal_number="SS-9")
    assert Owed.REGULATOR_REPLY.value in await played.owed()
    assert played.letters("regulator_appeal") == ["hq_agent@hq"]
    await played.told(HQ_DESK, AnswerKind.REGULATOR_REPLY)
    assert (await played.obligation(Owed.REGULATOR_REPLY)).ending is not None
    assert (await played.case()).regulator_appeal == "SS-9"
    await played.contacted(AGENT)
