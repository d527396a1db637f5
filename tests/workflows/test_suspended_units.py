"""A suspended unit takes no new complaints, answers for those it has, and bears what it owes."""

from __future__ import annotations

import pytest

from domain import commands as c
from domain.plan import CasePlan, UnitPlan
from domain.record import Fact
from domain.values import Owed, Status, UnitState
from tests.workflows.office import Office
from tests.workflows.paper import starter_plan, unit
from tests.workflows.played import AGENT, FOSHAN, HQ_DESK, MANAGER, Played, Refused
from tests.workflows.test_changes import told

PROVINCE = "p:branch_agent@shanghai"


def suspended(code: str) -> UnitPlan:
    return unit(code).model_copy(update={"state": UnitState.SUSPENDED})


def while_suspended(*codes: str) -> CasePlan:
    plan = starter_plan()
    return plan.model_copy(update={"units": plan.units | {code: suspended(code) for code in codes}})


def why(played: Played) -> list[Fact]:
    return [fact for fact in played.facts if fact.name == "taken_for_suspended_unit"]


async def test_a_new_complaint_of_a_suspended_unit_is_the_unit_aboves_and_says_so(office: Office) -> None:
    played = await office.complaint(plan=while_suspended("minhang"))
    case = await played.case()
    assert (case.status, case.owner, case.handler) == (Status.OPEN, "shanghai", "shanghai")
    assert {o.unit for o in case.obligations.values()} == {"shanghai"}
    owner, *_ = [fact.details for fact in why(played)]
    assert (owner["unit"], owner["taken_by"], owner["part"]) == ("minhang", "shanghai", "owner")
    assert owner["text"]["en"] == "minhang is suspended and takes no new complaints; shanghai answers for this one."
    assert owner["text"]["zh"].startswith("minhang 已暂停营业")
    with pytest.raises(Refused, match="NotPermitted"):
        await played.contacted(by=AGENT)
    await played.contacted(by=PROVINCE)
    await played.found(by=PROVINCE)


async def test_with_nobody_open_above_the_hq_desk_takes_it(office: Office) -> None:
    played = await office.complaint(plan=while_suspended("minhang", "shanghai", "foshan"), category="pickup_delivery")
    case = await played.case()
    assert (case.status, case.owner, case.handler) == (Status.OPEN, "hq", "hq")
    assert [fact.details["part"] for fact in why(played)] == ["owner", "handler"]


async def test_what_it_has_stays_its_own_and_its_people_answer(office: Office) -> None:
    played = await office.complaint()
    await told(played, units=(suspended("minhang"),))
    await played.contacted(by=AGENT)
    case = await played.case()
    assert (case.owner, case.handler, why(played)) == ("minhang", "minhang", [])
    await played.past(Owed.FINDINGS)
    assert played.letters("late", Owed.FINDINGS)[0] == "branch_manager@minhang"
    await played.found(by=AGENT)


async def test_nothing_is_handed_on_to_it_unless_it_owns_it(office: Office) -> None:
    played = await office.complaint()
    with pytest.raises(Refused, match="suspended and takes no new complaints"):
        await played.say(c.HandOn, MANAGER, to=suspended("foshan"), reason_ref="why")
    await played.say(c.HandOn, MANAGER, to=unit("foshan"), reason_ref="why")
    await told(played, units=(suspended("minhang"),))
    await played.say(c.HandOn, MANAGER, to=suspended("minhang"), reason_ref="taken back")
    assert (await played.case()).handler == "minhang"


async def test_facts_supplied_later_find_the_unit_above_it(office: Office) -> None:
    plan = starter_plan()
    few = plan.model_copy(update={"units": {"hq": plan.units["hq"]}})
    played = await office.complaint(plan=few, waybill=None, origin=None, destination=None, category="pickup_delivery")
    facts = {"origin": suspended("minhang"), "destination": unit("foshan"), "units": (unit("shanghai"), unit("hq"))}
    await played.say(c.SupplyFacts, HQ_DESK, waybill="97-1", **facts)
    case = await played.case()
    assert (case.status, case.owner, case.handler) == (Status.OPEN, "shanghai", "foshan")
    assert (await played.obligation(Owed.LEGAL_ANSWER)).unit == "shanghai"
    assert [fact.details["taken_by"] for fact in why(played)] == ["shanghai"]
    await played.contacted(by=FOSHAN)


async def test_a_complaint_of_an_earlier_release_goes_on_as_it_began(office: Office) -> None:
    played = await office.complaint(plan=while_suspended("minhang").model_copy(update={"edition": 1}))
    assert ((await played.case()).owner, why(played)) == ("minhang", [])
