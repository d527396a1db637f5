"""更正: the correction of a final review, a short process of its own (`<number>-R<n>-C<k>`), also after the complaint closed.

It is opened by HQ quality and decided by somebody new, or given up when nobody does; it tells the register beside the story of
the complaint, which may still be running.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from temporalio import workflow

from domain.commands import Receipt
from domain.corrections import (
    Corrected,
    Correction,
    DecideCorrection,
    ReviewCorrected,
    check_decider,
    check_open,
    corrected,
    correction_row,
)
from domain.ladders import agent_of
from domain.obligations import Ending
from domain.record import Fact, NoticeRow, ObligationRow, Row
from domain.rows import line_rows
from domain.values import ClockKind, CorrectionStatus, Measure, Owed, Role
from workflows import outside


@workflow.defn(name="Correction")
class CorrectionWorkflow:
    @workflow.init
    def __init__(self, correction: Correction) -> None:
        self.correction = correction
        self.result: Corrected | None = None
        self.decision: DecideCorrection | None = None
        self.told = False

    @workflow.run
    async def run(self, correction: Correction) -> CorrectionStatus:
        """Decided by somebody new, or given up ten working days after it was due: then the review stands."""
        await self._tell("correction_opened", correction.opened_by, correction_row(correction), self._owed())
        if not await self._decided_by(correction.due):
            late = {"owed": Owed.CORRECTION.value, "due": correction.due.isoformat(), "unit": "hq"}
            letter = self._letter("late", f"{Role.HQ_SUPERVISOR}@hq", **late)
            await self._tell("correction_late", "system", self._owed(late=True), letter)
            if not await self._decided_by(correction.lapses):
                self.result = Corrected(status=CorrectionStatus.LAPSED)
        assert self.result is not None
        await self._settle(self.result)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self.result.status

    async def _decided_by(self, moment: datetime) -> bool:
        """A bare timer (ADR 10), unless somebody decides before."""
        rang = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(max((moment - workflow.now()).total_seconds(), 0), rang.set)
        await workflow.wait_condition(lambda: rang.is_set() or self.result is not None)
        if not rang.is_set():
            timer.cancel()
        return self.result is not None

    async def _settle(self, result: Corrected) -> None:
        now, decision, review = workflow.now(), self.decision, self.correction.ground.review
        ending = Ending.ANSWERED if decision else Ending.DEFAULT
        owed = self._owed(late=now > self.correction.due, ended_at=now, ending=ending.value)
        lines = line_rows(review, result.lines, final=True)
        rows: list[Row] = [correction_row(self.correction, decision, result, now), owed, *lines, *result.postings]
        if result.status is CorrectionStatus.CORRECTED:
            about = {"review": review.id, "correction": self.correction.id}
            rows += [self._letter("corrected", f"{agent_of(unit)}@{unit}", **about) for unit in review.sides]
        await self._tell(f"correction_{result.status}", decision.actor.sub if decision else "system", *rows)
        if decision and result.status is CorrectionStatus.CORRECTED:
            shares = None if decision.shares is None else tuple(result.shares)
            held = ReviewCorrected(review=review.id, lines=tuple(result.lines), shares=shares, postings=tuple(result.postings))
            await outside.tell_complaint(self.correction.ground.number, held)
        self.told = True

    async def _tell(self, name: str, by: str, *rows: Row) -> None:
        role = Role.SYSTEM if by == "system" else Role.HQ_REVIEWER
        fact = Fact(seq=0, at=workflow.now(), name=name, actor=by, role=role, rows=list(rows))
        await outside.add(self.correction.ground.number, fact)

    def _letter(self, template: str, to: str, **params: Any) -> NoticeRow:
        key = f"{self.correction.id}:{template}:{to}"
        return NoticeRow(key=key, template=template, to=to, language="zh", params=params, noted_at=workflow.now())

    def _owed(self, *, late: bool = False, **ended: Any) -> ObligationRow:
        """So that it is in the inbox of HQ quality while it waits."""
        correction = self.correction
        return ObligationRow(
            key=correction.id,
            owed=Owed.CORRECTION,
            role=Role.HQ_REVIEWER,
            unit="hq",
            since=correction.opened_at,
            opens_at=correction.opened_at,
            due=correction.due,
            measure=Measure.WORKING_DAYS,
            kind=ClockKind.CONTRACT,
            opened=True,
            late=late,
            late_since=correction.due if late else None,
            late_unit="hq" if late else None,
            next_at=None if ended else correction.lapses if late else correction.due,
            next_does=None if ended else "default" if late else "tell",
            **ended,
        )

    @workflow.update
    async def decide_correction(self, decision: DecideCorrection) -> Receipt:
        """Recorded at once; answered when the register has it."""
        self.decision, self.result = decision, corrected(self.correction, decision, workflow.now())
        await workflow.wait_condition(lambda: self.told)
        return Receipt(seq=0, told={"status": self.result.status.value, "correction": self.correction.id})

    @decide_correction.validator
    def _check_decide_correction(self, decision: DecideCorrection) -> None:
        check_open(self.result)
        check_decider(self.correction, decision.actor)
        corrected(self.correction, decision, workflow.now())
