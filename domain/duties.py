"""What people at HQ owe around the books: the penalty sheet's steps, the closing of a month, the approval of a use of the fund;
and around a complaint whose process was lost, with whatever money was on its way in it.

They have no process that rings for them: whoever looks (an inbox, the house's round) reckons from what is on record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from domain.calendar import Calendar
from domain.clocks import Running, contract
from domain.ladders import moment_of
from domain.penalty_sheets import Done, SheetAct
from domain.plan import ContractClock, Rung, RungDoes
from domain.rulebook_sections import Rulebook
from domain.rulebook_standing import Around
from domain.values import Role

OWED_BY: Mapping[Around, Role] = MappingProxyType(
    {
        Around.SHEET_DRAFT: Role.HQ_REVIEWER,
        Around.SHEET_SIGNATURE: Role.HQ_SUPERVISOR,
        Around.SHEET_CORRECTION: Role.HQ_REVIEWER,
        Around.SHEET_PUBLICATION: Role.HQ_SUPERVISOR,
        Around.SHEET_EXECUTION: Role.FINANCE,
        Around.MONTH_CLOSE: Role.FINANCE,
        Around.FUND_APPROVAL: Role.HQ_SUPERVISOR,
        Around.LOST_PROCESS: Role.OPERATOR,
    }
)


class Owing(NamedTuple):
    """Something owed since a moment, about a month, a use of the fund or a complaint; `done_at` where it was done."""

    owed: Around
    about: str
    since: datetime
    done_at: datetime | None = None


@dataclass(frozen=True)
class Duty:
    """The same on its clock and ladder, as the network's rulebook and hours have them; `zone` is theirs."""

    owing: Owing
    clock: Running
    ladder: tuple[Rung, ...]
    zone: str

    @property
    def role(self) -> Role:
        return OWED_BY[self.owing.owed]

    @property
    def due(self) -> datetime:
        return self.clock.due

    def late(self, now: datetime) -> bool:
        return (self.owing.done_at or now) >= self.due

    def late_by(self, now: datetime) -> timedelta | None:
        """How much of its clock's own time it is late by; None while it is not."""
        return self.clock.late_by(self.owing.done_at or now, self.due) if self.late(now) else None

    def climbed(self, now: datetime) -> tuple[int, Rung] | None:
        """The last rung, with its place, whose moment has come."""
        return next(((place, rung) for at, place, rung in reversed(self._rungs()) if at <= now), None)

    def next_rung(self, now: datetime) -> tuple[datetime, Rung] | None:
        if self.owing.done_at is not None:
            return None
        return next(((at, rung) for at, _, rung in self._rungs() if at > now), None)

    def whom(self, rung: Rung) -> Role:
        """The holder is reminded; whoever is above somebody at HQ is its supervisor."""
        return self.role if rung.does is RungDoes.REMIND else Role.HQ_SUPERVISOR

    def _rungs(self) -> list[tuple[datetime, int, Rung]]:
        """Those that remind or tell: nothing else happens by itself to what has no process."""
        telling = ((place, rung) for place, rung in enumerate(self.ladder) if rung.does in (RungDoes.REMIND, RungDoes.TELL))
        timed = ((moment_of(rung, self.clock, self.owing.since), place, rung) for place, rung in telling)
        return sorted(timed, key=lambda each: each[:2])


def on_its_clock(owing: Owing, book: Rulebook, calendar: Calendar) -> Duty:
    """By the rulebook's clock and ladder, and the network's hours."""
    rule = book.clocks.around_the_books(owing.owed)
    assert isinstance(rule, ContractClock), "a rulebook whose clocks around complaints were the law's is refused"
    return Duty(owing, contract(rule, owing.since, calendar), book.ladders.default, book.desk.timezone)


def steps_of_a_sheet(
    month: str, drafts: Sequence[datetime], acts: Sequence[tuple[int, Done]], executed_at: datetime | None = None
) -> list[Owing]:
    """Whose turn a sheet was, one after the other; the last is open unless all of it was `executed_at` a moment.

    `drafts` are the times of its revisions, `acts` what was done with which revision, in order. Drafting it again while it waits
    to be signed gives nobody more time.
    """
    steps: list[Owing] = []
    owed, since = Around.SHEET_SIGNATURE, drafts[0]
    for revision, act in acts:
        steps.append(Owing(owed, month, since, act.at))
        match act.act:
            case SheetAct.SIGNED:
                owed, since = Around.SHEET_PUBLICATION, act.at
            case SheetAct.PUBLISHED:
                owed, since = Around.SHEET_EXECUTION, act.at
            case SheetAct.RETURNED if len(drafts) > revision:
                steps.append(Owing(Around.SHEET_CORRECTION, month, act.at, drafts[revision]))
                owed, since = Around.SHEET_SIGNATURE, drafts[revision]
            case SheetAct.RETURNED:
                owed, since = Around.SHEET_CORRECTION, act.at
    return [*steps, Owing(owed, month, since, executed_at)]
