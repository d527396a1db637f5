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

from domain.plan import CasePlan, UnitPlan
from domain.rulebook_problems import problems_of
from domain.rulebook_sections import Rulebook

__all__ = ["BrokenRulebook", "Rulebook", "content_hash", "plan_for", "read_rulebook"]


class BrokenRulebook(ValueError):
    """The document is not a rulebook anyone could work by; `problems` says all that is wrong, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_rulebook(document: object) -> Rulebook:
    """The rulebook in a parsed document; BrokenRulebook with every problem found, not just the first."""
    try:
        rulebook = Rulebook.model_validate(document)
    except ValidationError as broken:
        raise BrokenRulebook([_sentence(dict(error)) for error in broken.errors(include_url=False)]) from None
    if problems := list(problems_of(rulebook)):
        raise BrokenRulebook(problems)
    return rulebook


def content_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of what a document says, whatever the order of its keys or its comments."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_for(rulebook: Rulebook, *, hash: str, units: dict[str, UnitPlan]) -> CasePlan:  # noqa: A002 - the plan's own word
    """What a rulebook says for one complaint and the units named in it."""
    return rulebook.resolved.model_copy(update={"hash": hash, "units": dict(units)})


def _sentence(error: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]") or "rulebook"
    told = {"missing": "is missing", "extra_forbidden": "is not known here; is it misspelt?"}.get(error["type"])
    return f"{place} {told}" if told else f"{place}: {error['msg'][0].lower()}{error['msg'][1:]}"
