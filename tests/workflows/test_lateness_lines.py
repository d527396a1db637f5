"""Lateness lines: a window to object, a decision by somebody new, and a complaint that stays to hear it."""

from __future__ import annotations

from typing import Any

import pytest

from domain import commands as c
from domain.commands import News
from domain.plan import DatedFacts, Period, UnitPlan
from domain.values import LatenessState, Outcome, Owed, Party, ReviewStatus, Stance, UnitState
from tests.workflows.office import Office
from tests.workflows.paper import starter_plan, unit
from tests.workflows.played import DAY, FOSHAN_MANAGER, MANAGER, OTHER_REVIEWER, REVIEWER, Played, Refused
from tests.workflows.test_penalty_review import a_paid_loss, a_rude_courier


async def late_findings(office: Office) -> Played:
    played = await office.complaint()
    await played.contacted()
    await played.past(Owed.FINDINGS)
    return played


async def objected(played: Played, by: str = MANAGER, line: str = "L1") -> c.Receipt:
    return await played.say(c.ObjectToLateness, by, line=f"{played.number}-{line}", reasons_ref="the road was closed")


async def decided(played: Played, *, waive: bool, by: str = REVIEWER) -> c.Receipt:
    return await played.say(c.DecideObjection, by, line=f"{played.number}-L1", waive=waive, reasons_ref="why")


async def test_a_lateness_line_nobody_objects_to_stands_when_its_window_closes(office: Office) -> None:
    played = await late_findings(office)
    [line] = (await played.case()).lateness.values()
    window = await played.obligation(Owed.OBJECTION)
    assert (line.unit, line.clause, line.state, line.objection_until) == ("minhang", "Q-603", LatenessState.OPEN, window.due)
    await played.past(Owed.OBJECTION)
    assert [row.state for row in played.rows("lateness")] == ["open", "stands"]
    with pytest.raises(Refused, match="WrongStage.*time to object ended"):
        await objected(played)


@pytest.mark.parametrize(("waive", "state"), [(True, "waived"), (False, "stands")])
async def test_an_objection_is_decided_by_a_reviewer_who_decided_nothing(office: Office, waive: bool, state: str) -> None:
    played = await late_findings(office)
    with pytest.raises(Refused, match="WrongStage.*No objection"):
        await decided(played, waive=waive)
    with pytest.raises(Refused, match="NotPermitted"):
        await objected(played, FOSHAN_MANAGER)
    with pytest.raises(Refused, match="UnknownLine"):
        await objected(played, line="L9")
    await objected(played)
    with pytest.raises(Refused, match="WrongStage.*objects once"):
        await objected(played)
    with pytest.raises(Refused, match="NotPermitted"):
        await decided(played, waive=waive, by=MANAGER)
    await decided(played, waive=waive)
    with pytest.raises(Refused, match="WrongStage"):
        await decided(played, waive=not waive, by=OTHER_REVIEWER)
    assert played.rows("lateness")[-1].state == state
    assert "rui" in (await played.case()).took_part


async def test_an_objection_nobody_decides_is_waived_in_the_end(office: Office) -> None:
    played = await late_findings(office)
    await objected(played)
    await played.until((await played.obligation(Owed.OBJECTION_DECISION)).due + 13 * DAY)
    assert played.rows("lateness")[-1].state == "waived"


async def test_the_complaint_closes_when_its_lateness_lines_are_settled(office: Office) -> None:
    played = await late_findings(office)
    await played.say(c.Withdraw, "ann:branch_agent@minhang", reason_ref="never mind")
    assert (await played.case()).closed_at is None
    await objected(played)
    await decided(played, waive=True)
    assert await played.closed() is Outcome.WITHDRAWN


async def test_lateness_lines_count_towards_the_cap_and_keep_within_it(office: Office) -> None:
    penalties = starter_plan().penalties.model_copy(update={"cap": 60_00})
    played = await office.complaint(plan=starter_plan(penalties=penalties))
    await played.contacted()
    await played.past(Owed.FINDINGS)
    await played.found(liable={Party.DESTINATION: 100})
    await played.told()
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    assert [line.amount for line in (await played.penalty_review()).lines] == [40_00]
    assert (await played.case()).lateness[f"{played.number}-L1"].amount == 20_00


async def test_a_complaint_received_before_objections_were_heard_opens_no_window(office: Office) -> None:
    penalties = starter_plan().penalties.model_copy(update={"summary": None})
    played = await office.complaint(plan=starter_plan(penalties=penalties))
    await played.contacted()
    await played.past(Owed.FINDINGS)
    [row] = played.rows("lateness")
    assert row.key == f"{row.obligation}:Q-603"
    case = await played.case()
    assert (case.lateness, Owed.OBJECTION in {o.owed for o in case.obligations.values()}) == ({}, False)


# -- dated facts


async def told(played: Played, *units: UnitPlan, **facts: Any) -> None:
    news = News(dated=DatedFacts(version=7, **facts), units=units)
    await played.handle.signal("dated_facts", news)
    await played.forward(DAY / 24)


async def test_what_happened_in_a_record_only_period_is_listed_and_not_charged(office: Office) -> None:
    played = await a_paid_loss(office)
    day = (await played.case()).intake.received_at.date()
    await told(played, record_only=(Period(first=day, last=day),))
    await played.stated()
    another = c.ClauseLine(code="Q-301", happened_on=day - DAY)
    await played.ruled(clauses=(c.ClauseLine(code="Q-203"), another), shares={"foshan": 100})
    await played.past(Owed.APPEAL)
    assert [(row.clause, row.charged, row.remaining) for row in played.rows("line")[-2:]] == [
        ("Q-203", False, 100_00),
        ("Q-301", True, 50_00),
    ]
    assert played.balances == {"customers": 3000_00, "unit:foshan": -3050_00, "hq:quality_fund": 50_00}


async def test_a_period_set_after_the_ruling_and_before_it_is_final_spares_the_charge(office: Office) -> None:
    played = await a_rude_courier(office)
    await played.stated()
    await played.ruled(("Q-301", "foshan"))
    day = (await played.case()).intake.received_at.date()
    await told(played, record_only=(Period(first=day, last=day),))
    await played.past(Owed.APPEAL)
    assert (await played.penalty_review()).status is ReviewStatus.FINAL
    assert played.balances == {}


async def test_a_closed_branchs_successor_speaks_for_it_and_the_fault_stays_its_own(office: Office) -> None:
    played = await a_rude_courier(office)
    closed = unit("foshan").model_copy(update={"state": UnitState.CLOSED, "successor": "hub-dongguan"})
    await told(played, closed, unit("hub-dongguan"))
    await played.stated("hu:branch_manager@hub-dongguan", Stance.CONTESTS)
    await played.ruled(("Q-301", "foshan"))
    await played.appealed("hu:branch_manager@hub-dongguan")
    assert (await played.penalty_review()).appeals[0].unit == "foshan"
    await played.past(Owed.APPEAL)
    said = {"outcome": "sustain", "lines": (), "reasons_ref": "why"}
    await played.say(c.DecideAppeal, "song:hq_supervisor@hq", review=played.review, **said)
    assert played.balances == {"unit:foshan": -50_00, "hq:quality_fund": 50_00}
