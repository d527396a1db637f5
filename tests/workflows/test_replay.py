"""Complaints begun under a released version go on under this one: their recorded histories replay (see tests/histories)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import replaying
from domain.values import Outcome
from tests.workflows.office import UNSANDBOXED
from workflows.complaint import Complaint, ComplaintWorkflow

HISTORIES = Path(__file__).parents[1] / "histories"
RECORDED = sorted(HISTORIES.glob("*.json"))
COMPLAINTS = [file for file in RECORDED if not file.stem.endswith("reviewed_later")]


@workflow.defn(name="Complaint", sandboxed=False)
class SleepyComplaint(ComplaintWorkflow):
    """A change no open complaint would survive: it does something more before it begins."""

    @workflow.init
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint)

    @workflow.run
    async def run(self, complaint: Complaint) -> Outcome:
        workflow.start_activity("count_sheep", start_to_close_timeout=timedelta(seconds=1))
        return await super().run(complaint)


async def test_every_recorded_history_replays_under_this_code() -> None:
    assert len(RECORDED) >= 5
    assert await replaying.of_recorded(HISTORIES) == f"{len(RECORDED)} histories replay."


@pytest.mark.parametrize("file", COMPLAINTS, ids=lambda file: file.stem)
async def test_a_workflow_changed_without_a_version_fails_the_replay(file: Path) -> None:
    replayer = Replayer(workflows=[SleepyComplaint], data_converter=pydantic_data_converter, workflow_runner=UNSANDBOXED)
    history = WorkflowHistory.from_json(file.stem, file.read_text(encoding="utf-8"))
    with pytest.raises(workflow.NondeterminismError):
        await replayer.replay_workflow(history)
