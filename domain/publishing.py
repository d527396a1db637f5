"""How a rulebook comes to be published: drafter, reviewer and approver, three people, each of whom confirmed this content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.errors import NotPermitted, RuleBroken
from domain.values import HQ_ROLES, Role


class AlreadyPublished(RuleBroken):
    """The version exists; a published rulebook is never changed."""


class AnotherContent(RuleBroken):
    """What the person read is not what the draft says now."""


class NotThreePeople(RuleBroken):
    """One person may not confirm for two."""


class ConfirmedAlready(RuleBroken):
    """Somebody else has done this part."""


class Part(StrEnum):
    """What one of the three does, in the order they do it."""

    DRAFTER = "drafter"
    REVIEWER = "reviewer"
    APPROVER = "approver"


HQ = HQ_ROLES - {Role.AUDITOR}
WHO = {Part.DRAFTER: HQ, Part.REVIEWER: HQ, Part.APPROVER: frozenset({Role.HQ_SUPERVISOR})}
"""Who may do which part (the contract: an HQ supervisor and two others of HQ; an auditor changes nothing)."""


@dataclass(frozen=True)
class Confirmation:
    """One person's word that this content is what they want to be in force."""

    part: Part
    by: str
    at: datetime


@dataclass(frozen=True)
class Draft:
    """A version on its way. A changed document is another revision, which nobody has confirmed but its drafter."""

    version: str
    revision: int
    hash: str
    effective: date
    note: str
    document: dict[str, Any]
    confirmations: tuple[Confirmation, ...] = ()

    def by(self, part: Part) -> str | None:
        return next((done.by for done in self.confirmations if done.part is part), None)

    def part_of(self, sub: str) -> Part | None:
        """What this person has confirmed it as."""
        return next((done.part for done in self.confirmations if done.by == sub), None)

    @property
    def waits_for(self) -> list[Part]:
        return [part for part in Part if self.by(part) is None]

    def check(self, part: Part, sub: str, *, hash: str | None = None) -> None:
        """Raises unless `sub` may confirm it as `part`; `hash` is the content they read, as far as they say."""
        if hash is not None and hash != self.hash:
            raise AnotherContent(f"The draft of {self.version} has been changed since: it is {self.hash} now. Read it again.")
        if (done := self.part_of(sub)) not in (None, part):
            raise NotThreePeople(
                f"Drafter, reviewer and approver are three people; {sub} has confirmed {self.version} as its {done} already."
            )
        if (other := self.by(part)) not in (None, sub):
            raise ConfirmedAlready(f"{other} has confirmed {self.version} as its {part} already.")


def check_role(part: Part, roles: frozenset[Role]) -> None:
    """Raises `NotPermitted` unless one of these roles may do the part."""
    if not roles & WHO[part]:
        raise NotPermitted(f"The {part} of a rulebook is one of {', '.join(sorted(WHO[part]))}.")
