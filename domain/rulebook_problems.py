"""What can be wrong with a rulebook whose every field is well-formed: names that lead nowhere, sums that do not add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Literal

from domain.compensation import SCHEDULES
from domain.plan import Frozen
from domain.reckoning import yuan
from domain.rulebook_parts import Place, Problem, at
from domain.rulebook_sections import BANDS, Limits, Rulebook
from domain.rulebook_time_problems import problems_of_time
from domain.values import HQ_ROLES, STAFF_ROLES, Party, Severity, Validity

LANGUAGES: tuple[Literal["zh"], Literal["en"]] = ("zh", "en")


def problems_of(book: Rulebook) -> Iterator[Problem]:
    """Every problem, with its place in the document."""
    yield from _unlabelled(book)
    yield from _unsourced(book)
    yield from _references(book)
    yield from problems_of_time(book)
    yield from _limits(book.limits)
    yield from _sums(book)
    yield from _guard(book)
    yield from _scores(book)
    yield from _people(book)


def _unlabelled(book: Rulebook) -> Iterator[Problem]:
    """Whatever people read is said in both languages."""
    for place, part in parts(book):
        if not isinstance(part, Mapping) or not set(part) <= {"zh", "en"}:
            continue
        named = bool(place) and place[-1] in ("labels", "text")
        what = "wording: a letter is worded in both languages or in none" if "wordings" in place else "label"
        said = {language for language, text in part.items() if not isinstance(text, str) or text.strip()}
        for language in sorted({"zh", "en"} - said) if part or named else ():
            yield Problem(place[:-1] if named else place, f" has no {language} {what}")


def parts(part: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Everything in a rulebook, with its place."""
    yield place, part
    inside: Iterator[tuple[str | int, object]]
    match part:
        case Mapping():
            inside = ((str(key), value) for key, value in part.items())
        case Frozen():
            inside = ((name, getattr(part, name)) for name in type(part).model_fields)
        case tuple() | list():
            inside = iter(enumerate(part))
        case _:
            return
    for key, value in inside:
        yield from parts(value, (*place, key))


def _unsourced(book: Rulebook) -> Iterator[Problem]:
    for place, part in parts(book):
        if isinstance(part, Frozen) and (source := getattr(part, "source", None)) and source not in book.sources:
            yield Problem((*place, "source"), f" {source!r} is not one of the rulebook's sources")


def _references(book: Rulebook) -> Iterator[Problem]:
    clauses, causes = book.penalties.clauses, book.causes.codes
    if not book.categories.codes:
        yield Problem(at("categories.codes"), " is empty: nobody could complain about anything")
    for code, category in book.categories.codes.items():
        place = at("categories.codes", code)
        if category.default_cause not in causes:
            yield Problem((*place, "default_cause"), f" {category.default_cause!r} is not a cause of the liability matrix")
        elif causes[category.default_cause].validity is Validity.EFFECTIVE and not causes[category.default_cause].clauses:
            yield Problem(
                (*place, "default_cause"), f" {category.default_cause!r} names no clause: HQ could not rule on the category"
            )
        if category.schedule not in SCHEDULES:
            yield Problem((*place, "schedule"), f" {category.schedule!r} is unknown; the schedules are {', '.join(SCHEDULES)}")
    for code, cause in causes.items():
        place = at("causes.codes", code)
        for clause in cause.clauses:
            if cause.clauses.count(clause) > 1:
                yield Problem((*place, "clauses"), f" names clause {clause} more than once")
            if clause not in clauses:
                yield Problem((*place, "clauses"), f" names clause {clause}, which does not exist")
        if cause.clauses and cause.validity != Validity.EFFECTIVE:
            yield Problem(place, f" is {cause.validity} and still names a penalty clause")
        if Party.BRANCH in cause.shares:
            yield Problem((*place, "shares"), " shares with a `branch`, but only findings can say which one")


def _limits(limits: Limits) -> Iterator[Problem]:
    """Every amount has one approver: none has two, and none has nobody."""
    place = at("limits")
    if limits.bands:
        yield from _bands((*place, "bands"), limits)
        return
    if missing := [name for name in ("computed_free", "manager") if getattr(limits, name) is None]:
        yield Problem(place, f" leaves a gap in who approves what: it does not say {' and '.join(missing)}")
    elif limits.free > limits.managers:
        both = f"{yuan(limits.managers)} to {yuan(limits.free)}"
        yield Problem(place, f" are out of order: they overlap, {both} would be free and above the manager's limit at once")
    elif limits.goodwill_free > limits.free:
        yield Problem(place, " are out of order: goodwill_free, computed_free, manager must not fall")


