"""Each complaint's own clock, moved by hand: for `amends demo`, tests and `amends up --virtual-time`, never in production.

The one module that knows the SDK's experimental time skipping. A complaint is started as always; its clock runs with
the wall's until the first `fast_forward`, and goes on from there.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

from domain.case import Case
from domain.errors import AlreadyClosed, RuleBroken
from domain.values import Stage

DEADLINE = timedelta(seconds=30)
HEARS_WITHIN = 5.0


class ClockIsMoving(RuleBroken):
    """A complaint's clock is moved by one hand at a time."""


class VirtualTime:
    """Moves clocks of complaints, found by their numbers."""

    def __init__(self, client: Client, deadline: timedelta = DEADLINE) -> None:
        self._client = client
        self._skipper = TimeSkipper(client)
        self._deadline = deadline.total_seconds()
        self._moving: set[str] = set()

    async def fast_forward(self, number: str, by: timedelta) -> datetime:
        """Move one complaint's clock and answer where it stands; every rung on the way has done its work by then.

        Raises `ClockIsMoving`, `AlreadyClosed`, LookupError for a complaint whose process has not begun, and TimeoutError naming
        the activity that time waits for.
        """
        if number in self._moving:
            raise ClockIsMoving(f"The clock of {number} is being moved already; wait until that has ended.")
        self._moving.add(number)
        handle = self._client.get_workflow_handle(number)
        try:
            async with asyncio.timeout(self._deadline):
                await self._skipper.fast_forward(handle, by)
            await self._told(handle)
        except TimeoutError:
            raise TimeoutError(await self._why_time_stands_still(handle)) from None
        except RPCError as refused:
            if refused.status is not RPCStatusCode.NOT_FOUND:
                raise
            # The server says NOT_FOUND of a closed run as well as of one it never saw.
            if await self._known(handle):
                raise AlreadyClosed(f"{number} is closed; its clock stands still.") from None
            raise LookupError(f"{number} has no process yet whose clock could be moved.") from None
        finally:
            self._moving.discard(number)
        return await self.now(number)

    async def now(self, number: str) -> datetime:
        """The complaint's own time: the wall's until its clock is first moved."""
        return await self._skipper.get_current_time(self._client.get_workflow_handle(number))

    async def _told(self, handle: WorkflowHandle[object, object]) -> None:
        """The server's time moves before the process hears of it: wait until it has done what was to happen on the way."""
        now = await self._skipper.get_current_time(handle)
        with suppress(
            TimeoutError, WorkflowQueryFailedError, WorkflowQueryRejectedError, RPCError
        ):  # nobody there, or no complaint
            async with asyncio.timeout(HEARS_WITHIN):
                while True:
                    case: Case = await handle.query("view", result_type=Case)
                    at = case.next_moment()
                    if at is None or at > now or (case.stage is Stage.CLOSED and not case.reviewed_later):
                        return
                    await asyncio.sleep(0.02)

    async def _known(self, handle: WorkflowHandle[object, object]) -> bool:
        try:
            return (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING
        except RPCError:
            return False

    async def _why_time_stands_still(self, handle: WorkflowHandle[object, object]) -> str:
        description = await handle.describe()
        pending = sorted({activity.activity_type.name for activity in description.raw_description.pending_activities})
        waits_for = f"the activity {', '.join(pending)}" if pending else "the worker"
        return f"The clock of {handle.id} waits for {waits_for}."
