"""Who speaks for a side of a review: its people, their manager's stand-in, the unit above; never somebody of the other side."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.values import Owed, Party, ReviewStatus, Stance
from tests.workflows.office import Office
from tests.workflows.played import AGENT, FOSHAN_MANAGER, HQ_DESK, OTHER_REVIEWER, REVIEWER, Refused
from tests.workflows.test_penalty_review import a_rude_courier

STAND_IN = "nina:branch_agent@dali/foshan"
PROVINCE = "sha:branch_manager@shanghai"
OF_THE_OTHER_SIDE = "max:branch_agent@minhang/foshan"


async def test_the_managers_stand_in_makes_the_statement_and_appeals_for_the_unit(office: Office) -> None:
    played = await a_rude_courier(office)
    assert (await played.stated(STAND_IN)).told["unit"] == "foshan"
    [fact] = [fact for fact in played.facts if fact.name == "statement_made"]
    assert (fact.actor, fact.details["in_stead_of"]) == ("nina", "branch_manager@foshan")
    await played.ruled(("Q-301", "foshan"))
    assert (await played.appealed(STAND_IN)).told["unit"] == "foshan"
    await played.appealed(AGENT)
    assert (await played.penalty_review()).status is ReviewStatus.APPEAL
    with pytest.raises(Refused, match="TookPart"):
        await played.say(c.DecideAppeal, "nina:hq_supervisor@hq", review=played.review, outcome="sustain", reasons_ref="why")


async def test_the_province_speaks_for_the_branch_below_it(office: Office) -> None:
    played = await a_rude_courier(office, {Party.ORIGIN: 60, Party.DESTINATION: 40})
    assert (await played.stated(PROVINCE)).told["unit"] == "minhang"
    await played.stated()
    await played.ruled(("Q-301", "minhang"))
    assert (await played.appealed(PROVINCE)).told["unit"] == "minhang"


async def test_who_is_of_one_side_does_not_stand_in_for_the_other(office: Office) -> None:
    played = await a_rude_courier(office)
    with pytest.raises(Refused, match="TookPart.*other side of this review.*speaks for foshan"):
        await played.stated(OF_THE_OTHER_SIDE)
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    assert (await played.appealed(OF_THE_OTHER_SIDE)).told["unit"] == "minhang"  # their own side comes first
    with pytest.raises(Refused, match="TookPart"):
        await played.say(c.Appeal, OF_THE_OTHER_SIDE, review=played.review, reasons_ref="r", branch="foshan")


async def test_who_may_speak_for_two_sides_says_for_which(office: Office) -> None:
    played = await a_rude_courier(office, {Party.DESTINATION: 60, Party.HUB: 40})
    both = "bo:branch_agent@dali/foshan/hub-dongguan"
    said = {"review": played.review, "stance": Stance.CONTESTS, "statement_ref": "statement"}
    with pytest.raises(Refused, match="Unacceptable.*foshan and hub-dongguan.*`branch`"):
        await played.stated(both)
    with pytest.raises(Refused, match="NotPermitted.*foshan, hub-dongguan"):
        await played.say(c.MakeStatement, both, **said, branch="minhang")
    assert (await played.say(c.MakeStatement, both, **said, branch="hub-dongguan")).told["unit"] == "hub-dongguan"


async def test_who_stepped_back_or_ruled_does_not_speak_for_headquarters(office: Office) -> None:
    played = await a_rude_courier(office, {Party.ORIGIN: 100})
    await played.stated("mao:branch_manager@minhang")
    await played.say(c.Recuse, "rita:hq_reviewer@hq", review=played.review, reasons_ref="a cousin")
    await played.ruled(("Q-301", "minhang"))
    with pytest.raises(Refused, match="TookPart.*stepped back"):
        await played.appealed("rita:hq_reviewer@hq")
    with pytest.raises(Refused, match="TookPart.*decided in this case"):
        await played.appealed(REVIEWER)
    assert (await played.appealed(OTHER_REVIEWER)).told["unit"] == "hq"


async def test_a_stand_in_of_a_named_unit_is_one_of_its_people_and_does_not_rule(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.past(Owed.STATEMENT)
    with pytest.raises(Refused, match="TookPart.*You act for foshan"):
        await played.ruled(("Q-301", "foshan"), by="rui:hq_reviewer@hq/foshan")
    with pytest.raises(Refused, match="NotPermitted"):
        await played.say(c.Agree, HQ_DESK, review=played.review)
    await played.ruled(("Q-301", "foshan"))
    assert (await played.appealed(FOSHAN_MANAGER)).told["unit"] == "foshan"
