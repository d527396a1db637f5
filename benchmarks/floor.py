"""The floor under a life: a bare Temporal workflow with as many answers, waits and writes, that knows and keeps nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow

BARE = ["findings", "approval", "payout", "statement", "ruling", "confirm", "2", "1", "visit 1", "8", "visit 2"]
"""The life of `benchmarks.lives` as bare steps: what is answered, and days until the next may be."""

LONG = timedelta(days=60)
WRITE = timedelta(seconds=10)


@activity.defn(name="floor_write")
async def write(step: str) -> str:
    return step


@activity.defn(name="floor_pay")
async def pay(step: str) -> str:
    return step


@workflow.defn(name="Floor")
class Floor:
    """Waits for `steps` in order, each with a limit and a write after it; a step that is a number is days to wait."""

    @workflow.init
    def __init__(self, steps: list[str]) -> None:
        self.said: list[str] = []

    @workflow.run
    async def run(self, steps: list[str]) -> int:
        await self.write("received")
        payment: asyncio.Task[str] | None = None
        for step in steps:
            if step.isdecimal():
                await workflow.sleep(timedelta(days=int(step)))
            else:
                await workflow.wait_condition(lambda step=step: step in self.said, timeout=LONG)  # type: ignore[misc]
            if step == "approval":
                payment = asyncio.create_task(workflow.execute_activity(pay, step, start_to_close_timeout=WRITE))
            await self.write(step)
        assert payment is not None
        await payment
        return len(self.said)

    async def write(self, step: str) -> None:
        await workflow.execute_local_activity(write, step, start_to_close_timeout=WRITE)

    @workflow.update
    def say(self, step: str) -> int:
        self.said.append(step)
        return len(self.said)

    @say.validator
    def _check_say(self, step: str) -> None:
        if step in self.said:
            raise ValueError(step)
