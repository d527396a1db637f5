"""Winding an obligation: its due time, and its ladder as moments with the person each concerns (domain §3).

`arm` opens one, `wind` sets its clock anew whenever something moves it - a pause, more time, another calendar, another
category. What was due before stays due; a rung that was climbed is not climbed again.
"""

from __future__ import annotations

from datetime import date, datetime

from domain.case import HQ, Case
from domain.clocks import LateClock, Running, clipped, contract, later, legal, working_days_after
from domain.obligations import DUTY, LATE, Granted, Held, Obligation, Step
from domain.plan import ContractClock, LegalClock, Rung, RungDoes
from domain.values import Owed, Role

NOT_THE_NETWORKS_LATENESS = frozenset({Owed.APPEAL, Owed.CUSTOMER_ANSWER, Owed.OBJECTION, Owed.PARCEL_CHOICE})
"""A side that does not appeal or object and a customer who does not answer are nobody's lateness."""

UNTIL_THE_CUSTOMER_HAS_IT = frozenset(
    {
        Owed.FIRST_CONTACT,
        Owed.ORDER_CHANGE,
        Owed.FINDINGS,
        Owed.REPLY,
        Owed.TELL_SOLUTION,
        Owed.PROPOSAL,
        Owed.APPROVAL,
        Owed.PAYOUT,
    }
)
"""What a customer's own deadline pulls forward."""

_DUTY_RUNG, _LATE_RUNG = -1, -2


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
    window_days: tuple[int, int] | None = None,
    due_by: datetime | None = None,
    without_default: bool = False,
) -> Obligation:
    """An obligation of `unit`, counted from `since` on the clock of the pinned plan and the hours of the unit's desk.

    `window` (opens, due) or `window_days` (of a visit) replace the clock; `due_by` pulls a contract clock forward.
    `without_default` leaves out the rung that decides by itself, where there is nothing to decide by rule.
    """
    rule = case.plan.clock(owed, case.category)
    obligation = Obligation(
        key=key,
        owed=owed,
        role=role or agent_of(unit),
        unit=unit,
        since=since,
        opens_at=since,
        due=since,
        measure=rule.measure,
        kind=rule.kind,
        hours_of=unit,
        window=window,
        window_days=window_days,
        due_by=due_by,
        without_default=without_default,
    )
    _set(case, obligation, clock_of(case, obligation))
    obligation.opened = obligation.opens_at <= now
    obligation.paused_until = stands_still_until(case, obligation, now)
    return obligation


def wind(case: Case, obligation: Obligation, now: datetime) -> bool:
    """Set its clock anew. A due time that has passed, or would then have passed, stays; answers whether anything moved."""
    if obligation.hours_of is None or obligation.ending is not None:
        return False
    before = obligation.model_copy()
    rule = case.plan.clock(obligation.owed, case.category)
    obligation.measure, obligation.kind = rule.measure, rule.kind
    clock = clock_of(case, obligation)
    if obligation.due <= now:
        clock = clock.stopped_at(obligation.due)
    elif clock.due <= now:
        clock = grant(case, obligation, obligation.due, now)
    _set(case, obligation, clock)
    if obligation.due <= now:  # an answer that is late is not passed on because a day was closed afterwards
        obligation.steps = [step for step in obligation.steps if step.does != DUTY]
    obligation.paused_until = stands_still_until(case, obligation, now)
    return obligation != before


def grant(case: Case, obligation: Obligation, until: datetime, now: datetime) -> Running:
    """More time: it is due at `until`, and later only by what does not stand still already."""
    own = clock_of(case, obligation, pulled=False)
    given = own.ending(own.unpushed(until), until)
    obligation.granted = Granted(at=now, until=until, end=given.end, length=given.whole, measure=given.measure)
    return given


def pull(case: Case, obligation: Obligation, deadline: datetime, now: datetime) -> None:
    """A customer's own deadline, learned now, comes before more time that was given earlier."""
    if obligation.granted is not None and obligation.owed in UNTIL_THE_CUSTOMER_HAS_IT and now < deadline < obligation.due:
        grant(case, obligation, deadline, now)


