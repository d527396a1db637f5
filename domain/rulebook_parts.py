"""What the sections of a rulebook are made of: names and labels, bounded numbers, where they come from, and the clock.

Sums are fen, shares percent, durations ISO 8601.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, NamedTuple, TypeAlias

from pydantic import Field

from domain.plan import ClockRule, ContractClock, DaysEnd, DaysStart, Frozen, LegalClock
from domain.values import ClockKind, Measure

Code = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,40}$")]
Labels = dict[Literal["zh", "en"], Annotated[str, Field(min_length=1, max_length=500)]]
Positive = Annotated[int, Field(strict=True, gt=0, le=100_000_000_00)]
Amount = Annotated[int, Field(strict=True, ge=0, le=100_000_000_00)]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
Percent = Annotated[int, Field(strict=True, ge=0, le=100)]
Times = Annotated[int, Field(strict=True, ge=1, le=100)]
Duration = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=365))]


Place: TypeAlias = tuple[str | int, ...]
"""Where in the document: the keys and positions from the top."""


def at(section: str, *keys: str) -> Place:
    """The place of a section, written with dots, and of what is under it."""
    return (*section.split("."), *(str(key) for key in keys))


class Problem(NamedTuple):
    """What is wrong at a place of the document; `says` goes on where the place ends."""

    place: Place
    says: str

    def __str__(self) -> str:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place).lstrip(".")
        return f"{where or 'the rulebook'}{self.says}"


class Sourced(Frozen):
    """A section: the key of its source, and whether somebody checked the primary text."""

    source: str
    verified: bool = False


class Later(Frozen):
    """A section that documents of 0.1.0 do not have: left out, it says nothing."""

    source: str | None = None
    verified: bool = False


class Source(Frozen):
    labels: Labels
    verified: bool = False


class Clock(Frozen):
    measure: Measure
    time: Duration | None = None
    days: Annotated[int, Field(strict=True, ge=0, le=3650)] | None = None
    kind: ClockKind = ClockKind.CONTRACT
    at_least: timedelta = Field(default=timedelta(0), ge=timedelta(0), le=timedelta(days=1))
    starts: DaysStart = DaysStart.AS_IS
    ends: DaysEnd = DaysEnd.DAY
    source: str | None = None

    @property
    def rule(self) -> ClockRule:
        kind = LegalClock if self.kind is ClockKind.LEGAL else ContractClock
        given = {name: getattr(self, name) for name in ("measure", "time", "days", "at_least", "starts", "ends")}
        return kind(**given)
