"""A rulebook somebody brings, examined as a whole: the document, and the letters it words itself. Nothing is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from fastapi import Request

from adapters.letters import problems_of_wordings
from api.errors import BadInput, Problem
from domain.rulebook import Problem as Wrong
from domain.rulebook import read_rulebook
from store import calendars
from store.rulebook_text import Checked, check

_LINE = re.compile(r"line (\d+): (.+)", re.DOTALL)


def examine(source: str | bytes, known_years: Collection[int] | None = None) -> Checked:
    """Everything wrong with it at once, and what to look at again. Slow for a large one: call it in a thread.

    `known_years` are those whose public holidays the network's calendar knows; None stands for the shipped calendar.
    """
    return check(source, known_years=calendars.years_known() if known_years is None else known_years, besides=_letters)


def effective_from(found: Checked, day: date) -> Checked:
    """The same document from another day; BrokenRulebook where that contradicts it."""
    document = found.document | {"effective": day.isoformat()}
    return replace(found, document=document, rulebook=read_rulebook(document))


async def source_of(request: Request) -> bytes:
    """The document a request brings: YAML, or JSON, whose lines are then counted as written out with an indent of two."""
    body = await request.body()
    if "json" not in request.headers.get("content-type", ""):
        return body
    try:
        said = json.loads(body, object_pairs_hook=_once, parse_constant=_refused)
        return json.dumps(said, ensure_ascii=False, indent=2).encode()
    except (ValueError, RecursionError) as wrong:
        raise BadInput(f"The body is not plain JSON: {wrong}.", "body") from None


def unsound(problems: Iterable[str]) -> Problem:
    """422, with every problem and its line."""
    errors = [
        {"field": "document" if one["line"] is None else f"line {one['line']}", "detail": str(one["detail"])}
        for one in lines(problems)
    ]
    told = "; ".join(f"{error['field']}: {error['detail']}" for error in errors[:3]) + (" …" if len(errors) > 3 else "")
    return Problem(f"This is no rulebook anybody could work by. {told}", status=422, kind="BrokenRulebook", errors=errors)


def lines(sentences: Iterable[str]) -> list[dict[str, Any]]:
    """Sentences, each with the line it is about where it names one."""
    found = ((_LINE.fullmatch(sentence), sentence) for sentence in sentences)
    return [{"line": int(at[1]) if at else None, "detail": at[2] if at else sentence} for at, sentence in found]


def _letters(document: dict[str, Any]) -> Iterator[Wrong]:
    for sentence in problems_of_wordings(document):
        place, _, says = sentence.partition(": ")
        yield Wrong(tuple(place.split(".")), f": {says}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, value in pairs:
        if key in said:
            raise ValueError(f"{key!r} is said twice")
        said[key] = value
    return said


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")