def clock_of(case: Case, obligation: Obligation, *, pulled: bool = True) -> Running:
    """The clock it runs on, as the case stands. Only a contract clock is told of what moves clocks.

    Not `pulled`, it is its own: no customer's deadline, no more time.
    """
    rule, calendar = case.plan.clock(obligation.owed, case.category), case.calendar(obligation.hours_of)
    match rule:
        case LegalClock():
            return legal(rule, obligation.since, calendar)
        case ContractClock():
            window, due_by, standstills = obligation.window, obligation.due_by, case.standstills(obligation)
            if obligation.window_days is not None:
                window = visit_window(case, obligation.since, *obligation.window_days)
            if due_by is None and obligation.owed in UNTIL_THE_CUSTOMER_HAS_IT:
                due_by = case.customer_deadline
            own = contract(rule, obligation.since, calendar, standstills=standstills, window=window)
            if not pulled:
                return own
            clock = contract(rule, obligation.since, calendar, standstills=standstills, window=window, due_by=due_by)
            given = _given(own, obligation.granted) if obligation.granted else clock
            return max(clock, given, key=lambda running: running.due)


def _given(clock: Running, granted: Granted) -> Running:
    given = clock.ending(granted.end or granted.until, granted.until)
    if granted.length is None or granted.measure is not given.measure or given.whole == granted.length:
        return given
    return clock.ending(later(clock.measure, clock.start, granted.length, clock.calendar))


def stands_still_until(case: Case, obligation: Obligation, now: datetime) -> datetime | None:
    """The end of the standstill its clock is in, if it is in one."""
    rule = case.plan.clock(obligation.owed, case.category)
    if isinstance(rule, LegalClock) or obligation.ending is not None:
        return None
    return next((ends for begins, ends in case.standstills(obligation) if begins <= now < ends), None)


def late_clock(case: Case, obligation: Obligation) -> LateClock | None:
    """What its lateness counts by; None for what is not late."""
    if obligation.late_since is None:
        return None
    clock = clock_of(case, obligation)
    still = clipped(clock.standstills, obligation.late_since)
    return LateClock(measure=clock.measure, hours_of=obligation.hours_of, still=still)


def late_by(case: Case, obligation: Obligation, now: datetime) -> int | None:
    """By how many seconds of its own measure it was late, counted until `now`."""
    clock, since = late_clock(case, obligation), obligation.late_since
    if clock is None or since is None:
        return None
    return int(clock.late_by(since, now, case.calendar(obligation.hours_of)).total_seconds())


def _set(case: Case, obligation: Obligation, clock: Running) -> None:
    if not obligation.opened:
        obligation.opens_at = clock.opens
    obligation.due = clock.due
    ladder = enumerate(case.plan.ladder(obligation.owed))
    rungs = [
        (place, rung)
        for place, rung in ladder
        if place not in obligation.taken and not (obligation.without_default and rung.does is RungDoes.DEFAULT)
    ]
    steps = [_step(case, obligation, place, rung, moment_of(rung, clock, obligation.since)) for place, rung in rungs]
    obligation.steps = sorted([*steps, *_duty(case, obligation), *_late(obligation, steps)], key=lambda step: step.at)


def moment_of(rung: Rung, clock: Running, since: datetime) -> datetime:
    """When a rung is climbed of something owed `since` on that clock."""
    if rung.after is not None:
        return clock.pushed(since + rung.after)
    if rung.days_late:
        return clock.pushed(working_days_after(clock.end, rung.days_late, clock.calendar))
    return clock.at(rung.percent)


def _step(case: Case, obligation: Obligation, place: int, rung: Rung, at: datetime) -> Step:
    role, unit = _person(case, obligation, rung.whom, rung.does)
    return Step(
        at=at,
        does=rung.does.value,
        whom=rung.whom,
        role=role,
        unit=unit,
        at_due=at >= obligation.due,
        rung=place,
        clause=rung.clause,
    )


def _duty(case: Case, obligation: Obligation) -> list[Step]:
    """The law's due time comes while the desk is closed: the HQ duty desk (值班) takes it over before that."""
    begins = obligation.due - case.plan.duty_before
    rule = case.plan.clock(obligation.owed, case.category)
    if not isinstance(rule, LegalClock) or obligation.unit == HQ or _DUTY_RUNG in obligation.taken:
        return []
    if case.calendar(obligation.hours_of).between(begins, obligation.due):
        return []
    return [Step(at=begins, does=DUTY, whom="hq_desk", role=Role.HQ_AGENT, unit=HQ, rung=_DUTY_RUNG)]