def _bands(place: Place, limits: Limits) -> Iterator[Problem]:
    bands = limits.bands
    if limits.computed_free is not None or limits.manager is not None:
        yield Problem(place, " says the limits twice: give `bands`, or `computed_free` and `manager`")
    if tuple(band.by for band in bands) != BANDS:
        yield Problem(place, f" are out of order: one band each for {', '.join(BANDS)}")
        return
    if bands[0].from_amount:
        yield Problem((*place, 0), f" leaves a gap: nobody says who approves below {yuan(bands[0].from_amount)}")
    for number, (lower, upper) in enumerate(pairwise(bands), start=1):
        end = lower.up_to if lower.up_to is not None else upper.from_amount
        if end < lower.from_amount or lower.up_to is None:
            yield Problem((*place, number - 1), " ends before it begins, or not at all")
        elif upper.from_amount > end + 1:
            yield Problem((*place, number), f" leaves a gap: nobody approves {yuan(end + 1)} to {yuan(upper.from_amount - 1)}")
        elif upper.from_amount <= end:
            both = f"{yuan(upper.from_amount)} to {yuan(end)}"
            yield Problem((*place, number), f" overlaps: {both} would be for both {lower.by} and {upper.by}")
    if bands[-1].up_to is not None:
        yield Problem((*place, len(bands) - 1), f" leaves a gap: nobody approves more than {yuan(bands[-1].up_to)}")
    if limits.goodwill_free > limits.free:
        yield Problem(place, " are out of order: goodwill_free is above what is free when computed")


def _sums(book: Rulebook) -> Iterator[Problem]:
    for code, cause in book.causes.codes.items():
        if (total := sum(cause.shares.values())) != 100:
            yield Problem(at("causes.codes", code, "shares"), f": shares add up to {total}, not 100")
    if book.compensation.cap.floor > book.compensation.cap.ceiling:
        yield Problem(at("compensation.cap"), ": the floor is above the ceiling")
    if book.compensation.total_delay_days_same_region > book.compensation.total_delay_days:
        yield Problem(at("compensation"), ": a delay within a region cannot be a loss later than one beyond it")
    multipliers = book.penalties.multipliers
    if missing := [severity.value for severity in Severity if severity not in multipliers]:
        yield Problem(at("penalties.multipliers"), f" does not say {', '.join(missing)}")
    elif list(climbs := [multipliers[severity] for severity in Severity]) != sorted(climbs):
        yield Problem(at("penalties.multipliers"), " fall as severity climbs")
    if book.promises.quote_from > book.promises.quote_to:
        yield Problem(at("promises"), ": quote_from is above quote_to")


def _guard(book: Rulebook) -> Iterator[Problem]:
    for code in book.phrases.lists:
        for language in LANGUAGES:
            said = Counter(phrase.casefold() for phrase in book.phrases.of(language)[code])
            if not said:
                yield Problem(at("phrases.lists", code), f" has no {language} phrase")
            for phrase, times in said.items():
                if times > 1:
                    yield Problem(at("phrases.lists", code, language), f" says {phrase!r} {times} times")


def _scores(book: Rulebook) -> Iterator[Problem]:
    scoring = book.scoring
    if (total := sum(part.points for part in scoring.parts.values())) != scoring.points:
        yield Problem(at("scoring.points"), f": the parts add up to {total}, not {scoring.points}")
    if scoring.appraisal and (total := sum(part.weight for part in scoring.appraisal.values())) != 100:
        yield Problem(at("scoring.appraisal"), f": weights add up to {total}, not 100")
    for code, target in scoring.targets.items():
        if (target.at_least is None) == (target.below is None):
            yield Problem(at("scoring.targets", code), " is either `at_least` or `below`")


def _people(book: Rulebook) -> Iterator[Problem]:
    for code, reason in book.pauses.reasons.items():
        if strangers := sorted(set(reason.by) - STAFF_ROLES):
            yield Problem(at("pauses.reasons", code, "by"), f" names {', '.join(strangers)}, who cannot decide anything")
        if reason.longest > book.pauses.longest:
            yield Problem(at("pauses.reasons", code, "longest"), " is longer than any pause may be (pauses.longest)")
    if (sheet := book.sign_off.penalty_sheet) is not None:
        if sheet.drafted_by == sheet.signed_by:
            yield Problem(at("sign_off.penalty_sheet.signed_by"), " also drafts it: who signs is somebody else")
        for name in ("drafted_by", "signed_by", "executed_by"):
            if (role := getattr(sheet, name)) is not None and role not in HQ_ROLES:
                yield Problem(at("sign_off.penalty_sheet", name), f" {role} is not of HQ")
    if book.sign_off.rulebook.approved_by not in HQ_ROLES:
        yield Problem(at("sign_off.rulebook.approved_by"), f" {book.sign_off.rulebook.approved_by} is not of HQ")
