"""What can be wrong with a rulebook whose every field is well-formed: names that lead nowhere, sums that do not add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from domain.calendar import Calendar, minutes
from domain.compensation import SCHEDULES
from domain.plan import Frozen, Rung, RungDoes
from domain.rulebook_sections import Clock, Labels, Rulebook, Visits
from domain.values import ClockKind, Measure, Owed, Party, Severity, Validity

LEGAL = {Owed.LEGAL_ANSWER: 7, Owed.REGULATOR_REPLY: 15}
"""Days the law itself gives (domain §3): a rulebook may be stricter, never looser."""


def problems_of(book: Rulebook) -> Iterator[str]:
    """Every problem, one sentence each."""
    yield from _unlabelled(book)
    yield from _unsourced(book)
    yield from _references(book)
    yield from _desk(book)
    for owed in Owed:
        if owed not in book.clocks.obligations:
            yield f"clocks.obligations.{owed} is missing: nobody would know when it is due"
    for owed, clock in book.clocks.obligations.items():
        yield from _clock(f"clocks.obligations.{owed}", owed, clock)
    for code, category in book.categories.codes.items():
        for owed, clock in category.clocks.items():
            yield from _clock(f"categories.codes.{code}.clocks.{owed}", owed, clock)
    yield from _ladder("ladders.default", book.ladders.default)
    for owed, rungs in book.ladders.special.items():
        yield from _ladder(f"ladders.special.{owed}", rungs)
    yield from _sums(book)
    yield from _visits(book.visits)


def _unlabelled(book: Rulebook) -> Iterator[str]:
    labelled: list[tuple[str, Labels]] = [(f"sources.{code}", source.labels) for code, source in book.sources.items()]
    labelled += [(f"categories.codes.{code}", rule.labels) for code, rule in book.categories.codes.items()]
    labelled += [(f"causes.codes.{code}", rule.labels) for code, rule in book.causes.codes.items()]
    labelled += [(f"penalties.clauses.{code}", rule.text) for code, rule in book.penalties.clauses.items()]
    for place, labels in labelled:
        for language in sorted({"zh", "en"} - set(labels)):
            yield f"{place} has no {language} label"


def _unsourced(book: Rulebook) -> Iterator[str]:
    def named(place: str, part: object) -> Iterator[tuple[str, str]]:
        if isinstance(part, Mapping):
            for key, value in part.items():
                yield from named(f"{place}.{key}", value)
        elif isinstance(part, Frozen):
            if source := getattr(part, "source", None):
                yield place, source
            for name in type(part).model_fields:
                yield from named(f"{place}.{name}" if place else name, getattr(part, name))

    for place, source in named("", book):
        if source not in book.sources:
            yield f"{place}.source {source!r} is not one of the rulebook's sources"


def _references(book: Rulebook) -> Iterator[str]:
    if not book.categories.codes:
        yield "categories.codes is empty: nobody could complain about anything"
    for code, category in book.categories.codes.items():
        if category.default_cause not in book.causes.codes:
            yield f"categories.codes.{code}.default_cause {category.default_cause!r} is not a cause of the liability matrix"
        if category.schedule not in SCHEDULES:
            yield f"categories.codes.{code}.schedule {category.schedule!r} is unknown; the schedules are {', '.join(SCHEDULES)}"
    for code, cause in book.causes.codes.items():
        for clause in cause.clauses:
            if clause not in book.penalties.clauses:
                yield f"causes.codes.{code} names clause {clause}, which does not exist"
        if cause.clauses and cause.validity != Validity.EFFECTIVE:
            yield f"causes.codes.{code} is {cause.validity} and still names a penalty clause"
        if Party.BRANCH in cause.shares:
            yield f"causes.codes.{code} shares with a `branch`, but only findings can say which one"


def _desk(book: Rulebook) -> Iterator[str]:
    try:
        Calendar(book.desk.week, tz=book.desk.timezone)
    except ValueError as wrong:
        yield f"desk: {wrong}"


def _clock(place: str, owed: Owed, clock: Clock) -> Iterator[str]:
    in_days = clock.measure in (Measure.WORKING_DAYS, Measure.CALENDAR_DAYS)
    if (clock.days is None) if in_days else (clock.time is None):
        yield f"{place} is measured in {clock.measure} and needs `{'days' if in_days else 'time'}`"
    if (clock.time is not None) if in_days else (clock.days is not None):
        yield f"{place} is measured in {clock.measure} and cannot have `{'time' if in_days else 'days'}`"
    if owed not in LEGAL:
        if clock.kind == ClockKind.LEGAL:
            yield f"{place} is no legal clock; the legal clocks are {', '.join(LEGAL)}"
        return
    if clock.kind != ClockKind.LEGAL or clock.measure not in (Measure.ELAPSED, Measure.CALENDAR_DAYS) or clock.at_least:
        yield f"{place} is the law's own: kind legal, measured in calendar_days or elapsed, without at_least"
    elif timedelta(days=clock.days or 0) + (clock.time or timedelta(0)) > timedelta(days=LEGAL[owed]):
        yield f"{place} is looser than the law, which gives {LEGAL[owed]} days"


def _ladder(place: str, rungs: tuple[Rung, ...]) -> Iterator[str]:
    if not rungs:
        yield f"{place} has no rung: silence would have no end"
    for rung in rungs:
        if not 0 < rung.percent <= 1000 or not 0 <= rung.days_late <= 365:
            yield f"{place}: a rung is at 1 to 1000 percent of the clock, or up to 365 working days late"
        if rung.does == RungDoes.TELL and rung.whom == "holder":
            yield f"{place}: `tell` needs a `whom` above the holder; to the holder it is `remind`"
        if rung.after is not None and not timedelta(0) < rung.after <= timedelta(days=365):
            yield f"{place}: `after` is more than nothing and at most a year"


def _sums(book: Rulebook) -> Iterator[str]:
    for code, cause in book.causes.codes.items():
        if (total := sum(cause.shares.values())) != 100:
            yield f"causes.codes.{code}: shares add up to {total}, not 100"
    if not book.limits.goodwill_free <= book.limits.computed_free <= book.limits.manager:
        yield "limits are out of order: goodwill_free, computed_free, manager must not fall"
    if book.compensation.cap.floor > book.compensation.cap.ceiling:
        yield "compensation.cap: the floor is above the ceiling"
    if book.compensation.total_delay_days_same_region > book.compensation.total_delay_days:
        yield "compensation: a delay within a region cannot be a loss later than one beyond it"
    if missing := [severity.value for severity in Severity if severity not in book.penalties.multipliers]:
        yield f"penalties.multipliers does not say {', '.join(missing)}"
    elif list(climbs := [book.penalties.multipliers[severity] for severity in Severity]) != sorted(climbs):
        yield "penalties.multipliers fall as severity climbs"


def _visits(visits: Visits) -> Iterator[str]:
    if visits.first_from > visits.first_to or visits.second_from > visits.second_to:
        yield "visits: a window ends before it begins"
    if missing := [validity.value for validity in Validity if validity not in visits.count]:
        yield f"visits.count does not say {', '.join(missing)}"
    try:
        if minutes(visits.hours[0]) >= minutes(visits.hours[1]) or minutes(visits.evening_from) >= minutes(visits.hours[1]):
            yield "visits: hours end before they, or the evening, begin"
    except ValueError as wrong:
        yield f"visits: {wrong}"
