"""Obligations are opened with the ladder the plan says, its steps in order, each with the person it concerns."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clocks import due
from domain.ladders import arm, hand_over, visit_window
from domain.obligations import DUTY
from domain.plan import RungDoes
from domain.values import ClockKind, Owed, Role
from tests.domain.complaints import MONDAY, PLAN, case

MOMENTS = st.integers(0, 2 * 365 * 86400).map(
    lambda seconds: MONDAY.astimezone(ZoneInfo(PLAN.timezone)) + timedelta(seconds=seconds)
)
CALENDAR = case().calendar()


@given(owed=st.sampled_from(Owed), category=st.sampled_from(sorted(PLAN.categories)), since=MOMENTS)
def test_steps_are_in_order_and_late_from_the_due_on(owed: Owed, category: str, since: datetime) -> None:
    obligation = arm(case(category=category), owed, key="k", unit="minhang", since=since, now=since)
    moments = [step.at for step in obligation.steps]
    assert moments == sorted(moments)
    assert all(at >= since for at in moments)
    assert obligation.due == due(PLAN.clock(owed, category), since, CALENDAR)
    assert len([step for step in obligation.steps if step.does != DUTY]) == len(PLAN.ladder(owed))
    assert all(step.at_due == (step.at >= obligation.due) for step in obligation.steps)
    assert obligation.next_at == moments[0]
    assert obligation.next_does == obligation.steps[0].does
    assert any(step.at == obligation.due for step in obligation.steps), "somebody hears of it when it falls due"


@pytest.mark.parametrize(
    ("owed", "unit", "steps"),
    [
        (
            Owed.FINDINGS,
            "minhang",
            [
                ("remind", Role.BRANCH_AGENT, "minhang"),
                ("tell", Role.BRANCH_MANAGER, "minhang"),
                ("penalty", Role.BRANCH_AGENT, "minhang"),
                ("tell", Role.BRANCH_MANAGER, "east"),
                ("tell", Role.HQ_SUPERVISOR, "hq"),
            ],
        ),
        (
            Owed.FINDINGS,
            "hq",
            [
                ("remind", Role.HQ_AGENT, "hq"),
                ("tell", Role.HQ_SUPERVISOR, "hq"),
                ("penalty", Role.HQ_AGENT, "hq"),
                *[("tell", Role.HQ_SUPERVISOR, "hq")] * 2,
            ],
        ),
        (Owed.STATEMENT, "foshan", [(does, Role.BRANCH_AGENT, "foshan") for does in ("remind", "penalty", "default")]),
    ],
)
def test_a_ladder_climbs_from_the_holder_to_hq(owed: Owed, unit: str, steps: list[tuple[str, Role | None, str | None]]) -> None:
    obligation = arm(case(), owed, key="k", unit=unit, since=MONDAY, now=MONDAY)
    assert [(step.does, step.role, step.unit) for step in obligation.steps] == steps


def test_where_nothing_can_be_decided_by_rule_silence_decides_nothing() -> None:
    asked = arm(case(), Owed.APPROVAL, key="k", unit="minhang", since=MONDAY, now=MONDAY, without_default=True)
    assert RungDoes.DEFAULT not in {step.does for step in asked.steps}
    assert RungDoes.DEFAULT in {s.does for s in arm(case(), Owed.APPROVAL, key="k", unit="hq", since=MONDAY, now=MONDAY).steps}


def test_a_customers_own_deadline_pulls_the_due_time_forward_and_never_back() -> None:
    by_law = arm(case(), Owed.FIRST_CONTACT, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    sooner = by_law.due - timedelta(minutes=30)
    pulled = arm(case(), Owed.FIRST_CONTACT, key="k", unit="minhang", since=MONDAY, now=MONDAY, due_by=sooner)
    assert (pulled.due, pulled.opens_at, pulled.opened) == (sooner, MONDAY, True)
    assert [step.at for step in pulled.steps if not step.at_due] == [MONDAY + timedelta(minutes=15)]
    later = arm(
        case(), Owed.FIRST_CONTACT, key="k", unit="minhang", since=MONDAY, now=MONDAY, due_by=by_law.due + timedelta(days=1)
    )
    assert later.due == by_law.due


@given(resolved=MOMENTS)
def test_a_visits_window_opens_at_midnight_and_never_ends_in_a_closure(resolved: datetime) -> None:
    opens, ends = visit_window(case(), resolved, 3, 7)
    assert CALENDAR.local_date(opens).toordinal() == CALENDAR.local_date(resolved).toordinal() + 3
    assert CALENDAR.is_working_day(CALENDAR.local_date(ends - timedelta(seconds=1)))
    assert timedelta(days=5) <= ends - opens <= timedelta(days=7)


def test_a_visit_is_only_planned_before_its_window_opens() -> None:
    window = visit_window(case(), MONDAY, 3, 7)
    visit = arm(case(), Owed.VISIT_1, key="k", unit="minhang", since=MONDAY, now=MONDAY, window=window)
    assert not visit.opened
    assert not visit.is_open
    assert (visit.next_at, visit.next_does) == (window[0], "opens")
    assert all(step.at >= window[0] for step in visit.steps)


def test_a_case_handed_on_keeps_its_clock_and_its_lateness() -> None:
    complaint = case()
    armed = arm(complaint, Owed.FINDINGS, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    owed = armed.model_copy(update={"late": True, "sub": "agent-7"})
    before = owed.model_copy(deep=True)
    hand_over(complaint, owed, "hq", MONDAY)
    assert (owed.unit, owed.role) == ("hq", Role.HQ_AGENT)
    assert owed.sub is None
    assert (owed.since, owed.due, owed.late) == (before.since, before.due, True)
    assert [step.at for step in owed.steps] == [step.at for step in before.steps]
    assert {step.unit for step in owed.steps} == {"hq"}


def test_the_legal_answer_runs_on_the_laws_clock() -> None:
    answer = arm(case(), Owed.LEGAL_ANSWER, key="k", unit="minhang", since=MONDAY, now=MONDAY)
    assert answer.kind is ClockKind.LEGAL
    assert answer.steps[0].at == MONDAY + timedelta(days=2)  # unresolved after two days: the manager knows
    assert answer.steps[0].role is Role.BRANCH_MANAGER
