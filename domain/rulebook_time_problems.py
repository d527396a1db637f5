"""What can be wrong with a rulebook's time: clocks looser than the law, ladders that end in nobody, windows that never open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from domain.calendar import Calendar, minutes, zone_named
from domain.plan import LADDERS_ADDED_LATER, DaysEnd, DaysStart, Rung, RungDoes
from domain.rulebook_parts import Clock, Place, Problem, at
from domain.rulebook_sections import Desk, Rulebook, Visits
from domain.values import ClockKind, Measure, Owed, Role, Validity

LEGAL = {Owed.LEGAL_ANSWER: 7, Owed.REGULATOR_REPLY: 15}
"""Days the law itself gives (domain §3): a rulebook may be stricter, never looser."""
NEVER_DELAYED = frozenset(
    {Owed.FIRST_CONTACT, Owed.ORDER_CHANGE, Owed.PAYOUT, Owed.PROMISE, Owed.DELAY_DECISION, Owed.OBJECTION, *LEGAL}
)
"""What nobody may be given more time for (domain §2.2)."""
ALL_DAY = [("00:00", "24:00")]
ACTS_BY_RULE = frozenset(
    {
        Owed.STATEMENT,
        Owed.APPEAL,
        Owed.CUSTOMER_ANSWER,
        Owed.APPROVAL,
        Owed.RULING,
        Owed.APPEAL_DECISION,
        Owed.DELAY_DECISION,
        *(LADDERS_ADDED_LATER.keys() - {Owed.REPAYMENT}),
    }
)
"""Where silence has an answer of its own that a `default` rung can take."""


def problems_of_time(book: Rulebook) -> Iterator[Problem]:
    yield from _desk(book.desk)
    for owed in Owed:
        if owed not in book.clocks.obligations and owed not in LADDERS_ADDED_LATER:
            yield Problem(at("clocks.obligations", owed), " is missing: nobody would know when it is due")
    yield from _clocks(at("clocks.obligations"), book.clocks.obligations)
    for code, category in book.categories.codes.items():
        yield from _clocks(at("categories.codes", code, "clocks"), category.clocks)
    for what, clock in book.clocks.around.items():
        yield from _clock(at("clocks.around", what), None, clock)
    yield from _ladder(at("ladders.default"), None, book.ladders.default, book)
    for owed, rungs in book.ladders.special.items():
        yield from _ladder(at("ladders.special", owed), owed, rungs, book)
    for owed, delay in book.delays.obligations.items():
        if owed in NEVER_DELAYED:
            yield Problem(at("delays.obligations", owed), " is never delayed: nobody may give more time for it")
        elif delay.by is Role.BRANCH_MANAGER and (delay.times > 1 or delay.days > 1):
            yield Problem(at("delays.obligations", owed), ": a manager grants at most once and 1 working day")
    yield from _visits(book.visits)


def _desk(desk: Desk) -> Iterator[Problem]:
    try:
        zone_named(desk.timezone)
    except ValueError as wrong:
        yield Problem(at("desk.timezone"), f": {wrong}")
    for day, hours in desk.week.items():
        try:
            Calendar({day: hours or ALL_DAY})
        except ValueError as wrong:
            yield Problem(at("desk.week", day), f": {str(wrong).removeprefix(f'{day}: ')}")
    if not any(desk.week.values()):
        yield Problem(at("desk.week"), ": the desk is never open: the week has no hours")


def _clocks(place: Place, clocks: Mapping[Owed, Clock]) -> Iterator[Problem]:
    for owed, clock in clocks.items():
        yield from _clock((*place, owed.value), owed, clock)


def _clock(place: Place, owed: Owed | None, clock: Clock) -> Iterator[Problem]:
    in_days = clock.measure in (Measure.WORKING_DAYS, Measure.CALENDAR_DAYS)
    needs, foreign = ("days", "time") if in_days else ("time", "days")
    if getattr(clock, needs) is None:
        yield Problem(place, f" is measured in {clock.measure} and needs `{needs}`")
    if getattr(clock, foreign) is not None:
        yield Problem(place, f" is measured in {clock.measure} and cannot have `{foreign}`")
    if clock.time == timedelta(0):
        yield Problem(place, " gives no time at all: it would be late as soon as it is owed")
    if not in_days and (clock.starts is not DaysStart.AS_IS or clock.ends is not DaysEnd.DAY):
        yield Problem(place, f" is measured in {clock.measure}: `starts` and `ends` are for days")
    if owed not in LEGAL:
        if clock.kind == ClockKind.LEGAL:
            yield Problem(place, f" is no legal clock; the legal clocks are {', '.join(LEGAL)}")
        return
    if clock.kind != ClockKind.LEGAL or clock.measure not in (Measure.ELAPSED, Measure.CALENDAR_DAYS) or clock.at_least:
        yield Problem(place, " is the law's own: kind legal, measured in calendar_days or elapsed, without at_least")
    elif clock.starts is not DaysStart.AS_IS or clock.ends is DaysEnd.OPENING:
        yield Problem(place, " is looser than the law, whose days begin at once and end on the wall, not when a desk opens")
    elif timedelta(days=clock.days or 0) + (clock.time or timedelta(0)) > timedelta(days=LEGAL[owed]):
        yield Problem(place, f" is looser than the law, which gives {LEGAL[owed]} days")


def _ladder(place: Place, owed: Owed | None, rungs: tuple[Rung, ...], book: Rulebook) -> Iterator[Problem]:
    if not rungs:
        yield Problem(place, " has no rung: silence would have no end")
        return
    for number, rung in enumerate(rungs):
        yield from _rung((*place, number), owed, rung, book)
    climbs = [(number, rung.percent) for number, rung in enumerate(rungs) if rung.after is None and not rung.days_late]
    for (_, below), (number, percent) in pairwise(climbs):
        if percent < below:
            yield Problem((*place, number), f" is out of order: at {percent} percent, after a rung at {below}")
    if rungs[-1].does is RungDoes.REMIND:
        yield Problem((*place, len(rungs) - 1), " ends in nobody: the last rung tells somebody above the holder, or acts")
    elif not any(_reaches(rung) for rung in rungs):
        yield Problem(place, " ends in nobody: once it is late, no rung tells anybody above the holder or acts")


def _reaches(rung: Rung) -> bool:
    late = rung.percent >= 100 or rung.days_late > 0
    return late and rung.after is None and rung.does is not RungDoes.REMIND


def _rung(place: Place, owed: Owed | None, rung: Rung, book: Rulebook) -> Iterator[Problem]:
    if not 0 < rung.percent <= 1000 or not 0 <= rung.days_late <= 365:
        yield Problem(place, ": a rung is at 1 to 1000 percent of the clock, or up to 365 working days late")
    if rung.after is not None and not timedelta(0) < rung.after <= timedelta(days=365):
        yield Problem(place, ": `after` is more than nothing and at most a year")
    if (rung.percent != 100) + bool(rung.days_late) + (rung.after is not None) > 1:
        yield Problem(place, " is at one time only: `percent`, `days_late` or `after`")
    if rung.does in (RungDoes.TELL, RungDoes.REASSIGN) and rung.whom == "holder":
        yield Problem(place, f": `{rung.does}` needs a `whom` above the holder; to the holder it is `remind`")
    if rung.does is RungDoes.REMIND and rung.whom != "holder":
        yield Problem(place, f": the holder is reminded; to the {rung.whom} it is `tell`")
    if rung.does is RungDoes.DEFAULT and owed not in ACTS_BY_RULE:
        yield Problem(place, f" acts by default, but there is no default for {owed or 'whatever has no ladder of its own'}")
    if rung.does is RungDoes.PENALTY:
        yield from _lateness(place, rung, book)
    elif rung.clause is not None:
        yield Problem(place, " names a clause, which only a `penalty` has")


def _lateness(place: Place, rung: Rung, book: Rulebook) -> Iterator[Problem]:
    if rung.clause is None:
        yield Problem(place, " opens a penalty and names no clause")
    elif rung.clause not in book.penalties.clauses:
        yield Problem(place, f" names clause {rung.clause}, which does not exist")
    if rung.percent < 100 or rung.after is not None:
        yield Problem(place, " opens a penalty for lateness before anything is late")


def _visits(visits: Visits) -> Iterator[Problem]:
    place = at("visits")
    if visits.first_from > visits.first_to or visits.second_from > visits.second_to:
        yield Problem(place, ": a window ends before it begins")
    if missing := [validity.value for validity in Validity if validity not in visits.count]:
        yield Problem((*place, "count"), f" does not say {', '.join(missing)}")
    try:
        if minutes(visits.hours[0]) >= minutes(visits.hours[1]) or minutes(visits.evening_from) >= minutes(visits.hours[1]):
            yield Problem(place, ": hours end before they, or the evening, begin")
    except ValueError as wrong:
        yield Problem(place, f": {wrong}")
    orders = [(tier.severity.rank, tier.from_amount) for tier in visits.tiers]
    if orders != sorted(set(orders)):
        yield Problem((*place, "tiers"), " are out of order, or one stands twice: they climb by severity, then by amount")
