"""The handler finds out what happened, asks whom it must, and the customer is told."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.values import AnswerKind, Outcome, Owed, Party, Stage, Validity
from tests.workflows.office import Office, monday
from tests.workflows.paper import unit
from tests.workflows.played import AGENT, DAY, FOSHAN, HOUR, HQ_DESK, MANAGER, SUPERVISOR, VISITOR, Refused


async def test_findings_that_owe_no_money_wait_for_the_answer_to_the_customer(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.found(liable={Party.ORIGIN: 100})
    assert Owed.TELL_SOLUTION in await played.owed()
    await played.told()
    case = await played.case()
    assert case.stage is Stage.FOLLOW_UP
    assert (await played.obligation(Owed.TELL_SOLUTION)).ending == "answered"
    assert (await played.obligation(Owed.LEGAL_ANSWER)).ending == "answered"


async def test_a_solution_not_told_the_same_day_is_late_and_the_next_call_a_repeat(office: Office) -> None:
    played = await office.complaint()
    await played.found(liable={Party.ORIGIN: 100})
    tell = await played.obligation(Owed.TELL_SOLUTION)
    assert tell.due == monday() - 8.5 * HOUR + DAY
    await played.until(tell.due)
    assert (await played.called()).told["repeat"]
    assert (await played.case()).round.number == 1


async def test_an_interim_message_answers_nothing(office: Office) -> None:
    played = await office.complaint()
    await played.found(liable={Party.ORIGIN: 100})
    await played.told(kind=AnswerKind.INTERIM)
    assert {Owed.TELL_SOLUTION, Owed.LEGAL_ANSWER} <= set(await played.owed())
    assert (await played.case()).resolved_at is None


async def test_a_silent_handler_is_climbed_over_for_findings_and_its_manager_knows_after_two_days(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.until(monday() + 2 * DAY)
    assert played.letters("reminder", Owed.LEGAL_ANSWER) == ["branch_manager@minhang"]
    assert played.letters("reminder", Owed.FINDINGS) == ["branch_agent@minhang"]
    await played.until(monday() + 4 * DAY)
    assert played.letters("late", Owed.FINDINGS) == [
        "branch_manager@minhang",
        "branch_manager@shanghai",
        "hq_supervisor@hq",
    ]
    await played.found()
    assert (await played.obligation(Owed.FINDINGS)).late


async def test_a_legal_answer_not_given_is_late_after_seven_days_and_stays_so(office: Office) -> None:
    played = await office.complaint()
    await played.past(Owed.LEGAL_ANSWER)
    assert "branch_manager@minhang" in played.letters("late", Owed.LEGAL_ANSWER)
    await played.found()
    await played.told()
    legal = await played.obligation(Owed.LEGAL_ANSWER)
    assert (legal.late, legal.ending) == (True, "answered")


async def test_a_legal_answer_told_before_the_findings_stops_its_clock_and_not_the_investigation(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.told(kind=AnswerKind.EXPLANATION)
    assert await played.owed() == [Owed.FINDINGS]


@pytest.mark.parametrize(
    ("findings", "why"),
    [
        ({"liable": {Party.ORIGIN: 60, Party.DESTINATION: 39}}, "Unacceptable.*99 %"),
        ({"liable": {Party.HUB: 100}}, "Unacceptable.*no hub on record"),
        ({"category": "unheard_of"}, "Unacceptable.*not a category"),
        ({"cause_code": "unheard_of"}, "Unacceptable.*not a cause"),
        ({"by": FOSHAN}, "NotPermitted.*you belong to foshan"),
        ({"by": "aud:auditor@hq"}, "NotPermitted.*you act as auditor"),
    ],
)
async def test_findings_that_contradict_themselves_or_come_from_the_wrong_person_are_refused_and_leave_nothing(
    office: Office, findings: dict[str, object], why: str
) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match=why):
        await played.found(**findings)  # type: ignore[arg-type]
    assert played.story == ["complaint_received"]


async def test_a_party_of_the_complaint_is_not_another_branch(office: Office) -> None:
    played = await office.complaint()
    parties = (c.LiableParty(party=Party.DESTINATION, branch="hub-dongguan", share=100),)
    with pytest.raises(Refused, match="Unacceptable.*destination of this complaint is foshan; name hub-dongguan as a branch"):
        await played.say(
            c.SubmitFindings, AGENT, validity=Validity.EFFECTIVE, cause_ref="c", remedy_ref="r", liable=parties, units=()
        )
    assert played.story == ["complaint_received"]


async def test_findings_are_submitted_once_a_round(office: Office) -> None:
    played = await office.complaint()
    await played.found(liable={Party.ORIGIN: 100})
    with pytest.raises(Refused, match="WrongStage.*findings of this round stand"):
        await played.found()


async def test_findings_that_name_only_a_cause_take_the_liability_matrix(office: Office) -> None:
    played = await office.complaint(hub="hub-dongguan")
    await played.found(cause_code="lost_at_hub")
    findings = (await played.case()).round.findings
    assert findings is not None
    assert [(p.party, p.share) for p in findings.liable] == [(Party.HUB, 100)]


async def test_findings_may_change_the_category_and_the_schedule_follows(office: Office) -> None:
    played = await office.complaint(category="service_attitude", payee_ref="payee-1")
    await played.found(
        category="pricing", facts=c.ParcelFacts(overcharge=120_00), cause_code="overcharged", liable={Party.ORIGIN: 100}
    )
    assert await played.sent() == [120_00]
    assert (await played.case()).category == "pricing"


async def test_the_manager_returns_incomplete_findings_and_they_are_counted(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.found()
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.ReturnFindings, VISITOR, reason_ref="thin")
    await played.say(c.ReturnFindings, MANAGER, reason_ref="thin")
    case = await played.case()
    assert (case.stage, case.round.findings) == (Stage.INVESTIGATION, None)
    assert played.letters("findings_returned") == ["branch_agent@minhang"]
    assert Owed.FINDINGS in await played.owed()
    await played.found()
    assert (await played.case()).round.findings_count == 2
    assert [row.returned_ref for row in played.rows("findings")] == [None, "thin", None]


async def test_nobody_returns_findings_of_their_own_nor_those_already_told_to_the_customer(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="WrongStage.*no findings"):
        await played.say(c.ReturnFindings, MANAGER, reason_ref="none")
    await played.found(by=MANAGER)
    with pytest.raises(Refused, match="submitted these findings yourself"):
        await played.say(c.ReturnFindings, MANAGER, reason_ref="mine")
    await played.told()
    with pytest.raises(Refused, match="WrongStage"):
        await played.say(c.ReturnFindings, SUPERVISOR, reason_ref="too late")


async def test_findings_returned_take_the_money_that_waited_for_approval_with_them(office: Office) -> None:
    played = await office.complaint(category="loss", declared_value=3000_00, payee_ref="payee-1")
    await played.found()
    assert Owed.APPROVAL in await played.owed()
    await played.say(c.ReturnFindings, MANAGER, reason_ref="thin")
    assert Owed.APPROVAL not in await played.owed()
    with pytest.raises(Refused, match="WrongStage"):
        await played.approved(SUPERVISOR)
    assert await played.sent() == []


async def test_a_unit_that_is_asked_owes_a_reply_within_four_service_hours_and_both_are_on_record(office: Office) -> None:
    played = await office.complaint()
    await played.say(c.AskUnit, AGENT, query="q1", to=unit("hub-dongguan"), question_ref="seen it?")
    reply = await played.obligation(Owed.REPLY)
    assert reply.due - reply.since == 5.5 * HOUR  # over the noon break
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.ReplyToQuery, AGENT, query="q1", words_ref="yes")
    await played.say(c.ReplyToQuery, "hao:branch_agent@hub-dongguan", query="q1", words_ref="yes")
    assert played.letters("query_replied") == ["branch_agent@minhang"]
    with pytest.raises(Refused, match="UnknownQuery"):
        await played.say(c.ReplyToQuery, "hao:branch_agent@hub-dongguan", query="q1", words_ref="again")
    with pytest.raises(Refused, match="NotPermitted|UnknownQuery"):
        await played.say(c.ReplyToQuery, FOSHAN, query="q2", words_ref="never asked")
    with pytest.raises(Refused, match="Unacceptable.*another unit"):
        await played.say(c.AskUnit, AGENT, query="q3", to=unit("minhang"), question_ref="myself")


async def test_silence_on_a_query_climbs_is_recorded_and_lets_the_asker_conclude(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await played.say(c.AskUnit, AGENT, query="q1", to=unit("foshan"), question_ref="seen it?")
    await played.until(monday() + 2 * DAY)
    assert played.letters("late", Owed.REPLY) == ["branch_manager@foshan", "hq_supervisor@hq", "hq_supervisor@hq"]
    await played.found()
    reply = await played.obligation(Owed.REPLY)
    assert (reply.late, reply.ending) == (True, "moot")
    await played.say(c.ReplyToQuery, FOSHAN, query="q1", words_ref="better late than never")
    assert (await played.obligation(Owed.REPLY)).late


async def test_findings_resolved_on_the_spot_owe_no_further_answer(office: Office) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.GENERAL, resolved_on_spot=True)
    assert (await played.case()).stage is Stage.FOLLOW_UP
    assert await played.owed() == [Owed.CONFIRM_DONE]


async def test_an_unfounded_complaint_is_explained_visited_once_and_closed_as_unfounded(office: Office) -> None:
    played = await office.complaint()
    await played.found(validity=Validity.UNFOUNDED)
    await played.told(kind=AnswerKind.EXPLANATION)
    await played.visited()
    assert await played.closed() is Outcome.UNFOUNDED
    assert played.rows("review") == []


async def test_only_the_owners_or_the_handlers_people_and_hq_speak_to_the_customer(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="NotPermitted"):
        await played.told(by=FOSHAN, kind=AnswerKind.INTERIM)
    await played.told(by=HQ_DESK, kind=AnswerKind.INTERIM)
