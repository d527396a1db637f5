"""The rulebook: one document that holds every number and name the house goes by, checked as a whole before it is used.

A document is parsed elsewhere (YAML is I/O); here a plain dict becomes a `Rulebook`, or a `BrokenRulebook` that lists everything
wrong with it in sentences. `plan_for` resolves it into the `CasePlan` that one complaint keeps for life.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from domain.plan import EDITION, CasePlan, UnitPlan
from domain.rulebook_parts import Place, Problem
from domain.rulebook_problems import problems_of
from domain.rulebook_sections import Rulebook
from domain.rulebook_warnings import warnings_of

__all__ = [
    "BrokenRulebook", "Place", "Problem", "Rulebook", "content_hash", "inspect", "plan_for", "read_rulebook", "warnings_of"
]  # fmt: skip


class BrokenRulebook(ValueError):
    """The document is not a rulebook anyone could work by; `problems` says all that is wrong, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def inspect(document: object) -> tuple[Rulebook | None, list[Problem]]:
    """The rulebook in a parsed document, and everything that is wrong with it; no rulebook where a field is ill-formed."""
    try:
        rulebook = Rulebook.model_validate(document)
    except ValidationError as broken:
        return None, [_problem(dict(error)) for error in broken.errors(include_url=False, include_context=False)]
    return rulebook, list(problems_of(rulebook))


def read_rulebook(document: object) -> Rulebook:
    """The rulebook in a parsed document; BrokenRulebook with every problem found, not just the first."""
    rulebook, problems = inspect(document)
    if rulebook is None or problems:
        raise BrokenRulebook([str(problem) for problem in problems])
    return rulebook


def content_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of what a document says, whatever the order of its keys or its comments."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_for(rulebook: Rulebook, *, hash: str, units: dict[str, UnitPlan]) -> CasePlan:
    """What a rulebook says for one complaint and the units named in it."""
    return rulebook.resolved.model_copy(update={"hash": hash, "edition": EDITION, "units": dict(units)})


def _problem(error: dict[str, Any]) -> Problem:
    place = tuple(part for part in error["loc"] if part != "[key]")
    match error["type"]:
        case "missing":
            return Problem(place, " is missing")
        case "extra_forbidden":
            return Problem(place, " is not known here; is it misspelt?")
        case "enum" | "literal_error":
            return Problem(place, f": {_short(error['input'])} does not exist; it is {error['msg'].partition(' be ')[2]}")
        case _:
            says = error["msg"].removeprefix("Value error, ")
            return Problem(place, f": {says[0].lower()}{says[1:]}")


def _short(said: object) -> str:
    text = repr(said)
    return text if len(text) <= 60 else f"{text[:57]}…"
