"""The penalty sheet's process: last month's is drafted, and whoever it waits for is reminded day by day until it is executed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from activities.sheets import Sheets
from domain.months import BUSINESS_ZONE, before, month_of
from embedded.virtual import VirtualTime
from installation import SHEET_SCHEDULE, schedule_penalty_sheet
from worker import SANDBOX
from workflows.sheets import PenaltySheetWorkflow


class PaperSheet:
    """A sheet that waits for somebody so many days; the register is away at first."""

    def __init__(self, waits: int, away: int = 0) -> None:
        self.waits, self.away = waits, away
        self.asked: list[tuple[str, str]] = []

    async def draft(self, month: str) -> None:
        if self.away:
            self.away -= 1
            raise ConnectionError("the register is away")
        self.asked.append(("draft", month))

    async def remind(self, month: str) -> bool:
        self.asked.append(("remind", month))
        self.waits -= 1
        return self.waits >= 0


@asynccontextmanager
async def carried_to(client: Client, sheet: PaperSheet) -> AsyncIterator[str]:
    sheets, queue = Sheets(sheet), f"sheets-{uuid4().hex[:8]}"
    async with Worker(
        client,
        task_queue=queue,
        workflows=[PenaltySheetWorkflow],
        activities=[sheets.draft_penalty_sheet, sheets.remind_of_penalty_sheet],
        workflow_runner=SandboxedWorkflowRunner(restrictions=SANDBOX),
        max_cached_workflows=0,  # every step is a replay
    ):
        yield queue


async def test_last_months_sheet_is_drafted_when_the_register_is_back_and_nobody_is_reminded_of_an_empty_one(
    client: Client,
) -> None:
    sheet, started = PaperSheet(waits=0, away=2), datetime.now(BUSINESS_ZONE)
    async with carried_to(client, sheet) as queue:
        month = await client.execute_workflow(PenaltySheetWorkflow.run, id=queue, task_queue=queue)
    assert month == before(month_of(started))
    assert sheet.asked == [("draft", month), ("remind", month)]


async def test_whoever_it_waits_for_is_reminded_every_day_until_it_is_executed(client: Client) -> None:
    sheet = PaperSheet(waits=3)
    async with carried_to(client, sheet) as queue:
        handle = await client.start_workflow(PenaltySheetWorkflow.run, "2026-10", id=queue, task_queue=queue)
        await VirtualTime(client).fast_forward(queue, timedelta(days=2, hours=12))
        assert sheet.asked == [("remind", "2026-10")] * 3
        await VirtualTime(client).fast_forward(queue, timedelta(days=1))
        assert await handle.result() == "2026-10"
        events = [event.event_type async for event in handle.fetch_history_events()]
    assert events.count(EventType.EVENT_TYPE_TIMER_FIRED) == 3


async def test_the_schedule_drafts_on_the_first_in_the_morning_also_while_last_months_still_waits(client: Client) -> None:
    for _ in range(2):  # safe to run again
        await schedule_penalty_sheet(client, "nobody-listens")
    standing = await client.get_schedule_handle(SHEET_SCHEDULE).describe()
    firsts = [at.astimezone(BUSINESS_ZONE) for at in standing.info.next_action_times]
    assert len(firsts) > 1
    assert {(at.day, at.hour, at.minute) for at in firsts} == {(1, 6, 0)}
    assert (standing.schedule.policy.overlap.name, standing.schedule.policy.catchup_window) == ("ALLOW_ALL", timedelta(days=10))
    await client.get_schedule_handle(SHEET_SCHEDULE).delete()
