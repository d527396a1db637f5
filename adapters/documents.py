"""Documents a customer can print and keep: the final response (最终答复), as HTML from `rulebooks/documents/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

import rulebooks
from adapters.letters import money, when
from domain.rulebook_parts import Labels

DOCUMENTS = Path(rulebooks.__path__[0]) / "documents"
_INSIDE = frozenset({"proposed"})
"""Steps of a reckoning that are the house's own affair."""


@dataclass(frozen=True)
class FinalResponse:
    """What the letter says: to whom, about what, the reasons in words, how the sum was reckoned (fen), and what was paid."""

    number: str
    waybill: str | None
    name: str
    about: str
    asked_for: str | None
    told_at: datetime
    words: str
    steps: Sequence[dict[str, Any]]
    computed: int
    paid: int
    zone: str
    doors: Sequence[Labels] = ()
    """Where to go next, by language; without any, in the letter's own words."""


class Documents:
    def __init__(self, folder: Path = DOCUMENTS) -> None:
        self._desks = {language: _environment(folder / language, language) for language in ("zh", "en")}

    def final_response(self, said: FinalResponse, language: str) -> bytes:
        """The letter in the customer's language (Chinese for one we do not speak); the same facts make the same bytes."""
        spoken = language if language in self._desks else "zh"
        steps = [step | {"text": step["text"][spoken]} for step in said.steps if step["rule"] not in _INSIDE]
        doors = [door["en" if spoken == "en" else "zh"] for door in said.doors]
        return self._desks[spoken].get_template("final_response.html.j2").render(said=said, steps=steps, doors=doors).encode()


def _environment(folder: Path, language: str) -> ImmutableSandboxedEnvironment:
    desk = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=True
    )
    desk.filters.update(money=money, day=lambda moment, zone: when(moment, language, zone))
    return desk
