"""What stops no rulebook, and should still be looked at: sources nobody checked, holidays nobody knows yet."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from domain.rulebook_parts import Later, Problem, Sourced, at
from domain.rulebook_problems import parts
from domain.rulebook_sections import Rulebook

AHEAD = timedelta(days=400)
"""How far a complaint's calendar looks."""


def warnings_of(book: Rulebook, known_years: Collection[int] | None) -> Iterator[Problem]:
    """Every warning, with its place; `known_years` are those whose holidays are known, None does not look at them."""
    yield from _unverified(book)
    if not book.next_doors.doors:
        yield Problem(at("next_doors"), " names nowhere to go: final responses say it in the shipped words, which nobody checked")
    if known_years is not None:
        yield from _unknown_years(book.effective, known_years)


def _unverified(book: Rulebook) -> Iterator[Problem]:
    resting: dict[str, list[str]] = {}
    for place, part in parts(book):
        if source := getattr(part, "source", None):
            resting.setdefault(source, []).append(".".join(map(str, place)))
    for code, source in book.sources.items():
        if not source.verified and (places := resting.get(code)):
            more = f" and {len(places) - 1} more rest" if len(places) > 1 else " rests"
            yield Problem(at("sources", code), f" is not verified: {places[0]}{more} on a text nobody checked")
    verified = {code for code, source in book.sources.items() if source.verified}
    for name in type(book).model_fields:
        section = getattr(book, name)
        if isinstance(section, (Sourced, Later)) and section.source in verified and not section.verified:
            yield Problem(at(name), f" is not verified: nobody compared it with its source, {section.source}")


def _unknown_years(effective: date, known: Collection[int]) -> Iterator[Problem]:
    until = min(effective, date.max - AHEAD) + AHEAD
    needed = range(effective.year, until.year + 1)
    if missing := [str(year) for year in needed if year not in known]:
        says = f": the public holidays of {', '.join(missing)} are not known yet; there the week alone applies"
        yield Problem(at("effective"), says)