def _late(obligation: Obligation, steps: list[Step]) -> list[Step]:
    """It is late when it is due, also where the ladder has no rung there."""
    if obligation.late or obligation.owed in NOT_THE_NETWORKS_LATENESS or any(step.at == obligation.due for step in steps):
        return []
    return [Step(at=obligation.due, does=LATE, role=obligation.role, unit=obligation.unit, at_due=True, rung=_LATE_RUNG)]


def first_owed(case: Case, now: datetime) -> list[Obligation]:
    """What is owed from the moment of receipt, also when the process starts later: the clocks run from `received_at`."""
    intake, received = case.intake, case.intake.received_at
    owed = [] if intake.solved_on_spot else [(Owed.LEGAL_ANSWER, case.owner), (Owed.FIRST_CONTACT, case.handler)]
    if owed and case.category == "order_change":
        owed.append((Owed.ORDER_CHANGE, case.handler))
    armed = [arm(case, what, key=f"1:{what}:{unit}", unit=unit, since=received, now=now) for what, unit in owed]
    if intake.appeal_number is None:
        return armed
    return [*armed, _reply_to_the_authority(case, intake.appeal_number, intake.transferred_on, now)]


def _reply_to_the_authority(case: Case, appeal: str, transferred_on: date | None, now: datetime) -> Obligation:
    """The complaint came through 12305: the law counts from the day the authority passed it on."""
    calendar, owed = case.calendar(), Owed.REGULATOR_REPLY
    since = calendar.midnight(transferred_on or calendar.local_date(case.intake.received_at))
    reply = arm(case, owed, key=f"1:{owed}:{appeal}", unit=HQ, since=since, now=now)
    reply.about = appeal
    return reply


def _person(case: Case, obligation: Obligation, whom: str, does: str) -> tuple[Role, str]:
    """Whom a rung concerns. Work that is taken to HQ is the HQ desk's: a supervisor is told of it, and decides."""
    role, unit = _whom(case, obligation, whom)
    work = obligation.role in (Role.BRANCH_AGENT, Role.HQ_AGENT)
    return (Role.HQ_AGENT if does == RungDoes.REASSIGN and unit == HQ and work else role), unit


def _whom(case: Case, obligation: Obligation, whom: str) -> tuple[Role, str]:
    match whom:
        case "manager":
            return manager_of(obligation.unit), obligation.unit
        case "above":
            above = next(iter(case.ancestors(obligation.unit)), HQ)
            return manager_of(above), above
        case "hq_supervisor":
            return Role.HQ_SUPERVISOR, HQ
        case "hq_desk":
            return Role.HQ_AGENT, HQ
        case _ if obligation.role is Role.CUSTOMER:  # the handler reminds the customer
            return agent_of(case.handler), case.handler
        case _:
            return obligation.role, obligation.unit


def hand_over(case: Case, obligation: Obligation, unit: str, now: datetime, role: Role | None = None) -> None:
    """Another unit (or `role` in it) owes it now; since, due and lateness stay, what is left of the ladder looks at them.

    What stood still where it was stays so; from now on the clock stands still when the new unit is in an emergency.
    """
    if role is not None or obligation.role in (agent_of(obligation.unit), manager_of(obligation.unit)):
        obligation.role = role or (agent_of(unit) if obligation.role is agent_of(obligation.unit) else manager_of(unit))
    if unit != obligation.unit:
        obligation.held.append(Held(unit=obligation.unit, until=now))
    obligation.unit, obligation.sub = unit, None
    for step in obligation.steps:
        step.role, step.unit = _person(case, obligation, step.whom, step.does)
    wind(case, obligation, now)


def visit_window(case: Case, since: datetime, first_day: int, last_day: int) -> tuple[datetime, datetime]:
    """A visit's window: from 00:00 of its first day to 24:00 of its last; ending in a closure, on the next working day."""
    calendar = case.calendar()
    start = calendar.local_date(since).toordinal()
    last = date.fromordinal(start + last_day)
    if not calendar.is_working_day(last):
        last = calendar.working_day_after(last, 1)
    return calendar.midnight(date.fromordinal(start + first_day)), calendar.midnight(date.fromordinal(last.toordinal() + 1))
