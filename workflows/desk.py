"""The desk of one complaint: it waits for people, takes their decisions, and writes down what happened.

The only place that waits for people (architecture 8): an obligation opens, climbs its ladder (see alarm.py), and ends
answered, by default, moot, or with the complaint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow

from domain import acts
from domain.case import Case, Taken
from domain.commands import Command, HandOn, Receipt
from domain.decisions import remember, taken_before
from domain.ladders import NOT_THE_NETWORKS_LATENESS, arm, late_by, wind
from domain.obligations import Ending, Obligation, Step
from domain.permits import in_stead_of, permit
from domain.plan import EDITION
from domain.record import ComplaintRow, DecisionRow, Fact, NoticeRow, Row
from domain.rows import obligation_row
from domain.sentences import moment_in, sentence
from domain.values import Owed, Role
from workflows.alarm import Alarm
from workflows.chronicle import Chronicle

C = TypeVar("C", bound=Command)
Told = dict[str, str | int | bool | None]

OUTLIVES_THE_END = frozenset(
    {
        *(Owed.STATEMENT, Owed.RULING, Owed.APPEAL, Owed.APPEAL_DECISION, Owed.OBJECTION, Owed.OBJECTION_DECISION),
        *(Owed.REGULATOR_REPLY, Owed.PAYOUT, Owed.PARCEL_CHOICE, Owed.REPAYMENT),
    }
)
"""What goes on after the customer withdrew or called again: the network's own settlement, the authority's answer, a payment."""


_SAID = ("owed", "role", "unit", "due", "kind", "measure", "late", "paused_until", "next_at", "next_does")


def nobody(obligation: Obligation, step: Step, about: dict[str, Any]) -> None:
    """Who opens lateness lines, before there is anybody."""


def never() -> bool:
    return False


class Desk:
    def __init__(self, case: Case, chronicle: Chronicle) -> None:
        self.case = case
        self.chronicle = chronicle
        self.alarm = Alarm(self)
        self.penalise: Callable[[Obligation, Step, dict[str, Any]], None] = nobody
        self.broken: BaseException | None = None
        self.speaker: tuple[str, Role] = ("system", Role.SYSTEM)
        self.stead: str | None = None
        self.answering: str | None = None
        self.changed: dict[str, Obligation] = {}
        self.notices: list[NoticeRow] = []
        self.shown: list[Row] = []
        self.last_row: ComplaintRow | None = None

    def begin(self) -> None:
        """Start writing and keeping time, beside `run()`."""
        self.beside(self.chronicle.keep_writing(self.view))
        self.beside(self.alarm.keep_time())

    @property
    def now(self) -> datetime:
        return workflow.now()

    def works_as_since(self, change: str) -> bool:
        """Whether this complaint works in a way that came after 0.1.0: it began with it, or had not come to this point yet."""
        return self.case.plan.edition >= EDITION or workflow.patched(change)

    def midnight(self, day: date) -> datetime:
        """When a day begins where the network works."""
        return self.case.calendar().midnight(day)

    def said(self, at: datetime) -> str:
        """A moment as a refusal says it: where the network works."""
        return moment_in(at, "en", self.case.plan.timezone)

    # -- waiting

    async def until(self, met: Callable[[], bool]) -> None:
        """Until something is so; what broke beside wakes every wait."""
        await workflow.wait_condition(lambda: met() or self.broken is not None)
        if self.broken is not None:
            # A plain error stops the workflow task and is seen; a FailureError would close the complaint.
            raise RuntimeError("work beside run() broke") from self.broken

    def beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start work beside `run()`; what it raises wakes every wait, so that a bug is seen at once and not at closing."""

        async def watched() -> None:
            try:
                await work
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - raised again by every wait of run()
                self.broken = error

        return asyncio.create_task(watched())

    async def rest(self, span: timedelta, unless: Callable[[], bool]) -> None:
        """For so long, or until it is so; on a bare timer (ADR 10)."""
        rang = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(span.total_seconds(), rang.set)
        await self.until(lambda: rang.is_set() or unless())
        if not rang.is_set():
            timer.cancel()

    async def owed(
        self, owed: Owed, unit: str, *, about: str | None = None, unless: Callable[[], bool] = never, **terms: Any
    ) -> Ending:
        """Somebody of `unit` owes something: open it if it is not open yet, and wait until it ends.

        `unless` makes it moot: somebody else's act took the need for it away. `terms` are those of `open`.
        """
        obligation = self.case.open_obligation(owed, unit, about)
        if obligation is None:
            obligation = self.owe(owed, unit, about=about, **terms)
        await self.until(lambda: obligation.ending is not None or unless())
        if obligation.ending is None:
            self.close([obligation], Ending.MOOT)
            self.note(f"{obligation.owed}_moot", obligation=obligation.key)
        assert obligation.ending is not None
        return obligation.ending

    def owe(self, owed: Owed, unit: str, **terms: Any) -> Obligation:
        """Open an obligation now, without waiting for it, and say so."""
        obligation = self.open(owed, unit, **terms)
        due, by = obligation.due.isoformat(), f"{obligation.role}@{obligation.unit}"
        name = "obligation_opened" if obligation.opened else "obligation_planned"
        self.note(name, obligation=obligation.key, owed=owed.value, by=by, due=due)
        return obligation

    def open(self, owed: Owed, unit: str, *, about: str | None = None, since: datetime | None = None, **terms: Any) -> Obligation:
        """Open an obligation now, without waiting for it; it is written with the next note."""
        key = self._key(owed, about or unit)
        obligation = arm(self.case, owed, key=key, unit=unit, since=since or self.now, now=self.now, **terms)
        obligation.about = about
        obligation.sub = self.case.agent if unit == self.case.handler else None
        self.adopt(obligation)
        return obligation

    def adopt(self, obligation: Obligation) -> None:
        self.case.obligations[obligation.key] = obligation
        self.changed[obligation.key] = obligation

    def _key(self, owed: Owed, of: str) -> str:
        base = key = f"{self.case.round.number}:{owed}:{of}"
        turn = 1
        while key in self.case.obligations:
            turn += 1
            key = f"{base}:{turn}"
        return key

    def rewind(self) -> list[dict[str, str]]:
        """Set every clock that runs anew, and say which due times moved."""
        moved = []
        for obligation in self.case.obligations.values():
            before = obligation.due
            if wind(self.case, obligation, self.now) or (obligation.late and obligation.ending is None):
                self.changed[obligation.key] = obligation
            if obligation.due != before:
                moved.append({"obligation": obligation.key, "before": before.isoformat(), "due": obligation.due.isoformat()})
        return moved

    def late(self, obligation: Obligation) -> None:
        """It is late, for good; whoever holds it later, it became late here."""
        if not obligation.late:
            obligation.late, obligation.late_since, obligation.late_unit = True, obligation.due, obligation.unit

    # -- ending what is owed

    def answered(self, *owed: Owed, unit: str | None = None, about: str | None = None, key: str | None = None) -> None:
        """The latest open obligation of each kind, or that of a `key`, is met, by whoever is speaking."""
        found = [self.case.obligations[key]] if key else [self.case.open_obligation(kind, unit, about) for kind in owed]
        obligations = [obligation for obligation in found if obligation is not None]
        self.close(obligations, Ending.ANSWERED)
        if obligations and self.answering is None:
            self.answering = obligations[0].key

    def moot(self, *owed: Owed) -> None:
        self.close([o for o in self.case.obligations.values() if o.ending is None and o.owed in owed], Ending.MOOT)

    def end_all(self, ending: Ending, *, but: frozenset[Owed] = frozenset()) -> None:
        """The complaint ended or its next round began: nothing more is owed in it but what outlives that."""
        keep = OUTLIVES_THE_END | but
        going = [o for o in self.case.obligations.values() if o.ending is None and o.owed not in keep]
        self.close(going, ending)

    def close(self, obligations: Iterable[Obligation], ending: Ending) -> None:
        for obligation in obligations:
            obligation.opened = obligation.may_be_met(self.now)
            if self.now > obligation.due and obligation.owed not in NOT_THE_NETWORKS_LATENESS:
                self.late(obligation)
            obligation.late_by, obligation.paused_until = late_by(self.case, obligation, self.now), None
            obligation.ending, obligation.ended_at = ending, self.now
            self.changed[obligation.key] = obligation
        if undecided := list(self._undecided()):
            self.close(undecided, Ending.MOOT)

    def _undecided(self) -> Iterator[Obligation]:
        """Decisions on more time for what is done."""
        for asked in self.case.delays.values():
            decision = self.case.obligations[asked.decision]
            if decision.ending is None and self.case.obligations[asked.obligation].ending is not None:
                yield decision

    # -- decisions

    def check(self, command: C, check: Callable[[C], None]) -> None:
        """Refuse with a sentence what the rules do not allow; run by the update's validator, changes nothing."""
        if taken_before(self.case, command, self.now) is None:
            permit(self.case, command)
            acts.check(self.case, command)
            check(command)

    def take(self, command: C, record: Callable[[C], Told | None]) -> Receipt:
        """Record an accepted decision at once, and once; whatever it ends wakes whoever waits for it."""
        taken = taken_before(self.case, command, self.now)
        if taken is None:
            if isinstance(command, HandOn):
                self.alarm.climb()  # what fell due before, while no worker was there, is the lateness of who held it
            self.speaker, self.answering = (command.actor.sub, permit(self.case, command)), None
            self.stead = in_stead_of(self.case, command.actor, self.speaker[1])
            try:
                told = record(command) or {}
            finally:
                self.speaker, self.stead = ("system", Role.SYSTEM), None
            taken = Taken(digest=command.digest, at=self.now, seq=self.case.seq, told=told, answered=self.answering)
            remember(self.case, command, taken)
            if self.chronicle.pending:
                row = DecisionRow(key=command.key or command.digest, digest=command.digest, told=told)
                self.chronicle.pending[-1].rows.append(row)
        return Receipt(seq=taken.seq, told=taken.told)

    # -- what happened

    def show(self, row: Row) -> None:
        """A row to be written with the next note."""
        self.shown.append(row)

    def note(self, name: str, *rows: Row | None, **details: Any) -> int:
        """Write down one event with its rows; obligations, notices and the complaint itself come along when they changed."""
        self.case.seq += 1
        held: list[Row] = [*self.shown, *(row for row in rows if row is not None)]
        held.extend(obligation_row(self.case, obligation) for obligation in self.changed.values())
        held.extend(self.notices)
        row = self.case.row()
        if row != self.last_row:
            held.append(row)
            self.last_row = row
        self.changed, self.notices, self.shown = {}, [], []
        sub, role = self.speaker
        if self.stead is not None:
            details["in_stead_of"] = self.stead
        self.chronicle.note(Fact(seq=self.case.seq, at=self.now, name=name, actor=sub, role=role, details=details, rows=held))
        return self.case.seq

    def tell(self, template: str, to: str, *, digest: bool = False, **params: Any) -> None:
        """A notice, written with the next note and delivered by the dispatcher: at once, or with the day's `digest`."""
        language = self.case.intake.language if to == "complainant" else "zh"
        key = f"{self.case.intake.number}:{self.case.seq + 1}:{len(self.notices)}"
        told = NoticeRow(key=key, template=template, to=to, language=language, params=params, noted_at=self.now, digest=digest)
        self.notices.append(told)

    def view(self) -> str:
        """What the complaint waits for, as one sentence a line: for operators, in Temporal's own pages."""
        zone = self.case.plan.timezone
        lines = [f"{self.case.status} · {self.case.stage} · round {self.case.round.number} · {self.case.severity}"]
        for o in self.case.obligations.values():
            if o.ending is None:
                held: dict[str, Any] = {name: getattr(o, name) for name in _SAID}
                row = obligation_row(self.case, o)
                said = sentence(**held, next_role=row.next_role, next_unit=row.next_unit, language="en", zone=zone)
                lines.append(f"- {said}")
        return "\n".join(lines)
