"""Histories replayed against this code: the proof that a complaint begun under older code can go on under this one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from embedded.children import CannotStart
from installation import connect
from settings import Settings
from worker import SANDBOX, WORKFLOWS

OPEN = "WorkflowType IN ('Complaint', 'LaterReviews', 'Correction') AND ExecutionStatus = 'Running'"


async def of_recorded(folder: Path) -> str:
    """Replay every `*.json` in the folder; answers how many held. Raises `CannotStart` naming the first that breaks."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise CannotStart(f"There are no histories (*.json) in {folder}.")

    async def recorded() -> AsyncIterator[WorkflowHistory]:
        for file in files:
            yield WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))

    return await _replay(recorded())


async def of_open_complaints(settings: Settings) -> str:
    client = await connect(settings)
    return await _replay(aiter(client.list_workflows(OPEN).map_histories()))


async def _replay(histories: AsyncIterator[WorkflowHistory]) -> str:
    replayer = Replayer(
        workflows=WORKFLOWS,
        data_converter=pydantic_data_converter,
        workflow_runner=SandboxedWorkflowRunner(restrictions=SANDBOX),
    )
    held = 0
    async with replayer.workflow_replay_iterator(histories) as results:
        async for result in results:
            if result.replay_failure is not None:
                raise CannotStart(f"{result.history.workflow_id} does not replay: {result.replay_failure}")
            held += 1
    return f"{held} histories replay."
