"""Opening an obligation: its due time, and its ladder as moments with the person each concerns (domain §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from domain.case import HQ, Case
from domain.clocks import calendar_of, due, moment, working_days_after
from domain.obligations import Obligation, Step
from domain.plan import Rung, RungDoes
from domain.values import ClockKind, Owed, Role

NOT_THE_NETWORKS_LATENESS = frozenset({Owed.APPEAL, Owed.CUSTOMER_ANSWER})
"""A side that does not appeal and a customer who does not answer are nobody's lateness."""


def agent_of(unit: str) -> Role:
    return Role.HQ_AGENT if unit == HQ else Role.BRANCH_AGENT


def manager_of(unit: str) -> Role:
    return Role.HQ_SUPERVISOR if unit == HQ else Role.BRANCH_MANAGER


def arm(
    case: Case,
    owed: Owed,
    *,
    key: str,
    unit: str,
    since: datetime,
    now: datetime,
    role: Role | None = None,
    window: tuple[datetime, datetime] | None = None,
    due_by: datetime | None = None,
    without_default: bool = False,
) -> Obligation:
    """An obligation of `unit`, counted from `since` on the clock of the pinned plan.

    `window` (opens, due) replaces the clock for visits; `due_by` pulls a contract clock forward to a customer's own deadline.
    `without_default` leaves out the rung that decides by itself, where there is nothing to decide by rule.
    """
    rule = case.plan.clock(owed, case.category)
    calendar = calendar_of(case.plan)
    opens, end = window or (since, due(rule, since, calendar))
    if due_by is not None and rule.kind is ClockKind.CONTRACT and since < due_by < end:
        window, end = (since, due_by), due_by
    obligation = Obligation(
        key=key,
        owed=owed,
        role=role or agent_of(unit),
        unit=unit,
        since=since,
        opens_at=opens,
        due=end,
        measure=rule.measure,
        kind=rule.kind,
        opened=opens <= now,
    )

    def at(rung: Rung) -> datetime:
        if rung.after is not None:
            return since + rung.after
        if rung.days_late:
            return working_days_after(end, rung.days_late, calendar)
        if window is None:
            return moment(rule, since, rung.percent, calendar)
        return opens + (end - opens) * rung.percent / 100

    rungs = [r for r in case.plan.ladder(owed) if not (without_default and r.does is RungDoes.DEFAULT)]
    obligation.steps = _steps(case, obligation, rungs, [at(rung) for rung in rungs])
    return obligation


def first_owed(case: Case, now: datetime) -> list[Obligation]:
    """What is owed from the moment of receipt, also when the process starts later: the clocks run from `received_at`."""
    if case.intake.solved_on_spot:
        return []
    owed = [(Owed.LEGAL_ANSWER, case.owner), (Owed.FIRST_CONTACT, case.handler)]
    if case.category == "order_change":
        owed.append((Owed.ORDER_CHANGE, case.handler))
    received = case.intake.received_at
    return [
        arm(case, what, key=f"1:{what}:{unit}", unit=unit, since=received, now=now, due_by=case.customer_deadline)
        for what, unit in owed
    ]


def _steps(case: Case, obligation: Obligation, rungs: Sequence[Rung], moments: Sequence[datetime]) -> list[Step]:
    steps = []
    for rung, at in zip(rungs, moments, strict=True):
        role, unit = _person(case, obligation, rung.whom)
        steps.append(Step(at=at, does=rung.does.value, whom=rung.whom, role=role, unit=unit, at_due=at >= obligation.due))
    return sorted(steps, key=lambda step: step.at)


def _person(case: Case, obligation: Obligation, whom: str) -> tuple[Role, str]:
    match whom:
        case "manager":
            return manager_of(obligation.unit), obligation.unit
        case "above":
            above = next(iter(case.ancestors(obligation.unit)), HQ)
            return manager_of(above), above
        case "hq_supervisor":
            return Role.HQ_SUPERVISOR, HQ
        case _ if obligation.role is Role.CUSTOMER:  # the handler reminds the customer
            return agent_of(case.handler), case.handler
        case _:
            return obligation.role, obligation.unit


def hand_over(case: Case, obligation: Obligation, unit: str) -> None:
    """Another unit owes it now; since, due and lateness stay, what is left of the ladder looks at the new unit."""
    if obligation.role is agent_of(obligation.unit):
        obligation.role = agent_of(unit)
    obligation.unit, obligation.sub = unit, None
    for step in obligation.steps:
        step.role, step.unit = _person(case, obligation, step.whom)


def visit_window(case: Case, since: datetime, first_day: int, last_day: int) -> tuple[datetime, datetime]:
    """A visit's window: from 00:00 of its first day to 24:00 of its last; ending in a closure, on the next working day."""
    calendar = calendar_of(case.plan)
    start = calendar.local_date(since).toordinal()
    last = date.fromordinal(start + last_day)
    if not calendar.is_working_day(last):
        last = calendar.working_day_after(last, 1)
    return calendar.midnight(date.fromordinal(start + first_day)), calendar.midnight(date.fromordinal(last.toordinal() + 1))
