"""What a customer was promised is owed like anything else, and a broken word makes the next call a repeat."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain import commands as c
from domain.values import Owed, Severity
from tests.workflows.office import Office, monday
from tests.workflows.played import AGENT, DAY, FOSHAN, HOUR, HQ_DESK, MINUTE, Played, Refused


async def promised(played: Played, by: str = AGENT, after: timedelta = 5 * HOUR) -> c.Receipt:
    return await played.say(c.MakePromise, by, promise="w1", what_ref="what", by=monday() + after)


async def test_a_promise_is_owed_by_who_gave_it_until_it_is_kept(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await promised(played, AGENT, after=5 * HOUR)
    owed = await played.obligation(Owed.PROMISE)
    assert (owed.unit, owed.sub, owed.due) == ("minhang", "ann", monday() + 5 * HOUR)
    assert (await played.say(c.KeepPromise, AGENT, promise="w1", words_ref="done")).told["late"] is False
    assert Owed.PROMISE not in await played.owed()
    (made, kept) = played.rows("promise")
    assert (made.kept_at, kept.kept_at is not None, kept.words_ref) == (None, True, "done")
    with pytest.raises(Refused, match="UnknownPromise"):
        await played.say(c.KeepPromise, AGENT, promise="w1")


async def test_a_broken_promise_climbs_and_makes_the_next_call_a_repeat(office: Office) -> None:
    played = await office.complaint()
    await played.contacted()
    await promised(played, AGENT, after=2 * HOUR)
    assert (await played.called()).told["same"]
    await played.forward(20 * MINUTE)
    assert (await played.called()).told["chase"]
    await played.until(monday() + 2 * HOUR)
    assert played.letters("late", Owed.PROMISE) == ["branch_manager@minhang"]
    assert (await played.called()).told["repeat"]
    assert (await played.case()).severity is Severity.REPEAT
    assert (await played.say(c.KeepPromise, AGENT, promise="w1")).told["late"] is True


async def test_a_promise_for_a_time_gone_by_or_by_strangers_is_refused(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="Unacceptable.*a time to come"):
        await promised(played, AGENT, after=-DAY)
    with pytest.raises(Refused, match="NotPermitted"):
        await promised(played, FOSHAN, after=DAY)
    await promised(played, HQ_DESK, after=DAY)
    assert (await played.obligation(Owed.PROMISE)).unit == "hq"


async def test_a_promise_outlives_the_round_it_was_given_in(office: Office) -> None:
    played = await office.complaint()
    await played.contacted(solved=True, solution_ref="s", validity="effective")
    await promised(played, AGENT, after=2 * DAY)
    await played.forward(HOUR)
    await played.called()
    assert (await played.case()).round.number == 2
    assert Owed.PROMISE in await played.owed()
