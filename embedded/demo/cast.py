"""Who plays in the demo, and what an act of theirs is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

from domain.labels import label
from domain.values import HQ_ROLES, Role

UNITS = {"hq": "HQ", "135-origin": "Branch 135", "hub-dongguan": "Dongguan hub"}
"""Units whose code is not their name."""


def unit_name(code: str) -> str:
    return UNITS.get(code, code.title())


@dataclass(frozen=True)
class Person:
    """Somebody of a unit, by role; `which` tells colleagues apart, since not everybody may do everything."""

    role: Role
    unit: str = "hq"
    which: int = 1

    @property
    def sub(self) -> str:
        return f"{self.role}@{self.unit}" + (f".{self.which}" if self.which > 1 else "")

    @property
    def name(self) -> str:
        return role_name(self.role, self.unit).replace("the", "another", 1 if self.which > 1 else 0)


def role_name(role: Role, unit: str) -> str:
    words = label(role, "en")
    return words if role is Role.FINANCE else f"the {words}" if role in HQ_ROLES else f"the {unit_name(unit)} {words}"


def agent(unit: str, which: int = 1) -> Person:
    return Person(Role.BRANCH_AGENT, unit, which)


def manager(unit: str) -> Person:
    return Person(Role.BRANCH_MANAGER, unit)


HQ_DESK, HQ_VISITOR = Person(Role.HQ_AGENT), Person(Role.HQ_AGENT, which=2)
REVIEWER, SUPERVISOR, FINANCE = Person(Role.HQ_REVIEWER), Person(Role.HQ_SUPERVISOR), Person(Role.FINANCE)
OPERATOR, AUDITOR = Person(Role.OPERATOR), Person(Role.AUDITOR)


@dataclass(frozen=True)
class Act:
    """What somebody does on a cue.

    The cue is an event's name, or `round:obligation` for what the actor's unit owes; the act follows `after` so much time
    with the desk open, or `later` by the wall. `does` is the route below the complaint, `review/…` below its penalty review;
    `{query}` stands for the question the actor's unit was asked. `says` is its gist in English, `told` whether a handbook
    tells it; everything else is played.
    """

    cue: str
    who: Person
    does: str
    says: str
    body: dict[str, Any]
    after: timedelta = timedelta(0)
    later: timedelta | None = None
    told: bool = False


@dataclass(frozen=True)
class Story:
    """A case file and who answers what in it. What nobody answers here is answered by silence, and the rules go on."""

    file: str
    title: str
    opening: str
    taken_by: Person
    acts: tuple[Act, ...]

    @property
    def case(self) -> dict[str, Any]:
        held: dict[str, Any] = json.loads((files("embedded.demo") / "cases" / f"{self.file}.json").read_text("utf-8"))
        return held

    @property
    def told(self) -> bool:
        """Whether a handbook tells the beginning."""
        return not self.case["source"].startswith("invented")
