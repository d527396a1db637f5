"""A pause moves what the network promised and nothing the law asks; it ends once, or by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import commands as c
from domain.obligations import DUTY
from domain.values import Owed, Role
from tests.workflows.office import SHANGHAI, Office, monday
from tests.workflows.played import (
    AGENT,
    DAY,
    FOSHAN,
    HOUR,
    HQ_DESK,
    MANAGER,
    MINUTE,
    REVIEWER,
    SUPERVISOR,
    Played,
    Refused,
)

CUSTOMER = "waiting_for_customer"


async def paused(played: Played, by: str = AGENT, name: str = "p1", **said: object) -> c.Receipt:
    return await played.say(c.Pause, by, pause=name, reason_ref="why", **({"reason_code": CUSTOMER} | said))


async def resumed(played: Played, by: str = AGENT, **said: object) -> c.Receipt:
    return await played.say(c.Resume, by, reason_ref="the customer answered", **said)


def tuesday(clock: str) -> datetime:
    hour, minute = clock.split(":")
    local = (monday() + DAY).astimezone(SHANGHAI)
    return local.replace(hour=int(hour), minute=int(minute))


async def test_a_pause_moves_the_contract_clocks_by_what_they_would_have_counted_and_never_the_laws(office: Office) -> None:
    played = await office.complaint()
    await played.forward(20 * MINUTE)
    law = await played.obligation(Owed.LEGAL_ANSWER)
    await paused(played)
    await played.until(tuesday("09:00"))
    assert played.letters("reminder") == [], "nothing climbs while the clock stands still"
    await resumed(played)
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert abs(tuesday("09:40") - first.due) < MINUTE
    assert (await played.obligation(Owed.LEGAL_ANSWER)).due == law.due
    assert first.paused_until is None
    (moved,) = next(fact for fact in played.facts if fact.name == "resumed").details["moved"]
    assert moved["obligation"] == first.key


async def test_a_pause_nobody_ends_ends_by_itself_and_the_handler_is_told(office: Office) -> None:
    played = await office.complaint()
    await paused(played, until=monday() + 3 * HOUR)
    assert (await played.obligation(Owed.FIRST_CONTACT)).paused_until == monday() + 3 * HOUR
    await played.until(monday() + 3 * HOUR)
    assert "pause_ended" in played.story
    assert played.letters("pause_ended") == ["branch_agent@minhang"]
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.paused_until is None
    assert not first.late
    assert abs(monday() + 5.5 * HOUR - first.due) < MINUTE, "11:30 and an hour, across the midday break"
    with pytest.raises(Refused, match="NotPaused"):
        await resumed(played)


async def test_a_pause_is_ended_once(office: Office) -> None:
    played = await office.complaint()
    await paused(played)
    await resumed(played)
    with pytest.raises(Refused, match="NotPaused.*not paused"):
        await resumed(played)
    with pytest.raises(Refused, match="NotPaused.*over, or never was"):
        await resumed(played, pause="p1")


async def test_two_pauses_at_once_count_once_and_the_clock_runs_when_both_are_over(office: Office) -> None:
    played = await office.complaint()
    await paused(played)
    await played.forward(HOUR)
    await paused(played, by=REVIEWER, name="p2", reason_code=None)
    await played.forward(HOUR)
    assert (await resumed(played, pause="p1")).told["paused"], "the other one goes on"
    await played.forward(HOUR)
    with pytest.raises(Refused, match="NotPermitted.*HQ quality set this pause"):
        await resumed(played)
    assert not (await resumed(played, by=REVIEWER)).told["paused"]
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert first.due - monday() - 3 * HOUR - HOUR - 1.5 * HOUR < MINUTE, "11:30 and an hour, across the midday break"


@pytest.mark.parametrize(
    ("by", "said", "refused"),
    [
        (FOSHAN, {}, "NotPermitted.*people of minhang"),
        (AGENT, {"reason_code": None}, "NotPermitted.*HQ quality pauses for any reason"),
        (AGENT, {"reason_code": "holiday"}, "Unacceptable.*holiday is not a reason"),
        (AGENT, {"until": monday() + 8 * DAY}, "Unacceptable.*at most 7 days"),
        (AGENT, {"until": monday() - HOUR}, "Unacceptable.*in the future"),
        (SUPERVISOR, {}, "NotPermitted.*paused by"),
    ],
)
async def test_who_may_not_pause_or_not_so_long_is_told_why(office: Office, by: str, said: dict[str, Any], refused: str) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match=refused):
        await paused(played, by=by, **said)
    assert played.story == ["complaint_received"]


async def test_a_reason_is_used_as_often_as_the_rulebook_says(office: Office) -> None:
    played = await office.complaint()
    for turn in ("p1", "p2"):
        await paused(played, name=turn)
        await resumed(played)
    with pytest.raises(Refused, match="RuleBroken.*paused 2 times"):
        await paused(played, name="p3")
    await paused(played, by=REVIEWER, name="p3")


async def test_a_pause_stays_with_the_complaint_when_it_is_reassigned_handed_on_or_escalated(office: Office) -> None:
    played = await office.complaint()
    await paused(played)
    await played.say(c.Reassign, MANAGER, to_sub="other", reason_ref="why")
    foshan = played.plan.units["foshan"]
    await played.say(c.HandOn, MANAGER, to=foshan, reason_ref="why")
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.unit, first.paused_until is not None) == ("foshan", True)
    await played.forward(HOUR)
    await played.say(c.Resume, FOSHAN, reason_ref="done")
    assert (await played.obligation(Owed.FIRST_CONTACT)).due - monday() - 2 * HOUR < MINUTE


async def test_what_is_opened_during_a_pause_begins_when_it_is_over(office: Office) -> None:
    played = await office.complaint()
    await paused(played, until=monday() + DAY)
    await played.contacted()
    findings = await played.obligation(Owed.FINDINGS)
    assert findings.paused_until == monday() + DAY
    assert findings.due.astimezone(SHANGHAI).date() == (monday() + 2 * DAY).astimezone(SHANGHAI).date()


async def test_a_late_obligation_stays_late_and_says_by_how_much_of_its_own_time(office: Office) -> None:
    played = await office.complaint()
    await played.until(monday() + HOUR + 10 * MINUTE)
    await paused(played)
    await played.until(tuesday("09:00"))
    await resumed(played)
    await played.until(tuesday("09:20"))
    open_row = [row for row in played.rows("obligation") if row.owed is Owed.FIRST_CONTACT][-1]
    assert (open_row.late_by, open_row.ending) == (None, None)
    desk = (await played.case()).calendar("minhang")
    by_now = open_row.late_clock.late_by(open_row.late_since, tuesday("09:20"), desk)
    await played.contacted()
    first = await played.obligation(Owed.FIRST_CONTACT)
    assert (first.late, first.late_since, first.late_unit) == (True, monday() + HOUR, "minhang")
    assert first.late_by is not None
    assert abs(first.late_by - 30 * 60) < 60, "ten minutes before the pause, twenty after it"
    assert abs(by_now - timedelta(seconds=first.late_by)) < MINUTE, "said while it was open as in the end"


async def test_what_became_late_here_is_not_the_lateness_of_who_holds_it_later(office: Office) -> None:
    played = await office.complaint()
    await played.until(monday() + HOUR + MINUTE)
    await played.say(c.HandOn, MANAGER, to=played.plan.units["foshan"], reason_ref="why")
    await played.contacted(by=FOSHAN)
    row = [row for row in played.rows("obligation") if row.owed is Owed.FIRST_CONTACT][-1]
    assert (row.unit, row.late_unit, row.late) == ("foshan", "minhang", True)


async def test_a_long_history_goes_on_in_the_middle_of_a_pause(office: Office) -> None:
    played = await office.complaint(plan=(await office.complaint()).plan.model_copy(update={"continue_after_events": 20}))
    await played.forward(20 * MINUTE)
    await paused(played)
    for _ in range(6):
        await played.called()
    first_run = (await played.handle.describe()).run_id
    await played.until(tuesday("09:00"))
    await resumed(played)
    assert first_run is not None
    due = (await played.obligation(Owed.FIRST_CONTACT)).due
    assert abs(tuesday("09:40") - due) < MINUTE


async def test_the_law_before_a_closed_day_is_the_duty_desks_a_day_before(office: Office) -> None:
    received = monday() + 6 * DAY + 2 * HOUR  # a Sunday: its seven days end on the next Sunday at 24:00
    played = await office.complaint(received=received)
    await played.contacted()
    law = await played.obligation(Owed.LEGAL_ANSWER)
    assert DUTY in {step.does for step in law.steps}
    await played.until(law.due - DAY)
    law = await played.obligation(Owed.LEGAL_ANSWER)
    assert (law.role, law.unit) == (Role.HQ_AGENT, "hq")
    assert played.letters("duty_desk") == ["hq_agent@hq"]
    await played.told(by=HQ_DESK)
    law = await played.obligation(Owed.LEGAL_ANSWER)
    assert (law.ending, law.late) == ("answered", False)
