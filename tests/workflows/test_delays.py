"""More time is asked for before it is late, granted by whom the rulebook names, and moves only what is not the law's."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.values import Owed
from tests.workflows.office import Office, monday
from tests.workflows.played import AGENT, DAY, FOSHAN, HOUR, MANAGER, MINUTE, REVIEWER, VISITOR, Played, Refused


async def investigating(office: Office) -> Played:
    played = await office.complaint()
    await played.contacted()
    return played


async def asked(played: Played, by: str = AGENT, owed: str = Owed.FINDINGS, request: str = "d1", **said: object) -> c.Receipt:
    until = said.pop("until", None) or (await played.obligation(Owed(owed))).due + DAY
    return await played.say(c.RequestDelay, by, request=request, obligation=owed, until=until, reason_ref="why", **said)


async def decided(played: Played, by: str = REVIEWER, *, approve: bool = True, request: str = "d1") -> c.Receipt:
    return await played.say(c.DecideDelay, by, request=request, approve=approve, reason_ref="because")


async def test_granted_it_is_due_later_and_its_ladder_goes_on_from_where_it_was(office: Office) -> None:
    played = await investigating(office)
    before = await played.obligation(Owed.FINDINGS)
    await asked(played)
    assert Owed.DELAY_DECISION in await played.owed()
    assert played.letters("delay_asked") == ["hq_reviewer@hq"]
    await decided(played)
    after = await played.obligation(Owed.FINDINGS)
    assert after.due == before.due + DAY
    assert [step.rung for step in after.steps] == [step.rung for step in before.steps]
    assert played.letters("delay_decided") == ["branch_agent@minhang"]
    assert Owed.DELAY_DECISION not in await played.owed()
    await played.until(before.due + MINUTE)
    assert not (await played.obligation(Owed.FINDINGS)).late
    await played.past(Owed.FINDINGS)
    assert (await played.obligation(Owed.FINDINGS)).late


async def test_refused_nothing_moves_and_it_may_be_asked_again(office: Office) -> None:
    played = await investigating(office)
    before = await played.obligation(Owed.FINDINGS)
    await asked(played)
    assert (await decided(played, approve=False)).told["granted"] is False
    assert (await played.obligation(Owed.FINDINGS)).due == before.due
    await asked(played, request="d2")
    await decided(played, request="d2")
    with pytest.raises(Refused, match="NoMoreTime.*as often as the rulebook allows"):
        await asked(played, request="d3")


@pytest.mark.parametrize("owed", [Owed.FIRST_CONTACT, Owed.LEGAL_ANSWER])
async def test_first_contact_and_what_the_law_asks_get_no_more_time(office: Office, owed: Owed) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="NoMoreTime"):
        await asked(played, owed=owed)


async def test_time_in_the_past_or_beyond_what_is_allowed_is_refused_with_the_limits(office: Office) -> None:
    played = await investigating(office)
    due = (await played.obligation(Owed.FINDINGS)).due
    for until in (monday() - DAY, due, due + 10 * DAY):
        with pytest.raises(Refused, match="Unacceptable.*more time goes beyond that, at most to"):
            await asked(played, until=until)
    with pytest.raises(Refused, match="NotPermitted"):
        await asked(played, by=FOSHAN)
    with pytest.raises(Refused, match="Nobody owes that"):
        await asked(played, owed=Owed.STATEMENT, until=due + DAY)


async def test_what_is_late_stays_late_and_gets_no_more_time(office: Office) -> None:
    played = await investigating(office)
    await played.past(Owed.FINDINGS)
    with pytest.raises(Refused, match="NoMoreTime.*late already"):
        await asked(played)


async def test_it_is_decided_once_by_whom_the_rulebook_names_and_never_by_who_asked(office: Office) -> None:
    played = await office.complaint(category="service_attitude")
    await played.contacted(solved=True, solution_ref="s", validity="effective")
    mine = "mao:branch_agent+branch_manager@minhang"
    await asked(played, by=mine, owed=Owed.CONFIRM_DONE)
    with pytest.raises(Refused, match="MakerIsChecker"):
        await decided(played, by=mine)
    with pytest.raises(Refused, match="NotPermitted.*branch_manager of minhang"):
        await decided(played)
    await decided(played, by="other:branch_manager@minhang")
    with pytest.raises(Refused, match="NoSuchObligation"):
        await decided(played, by=MANAGER)


async def test_a_decision_on_what_was_done_meanwhile_is_no_longer_owed(office: Office) -> None:
    played = await investigating(office)
    await asked(played)
    await played.found(by=VISITOR)
    assert Owed.DELAY_DECISION not in await played.owed()
    with pytest.raises(Refused, match="done meanwhile"):
        await decided(played)


async def test_silence_grants_nothing_and_climbs(office: Office) -> None:
    played = await investigating(office)
    await asked(played)
    due = (await played.obligation(Owed.FINDINGS)).due
    await played.past(Owed.DELAY_DECISION)
    assert "hq_supervisor@hq" in played.letters("late", Owed.DELAY_DECISION)
    await played.forward(HOUR)
    assert (await played.obligation(Owed.FINDINGS)).due == due
