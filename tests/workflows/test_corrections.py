"""A correction's own short process: opened, decided once by somebody new, or given up; told beside the complaint's story."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.corrections import Correction, DecideCorrection
from domain.values import CorrectionStatus, Role
from tests.domain.complaints import by
from tests.domain.test_corrections import correction, decision
from tests.workflows.office import Office
from workflows.corrections import CorrectionWorkflow

Handle = WorkflowHandle[CorrectionWorkflow, CorrectionStatus]


async def opened(office: Office, *, due: timedelta = timedelta(days=5)) -> tuple[Correction, Handle]:
    now, id = datetime.now(UTC), f"A1-R1-C1-{uuid4().hex[:6]}"
    this = correction().model_copy(update={"id": id, "opened_at": now, "due": now + due, "lapses": now + 2 * due})
    this = this.model_copy(update={"ground": this.ground.model_copy(update={"number": id})})
    return this, await office.client.start_workflow(CorrectionWorkflow.run, this, id=id, task_queue=office.queue)


async def refused(handle: Handle, said: DecideCorrection) -> str | None:
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update(CorrectionWorkflow.decide_correction, said)
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause.type


async def test_it_is_decided_once_by_somebody_new_and_reverses_what_it_changes(office: Office) -> None:
    this, handle = await opened(office)
    assert await refused(handle, decision(0, actor=by(Role.HQ_REVIEWER, unit="hq", sub="rui"))) == "TookPart"
    assert await refused(handle, decision(10001)) == "Unacceptable"
    receipt = await handle.execute_update(CorrectionWorkflow.decide_correction, decision(4000))
    assert receipt.told["status"] == "corrected"
    assert await handle.result() == CorrectionStatus.CORRECTED
    told = office.register.beside[this.id]
    assert [fact.name for fact in told] == ["correction_opened", "correction_corrected"]
    rows = [row for fact in told for row in fact.rows]
    assert [row.key for row in rows if row.table == "posting"] == [
        "A1-R1:foshan:Q-203:penalty:reversed",
        f"{this.id}:A1-R1:foshan:Q-203:penalty",
    ]
    assert [row.ended_at is None for row in rows if row.table == "obligation"] == [True, False]
    assert {row.to for row in rows if row.table == "notice"} == {"branch_agent@minhang", "branch_agent@foshan"}


async def test_nobody_decides_it_somebody_is_told_and_the_review_stands(office: Office) -> None:
    this, handle = await opened(office, due=timedelta(seconds=1))
    async with asyncio.timeout(20):
        assert await handle.result() == CorrectionStatus.LAPSED
    told = office.register.beside[this.id]
    assert [fact.name for fact in told] == ["correction_opened", "correction_late", "correction_lapsed"]
    assert [row.to for fact in told for row in fact.rows if row.table == "notice"] == ["hq_supervisor@hq"]
    assert [row.late for fact in told for row in fact.rows if row.table == "obligation"] == [False, True, True]
    assert not [row for fact in told for row in fact.rows if row.table == "posting"]
